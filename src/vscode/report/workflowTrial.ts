import { HandrailError } from '../../core/errors.ts';
import type { Answered } from '../../core/team/insight/enough.ts';
import { LEAST_STEPS, notEnough } from '../../core/team/insight/enough.ts';
import { measuredWork, seenOf, STEP_KINDS, sumOf, type WindowCounts } from '../../core/team/insight/measuredWork.ts';
import { orNames, simulate, type WhatIf } from '../../core/team/insight/whatIf.ts';
import { chainOf, type Change, type SimulatedStep } from '../../core/team/insight/workflowChange.ts';
import { STEP_WORDS } from '../../core/team/report/words.ts';
import type { Release } from '../../core/team/release/release.ts';
import type { StepKind } from '../../core/workflow/definition.ts';

/** What can be tried with one step, in the order in which it is offered, beside that it waits so many percent less. */
const TRIALS = ['as-is', 'automate', 'drop', 'beside'] as const;
export type Trial = (typeof TRIALS)[number] | { less: number };
/** A step that waits nearly nothing is one that a machine does. */
export const MOST_LESS = 95;

export interface TrialStep extends SimulatedStep {
  title: string;
}

/**
 * A workflow with changes that somebody tries, one a step, answered by simulation. Steps are those of the workflow at hand; where there
 * is none, or too little is published of a kind that it has, they are the kinds of steps that were measured, one after the other.
 */
export class WorkflowTrial {
  readonly steps: readonly TrialStep[];
  /** Whether the steps are the workflow's own. */
  readonly isOwn: boolean;
  readonly #releases: readonly Release[];
  readonly #windows: readonly WindowCounts[];
  readonly #trials = new Map<string, Trial>();

  constructor(releases: readonly Release[], workflow: readonly TrialStep[]) {
    this.#releases = releases;
    // Of a team that tells steps apart by name, only its workflow says of which kind each is.
    const own = measuredWork(releases, workflow);
    this.isOwn = workflow.length > 0 && workflow.every(({ kind }) => measuredIn(own).includes(kind));
    this.#windows = this.isOwn ? own : measuredWork(releases);
    const kinds = chainOf(measuredIn(this.#windows));
    this.steps = this.isOwn ? workflow : kinds.map((step) => ({ ...step, title: STEP_WORDS[step.kind] }));
  }

  trialOf(step: string): Trial {
    return this.#trials.get(step) ?? 'as-is';
  }

  /** Trials that a step can have: the first one has nothing to be beside. */
  trialsOf({ needs }: TrialStep): readonly (typeof TRIALS)[number][] {
    return needs.length === 0 ? TRIALS.filter((trial) => trial !== 'beside') : TRIALS;
  }

  /** Sets what is tried with a step. Fails with `usage` for what there is not. */
  try(step: string, trial: string): void {
    const known = this.steps.find(({ id }) => id === step);
    const wanted = known === undefined ? undefined : this.trialsOf(known).find((one) => one === trial);
    if (wanted === undefined) throw new HandrailError('usage', 'This change cannot be tried.', { hint: 'Choose one of the page.' });
    this.#trials.set(step, wanted);
  }

  /** Lets a step wait so many percent less, 0 to 95. Fails with `usage` for what there is not. */
  shorten(step: string, percent: number): void {
    if (!this.steps.some(({ id }) => id === step) || !(percent >= 0 && percent <= MOST_LESS)) {
      throw new HandrailError('usage', 'This change cannot be tried.', { hint: 'Choose one of the page.' });
    }
    this.#trials.set(step, percent === 0 ? 'as-is' : { less: percent });
  }

  /** How many percent less a step waits. */
  lessOf(step: string): number {
    const trial = this.trialOf(step);
    return typeof trial === 'object' ? trial.less : 0;
  }

  reset(): void {
    this.#trials.clear();
  }

  /** What the changes would likely do; with none, how long it takes today. */
  answer(): Answered<WhatIf> {
    const missing = notEnough(this.#releases);
    if (missing !== undefined) return missing;
    const changes = this.steps.flatMap((step) => this.#changeOf(step));
    return orNames(simulate(this.#windows, { steps: this.steps, changes }), this.#releases);
  }

  #changeOf({ id, needs }: TrialStep): Change[] {
    const trial = this.trialOf(id);
    const [before] = needs;
    if (trial === 'automate' || trial === 'drop') return [{ type: trial, step: id }];
    // What was left out before it cannot be begun with.
    if (trial === 'beside')
      return before === undefined || this.trialOf(before) === 'drop' ? [] : [{ type: 'beside', step: id, other: before }];
    return typeof trial === 'object' ? [{ type: 'shorten', step: id, by: trial.less / 100 }] : [];
  }
}

/** Kinds of steps of which enough is published. */
function measuredIn(windows: readonly WindowCounts[]): StepKind[] {
  const all = sumOf(windows);
  return STEP_KINDS.filter((kind) => seenOf(all[kind]) >= LEAST_STEPS);
}
