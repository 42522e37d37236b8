import { seededRandom } from '../../seededRandom.ts';
import { BY_STEP } from '../../telemetry/counters.ts';
import type { StepKind } from '../../workflow/definition.ts';
import type { Release } from '../release/release.ts';
import { type Answered, LEAST_STEPS, notEnough, type NotEnough } from './enough.ts';
import { measuredWork, seenOf, STEP_KINDS, sumOf, type WindowCounts } from './measuredWork.ts';
import { HOUR } from './dwell.ts';
import { chancesOf, type Chances, leadTimes, luckOf, type WhatIfAssumptions } from './leadTimes.ts';
import { type Estimate, middleOf, quantile, type Range } from './statistics.ts';
import { type Change, changedSteps, type SimulatedStep } from './workflowChange.ts';

export const USUAL_ASSUMPTIONS: WhatIfAssumptions = { automated: { low: 1, high: 10 } };

export interface WhatIfQuestion {
  /** Of one team or several that work alike; of at least eight windows and fifty people. */
  readonly releases: readonly Release[];
  /** In any order. */
  readonly steps: readonly SimulatedStep[];
  /** One after the other; none asks for today only. */
  readonly changes: readonly Change[];
  readonly assumptions?: WhatIfAssumptions;
  /** Changes that go through the workflow; 2000 when absent. */
  readonly runs?: number;
  /** The same question and seed give the same answer. */
  readonly seed?: string;
}

/** Hours from when the first step is ready until the last is settled. */
export interface LeadTime {
  /** The middle of the runs, and what it is likely within (80 %) by how much windows differ. */
  readonly median: Estimate;
  /** What 8 of 10 runs are within. */
  readonly within80: Range;
}

/** What was measured of a kind of step that the workflow has. */
export interface KindMeasured {
  readonly kind: StepKind;
  /** Steps of which it is published how long they waited. */
  readonly steps: number;
  readonly medianHours: number;
  /** The part that was waived, and of attempts that failed, 0 to 1; undefined where that is not published, and taken as 0. */
  readonly skipped: number | undefined;
  readonly failed: number | undefined;
}

export interface WhatIf {
  readonly today: LeadTime;
  readonly changed: LeadTime;
  /** Changed less today, in hours: below 0 is faster. Of the medians, with its 80 % interval. */
  readonly difference: Estimate;
  /** The part of the runs that the change makes faster, 0 to 1. */
  readonly faster: number;
  readonly measured: readonly KindMeasured[];
  readonly assumptions: WhatIfAssumptions;
  readonly runs: number;
}

const RUNS = 2000;
/** How often windows are drawn anew for the intervals of medians, and how many runs each has. */
const RESAMPLED = 60;
const RUNS_EACH = 500;

/**
 * What a change of the workflow would likely do to its lead time: a simulation by how long steps were measured to wait, and how often they
 * were skipped or failed. It supposes that steps wait independently of each other and as they did, and that every step applies. What is
 * measured says what goes together, not what causes what: a trial shows more. Fails with `usage` for a change of steps that are not there.
 */
export function whatIf(question: WhatIfQuestion): Answered<WhatIf> {
  const missing = notEnough(question.releases);
  if (missing !== undefined) return missing;
  return orNames(simulate(measuredWork(question.releases, question.steps), question), question.releases);
}

/** Where too few steps are known of releases that tell them by name, it is the workflow that is missing. */
export function orNames<T>(answer: Answered<T>, releases: readonly Release[]): Answered<T> {
  const isByName = releases.some(({ cells }) => cells.some(({ counter }) => counter === BY_STEP));
  return !answer.enough && answer.reason === 'steps' && isByName ? { ...answer, reason: 'names' } : answer;
}

