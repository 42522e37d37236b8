import type { z } from 'zod';
import { closest } from '../closest.ts';
import type { Run, StepStatus } from '../workflow/run.ts';
import type { RunChoice } from '../workflow/service.ts';
import { stepId } from '../workflow/schema.ts';
import { Refusal } from './failure.ts';
import type { AgentPorts } from './tool.ts';

/** Arguments that several tools have. */
export const stepArgument = stepId.describe('Id of the step, as handrail_status lists it');
export const workflowArgument = stepId.optional().describe('Id of a workflow, instead of the one that the branch follows');

export function choiceOf({ workflow }: { workflow?: z.infer<typeof workflowArgument> }): RunChoice {
  return workflow === undefined ? {} : { workflow };
}

/** The run of this branch and the named step. Fails where there is none, in words without any of the repository's. */
export async function findStep(ports: AgentPorts, id: string, choice: RunChoice): Promise<{ run: Run; step: StepStatus }> {
  const status = await (await ports.workflow()).status(choice);
  const { workflow } = status;
  if (workflow === null) {
    throw new Refusal('not-found', 'This branch follows no workflow that can be read.', 'handrail_status says why.');
  }
  const step = status.steps.find((one) => one.id === id);
  if (step !== undefined) return { run: { ...status, workflow }, step };
  const known = status.steps.map((one) => one.id);
  const meant = closest(id, known);
  throw new Refusal(
    'not-found',
    `The workflow has no step "${id}".`,
    meant === undefined ? `Its steps: ${known.slice(0, 50).join(', ')}.` : `Did you mean "${meant}"?`,
  );
}

/** Whose a step is, and how an agent does it. */
export type Turn = { whose: 'agent'; tool: 'handrail_run_step' | 'handrail_check' | 'nothing' } | { whose: 'person'; because: string };

/**
 * Who does a step. An agent runs commands, reviews and generations, and says that a manual or generate step is done where a lead marked
 * it `performer: agent`. What anyone can see takes nobody's word: an agent may bring it about.
 */
export function turnOf(step: StepStatus): Turn {
  if (step.kind === 'approval') return { whose: 'person', because: 'it is an approval, which a person gives' };
  if (step.expect.some(({ kind }) => kind === 'attest')) return { whose: 'person', because: "it takes a person's word" };
  if (step.kind === 'review' && step.scope === 'file') {
    return { whose: 'person', because: 'it reviews the file that is open in the editor' };
  }
  if (step.kind === 'command' || step.kind === 'review') return { whose: 'agent', tool: 'handrail_run_step' };
  if (step.expect.some(({ kind }) => kind === 'diagnostics')) return { whose: 'person', because: 'it is about what the editor shows' };
  if (step.kind === 'generate') return { whose: 'agent', tool: 'handrail_run_step' };
  if (step.performer === 'agent') return { whose: 'agent', tool: 'handrail_check' };
  if (step.expect.length > 0) return { whose: 'agent', tool: 'nothing' };
  return { whose: 'person', because: 'no lead marked it performer: agent' };
}

/** Where a person does what an agent must not. */
export function forPerson(step: StepStatus): string {
  const settle = `in the Handrail view of the editor, or on a terminal with: handrail check ${step.id}`;
  if (step.kind === 'approval') return `Ask the person to approve it ${settle}. Then go on with other steps.`;
  if (step.kind === 'review') return 'Ask the person to run it in the Handrail view of the editor.';
  return `Ask the person to do it and to tick it ${settle}.`;
}

/** Refuses what cannot start now. */
export function requireStartable(step: StepStatus): void {
  const { id, state } = step;
  if (state === 'skipped') {
    throw new Refusal('usage', `The step ${id} does not apply to this change.`, 'Nothing has to be done; handrail_explain tells why.');
  }
  if (state === 'blocked') {
    throw new Refusal(
      'usage',
      `The step ${id} cannot start yet: it comes after ${step.needs.join(', ')}.`,
      'handrail_next tells whose turn it is.',
    );
  }
  if (state === 'running') {
    throw new Refusal('conflict', `The step ${id} is running already.`, 'Wait until it ends and look again with handrail_status.');
  }
}
