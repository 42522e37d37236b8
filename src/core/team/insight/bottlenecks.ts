import { seededRandom } from '../../seededRandom.ts';
import type { StepKind } from '../../workflow/definition.ts';
import type { Release } from '../release/release.ts';
import { hoursWaited, medianHours } from './dwell.ts';
import { type Answered, LEAST_STEPS } from './enough.ts';
import { type KindCounts, measuredWork, seenOf, STEP_KINDS, sumOf, type WindowCounts } from './measuredWork.ts';
import { type Estimate, middleOf, wilson, Z80 } from './statistics.ts';

/** Where work of one kind gets stuck. */
export interface Bottleneck {
  readonly kind: StepKind;
  /** Steps of which it is published how long they waited. */
  readonly steps: number;
  /**
   * The part of all attempts that did not make a step done: it was waived, or failed; 0 to 1, within 80 %. Where a release does not name
   * the kind, its remainder may be of it: the value supposes its fair share, the ends none and all. Steps that were left for good are not seen at all.
   */
  readonly lost: Estimate;
  /** The part of steps that were skipped with a reason, and of attempts that failed; the ends as above. */
  readonly skipped: Estimate;
  readonly failed: Estimate;
  /** The wait that half the steps are below, in hours. */
  readonly medianHours: Estimate;
  /** Lost times median hours: how the list is ordered. Within 80 %. */
  readonly score: Estimate;
  /** Its part of all the waiting there was, 0 to 1: a kind may never fail, and still be what people wait for. */
  readonly partOfWaiting: number;
}

export interface Bottlenecks {
  /** The one that costs most first. */
  readonly kinds: readonly Bottleneck[];
  /** Kinds of which there is something, but too little. */
  readonly tooFew: readonly StepKind[];
}

const RESAMPLED = 400;

/** Kinds of steps by how often they do not get done, times how long they wait. Intervals by drawing windows anew, whole ones. */
export function bottlenecks(releases: readonly Release[], { seed = 'bottlenecks' }: { seed?: string } = {}): Answered<Bottlenecks> {
  const windows = measuredWork(releases);
  const all = sumOf(windows);
  const enough = STEP_KINDS.filter((kind) => seenOf(all[kind]) >= LEAST_STEPS);
  const most = STEP_KINDS.reduce((one, other) => (seenOf(all[other]) > seenOf(all[one]) ? other : one));
  const have = seenOf(all[most]);
  if (enough.length === 0) return { enough: false, reason: 'steps', have, need: LEAST_STEPS, kind: have === 0 ? 'any' : most };
  const drawn = resampled(windows, seed);
  const waiting = STEP_KINDS.reduce((sum, kind) => sum + hoursWaited(all[kind].dwell), 0);
  const kinds = enough.map((kind): Bottleneck => {
    const counts = all[kind];
    const draws = drawn.map((sum) => sum[kind]);
    const within = (of: (one: KindCounts) => number): Estimate => {
      const value = of(counts);
      // One window says nothing of how much windows differ.
      if (draws.length === 0) return { value, low: value, high: value };
      const { low, high } = middleOf(Float64Array.from(draws, of), 0.8);
      return { value, low: Math.min(value, low), high: Math.max(value, high) };
    };
    const score = within((one) => lostOf(one) * medianHours(one.dwell));
    const lost = lostWithin(counts);
    const median = within((one) => medianHours(one.dwell));
    return {
      kind,
      steps: seenOf(counts),
      lost,
      skipped: shareWithin({
        value: counts.waived,
        least: counts.waivedAtLeast,
        most: counts.waivedAtMost,
        done: counts.doneBesideWaived,
      }),
      failed: shareWithin({
        value: counts.failed,
        least: counts.failedAtLeast,
        most: counts.failedAtMost,
        done: counts.doneBesideFailed,
      }),
      medianHours: median,
      // Windows that are all alike say nothing of how sure a share is; what the remainder may hold is in its upper end.
      score: {
        ...score,
        low: Math.min(score.low, lost.low * median.value),
        high: Math.max(score.high, lost.high * median.value),
      },
      partOfWaiting: hoursWaited(counts.dwell) / waiting,
    };
  });
  return {
    enough: true,
    kinds: kinds.toSorted((a, b) => b.score.value - a.score.value || b.partOfWaiting - a.partOfWaiting),
    tooFew: STEP_KINDS.filter((kind) => !enough.includes(kind) && all[kind].done > 0),
  };
}

function resampled(windows: readonly WindowCounts[], seed: string): WindowCounts[] {
  const random = seededRandom(seed);
  if (windows.length < 2) return [];
  return Array.from({ length: RESAMPLED }, () => sumOf(windows.flatMap(() => windows[Math.floor(random() * windows.length)] ?? [])));
}

/** Waived and failed, each compared with what was done in the releases that publish it. */
function lostOf({ waived, failed, doneBesideWaived, doneBesideFailed, done }: KindCounts): number {
  const waivedOf1 = doneBesideWaived > 0 ? waived / doneBesideWaived : 0;
  const failedOf1 = doneBesideFailed > 0 ? failed / doneBesideFailed : 0;
  return done > 0 ? (waivedOf1 + failedOf1) / (1 + waivedOf1 + failedOf1) : 0;
}

/** The value by what remainders likely hold, the ends by none and all of them, and by chance. */
function lostWithin(counts: KindCounts): Estimate {
  const part = (waived: number, failed: number): { share: number; attempts: number } => {
    const share = lostOf({ ...counts, waived, failed });
    return { share, attempts: counts.done + waived + failed };
  };
  const value = part(counts.waived, counts.failed);
  const least = part(counts.waivedAtLeast, counts.failedAtLeast);
  const most = part(counts.waivedAtMost, counts.failedAtMost);
  return {
    value: value.share,
    low: wilson(least.share * least.attempts, least.attempts, Z80).low,
    high: wilson(most.share * most.attempts, most.attempts, Z80).high,
  };
}

function shareWithin({ value, least, most, done }: { value: number; least: number; most: number; done: number }): Estimate {
  if (done === 0) return { value: 0, low: 0, high: 1 };
  return { value: value / (value + done), low: wilson(least, least + done, Z80).low, high: wilson(most, most + done, Z80).high };
}
