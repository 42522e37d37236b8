import type { Counter } from '../../telemetry/counters.ts';
import type { Contribution } from '../contribution.ts';
import type { Release } from './release.ts';

/**
 * The part of everything that was counted, each value clipped, that is inside published figures: 0 to 1, and 1 where nothing was counted.
 * Counters that are left out because another one that is published says the same do not count.
 */
export function coverageOf(
  { cells }: Pick<Release, 'cells'>,
  contributions: readonly Contribution[],
  counters: readonly Counter[],
): number {
  const published = new Set(cells.map(({ counter }) => counter));
  const counted = counters.filter(({ name, excludes }) => published.has(name) || !excludes.some((other) => published.has(other)));
  const clips = new Map(counted.map(({ name, clip }) => [name, clip]));
  let all = 0;
  for (const { counters: given } of contributions) {
    for (const { counter, value } of given) all += Math.min(value, clips.get(counter) ?? 0);
  }
  const inside = cells.reduce((sum, { value }) => sum + value, 0);
  return all === 0 ? 1 : inside / all;
}
