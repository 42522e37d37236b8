import { z } from 'zod';
import type { Run, StepStatus } from '../workflow/run.ts';
import type { RunChoice } from '../workflow/service.ts';
import { Refusal } from './failure.ts';
import { dataOf, Framed } from './framed.ts';
import { choiceOf, findStep, forPerson, requireStartable, stepArgument, turnOf, workflowArgument } from './steps.ts';
import { stepData } from './stepText.ts';
import { type AgentPorts, defineTool, type ToolAnswer, type ToolCall } from './tool.ts';

/** A step that is performed now. */
export interface Performing {
  ports: AgentPorts;
  call: ToolCall;
  run: Run;
  step: StepStatus;
  choice: RunChoice & { workflow: string };
}

export const runStepTool = defineTool({
  name: 'handrail_run_step',
  title: 'Perform a step',
  description:
    "Performs a step of kind command, review or generate and records the outcome as an agent's. A command runs only after a person " +
    "trusted the workflow's commands on this machine. A review tells its findings. A generation gives back the patch that a model " +
    'proposes and writes nothing, unless apply is true. Approvals and manual steps are refused.',
  input: z.strictObject({
    step: stepArgument,
    workflow: workflowArgument,
    apply: z.boolean().optional().describe('Of a generate step: also write what the model proposes, all or none, and record the step'),
    again: z.boolean().optional().describe('Perform it although it is done; a review then asks about everything anew'),
  }),
  readOnly: false,
  openWorld: true,
  async run(ports, input, call) {
    const choice = choiceOf(input);
    const { run, step } = await findStep(ports, input.step, choice);
    requireRunnable(step, input);
    requireStartable(step);
    // Records alone cannot keep two agents apart: both would look before either has written that the step is running.
    return await ports.alone(`step ${run.branch ?? ''} ${run.workflow.id} ${step.id}`, async () => {
      const now = await findStep(ports, step.id, { workflow: run.workflow.id });
      requireRunnable(now.step, input);
      requireStartable(now.step);
      if (now.step.state === 'done' && input.again !== true) return doneAlready(ports, now.step);
      return await perform({ ports, call, ...now, choice: { workflow: run.workflow.id } }, input);
    });
  },
});

/** Of two agents that were told the same next step, the second finds it done. */
function doneAlready(ports: AgentPorts, step: StepStatus): ToolAnswer {
  const framed = new Framed().say(`${step.id} is done already, so nothing was run. With again: true it is performed all the same.`);
  return { text: framed.toText(() => ports.marker()), data: dataOf({ step: stepData(step), performed: false }) };
}

interface Options {
  apply?: boolean | undefined;
  again?: boolean | undefined;
}

async function perform(performing: Performing, { apply = false, again = false }: Options): Promise<ToolAnswer> {
  switch (performing.step.kind) {
    case 'command':
      return await (await import('./runCommand.ts')).runCommandStep(performing);
    case 'review':
      return await (await import('./runReview.ts')).runReviewStep(performing, again);
    default:
      return await (await import('./runGenerate.ts')).runGenerateStep(performing, apply);
  }
}

function requireRunnable(step: StepStatus, { apply }: Options): void {
  const { id, kind } = step;
  const turn = turnOf(step);
  if (turn.whose === 'person') throw new Refusal('usage', `You cannot do the step ${id}: ${turn.because}.`, forPerson(step));
  if (kind === 'manual' || kind === 'approval') {
    const hint =
      turn.tool === 'handrail_check' ? 'Do what it asks for, then call handrail_check.' : 'It is done as soon as what it expects is there.';
    throw new Refusal('usage', `The step ${id} is a manual step and has nothing to run.`, hint);
  }
  if (apply !== undefined && kind !== 'generate') {
    throw new Refusal('usage', `The argument apply belongs to generate steps, and ${id} is a ${kind} step.`, 'Leave it out.');
  }
}
