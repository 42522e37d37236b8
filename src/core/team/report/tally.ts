import type { Release } from '../release/release.ts';
import { excessOf, marginIn } from './noise.ts';
import { plural, whole } from './words.ts';

/** Sums of what was published of one counter. What was not published is no part of it, and is never taken for zero. */
export interface Tally {
  /** By the value of the dimension. */
  named: ReadonlyMap<string, number>;
  /** Published together, of values that are not named. */
  rest: number;
  /** Releases that publish anything of the counter. */
  published: number;
  /** Teams that do, in any of the releases. */
  teams: ReadonlySet<string>;
  /** By the value of the dimension, what noise adds to its sum; of exact releases none. */
  noise: ReadonlyMap<string, SumNoise>;
}

interface SumNoise {
  /** Squares of the cells' margins, summed. */
  squares: number;
  /** How much too high the sum is likely to be, since noise below zero was taken for zero. */
  excess: number;
}

/**
 * What these releases say of a counter by one of its dimensions; a table of several dimensions is summed over the others. Of several
 * counters, each of which follows from another, no release has more than one.
 */
export function tallyOf(releases: readonly Release[], counter: string | readonly string[], dim: string): Tally {
  const counters = typeof counter === 'string' ? [counter] : counter;
  const [named, noise, teams] = [new Map<string, number>(), new Map<string, SumNoise>(), new Set<string>()];
  let [rest, published] = [0, 0];
  for (const { cells, team, privacy } of releases) {
    const own = cells.filter((cell) => counters.includes(cell.counter));
    if (own.length > 0) {
      published += 1;
      teams.add(team);
    }
    for (const { counter: name, dims, value } of own) {
      const of = dims[dim];
      if (of === undefined) rest += value;
      else named.set(of, (named.get(of) ?? 0) + value);
      const margin = privacy === undefined ? undefined : marginIn(privacy, name);
      if (of === undefined || margin === undefined) continue;
      const { squares, excess } = noise.get(of) ?? { squares: 0, excess: 0 };
      noise.set(of, { squares: squares + margin ** 2, excess: excess + excessOf(value, margin) });
    }
  }
  return { named, rest, published, teams, noise };
}

export function totalOf({ named, rest }: Pick<Tally, 'named' | 'rest'>): number {
  return [...named.values()].reduce((sum, value) => sum + value, rest);
}

/** `5,039 changes`, and of figures with noise `5,039 ±310 changes`. */
export function totalText(tally: Tally, one: string): string {
  const margin = Math.sqrt(squaresOf([...tally.noise.values()]));
  const total = totalOf(tally);
  return margin === 0 ? plural(total, one) : `${whole(total)} ±${whole(margin)} ${one}s`;
}

/** A tally of some of the values, with nothing else in it. */
export function onlyValues(tally: Tally, values: readonly string[]): Tally {
  const some = <T>(of: ReadonlyMap<string, T>): Map<string, T> => new Map([...of].filter(([value]) => values.includes(value)));
  return { ...tally, named: some(tally.named), noise: some(tally.noise), rest: 0 };
}

/** How much the sum may be off for noise, 95 times of 100, and how much too high it is likely to be; 0 without noise. */
export function noiseIn({ noise }: Tally): number {
  return Math.sqrt(squaresOf([...noise.values()])) + excessIn([...noise.values()]);
}

/** How far the figure of a value may be off for noise, 95 times of 100; 0 without noise. */
export function marginOf({ noise }: Tally, value: string): number {
  return Math.sqrt(noise.get(value)?.squares ?? 0);
}

/** Whether there is more of a value, over all of these tallies, than noise alone would make of it; of exact figures, any is seen. */
export function isSeen(tallies: readonly Tally[], value: string): boolean {
  const sum = tallies.reduce((all, { named }) => all + (named.get(value) ?? 0), 0);
  const noise = tallies.flatMap((tally) => tally.noise.get(value) ?? []);
  return sum - excessIn(noise) > Math.sqrt(squaresOf(noise));
}

/**
 * The part of a tally that has one of these values, 0 to 1: at least, and at most if all that is not named had one; with what noise may add
 * or take, 95 times of 100. Undefined where nothing is published.
 */
export function shareOfValues(tally: Tally, values: readonly string[]): { low: number; high: number } | undefined {
  const all = totalOf(tally);
  if (all === 0) return undefined;
  const some = values.reduce((sum, value) => sum + (tally.named.get(value) ?? 0), 0);
  const share = some / all;
  const [every, own] = [[...tally.noise.values()], values.flatMap((value) => tally.noise.get(value) ?? [])];
  // Noise of the part and of the rest are independent: to the first order, each moves the share by the other's part.
  const margin = Math.sqrt((1 - share) ** 2 * squaresOf(own) + share ** 2 * (squaresOf(every) - squaresOf(own))) / all;
  const [ofSome, ofOthers] = [excessIn(own), excessIn(every) - excessIn(own)];
  return {
    low: Math.max(0, (some - ofSome) / (all - ofSome) - margin),
    high: Math.min(1, (some + tally.rest) / (all - ofOthers) + margin),
  };
}

function squaresOf(noise: readonly SumNoise[]): number {
  return noise.reduce((sum, { squares }) => sum + squares, 0);
}

function excessIn(noise: readonly SumNoise[]): number {
  return noise.reduce((sum, { excess }) => sum + excess, 0);
}

/** `9 of 10 teams`, where some teams publish nothing of a counter; undefined where all do. */
export function teamsText({ size }: ReadonlySet<string>, all: number): string | undefined {
  return size >= all || size === 0 ? undefined : `${whole(size)} of ${whole(all)} teams`;
}
