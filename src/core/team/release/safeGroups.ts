import type { Counter } from '../../telemetry/counters.ts';
import type { CellFigures, GroupFigures, WindowTables } from './tables.ts';

/**
 * Which cells of a counter's table may be published, and which only together. The rule, and why it isolates nobody, is in
 * docs/reference/team.md: published groups are disjoint, and each is safe by itself.
 */

/** Threshold and dominance: enough people, nobody is half of it, and it is no secret between two of them. */
export function isSafe({ people, total, largest, twoLargest }: GroupFigures, k: number): boolean {
  return people >= k && 2 * largest <= total && 10 * (total - twoLargest) >= largest;
}

/** What may be published of a table: cells by themselves, and the rest as one. */
export interface SafeGroups {
  cells: readonly CellFigures[];
  /** The cells of everything else, by their keys. */
  rest: readonly CellFigures[];
  /** The sum of everything else, where there is anything else. */
  other?: number;
}

/**
 * Groups a counter's cells so that every group is safe: cells that are not, and those of a value `other`, are one remainder; while that
 * is not safe, the least of the safe cells joins it, by people, then value, then key. Undefined where nothing can be published.
 */
export async function safeGroups(
  tables: Pick<WindowTables, 'cells' | 'growing'>,
  counter: Counter,
  k: number,
): Promise<SafeGroups | undefined> {
  const remainder: CellFigures[] = [];
  const safe: CellFigures[] = [];
  for (const cell of await tables.cells(counter)) (!isOther(cell) && isSafe(cell.figures, k) ? safe : remainder).push(cell);
  safe.sort(compareRanked);
  if (remainder.length === 0) return safe.length === 0 ? undefined : { cells: safe, rest: [] };
  const keys = [...remainder, ...safe].map(({ key }) => key);
  let joined = 0;
  for await (const figures of tables.growing(counter, keys, remainder.length)) {
    if (isSafe(figures, k)) {
      const rest = [...remainder, ...safe.slice(0, joined)].toSorted((a, b) => (a.key < b.key ? -1 : 1));
      return { cells: safe.slice(joined), rest, other: figures.total };
    }
    joined += 1;
  }
  return undefined;
}

function compareRanked(one: CellFigures, two: CellFigures): number {
  return (
    one.figures.people - two.figures.people || one.figures.total - two.figures.total || (one.key < two.key ? -1 : one.key > two.key ? 1 : 0)
  );
}

function isOther({ dims }: CellFigures): boolean {
  return Object.values(dims).includes('other');
}
