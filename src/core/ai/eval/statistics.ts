/** The statistics of an evaluation. All of it is exact or closed-form, so that anyone can work it out again. */

/** A share of a whole with its 95 % interval; all from 0 to 1. */
export interface Share {
  count: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

/** 97.5 % quantile of the standard normal distribution: 2.5 % is left out on either side. */
const Z = 1.959963984540054;

/**
 * `count` of `of` with the Wilson score interval at 95 %, which also holds for few cases and for shares near 0 and 1. Nothing is
 * known about none of none: 0 to 1. Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
 * Journal of the American Statistical Association 22 (1927), 209-212.
 */
export function shareOf(count: number, of: number): Share {
  if (of === 0) return { count, of, share: 0, low: 0, high: 1 };
  const share = count / of;
  const centre = share + Z ** 2 / (2 * of);
  const half = Z * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  const scale = 1 + Z ** 2 / of;
  // At both ends the formula gives exactly 0 and 1, and rounding must not lead beyond them.
  const low = count === 0 ? 0 : Math.max(0, (centre - half) / scale);
  const high = count === of ? 1 : Math.min(1, (centre + half) / scale);
  return { count, of, share, low, high };
}

/**
 * Two-sided p-value of McNemar's test on paired outcomes, exact: how likely a split at least this uneven is among the pairs that
 * differ if either way were as likely. `gained` and `lost` are the pairs that differ in each direction. Source: Q. McNemar, Note on
 * the sampling error of the difference between correlated proportions or percentages, Psychometrika 12 (1947), 153-157; the exact
 * form is the binomial (sign) test on the differing pairs.
 */
export function mcnemar(gained: number, lost: number): number {
  const pairs = gained + lost;
  // Logarithms, because 2^-pairs leaves the range of numbers at about a thousand pairs.
  let term = -pairs * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(gained, lost); k++) {
    tail += Math.exp(term);
    term += Math.log((pairs - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
