import { canonicalJson } from '../workflow/digests.ts';
import { cellsOf, differencesOf, growingOf } from './release/contributionTables.ts';
import type { WindowTables } from './release/tables.ts';
import type { Cell } from './rollUp.ts';

interface MadeUpCell {
  dims: Cell['dims'];
  weeks: Map<string, Map<string, number>>;
}

/** The tables that the rule asks for. Put together while people are made up: reading them off contributions takes most of the time. */
export class MadeUpTables {
  /** By counter, and then by the values of its dimensions. */
  readonly #cells = new Map<string, Map<string, MadeUpCell>>();
  readonly #people = new Map<string, number>();

  /** What somebody gives in a week; nothing where there is nothing. */
  add({ week, token, cells }: { week: string; token: string; cells: readonly Cell[] }): void {
    if (cells.length > 0) this.#people.set(week, (this.#people.get(week) ?? 0) + 1);
    for (const { counter, dims, value } of cells) {
      const table = this.#cells.get(counter) ?? new Map<string, MadeUpCell>();
      this.#cells.set(counter, table);
      const key = Object.values(dims).join('\n');
      const cell = table.get(key) ?? { dims, weeks: new Map<string, Map<string, number>>() };
      table.set(key, cell);
      const people = cell.weeks.get(week) ?? new Map<string, number>();
      cell.weeks.set(week, people);
      people.set(token, value);
    }
  }

  tables(): WindowTables {
    const tables = new Map(
      [...this.#cells].map(([name, table]) => [name, [...table.values()].map((cell) => ({ key: canonicalJson(cell.dims), ...cell }))]),
    );
    const cells = new Map([...tables].map(([name, table]) => [name, cellsOf(table)]));
    return {
      people: () => Promise.resolve(Math.max(0, ...this.#people.values())),
      cells: ({ name }) => Promise.resolve(cells.get(name) ?? []),
      growing: ({ name }, keys, first) => growingOf(tables.get(name) ?? [], keys, first),
      differences: (pairs) => Promise.resolve(differencesOf(pairs, ({ name }) => tables.get(name) ?? [])),
    };
  }
}
