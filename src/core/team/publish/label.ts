import { COUNTERS } from '../../telemetry/counters.ts';
import type { ReleasedCell } from '../release/release.ts';

const REST = 'other';

export function isRemainder({ dims }: Pick<ReleasedCell, 'dims'>): boolean {
  return Object.hasOwn(dims, '*');
}

/**
 * A figure's dimensions in the catalogue's order, each `other` in the remainder. No figure beside a remainder has that value; with noise
 * there is none. Of a counter that this version does not know, the remainder has no dimensions.
 */
export function dimensionsOf(cell: ReleasedCell): [name: string, value: string][] {
  const known = COUNTERS.find(({ name }) => name === cell.counter);
  if (known === undefined) return isRemainder(cell) ? [] : Object.entries(cell.dims).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.keys(known.dims).map((dim) => [dim, cell.dims[dim] ?? REST]);
}

/** Short text of a figure for people, one of its own within the counter: `claude-code, input`. */
export function labelOf(cell: ReleasedCell): string {
  return isRemainder(cell)
    ? REST
    : dimensionsOf(cell)
        .map(([, value]) => value)
        .join(', ');
}
