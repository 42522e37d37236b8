/** Ranges that numbers are reduced to before they are kept. A label names the range; its lower end counts, its upper does not. */
export interface Buckets<L extends string> {
  readonly unit: string;
  /** In ascending order; the last one has no upper end. */
  readonly ranges: readonly { readonly label: L; readonly below: number }[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DURATION = buckets('milliseconds', [
  ['under-1s', SECOND],
  ['1s-10s', 10 * SECOND],
  ['10s-1m', MINUTE],
  ['1m-5m', 5 * MINUTE],
  ['5m-30m', 30 * MINUTE],
  ['30m-or-more', Infinity],
]);

export const DWELL = buckets('milliseconds', [
  ['under-10m', 10 * MINUTE],
  ['10m-1h', HOUR],
  ['1h-4h', 4 * HOUR],
  ['4h-1d', DAY],
  ['1d-3d', 3 * DAY],
  ['3d-1w', 7 * DAY],
  ['1w-or-more', Infinity],
]);

export const TOKENS = buckets('tokens', [
  ['0', 1],
  ['1-1k', 1_000],
  ['1k-4k', 4_000],
  ['4k-16k', 16_000],
  ['16k-64k', 64_000],
  ['64k-256k', 256_000],
  ['256k-1m', 1_000_000],
  ['1m-4m', 4_000_000],
  ['4m-16m', 16_000_000],
  ['16m-or-more', Infinity],
]);

/** US dollars or euros, which are near enough to each other for ranges of a factor of ten. */
export const COST = buckets('US dollars or euros', [
  ['0', Number.MIN_VALUE],
  ['under-0.01', 0.01],
  ['0.01-0.1', 0.1],
  ['0.1-1', 1],
  ['1-10', 10],
  ['10-or-more', Infinity],
]);

/** The part of accepted lines that is still there. */
export const SURVIVAL = buckets('the part of its lines that is still there', [
  ['none', Number.MIN_VALUE],
  ['some', 1 / 3],
  ['half', 2 / 3],
  ['most', 1],
  ['all', Infinity],
]);

/** Currencies that {@link COST} speaks of. */
export const COST_CURRENCIES: readonly string[] = ['USD', 'EUR'];

function buckets<const L extends string>(unit: string, ranges: readonly (readonly [L, number])[]): Buckets<L> {
  return { unit, ranges: ranges.map(([label, below]) => ({ label, below })) };
}

export function labelsOf<L extends string>({ ranges }: Buckets<L>): L[] {
  return ranges.map(({ label }) => label);
}

/** The least value of a range, or undefined for a label that is none of these. */
export function lowerEndOf(label: string, { ranges }: Buckets<string>): number | undefined {
  const index = ranges.findIndex((range) => range.label === label);
  return index < 0 ? undefined : (ranges[index - 1]?.below ?? 0);
}

/** Label of the range that holds the value, or undefined for what is no quantity (negative, not a number, absent). */
export function bucketOf<L extends string>(value: number | undefined, { ranges }: Buckets<L>): L | undefined {
  if (value === undefined || !(value >= 0)) return undefined;
  for (const { label, below } of ranges) if (value < below) return label;
  return ranges.at(-1)?.label;
}
