import { DWELL } from '../../telemetry/buckets.ts';
import { RANGES } from './measuredWork.ts';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Where the two open ranges end: nothing is settled within a minute, and little waits longer than four weeks. Assumptions. */
export const SHORTEST = MINUTE;
export const LONGEST = 28 * 24 * HOUR;

/** Ends of each range in milliseconds, the open ones closed. */
export const ENDS: readonly { readonly low: number; readonly high: number }[] = DWELL.ranges.map(({ below }, index) => ({
  low: index === 0 ? SHORTEST : (DWELL.ranges[index - 1]?.below ?? 0),
  high: below === Infinity ? LONGEST : below,
}));

/** How long steps waited, to draw from. */
export interface Waits {
  /** The part of the steps up to and with each range, ascending to 1. */
  readonly upTo: Float64Array;
}

/** Of steps by range; undefined of none. */
export function waitsOf(dwell: Float64Array): Waits | undefined {
  const all = dwell.reduce((sum, count) => sum + count, 0);
  if (!(all > 0)) return undefined;
  const upTo = new Float64Array(RANGES);
  let sum = 0;
  for (let range = 0; range < RANGES; range += 1) {
    sum += dwell[range] ?? 0;
    upTo[range] = sum / all;
  }
  return { upTo };
}

/**
 * The wait in milliseconds that a part `u` of the steps (0 to 1) is below. Within a range waits are log-uniform: from ten minutes to an hour,
 * as many are below 24.5 minutes as above.
 */
export function waitAt({ upTo }: Waits, u: number): number {
  let range = 0;
  while (range < RANGES - 1 && u >= (upTo[range] ?? 1)) range += 1;
  const from = range === 0 ? 0 : (upTo[range - 1] ?? 0);
  const part = (upTo[range] ?? 1) - from;
  const { low, high } = ENDS[range] ?? { low: SHORTEST, high: LONGEST };
  return low * (high / low) ** (part > 0 ? Math.min(1, Math.max(0, (u - from) / part)) : 0);
}

/** The wait in hours that half of the steps are below; 0 of none. */
export function medianHours(dwell: Float64Array): number {
  const waits = waitsOf(dwell);
  return waits === undefined ? 0 : waitAt(waits, 0.5) / HOUR;
}

/** Hours that steps waited together, each as its range's middle on a logarithmic scale. */
export function hoursWaited(dwell: Float64Array): number {
  const waits = waitsOf(dwell);
  if (waits === undefined) return 0;
  const middles = dwell.map((_, range) => {
    const from = range === 0 ? 0 : (waits.upTo[range - 1] ?? 0);
    return waitAt(waits, (from + (waits.upTo[range] ?? from)) / 2);
  });
  return dwell.reduce((sum, count, range) => sum + (count * (middles[range] ?? 0)) / HOUR, 0);
}
