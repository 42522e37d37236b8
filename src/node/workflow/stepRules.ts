import { HandrailError } from '../../core/errors.ts';
import type { Step } from '../../core/workflow/definition.ts';
import { demandsPerson } from '../../core/workflow/plan.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import type { ActorKind } from '../../core/workflow/service.ts';

/** What may be done to a step in its present state. Each refuses with one sentence and the next action. */

/** Refuses a step that does not apply to this change or waits for others. */
export function requireStartable(status: StepStatus): void {
  if (status.state === 'skipped') {
    throw new HandrailError('usage', `"${status.title}" does not apply to this change (${status.because}).`, {
      hint: `Nothing has to be done. handrail explain ${status.id} tells more.`,
    });
  }
  if (status.state === 'blocked') {
    throw new HandrailError('usage', `"${status.title}" ${status.because}.`, { hint: status.missing[0] ?? 'Settle those steps first.' });
  }
}

/** Refuses to settle by hand what only running it can prove, or what this actor's word does not settle. */
export function requireTickable(step: Step, actor: ActorKind): void {
  if (step.kind === 'command' || step.kind === 'review') {
    throw new HandrailError('usage', `"${step.title}" is settled by running it, not by a tick.`, {
      hint: `Run it: handrail run ${step.id}`,
    });
  }
  if (demandsPerson(step) && actor !== 'human') {
    const who = actor === 'agent' ? 'an agent' : 'a machine';
    throw new HandrailError('usage', `"${step.title}" takes a person's word, and this is ${who}.`, {
      hint: 'Ask a person to settle it in the editor or on a terminal.',
    });
  }
}

/** Records may hold a person's word, so nobody else says that it holds on another branch. */
export function requirePersonToTakeOver(branch: string, actor: ActorKind): void {
  if (actor === 'human') return;
  const who = actor === 'agent' ? 'an agent' : 'a machine';
  throw new HandrailError('usage', `Only a person takes the records of ${branch} over, and this is ${who}.`, {
    hint: 'Ask a person to do it in the editor or on a terminal.',
  });
}

/** Committed records tell colleagues who did what, so nobody else says that they may. */
export function requirePersonToShare(actor: ActorKind): void {
  if (actor === 'human') return;
  throw new HandrailError(
    'usage',
    `Only a person decides whether their records are committed, and this is ${actor === 'agent' ? 'an agent' : 'a machine'}.`,
    {
      hint: 'Ask a person to do it in the editor or on a terminal.',
    },
  );
}

/** Refuses to skip what needs no skipping, and lets only a person skip anything. */
export function requireWaivable(status: StepStatus, actor: ActorKind): void {
  if (actor !== 'human') {
    const who = actor === 'agent' ? 'an agent' : 'a machine';
    throw new HandrailError('usage', `Only a person skips a step, and this is ${who}.`, {
      hint: 'Ask a person to skip it in the editor or on a terminal.',
    });
  }
  if (status.state === 'skipped') requireStartable(status);
  if (status.state === 'done') {
    throw new HandrailError('usage', `"${status.title}" is done, so there is nothing to skip.`, { hint: 'Nothing has to be done.' });
  }
  if (status.state === 'running') {
    throw new HandrailError('usage', `"${status.title}" is running.`, { hint: 'Cancel its command or wait until it ends.' });
  }
}

/** Refuses to record someone's word that would not settle the step: anyone could see that it is not done. */
export function requireSettled(after: StepStatus): void {
  if (after.state === 'done') return;
  const [missing] = after.missing;
  throw new HandrailError('usage', `"${after.title}" is not done yet${missing === undefined ? '.' : `: ${missing}`}`, {
    hint: `See what it expects: handrail explain ${after.id}`,
  });
}
