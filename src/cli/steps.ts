import { HandrailError } from '../core/errors.ts';
import type { Run, RunStatus, StepStatus } from '../core/workflow/run.ts';
import type { RunChoice, WorkflowService } from '../core/workflow/service.ts';
import { didYouMean } from './arguments.ts';
import type { OptionSpecs, OptionValues } from './command.ts';

/** Options of every command that is about one run. */
export const RUN_OPTIONS = {
  workflow: { type: 'string', value: 'ID', summary: 'this workflow instead of the one the branch selects' },
  branch: { type: 'string', value: 'NAME', summary: 'branch name where git has none, e.g. in CI on a detached head' },
} as const satisfies OptionSpecs;

export function runChoice({ workflow, branch }: OptionValues<typeof RUN_OPTIONS>): RunChoice {
  return { ...(workflow === undefined ? {} : { workflow }), ...(branch === undefined ? {} : { branch }) };
}

/** The run. Fails with `not-found`, or `config` when the workflow cannot be read. */
export async function findRun(service: WorkflowService, choice: RunChoice): Promise<Run> {
  const status = await service.status(choice);
  if (status.workflow === null) throw withoutWorkflow(status);
  return { ...status, workflow: status.workflow };
}

/** The run and the named step of it. Fails with `not-found`, or `config` when the workflow cannot be read. */
export async function findStep(service: WorkflowService, stepId: string, choice: RunChoice): Promise<{ status: Run; step: StepStatus }> {
  const status = await findRun(service, choice);
  const step = status.steps.find(({ id }) => id === stepId);
  if (step !== undefined) return { status, step };
  const known = status.steps.map(({ id }) => id);
  throw new HandrailError('not-found', `Workflow ${status.workflow.id} has no step ${JSON.stringify(stepId)}.`, {
    hint: didYouMean(stepId, known) ?? `Its steps are ${known.join(', ')}.`,
  });
}

function withoutWorkflow(status: RunStatus): HandrailError {
  for (const { path, problems } of status.problems) {
    const first = problems.find(({ severity }) => severity === 'error');
    if (first === undefined) continue;
    return new HandrailError('config', first.message, {
      hint: first.hint ?? 'handrail validate lists every problem.',
      location: { path, line: first.line, column: first.column },
    });
  }
  return new HandrailError('not-found', status.note ?? 'No workflow applies to this branch.', { hint: 'handrail status tells more.' });
}

/** Refuses to perform a step that waits for others or does not apply. */
export function requireStartableStep({ id, title, state, because, needs }: StepStatus): void {
  if (state === 'blocked') {
    throw new HandrailError('usage', `"${title}" cannot start yet: it ${because}.`, {
      hint: `handrail explain ${needs[0] ?? id} tells what that step needs.`,
    });
  }
  if (state === 'skipped')
    throw new HandrailError('usage', `"${title}" does not apply to this change: ${because}`, {
      hint: `handrail explain ${id} tells more.`,
    });
}
