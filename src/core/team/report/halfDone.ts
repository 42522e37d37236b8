import { BY_STEP } from '../../telemetry/counters.ts';
import type { StepKind } from '../../workflow/definition.ts';
import { type Release, REMAINDER } from '../release/release.ts';
import { noiseIn, onlyValues, type Tally, tallyOf, totalOf, totalText } from './tally.ts';
import { anyOf, doneWithin, LAST_RANGE, rangeText, type WaitRange, WAIT_LABELS } from './waitRanges.ts';
import { percent, plural } from './words.ts';

/** The counter of how long steps waited by kind, and those by kind or by name: no release has both. */
export const BY_KIND = 'steps.dwell';
export const WAITED: readonly string[] = [BY_KIND, BY_STEP];

/** What is known of how long steps waited. */
export interface KnownWaits {
  /** By range, those whose wait is published. */
  seen: Tally;
  /** Steps that were done and of which it is not known how long they waited: that was not seen, or is published together with others. */
  unseen: number;
  together: number;
}

/** Of all steps, or of those that are told by kind only. */
export function knownWaits(releases: readonly Release[], counter: string | readonly string[] = WAITED): KnownWaits {
  const all = tallyOf(releases, counter, 'dwell');
  const seen = onlyValues(all, WAIT_LABELS);
  const unseen = all.named.get('unknown') ?? 0;
  return { seen, unseen, together: totalOf(all) - totalOf(seen) - unseen };
}

/** Of a kind of steps: whatever may be of it is taken for hidden. */
export function knownWaitsOf(kind: StepKind, releases: readonly Release[]): KnownWaits {
  return knownWaits(
    releases.map((release) => mayBe(release, kind)),
    BY_KIND,
  );
}

/** A release with the cells that are of a kind, or may be. */
function mayBe(release: Release, kind: StepKind): Release {
  const cells = release.cells.flatMap((cell) => {
    const { kind: own = 'other' } = cell.dims;
    if (own === kind) return [cell];
    return own === 'other' ? [{ ...cell, dims: REMAINDER }] : [];
  });
  return { ...release, cells };
}

export interface HalfDone {
  /** `10 min to 4 h`; of those whose wait is known only, `10 min to 1 h, of 100 steps`. */
  value: string;
  detail: string;
  /** `half of the steps of a change were done within a time between 10 min and 4 h` */
  sentence: string;
  /** `How long 90 more steps waited is not known.`, where the sentence is not of those. */
  rest?: string;
}

/** A wider range than so many of the seven says nothing of all steps. */
const MOST_RANGES = 3;

/** The wait that half of the steps are below, as a range that holds whatever the hidden ones waited; undefined where none was seen. */
export function halfDone(known: KnownWaits): HalfDone | undefined {
  const { seen, unseen, together } = known;
  const counts = WAIT_LABELS.map((label) => seen.named.get(label) ?? 0);
  if (totalOf(seen) === 0) return undefined;
  const hidden = unseen + together;
  const noise = noiseIn(seen);
  const all = medianRange(counts, hidden + noise);
  if (hidden === 0 || all.high - all.low < MOST_RANGES) {
    return {
      value: rangeText(all),
      detail: `From when a step could be done until it was${hidden === 0 ? '' : `, whatever those ${plural(hidden, 'step')} waited of which it is not known`}.`,
      sentence: `half of the steps of a change ${doneWithin(all)}`,
    };
  }
  const known50 = medianRange(counts, noise);
  const steps = totalText(seen, 'step');
  return {
    value: `${rangeText(known50)}, of ${steps}`,
    detail: `Those whose wait is known, from when they could be done until they were. Of ${plural(hidden, 'more', 'more')} it is not known: with them, it may be ${anyOf(all)}.`,
    sentence: `half of the ${steps} whose wait is known ${doneWithin(known50)}`,
    rest: `How long ${plural(hidden, 'more step')} waited is not known.`,
  };
}

/** Why there is none, though steps are published. */
export function whyNotSeen({ unseen, together }: KnownWaits): string {
  const was = [...(unseen > 0 ? ['was not seen'] : []), ...(together > 0 ? ['is published together with others only'] : [])];
  return `Not known: how long ${plural(unseen + together, 'step')} had waited ${was.join(', or ')}.`;
}

/** `known of 53 % of the steps`; undefined where it is known of all, or of none. */
export function knownText({ seen, unseen, together }: KnownWaits): string | undefined {
  const all = totalOf(seen) + unseen + together;
  return all === 0 || totalOf(seen) === all ? undefined : `known of ${percent(totalOf(seen) / all)} of the steps`;
}

/**
 * The ranges that the median is in if so many more steps all waited as little as can be, and all as long. What noise may add is taken for
 * more steps, too: it moves the median no further.
 */
function medianRange(counts: readonly number[], more: number): WaitRange {
  const seen = counts.reduce((sum, count) => sum + count, 0);
  const first = (least: number): number => {
    let upTo = 0;
    return counts.findIndex((count) => 2 * (upTo += count) - seen >= least);
  };
  const [low, high] = [first(-more), first(more)];
  return { low: low < 0 ? LAST_RANGE : low, high: high < 0 ? LAST_RANGE : high };
}
