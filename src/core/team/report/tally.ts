import type { Release } from '../release/release.ts';

/** Sums of what was published of one counter. What was not published is no part of it, and is never taken for zero. */
export interface Tally {
  /** By the value of the dimension. */
  named: ReadonlyMap<string, number>;
  /** Published together, of values that are not named. */
  rest: number;
  /** Releases that publish anything of the counter, and those that do not. */
  published: number;
  withheld: number;
}

/** What these releases say of a counter by one of its dimensions; a table of several dimensions is summed over the others. */
export function tallyOf(releases: readonly Release[], counter: string, dim: string): Tally {
  const named = new Map<string, number>();
  let [rest, published] = [0, 0];
  for (const { cells } of releases) {
    const own = cells.filter((cell) => cell.counter === counter);
    if (own.length > 0) published += 1;
    for (const { dims, value } of own) {
      const of = dims[dim];
      if (of === undefined) rest += value;
      else named.set(of, (named.get(of) ?? 0) + value);
    }
  }
  return { named, rest, published, withheld: releases.length - published };
}

export function totalOf({ named, rest }: Pick<Tally, 'named' | 'rest'>): number {
  return [...named.values()].reduce((sum, value) => sum + value, rest);
}

/**
 * The part of a tally that has one of these values, 0 to 1: at least, and at most if all that is not named had one. Undefined where nothing
 * is published.
 */
export function shareOfValues(tally: Tally, values: readonly string[]): { low: number; high: number } | undefined {
  const all = totalOf(tally);
  if (all === 0) return undefined;
  const some = values.reduce((sum, value) => sum + (tally.named.get(value) ?? 0), 0);
  return { low: some / all, high: (some + tally.rest) / all };
}
