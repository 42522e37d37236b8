import { seededRandom, type Random } from '../../seededRandom.ts';
import type { Release } from '../release/release.ts';
import { HOUR, waitAt, waitsOf } from './dwell.ts';
import { type Answered, windowsOf } from './enough.ts';
import { measuredWork, seenOf, STEP_KINDS, type WindowCounts } from './measuredWork.ts';
import { type Estimate, middleOf, quantile } from './statistics.ts';

/** Something that a team does more or less of, and something that it would like more or less of. */
export type Practice = 'reviews-per-step' | 'few-waivers' | 'edited-proposals';
export type Outcome = 'failed-attempts' | 'median-hours' | 'lasting-changes';

/** That a practice and an outcome went together here. Nothing says that the one caused the other. */
export interface Association {
  readonly practice: Practice;
  readonly outcome: Outcome;
  /** Teams' windows that were compared: the half with more of the practice, and the half with less. */
  readonly units: { readonly more: number; readonly less: number };
  /** The outcome's mean in each half: a share of 0 to 1, or hours. */
  readonly withMore: number;
  readonly withLess: number;
  /** The one less the other, with the interval that holds all comparisons at once to 95 % (Bonferroni). */
  readonly difference: Estimate;
}

/** Windows of teams that each half has to have. */
const LEAST_UNITS = 8;
/** Teams that are drawn (windows, of one team): of fewer, the draws differ too little, and chance looks like a finding. */
const LEAST_CLUSTERS = 10;
const RESAMPLED = 2000;
/** Pairs that make sense to look at, decided before looking, and whether more of the outcome is good. */
const PAIRS: readonly { practice: Practice; outcome: Outcome; moreIsGood: boolean }[] = [
  { practice: 'reviews-per-step', outcome: 'failed-attempts', moreIsGood: false },
  { practice: 'reviews-per-step', outcome: 'lasting-changes', moreIsGood: true },
  { practice: 'few-waivers', outcome: 'failed-attempts', moreIsGood: false },
  { practice: 'few-waivers', outcome: 'median-hours', moreIsGood: false },
  { practice: 'edited-proposals', outcome: 'failed-attempts', moreIsGood: false },
];

/**
 * Practices that went together with what a team would like, over windows of teams: those with more of the practice compared with those
 * with less. Only what holds beyond chance is listed, and only where more of the practice went with the better outcome. Teams are drawn
 * whole for the intervals (windows where there is one team), since windows of a team are alike.
 */
export function helpfulPractices(
  releases: readonly Release[],
  { seed = 'practices' }: { seed?: string } = {},
): Answered<{ associations: readonly Association[]; compared: number }> {
  const units = windowsOf(releases)
    .flat()
    .map((release) => unitOf(release));
  const isOneTeam = new Set(units.map(({ team }) => team)).size < 2;
  let most = 0;
  const found = PAIRS.flatMap(({ practice, outcome, moreIsGood }) => {
    const given = units.flatMap(({ team, window, practices, outcomes }) => {
      const [x, y] = [practices[practice], outcomes[outcome]];
      return x === undefined || y === undefined ? [] : [{ cluster: isOneTeam ? window : team, x, y }];
    });
    most = Math.max(most, given.length);
    const association = compared(given, { practice, outcome, seed });
    return association === undefined ? [] : [{ ...association, moreIsGood }];
  });
  if (found.length === 0) return { enough: false, reason: 'units', have: most, need: 2 * LEAST_UNITS };
  const helps = found.filter(({ moreIsGood, difference: { low, high } }) => (moreIsGood ? low > 0 : high < 0));
  return { enough: true, associations: helps.map(({ moreIsGood: _good, ...one }) => one), compared: found.length };
}

interface Unit {
  team: string;
  window: string;
  practices: Partial<Record<Practice, number>>;
  outcomes: Partial<Record<Outcome, number>>;
}

