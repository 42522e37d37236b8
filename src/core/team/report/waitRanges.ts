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
