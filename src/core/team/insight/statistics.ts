/** A figure and what it is likely within. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Quantiles of the normal distribution for intervals of 80 and 95 %. */
export const Z80 = 1.2815515594;
export const Z95 = 1.9599639845;

/** The p-quantile of ascending values (Hyndman and Fan 1996, type 7); NaN of none. */
export function quantile(ascending: ArrayLike<number>, p: number): number {
  const at = Math.max(0, Math.min(1, p)) * (ascending.length - 1);
  const below = ascending[Math.floor(at)] ?? Number.NaN;
  const above = ascending[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The middle `part` of the values: 0.8 leaves a tenth out at each end. */
export function middleOf(values: ArrayLike<number>, part: number): Range {
  const ascending = Float64Array.from(values).sort();
  return { low: quantile(ascending, (1 - part) / 2), high: quantile(ascending, (1 + part) / 2) };
}

/**
 * What a share is likely within (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927): never outside of 0 to 1, and of use with few trials.
 * Of no trials, anything.
 */
export function wilson(successes: number, trials: number, z: number): Range {
  if (!(trials > 0)) return { low: 0, high: 1 };
  const share = Math.max(0, Math.min(1, successes / trials));
  const middle = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half = (z / (1 + (z * z) / trials)) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // Exactly, where rounding would leave a little.
  return { low: share === 0 ? 0 : Math.max(0, middle - half), high: share === 1 ? 1 : Math.min(1, middle + half) };
}

/** The logarithms of 0! to n!. */
export function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let value = 2; value <= n; value += 1) logs[value] = (logs[value - 1] ?? 0) + Math.log(value);
  return logs;
}
