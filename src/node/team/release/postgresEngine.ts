import { randomBytes } from 'node:crypto';
import { HandrailError } from '../../../core/errors.ts';
import type { Counter } from '../../../core/telemetry/counters.ts';
import type { CellOfCounter, GroupFigures, OpenWindow, ReleaseEngine, WindowTables } from '../../../core/team/release/tables.ts';
import { canonicalJson } from '../../../core/workflow/digests.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../postgres/database.ts';

/** A connection that windows are summed on. */
export interface PostgresEngine {
  /** The same engine, whose windows are summed by the database. What counts is decided as before; read a window before `close`. */
  over(inner: ReleaseEngine): ReleaseEngine;
  close(): Promise<void>;
}

/** Rows of one statement: some hundred kilobytes. */
const BATCH = 20_000;
/** Groups that are asked for at once while a remainder grows: most need one, and no table needs many round trips. */
const AHEAD = 8;

/**
 * Opens a database for the sums of a release. Contributions are loaded without their tokens into a schema of their own, in a transaction
 * that is never committed: nobody else sees them, and they are gone with the connection however this process ends. Fails as `openDatabase`
 * does, and with `unauthorised` where the user may not make a schema.
 */
export async function openPostgresEngine(url: string, options: DatabaseOptions): Promise<PostgresEngine> {
  const database = await openDatabase(url, options);
  const schema = `handrail_${randomBytes(8).toString('hex')}`;
  const close = async (): Promise<void> => {
    try {
      // Not every system takes a schema back with the transaction.
      await database.rows(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await database.rows('ROLLBACK');
    } catch {
      // A connection that broke has taken everything with it.
    } finally {
      await database.close();
    }
  };
  try {
    await database.rows('BEGIN');
    await database.rows(`CREATE SCHEMA ${schema}`);
  } catch (error) {
    await close();
    throw error;
  }
  let tables = 0;
  return {
    close,
    over: (inner) => ({
      async admit(admission) {
        const { windows, ...rest } = await inner.admit(admission);
        const { counters } = admission.registry;
        const over = (open: OpenWindow): OpenWindow => {
          tables += 1;
          return { ...open, tables: windowTables(database, `${schema}.window_${tables}`, open, counters) };
        };
        return { ...rest, windows: windows.map(over) };
      },
    }),
  };
}

/** A counter's table in the database, and its cells by the numbers that they have there. */
interface CounterTable {
  table: string;
  clip: number;
  cells: Cell[];
}

interface Cell {
  id: number;
  dims: Readonly<Record<string, string>>;
  key: string;
}

/** A window's tables, a database's table each. They are loaded when the first of them is asked for. */
function windowTables(database: Database, prefix: string, open: OpenWindow, counters: readonly Counter[]): WindowTables {
  let loading: Promise<ReadonlyMap<string, CounterTable>> | undefined;
  const tableOf = async ({ name }: Counter): Promise<CounterTable | undefined> => {
    loading ??= load(database, prefix, open, counters);
    return (await loading).get(name);
  };
  return {
    people: () => open.tables.people(),
    async cells(counter) {
      const table = await tableOf(counter);
      if (table === undefined) return [];
      const figures = await groupFigures(
        database,
        table,
        table.cells.map(({ id }) => ({ cell: id, group: id })),
      );
      return table.cells.flatMap(({ id, dims, key }) => {
        const own = figures.get(id);
        return own === undefined ? [] : [{ dims, key, figures: own }];
      });
    },
    async *growing(counter, keys, first) {
      const table = await tableOf(counter);
      const ids = new Map(table?.cells.map(({ key, id }) => [key, id]));
      const inOrder = keys.map((key) => ids.get(key)).filter((id) => id !== undefined);
      if (table === undefined) return;
      for (let [size, ahead] = [first, 1]; size <= inOrder.length; [size, ahead] = [size + ahead, AHEAD]) {
        const groups = Array.from({ length: Math.min(ahead, inOrder.length - size + 1) }, (_, index) => size + index);
        const members = groups.flatMap((group) => inOrder.slice(0, group).map((cell) => ({ cell, group })));
        const figures = await groupFigures(database, table, members);
        for (const group of groups) yield figures.get(group) ?? { people: 0, total: 0, largest: 0, twoLargest: 0 };
      }
    },
    async differences(pairs) {
      const members: SignedMember[] = [];
      const add = async (cells: readonly CellOfCounter[], group: number, sign: 1 | -1): Promise<void> => {
        for (const { counter, key } of cells) {
          const table = await tableOf(counter);
          const cell = table?.cells.find((one) => one.key === key)?.id;
          if (table !== undefined && cell !== undefined) members.push({ table, cell, group, sign });
        }
      };
      for (const [group, { one, other }] of pairs.entries()) {
        await add(one, group, 1);
        await add(other, group, -1);
      }
      const figures = members.length === 0 ? new Map<number, GroupFigures>() : await differenceFigures(database, members);
      return pairs.map((_, group) => figures.get(group) ?? { people: 0, total: 0, largest: 0, twoLargest: 0 });
    },
  };
}

/**
 * Cells get numbers, and people the number of their contribution: a token is of no use to a sum. Zeros are left out, since nobody is
 * behind them.
 */
async function load(
  database: Database,
  prefix: string,
  open: OpenWindow,
  counters: readonly Counter[],
): Promise<ReadonlyMap<string, CounterTable>> {
  const tables = new Map<string, CounterTable & { rows: [cell: number, week: number, person: number, value: number][] }>();
  for (const [index, { name, clip }] of counters.entries()) {
    const table = `${prefix}_${index}`;
    await database.rows(
      `CREATE TABLE ${table} (cell integer NOT NULL, week integer NOT NULL, person integer NOT NULL, value bigint NOT NULL)`,
    );
    tables.set(name, { table, clip, cells: [], rows: [] });
  }
  const known = new Map<string, number>();
  const cellOf = (counter: string, dims: Cell['dims'], cells: Cell[]): number => {
    // The same dimensions mostly come in the same order, and the canonical text takes its time.
    const shown = JSON.stringify([counter, dims]);
    const before = known.get(shown);
    if (before !== undefined) return before;
    const key = canonicalJson(dims);
    const id = cells.find((cell) => cell.key === key)?.id ?? cells.length;
    if (id === cells.length) cells.push({ id, dims, key });
    known.set(shown, id);
    return id;
  };
  const weeks = new Map<string, number>();
  for (const [person, contribution] of (await open.read()).entries()) {
    const week = weeks.get(contribution.week) ?? weeks.size;
    weeks.set(contribution.week, week);
    for (const { counter, dims, value } of contribution.counters) {
      const table = tables.get(counter);
      if (table === undefined || value === 0) continue;
      table.rows.push([cellOf(counter, dims, table.cells), week, person, value]);
      if (table.rows.length === BATCH) await insert(database, table.table, table.rows.splice(0));
    }
  }
  for (const { table, rows } of tables.values()) if (rows.length > 0) await insert(database, table, rows);
  return tables;
}

/** Rows as four lists, which one statement takes however many there are. */
async function insert(database: Database, table: string, rows: readonly (readonly number[])[]): Promise<void> {
  await database.rows(
    `INSERT INTO ${table} (cell, week, person, value)
     SELECT t.cell, t.week, t.person, t.value
     FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::bigint[]) AS t (cell, week, person, value)`,
    [0, 1, 2, 3].map((column) => rows.map((row) => row[column])),
  );
}

interface Member {
  cell: number;
  group: number;
}

/** The figures of groups of cells, by their numbers; a group without anything is left out. A cell may be in several. */
async function groupFigures(
  database: Database,
  { table, clip }: CounterTable,
  members: readonly Member[],
): Promise<Map<number, GroupFigures>> {
  const shares = `SELECT m.group_number, s.week, s.person, sum(CASE WHEN s.value > $3::bigint THEN $3::bigint ELSE s.value END) AS value
    FROM ${table} s
    JOIN unnest($1::integer[], $2::integer[]) AS m (cell, group_number) ON m.cell = s.cell
    GROUP BY m.group_number, s.week, s.person`;
  return figuresOfShares(database, shares, [members.map(({ cell }) => cell), members.map(({ group }) => group), clip]);
}

interface SignedMember extends Member {
  table: CounterTable;
  sign: 1 | -1;
}

/** The figures of what each person gave more to one side of a group of cells than to the other, by the groups' numbers. */
async function differenceFigures(database: Database, members: readonly SignedMember[]): Promise<Map<number, GroupFigures>> {
  const parameters: unknown[] = [];
  const parts = [...Map.groupBy(members, ({ table }) => table)].map(([{ table, clip }, of]) => {
    const first = parameters.length + 1;
    parameters.push(
      of.map(({ cell }) => cell),
      of.map(({ group }) => group),
      of.map(({ sign }) => sign),
      clip,
    );
    const most = `$${first + 3}::bigint`;
    return `SELECT m.group_number, s.week, s.person, m.sign * (CASE WHEN s.value > ${most} THEN ${most} ELSE s.value END) AS value
      FROM ${table} s
      JOIN unnest($${first}::integer[], $${first + 1}::integer[], $${first + 2}::integer[]) AS m (cell, group_number, sign) ON m.cell = s.cell`;
  });
  const shares = `SELECT group_number, week, person, abs(sum(value)) AS value FROM (${parts.join(' UNION ALL ')}) AS given
    GROUP BY group_number, week, person HAVING sum(value) <> 0`;
  return figuresOfShares(database, shares, parameters);
}

/** The figures of groups, by their numbers. `shares` is what each person has in a group in a week. */
async function figuresOfShares(database: Database, shares: string, parameters: unknown[]): Promise<Map<number, GroupFigures>> {
  const rows = await database.rows<Record<'group_number' | 'people' | 'total' | 'largest' | 'two_largest', string>>(
    `WITH shares AS (
       ${shares}
     ), ranked AS (
       SELECT group_number, week, value, row_number() OVER (PARTITION BY group_number, week ORDER BY value DESC) AS place FROM shares
     ), weekly AS (
       SELECT group_number, week, count(*) AS people, sum(value) AS total, max(value) AS largest,
         sum(CASE WHEN place <= 2 THEN value ELSE 0 END) AS two_largest
       FROM ranked GROUP BY group_number, week
     )
     SELECT group_number, max(people) AS people, sum(total) AS total, sum(largest) AS largest, sum(two_largest) AS two_largest
     FROM weekly GROUP BY group_number`,
    parameters,
  );
  return new Map(
    rows.map((row) => [
      Number(row.group_number),
      { people: exact(row.people), total: exact(row.total), largest: exact(row.largest), twoLargest: exact(row.two_largest) },
    ]),
  );
}

/** Sums come as text, with more digits than a number may hold. */
function exact(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new HandrailError('too-large', 'A sum is larger than what can be told exactly.', {
    hint: 'Release smaller windows, or parts of the team by themselves.',
  });
}
