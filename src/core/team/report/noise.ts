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

/** What is promised of noisy releases by their parameters, and how far a figure may be off: `epsilon 1, delta 0.00001 for …; … ±8 to ±158`. */
export function noiseText(releases: readonly Release[]): string {
  const privacies = releases.flatMap(({ privacy }) => privacy ?? []);
  const promises = [...new Set(privacies.map(promiseText))];
  const margins = privacies.flatMap(({ noise }) => noise.map(({ margin }) => margin));
  const [least, most] = [Math.min(...margins), Math.max(...margins)];
  const off = least === most ? `±${whole(least)}` : `±${whole(least)} to ±${whole(most)}, by counter`;
  return `${promises.join('; ')}. A figure is off by no more than its margin, ${off}, 95 times of 100`;
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
