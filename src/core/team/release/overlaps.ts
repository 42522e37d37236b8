import type { CellsOf, Counter } from '../../telemetry/counters.ts';
import { type Bounds, tellsOfEach } from './bounds.ts';
import { isSafe, type SafeGroups } from './safeGroups.ts';
import type { CellFigures, CellOfCounter, Pair, WindowTables } from './tables.ts';

/**
 * Counters that count partly the same events: a review for a step is a run and a step. Where nearly all are for steps, the difference of
 * two figures is of the few who did the others. So what a reader can put together of both must differ for nobody, or for a safe group.
 *
 * Which of two gives way is fixed in the catalogue. That one does says of the window only that too few people are behind it or behind
 * its difference from what is published, as every withheld counter says; not which, who, how many, or how much.
 */

/** What is published of counters, by their names. */
export type PublishedGroups = ReadonlyMap<string, { readonly counter: Counter; readonly groups: SafeGroups }>;

/** The counters in the order in which they are decided about: their own, but whatever one could give way to comes before it. */
export function decisionOrder(counters: readonly Counter[]): Counter[] {
  const order = new Set<Counter>();
  const visit = (counter: Counter): void => {
    const others = new Set(counter.overlaps?.flatMap(({ others: of }) => of.map(({ counter: name }) => name)));
    for (const one of counters) if (others.has(one.name) && !order.has(one)) visit(one);
    order.add(counter);
  };
  for (const counter of counters) visit(counter);
  return [...order];
}

/** Whether the difference of a counter's groups from what is published already would be of few people, or of one mostly. */
export async function differsByFew(
  tables: Pick<WindowTables, 'differences'>,
  { counter, groups, published, known }: { counter: Counter; groups: SafeGroups; published: PublishedGroups; known: Omit<Bounds, 'most'> },
): Promise<boolean> {
  const pairs = new Map<string, Pair>();
  for (const { own, others } of counter.overlaps ?? []) {
    const one = readable(counter, groups, own);
    const other: CellOfCounter[] = [];
    let areAllThere = one.length > 0;
    for (const { counter: name, cells } of others) {
      const there = published.get(name);
      const of = there === undefined ? [] : readable(there.counter, there.groups, cells);
      // A difference from nothing is a sum of groups that are safe themselves.
      areAllThere &&= of.length > 0;
      other.push(...of);
    }
    if (areAllThere)
      pairs.set([one, other].map((side) => side.map(({ counter: of, key }) => `${of.name} ${key}`).join()).join(' '), { one, other });
  }
  if (pairs.size === 0) return false;
  const differences = await tables.differences([...pairs.values()]);
  // How much more of one than of the other somebody can have done has no end.
  const tells = (total: number): boolean => tellsOfEach(total, { ...known, most: Number.POSITIVE_INFINITY });
  return differences.some((figures) => figures.total > 0 && (!isSafe(figures, known.k) || tells(figures.total)));
}

/** The cells of the least sum of published groups that has all of these cells: the rest is one group, which a reader has as a whole or not. */
function readable(counter: Counter, { cells, rest }: SafeGroups, wanted: CellsOf): CellOfCounter[] {
  const isWanted = ({ dims }: CellFigures): boolean => Object.entries(wanted).every(([dim, values]) => values.includes(dims[dim] ?? ''));
  const named = cells.filter(isWanted);
  return [...named, ...(rest.some(isWanted) ? rest : [])].map(({ key }) => ({ counter, key }));
}
