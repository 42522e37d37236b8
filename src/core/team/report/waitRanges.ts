import { DWELL } from '../../telemetry/buckets.ts';
import type { Shade } from './charts.ts';

/** Ranges of waiting as people say them, the longer the warmer and stronger. */
export const WAIT_RANGES = [
  ['under-10m', 'under 10 min', [1, 0.3]],
  ['10m-1h', '10 min to 1 h', [1, 0.6]],
  ['1h-4h', '1 to 4 h', [1, 1]],
  ['4h-1d', '4 h to 1 day', [4, 0.7]],
  ['1d-3d', '1 to 3 days', [4, 1]],
  ['3d-1w', '3 days to a week', [5, 0.7]],
  ['1w-or-more', 'a week or more', [5, 1]],
  ['unknown', 'not seen', [6, 0.3]],
] as const satisfies readonly (readonly [string, string, Shade])[];

/** The ranges that times are in, shortest first. */
export const WAIT_LABELS: readonly string[] = DWELL.ranges.map(({ label }) => label);
export const LAST_RANGE = WAIT_LABELS.length - 1;
/** Where each range but the last ends. */
const ENDS = ['10 min', '1 h', '4 h', '1 day', '3 days', 'a week'] as const satisfies readonly string[];

/** From one range to another, both by their places in `WAIT_LABELS`. */
export interface WaitRange {
  low: number;
  high: number;
}

/** `10 min to 4 h`, `under 4 h`, `4 h or more`. */
export function rangeText({ low, high }: WaitRange): string {
  if (low === high) return WAIT_RANGES[low]?.[1] ?? '';
  if (low === 0) return high === LAST_RANGE ? 'anything' : `under ${endOf(high)}`;
  return high === LAST_RANGE ? `${endOf(low - 1)} or more` : `${endOf(low - 1)} to ${endOf(high)}`;
}

/** `anything from 10 min to 4 h`, `anything up to 4 h`. */
export function anyOf({ low, high }: WaitRange): string {
  const from = low === 0 ? '' : ` from ${endOf(low - 1)}`;
  if (high === LAST_RANGE) return `anything${from}`;
  return `anything${from} ${low === 0 ? 'up ' : ''}to ${endOf(high)}`;
}

/** What half of the steps did, such as `were done within a time between 10 min and 4 h`. */
export function doneWithin({ low, high }: WaitRange): string {
  if (high === LAST_RANGE) return `took ${low === 0 ? 'any time' : `${endOf(low - 1)} or longer`}`;
  return low === 0 ? `were done within ${endOf(high)}` : `were done within a time between ${endOf(low - 1)} and ${endOf(high)}`;
}

function endOf(range: number): string {
  return ENDS[range] ?? '';
}
