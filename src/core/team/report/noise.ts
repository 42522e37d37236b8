import type { Privacy } from '../privacy/privacy.ts';
import type { Release } from '../release/release.ts';
import { whole } from './words.ts';

/** Whether figures carry noise (differential privacy): those of all the releases, of some teams' only, or of none. */
export type Noise = 'all' | 'some' | 'none';

export function noiseOf(releases: readonly Release[]): Noise {
  const noisy = releases.filter(({ privacy }) => privacy !== undefined).length;
  if (noisy === 0) return 'none';
  return noisy === releases.length ? 'all' : 'some';
}

/** What is promised of noisy releases by their parameters. */
export function noiseText(releases: readonly Release[]): string {
  const promises = [...new Set(releases.flatMap(({ privacy }) => (privacy === undefined ? [] : promiseText(privacy))))];
  return `${promises.join('; ')}. What stands behind ± is the margin: a figure is off by no more, 95 times of 100`;
}

function promiseText({ epsilon, delta, unit }: Privacy): string {
  return `epsilon ${epsilon} at delta ${decimal(delta)} for each release (${unit === 'week' ? 'one week of a person' : 'all that a person gave of its window'})`;
}

/** `0.00001`, where JavaScript would say `1e-5`. */
export function decimal(value: number): string {
  return value >= 1e-6 ? String(value) : value.toFixed(12).replace(/0+$/, '');
}

/** The margin of every counter of the last noisy release. */
export function marginsText({ noise }: Pick<Privacy, 'noise'>): string {
  return noise.map(({ counter, margin }) => `${counter} ±${whole(margin)}`).join(', ');
}

/** How far a figure of a counter may be off, 95 times of 100. */
export function marginIn({ noise }: Pick<Privacy, 'noise'>, counter: string): number | undefined {
  return noise.find((one) => one.counter === counter)?.margin;
}

/**
 * How much too high a figure within its margin is likely to be: noise below zero was taken for zero, which leaves nothing at all at 0.4
 * standard deviations on average (the mean of the positive part of a normal distribution).
 */
export function excessOf(value: number, margin: number): number {
  return value < margin ? (0.4 * margin) / 1.96 : 0;
}

/** A sum that is likely so much too high, as a part of it, says more of noise than of what was counted. */
const MOST_EXCESS = 0.05;

/** Whether so many figures of these counters are within their margins that what is made of all of them together says nothing. */
export function isDrowned(releases: readonly Release[], counters: readonly string[]): boolean {
  let [sum, excess] = [0, 0];
  for (const { cells, privacy } of releases) {
    for (const { counter, value } of cells) {
      if (!counters.includes(counter)) continue;
      sum += value;
      const margin = privacy === undefined ? undefined : marginIn(privacy, counter);
      if (margin !== undefined) excess += excessOf(value, margin);
    }
  }
  return excess > MOST_EXCESS * sum;
}

export const DROWNED = 'Drowned in noise: too many of its figures are smaller than their margins.';