/** The same of work that was measured before, so that a slider need not read releases again. Whether there is enough was asked before. */
export function simulate(windows: readonly WindowCounts[], question: Omit<WhatIfQuestion, 'releases'>): Answered<WhatIf> {
  const { steps, changes, assumptions = USUAL_ASSUMPTIONS, seed = 'what-if' } = question;
  const runs = Math.min(100_000, Math.max(1, Math.floor(question.runs ?? RUNS)));
  const today = changedSteps(steps, []);
  const changed = changedSteps(steps, changes);
  const kinds = STEP_KINDS.filter((kind) => steps.some((step) => step.kind === kind));
  const all = sumOf(windows);
  const missing = tooFew(all, kinds);
  if (missing !== undefined) return missing;
  const chances = chancesOf(all);
  const parts = { today, changed, assumptions, luck: luckOf(steps, runs, seed) };
  const once = leadTimes({ ...parts, chances, runs });
  const resampled = resampledMedians(windows, { kinds, seed }, (drawn) =>
    leadTimes({ ...parts, chances: drawn, runs: Math.min(runs, RUNS_EACH) }),
  );
  const few = mediansOf(leadTimes({ ...parts, chances, runs: Math.min(runs, RUNS_EACH) }));
  const [before, after] = [medianOf(once.today), medianOf(once.changed)];
  // The few runs of a resample have the luck of the first runs, so that what they differ by is the windows.
  const estimate = (value: number, of: (one: Medians) => number): Estimate =>
    around(
      value,
      Float64Array.from(resampled, (one) => value + of(one) - of(few)),
    );
  return {
    enough: true,
    today: { median: estimate(before, (one) => one.today), within80: middleOf(once.today, 0.8) },
    changed: { median: estimate(after, (one) => one.changed), within80: middleOf(once.changed, 0.8) },
    difference: estimate(after - before, (one) => one.changed - one.today),
    faster: once.today.reduce((count, hours, run) => count + ((once.changed[run] ?? hours) < hours - 1e-6 ? 1 : 0), 0) / runs,
    measured: kinds.map((kind) => measuredOf(kind, all, chances)),
    assumptions,
    runs,
  };
}

function tooFew(all: WindowCounts, kinds: readonly StepKind[]): NotEnough | undefined {
  if (kinds.length === 0) return { enough: false, reason: 'steps', have: 0, need: LEAST_STEPS, kind: 'any' };
  const kind = kinds.find((one) => seenOf(all[one]) < LEAST_STEPS);
  return kind === undefined ? undefined : { enough: false, reason: 'steps', have: seenOf(all[kind]), need: LEAST_STEPS, kind };
}

/** Medians by windows drawn with replacement (Efron 1979; whole windows, since steps of one are not independent). */
function resampledMedians(
  windows: readonly WindowCounts[],
  { kinds, seed }: { kinds: readonly StepKind[]; seed: string },
  run: (chances: Chances) => { today: Float64Array; changed: Float64Array },
): Medians[] {
  const random = seededRandom(`${seed} windows`);
  return Array.from({ length: RESAMPLED }).flatMap(() => {
    const drawn = windows.flatMap(() => windows[Math.floor(random() * windows.length)] ?? []);
    const sum = sumOf(drawn);
    // Without any step of a kind there is nothing to draw from.
    if (kinds.some((kind) => seenOf(sum[kind]) === 0)) return [];
    return [mediansOf(run(chancesOf(sum)))];
  });
}

interface Medians {
  today: number;
  changed: number;
}

function mediansOf({ today, changed }: { today: Float64Array; changed: Float64Array }): Medians {
  return { today: middleMean(today), changed: middleMean(changed) };
}

/** The mean of the middle tenth: what the median of few runs would be without the steps from one run to the next. */
function middleMean(hours: Float64Array): number {
  const ascending = hours.toSorted();
  const middle = ascending.subarray(Math.floor(0.45 * ascending.length), Math.max(1, Math.ceil(0.55 * ascending.length)));
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** A value with the middle 80 % of the draws, which are likely but not sure to be on both sides of it. */
function around(value: number, draws: Float64Array): Estimate {
  const { low, high } = middleOf(draws, 0.8);
  if (draws.length === 0) return { value, low: value, high: value };
  return { value, low: Math.min(value, low), high: Math.max(value, high) };
}

function medianOf(hours: Float64Array): number {
  return quantile(hours.toSorted(), 0.5);
}

function measuredOf(kind: StepKind, all: WindowCounts, chances: Chances): KindMeasured {
  const { skipped, failed, medianWait } = chances[kind];
  return {
    kind,
    steps: seenOf(all[kind]),
    medianHours: (medianWait ?? 0) / HOUR,
    skipped: all[kind].doneBesideWaived > 0 ? skipped : undefined,
    failed: all[kind].doneBesideFailed > 0 ? failed : undefined,
  };
}
