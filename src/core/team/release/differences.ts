import type { CellsOf, Counter } from '../../telemetry/counters.ts';
import type { Contribution } from '../contribution.ts';
import type { Release, ReleasedCell } from './release.ts';

/**
 * The attack on figures that count partly the same events: what somebody reads off them who takes the one from the other. Of each counter
 * they take what is named of the cells in question, and the rest as well where it hides some of them.
 */

interface Parts {
  contributions: readonly Contribution[];
  counters: readonly Counter[];
  k: number;
  roster?: number;
}

/** What somebody gave to a cell, clipped. */
interface Gift {
  key: string;
  dims: Readonly<Record<string, string>>;
  value: number;
}

interface Given {
  week: string;
  /** By counter. */
  gifts: ReadonlyMap<string, readonly Gift[]>;
}

/** What it finds out, in a sentence; undefined where every difference is of nobody, or of many. */
export function differenceProblem(
  { cells }: Pick<Release, 'cells'>,
  { contributions, counters, k, roster = k + 1 }: Parts,
): string | undefined {
  const given = contributions.map((one) => givenBy(one, counters));
  const all = cellsOf(given);
  const published = new Set(cells.map(({ counter }) => counter));
  const named = new Set(cells.map(keyOf));
  const looked = new Set<string>();
  for (const { name, overlaps = [] } of counters) {
    for (const { own, others } of overlaps) {
      const sides = [{ counter: name, cells: own }, ...others];
      if (!sides.every(({ counter }) => published.has(counter))) continue;
      const read = sides.map(({ counter, cells: wanted }) => ({
        counter,
        keys: readableKeys([...(all.get(counter)?.values() ?? [])], wanted, named),
      }));
      const shown = read.map(({ keys }) => [...keys].toSorted().join()).join(' - ');
      if (looked.has(shown)) continue;
      looked.add(shown);
      if (!isOfFew(differencesOf(given, read), { k, roster })) continue;
      const from = others.map(({ counter }) => counter).join(' and ');
      return `${name} and ${from} count partly the same, and what they differ by is of few people.`;
    }
  }
  return undefined;
}

function givenBy({ week, counters: own }: Contribution, counters: readonly Counter[]): Given {
  const gifts = new Map<string, Gift[]>();
  for (const cell of own) {
    const clip = counters.find(({ name }) => name === cell.counter)?.clip ?? 0;
    if (cell.value === 0) continue;
    const of = gifts.get(cell.counter) ?? [];
    of.push({ key: keyOf(cell), dims: cell.dims, value: Math.min(clip, cell.value) });
    gifts.set(cell.counter, of);
  }
  return { week, gifts };
}

function keyOf({ counter, dims }: Pick<ReleasedCell, 'counter' | 'dims'>): string {
  return JSON.stringify([counter, Object.entries(dims).toSorted()]);
}

/** Of each counter, every cell that was given to, by its key. */
function cellsOf(given: readonly Given[]): ReadonlyMap<string, ReadonlyMap<string, Gift>> {
  const all = new Map<string, Map<string, Gift>>();
  for (const { gifts } of given) {
    for (const [counter, own] of gifts) {
      const cells = all.get(counter) ?? new Map<string, Gift>();
      all.set(counter, cells);
      for (const gift of own) cells.set(gift.key, gift);
    }
  }
  return all;
}

/** Which of a counter's cells are in what a reader can put together that has all of the wanted ones. */
function readableKeys(cells: readonly Gift[], wanted: CellsOf, named: ReadonlySet<string>): ReadonlySet<string> {
  const isWanted = ({ dims }: Gift): boolean => Object.entries(wanted).every(([dim, values]) => values.includes(dims[dim] ?? ''));
  const isHidden = cells.some((gift) => isWanted(gift) && !named.has(gift.key));
  const read = cells.filter((gift) => (named.has(gift.key) ? isWanted(gift) : isHidden));
  return new Set(read.map(({ key }) => key));
}

/** Of each week, how far each person's first side is from the others together; those whose are alike left out. */
function differencesOf(given: readonly Given[], sides: readonly { counter: string; keys: ReadonlySet<string> }[]): number[][] {
  const weeks = new Map<string, number[]>();
  for (const { week, gifts } of given) {
    let left = 0;
    for (const [at, { counter, keys }] of sides.entries()) {
      for (const { key, value } of gifts.get(counter) ?? []) if (keys.has(key)) left += at === 0 ? value : -value;
    }
    if (left === 0) continue;
    const values = weeks.get(week) ?? [];
    values.push(Math.abs(left));
    weeks.set(week, values);
  }
  return [...weeks.values()];
}

/**
 * Whether what was given in each week, if anything, is of few people, or of one or two mostly, or can only be one of each in a team that is no
 * larger than k or k + 1, as every team may be that names no roster.
 */
function isOfFew(weeks: readonly (readonly number[])[], { k, roster }: { k: number; roster: number }): boolean {
  const ranked = weeks.map((values) => values.toSorted((a, b) => b - a));
  const total = ranked.flat().reduce((sum, value) => sum + value, 0);
  const one = ranked.reduce((sum, [first = 0]) => sum + first, 0);
  const two = ranked.reduce((sum, [, second = 0]) => sum + second, one);
  if (total === 0) return false;
  if (!ranked.some(({ length }) => length >= k) || 2 * one > total || 10 * (total - two) < one) return true;
  return roster <= k + 1 && (total - one - (k - 2) <= 1 || (roster > k && total - (k - 1) <= 1));
}
