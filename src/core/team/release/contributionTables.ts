import { canonicalJson } from '../../workflow/digests.ts';
import type { Counter } from '../../telemetry/counters.ts';
import type { Contribution } from '../contribution.ts';
import type { CellFigures, GroupFigures, Pair, WindowTables } from './tables.ts';

/**
 * The tables of contributions that are at hand, by the plainest way there is. The proof of a release uses it, so that an engine that
 * counts otherwise is found out.
 */
export function contributionTables(contributions: readonly Contribution[]): WindowTables {
  return {
    people: () => Promise.resolve(mostOfAnyWeek(contributions)),
    cells: (counter) => Promise.resolve(cellsOf(tableOf(contributions, counter))),
    growing: (counter, keys, first) => growingOf(tableOf(contributions, counter), keys, first),
    differences: (pairs) => Promise.resolve(differencesOf(pairs, (counter) => tableOf(contributions, counter))),
  };
}

/** A cell of a table over a window: what each person gave in each week, known by the token of that week. */
export interface TableCell {
  readonly dims: Readonly<Record<string, string>>;
  /** Canonical JSON of `dims`. */
  readonly key: string;
  /** Of each week that has any, each token's value; whole numbers above zero. Tokens of different weeks are never the same person's. */
  readonly weeks: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** The cells with their figures, those of nothing left out. */
export function cellsOf(cells: readonly TableCell[]): CellFigures[] {
  return cells.map((cell) => ({ dims: cell.dims, key: cell.key, figures: figuresOf([cell]) })).filter(({ figures }) => figures.total > 0);
}

/** The figures of the first so many cells of the keys together, then of one more each time. */
export async function* growingOf(cells: readonly TableCell[], keys: readonly string[], first: number): AsyncGenerator<GroupFigures> {
  const byKey = new Map(cells.map((cell) => [cell.key, cell]));
  const inOrder = keys.map((key) => byKey.get(key)).filter((cell) => cell !== undefined);
  for (let count = first; count <= inOrder.length; count += 1) yield figuresOf(inOrder.slice(0, count));
}

/** The figures of the differences of each pair. */
export function differencesOf(pairs: readonly Pair[], tableOfCounter: (counter: Counter) => readonly TableCell[]): GroupFigures[] {
  const tables = new Map<string, ReadonlyMap<string, TableCell>>();
  const cellOf = ({ counter, key }: Pair['one'][number]): TableCell[] => {
    const table = tables.get(counter.name) ?? new Map(tableOfCounter(counter).map((cell) => [cell.key, cell]));
    tables.set(counter.name, table);
    return [table.get(key) ?? []].flat();
  };
  return pairs.map(({ one, other }) => {
    const sums = sumsOf(one.flatMap(cellOf));
    for (const [week, people] of sumsOf(other.flatMap(cellOf))) {
      const sum = sums.get(week) ?? new Map<string, number>();
      sums.set(week, sum);
      for (const [token, value] of people) sum.set(token, (sum.get(token) ?? 0) - value);
    }
    const weeks = [...sums.values()].map((people) => {
      const differences = [...people].map(([token, value]): [string, number] => [token, Math.abs(value)]);
      return new Map(differences.filter(([, value]) => value > 0));
    });
    return figuresOfWeeks(weeks);
  });
}

/** The figures of cells that are published as one. */
export function figuresOf(cells: readonly TableCell[]): GroupFigures {
  return figuresOfWeeks(weeksOf(cells));
}

function figuresOfWeeks(weeks: Iterable<ReadonlyMap<string, number>>): GroupFigures {
  const figures: GroupFigures = { people: 0, total: 0, largest: 0, twoLargest: 0 };
  for (const people of weeks) {
    let [first, second] = [0, 0];
    for (const value of people.values()) {
      figures.total += value;
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    figures.people = Math.max(figures.people, people.size);
    figures.largest += first;
    figures.twoLargest += first + second;
  }
  return figures;
}

/** Each week's people with what they gave to all of the cells. */
function weeksOf(cells: readonly TableCell[]): Iterable<ReadonlyMap<string, number>> {
  const [only] = cells;
  if (only !== undefined && cells.length === 1) return only.weeks.values();
  return sumsOf(cells).values();
}

function sumsOf(cells: readonly TableCell[]): Map<string, Map<string, number>> {
  const sums = new Map<string, Map<string, number>>();
  for (const { weeks } of cells) {
    for (const [week, people] of weeks) {
      const sum = sums.get(week) ?? new Map<string, number>();
      sums.set(week, sum);
      for (const [token, value] of people) sum.set(token, (sum.get(token) ?? 0) + value);
    }
  }
  return sums;
}

function mostOfAnyWeek(contributions: readonly Contribution[]): number {
  const weeks = new Map<string, number>();
  for (const { week } of contributions) weeks.set(week, (weeks.get(week) ?? 0) + 1);
  return Math.max(0, ...weeks.values());
}

function tableOf(contributions: readonly Contribution[], { name, clip }: Counter): TableCell[] {
  const cells = new Map<string, { dims: Readonly<Record<string, string>>; weeks: Map<string, Map<string, number>> }>();
  for (const { week, token, counters } of contributions) {
    for (const { counter, dims, value } of counters) {
      if (counter !== name || value === 0) continue;
      const key = canonicalJson(dims);
      const cell = cells.get(key) ?? { dims, weeks: new Map<string, Map<string, number>>() };
      cells.set(key, cell);
      const people = cell.weeks.get(week) ?? new Map<string, number>();
      cell.weeks.set(week, people);
      people.set(token, Math.min(clip, value));
    }
  }
  return [...cells].map(([key, cell]) => ({ key, ...cell }));
}
