import type { Counter } from '../../telemetry/counters.ts';
import type { Release } from './release.ts';
import type { WindowTables } from './tables.ts';

/**
 * The part of everything that was counted, each value clipped, that is inside published figures: 0 to 1, and 1 where nothing was counted.
 * Counters that are left out because another one that is published says the same do not count.
 */
export async function coverageOf(
  { cells }: Pick<Release, 'cells'>,
  tables: Pick<WindowTables, 'cells'>,
  counters: readonly Counter[],
): Promise<number> {
  const published = new Set(cells.map(({ counter }) => counter));
  let all = 0;
  for (const counter of counters) {
    if (!published.has(counter.name) && counter.excludes.some((other) => published.has(other))) continue;
    for (const { figures } of await tables.cells(counter)) all += figures.total;
  }
  const inside = cells.reduce((sum, { value }) => sum + value, 0);
  return all === 0 ? 1 : inside / all;
}
