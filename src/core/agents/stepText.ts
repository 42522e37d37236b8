import type { RunStatus, StepStatus } from '../workflow/run.ts';
import { oneLine } from './framed.ts';
import { forPerson, turnOf } from './steps.ts';

/** How steps are told to an agent: what is ours apart from what the repository says. */

/** Most steps of one answer that are told in full; the others by id only. */
const MOST_STEPS = 100;

/** One line a step, of ids and words of ours only: state, kind, whose it is. */
export function stepLines(steps: readonly StepStatus[]): string {
  const lines = steps.slice(0, MOST_STEPS).map((step) => `- ${step.id} (${step.kind}): ${step.state}${whose(step)}`);
  if (steps.length > MOST_STEPS) lines.push(`- and ${steps.length - MOST_STEPS} more: handrail_explain tells about each.`);
  return lines.join('\n');
}

function whose(step: StepStatus): string {
  if (step.state === 'done' || step.state === 'skipped' || step.state === 'waived') return '';
  const turn = turnOf(step);
  return turn.whose === 'person' ? ', for a person' : turn.tool === 'nothing' ? ', for you' : `, for you: ${turn.tool}`;
}

/** How the step is done, in our words. */
export function howTo(step: StepStatus): string {
  const turn = turnOf(step);
  if (turn.whose === 'person') return `The step ${step.id} is a person's: ${turn.because}. ${forPerson(step)}`;
  const again = step.state === 'stale' ? ' It was done before, and what it is about changed since.' : '';
  switch (turn.tool) {
    case 'handrail_run_step':
      return step.kind === 'generate'
        ? `Do ${step.id} with handrail_run_step: it gives back a patch of what a model proposes, and writes it with apply: true.${byHand(step)}${again}`
        : `Do ${step.id} with handrail_run_step.${again}`;
    case 'handrail_check':
      return `Do what ${step.id} asks for, then call handrail_check.${again}`;
    case 'nothing':
      return `Bring about what ${step.id} expects. It is done as soon as that is there; nothing has to be called.${again}`;
  }
}

function byHand({ id, performer }: StepStatus): string {
  return performer === 'agent' ? ` Or do yourself what its prompt file says, and call handrail_check for ${id}.` : '';
}

/** Titles and what is missing, for a fence. */
export function stepWords(steps: readonly StepStatus[], most = 3): string {
  return steps
    .slice(0, MOST_STEPS)
    .map(({ id, title, missing }) => [`${id}: ${oneLine(title)}`, ...missing.slice(0, most).map((one) => `  - ${oneLine(one)}`)].join('\n'))
    .join('\n');
}

/** A step for programs. */
export function stepData(step: StepStatus): Record<string, unknown> {
  const turn = turnOf(step);
  const { id, kind, state, title, because, assurance, missing, needs, performer } = step;
  return {
    id,
    kind,
    state,
    assurance,
    needs,
    whose: turn.whose,
    ...(turn.whose === 'agent' && turn.tool !== 'nothing' ? { tool: turn.tool } : {}),
    ...(performer === undefined ? {} : { performer }),
    title,
    because,
    missing,
  };
}

export function runData({ workflow, branch, base, done, total, next }: RunStatus): Record<string, unknown> {
  return {
    workflow: workflow === null ? null : { id: workflow.id, title: workflow.title, path: workflow.path },
    branch,
    base,
    done,
    total,
    next,
  };
}
