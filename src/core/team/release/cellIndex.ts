import type { Counter } from '../../telemetry/counters.ts';
import { canonicalJson } from '../../workflow/digests.ts';

/** A cell that a contribution may fill: a counter with one listed value of each of its dimensions. */
export interface ListedCell {
  readonly counter: Counter;
  readonly dims: Readonly<Record<string, string>>;
  /** Canonical JSON of `dims`. */
  readonly key: string;
}

/** The cells of a list of counters by number. Those of one counter are neighbours, the last dimension counting fastest. */
export class CellIndex {
  readonly cells: readonly ListedCell[];
  readonly #firsts: ReadonlyMap<string, number>;

  constructor(counters: readonly Counter[]) {
    const cells: ListedCell[] = [];
    const firsts = new Map<string, number>();
    for (const counter of counters) {
      firsts.set(counter.name, cells.length);
      for (const dims of combinations(Object.entries(counter.dims))) cells.push({ counter, dims, key: canonicalJson(dims) });
    }
    this.cells = cells;
    this.#firsts = firsts;
  }

  /** Number of a counter's first cell. The counter is one of the list. */
  firstOf(counter: string): number {
    const first = this.#firsts.get(counter);
    if (first === undefined) throw new RangeError(`${counter} is not listed.`);
    return first;
  }

  /** Number of the cell with these values. They are all listed. */
  numberOf(counter: string, dims: Readonly<Record<string, string>>): number {
    const first = this.firstOf(counter);
    let offset = 0;
    for (const [dim, values] of Object.entries(this.cells[first]?.counter.dims ?? {})) {
      offset = offset * values.length + values.indexOf(dims[dim] ?? '');
    }
    return first + offset;
  }
}

function combinations(dims: readonly (readonly [string, readonly string[]])[]): Record<string, string>[] {
  let all: Record<string, string>[] = [{}];
  for (const [dim, values] of dims) all = all.flatMap((before) => values.map((value) => ({ ...before, [dim]: value })));
  return all;
}