function unitOf(release: Release): Unit {
  const [counts] = measuredWork([release]);
  const sum = (counter: string, dim: string, values: readonly string[]): number =>
    release.cells.reduce((all, cell) => (cell.counter === counter && values.includes(cell.dims[dim] ?? '') ? all + cell.value : all), 0);
  const total = (of: (one: WindowCounts[keyof WindowCounts]) => number): number =>
    counts === undefined ? 0 : STEP_KINDS.reduce((all, kind) => all + of(counts[kind]), 0);
  const part = (some: number, all: number): number | undefined => (all > 0 ? some / all : undefined);
  const done = total((one) => one.done);
  const [accepted, edited] = ['accepted', 'edited'].map((outcome) => sum('generate.outcomes', 'outcome', [outcome]));
  const lasting = sum('generate.survival', 'survival', ['most', 'all']);
  const besideWaived = total((one) => one.doneBesideWaived);
  const besideFailed = total((one) => one.doneBesideFailed);
  const reviews = sum('review.runs', 'outcome', ['completed']);
  const waived = part(
    total((one) => one.waived),
    besideWaived,
  );
  const dwell = new Float64Array(counts?.manual.dwell.length ?? 0).map((_, range) => total((one) => one.dwell[range] ?? 0));
  const waits = total(seenOf) >= 10 ? waitsOf(dwell) : undefined;
  return {
    team: release.team,
    window: release.window.from,
    practices: defined({
      'reviews-per-step': reviews > 0 ? part(reviews, done) : undefined,
      'few-waivers': waived === undefined ? undefined : -waived,
      'edited-proposals': part(edited ?? 0, (accepted ?? 0) + (edited ?? 0)),
    }),
    outcomes: defined({
      'failed-attempts':
        besideFailed > 0
          ? part(
              total((one) => one.failed),
              besideFailed + total((one) => one.failed),
            )
          : undefined,
      'median-hours': waits === undefined ? undefined : waitAt(waits, 0.5) / HOUR,
      'lasting-changes': part(lasting, sum('generate.survival', 'survival', ['none', 'some', 'half', 'most', 'all'])),
    }),
  };
}

function defined<K extends string>(values: Record<K, number | undefined>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Record<K, number>>;
}

interface Point {
  cluster: string;
  x: number;
  y: number;
}

function compared(
  given: readonly Point[],
  { practice, outcome, seed }: { practice: Practice; outcome: Outcome; seed: string },
): Association | undefined {
  const middle = quantile(Float64Array.from(given, ({ x }) => x).sort(), 0.5);
  const more = given.filter(({ x }) => x > middle);
  const less = given.filter(({ x }) => x <= middle);
  if (more.length < LEAST_UNITS || less.length < LEAST_UNITS) return undefined;
  const sums = new Map<string, Halves>();
  for (const { cluster, x, y } of given) {
    const halves = sums.get(cluster) ?? { more: 0, less: 0, sumOfMore: 0, sumOfLess: 0 };
    sums.set(cluster, halves);
    halves[x > middle ? 'more' : 'less'] += 1;
    halves[x > middle ? 'sumOfMore' : 'sumOfLess'] += y;
  }
  if (sums.size < LEAST_CLUSTERS) return undefined;
  const difference = differenceOf([...sums.values()]);
  const draws = resampledDifferences([...sums.values()], seededRandom(`${seed} ${practice} ${outcome}`));
  return {
    practice,
    outcome,
    units: { more: more.length, less: less.length },
    withMore: mean(more.map(({ y }) => y)),
    withLess: mean(less.map(({ y }) => y)),
    difference: { value: difference, ...middleOf(draws, 1 - 0.05 / PAIRS.length) },
  };
}

/** How many windows of a team are in each half, and the sum of their outcomes. */
interface Halves {
  more: number;
  less: number;
  sumOfMore: number;
  sumOfLess: number;
}

function resampledDifferences(clusters: readonly Halves[], random: Random): Float64Array {
  const draws = Array.from({ length: RESAMPLED }, () =>
    differenceOf(clusters.flatMap(() => clusters[Math.floor(random() * clusters.length)] ?? [])),
  );
  return Float64Array.from(draws.filter((difference) => !Number.isNaN(difference)));
}

/** The mean with more less the mean with less; NaN where a half is empty. */
function differenceOf(clusters: readonly Halves[]): number {
  const sum = (key: keyof Halves): number => clusters.reduce((all, halves) => all + halves[key], 0);
  return sum('sumOfMore') / sum('more') - sum('sumOfLess') / sum('less');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
