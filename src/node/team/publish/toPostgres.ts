import { HandrailError } from '../../../core/errors.ts';
import { COUNTERS } from '../../../core/telemetry/counters.ts';
import { startOfWeek } from '../../../core/telemetry/week.ts';
import { isRemainder, labelOf } from '../../../core/team/publish/label.ts';
import { LAYOUT, LAYOUT_VERSION } from '../../../core/team/publish/layout.ts';
import type { LedgerEntry } from '../../../core/team/release/ledger.ts';
import type { Release } from '../../../core/team/release/release.ts';
import { endOfWeek } from '../../../core/team/window.ts';
import { digestOf } from '../../../core/workflow/digests.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../postgres/database.ts';

export interface Published {
  /** Releases that were not there. */
  added: number;
  /** Those that were, and stay as they are. */
  known: number;
}

/** A release with its place in the ledger. */
export interface PublishedRelease {
  release: Release;
  entry: LedgerEntry;
  /** From 1. */
  position: number;
}

/**
 * Writes releases into the tables of `layout.ts`, all or none; what is there stays as it is. Fails with `conflict` where the database has
 * another release of a window that overlaps one of them, and with `config` where a newer version made the tables.
 */
export async function toPostgres(releases: readonly PublishedRelease[], url: string, options: DatabaseOptions): Promise<Published> {
  const database = await openDatabase(url, options);
  try {
    return await database.transaction(async () => {
      await prepare(database);
      let added = 0;
      for (const one of releases) added += (await add(database, one)) ? 1 : 0;
      return { added, known: releases.length - added };
    });
  } finally {
    await database.close();
  }
}

/** Makes tables and views where they are not those of this version: whoever only adds releases need not own them. */
async function prepare(database: Database): Promise<void> {
  const [found] = await database.rows<{ count: string }>(
    "SELECT count(*) AS count FROM information_schema.tables WHERE table_schema = 'handrail' AND table_name = 'layout'",
  );
  const digest = digestOf([LAYOUT, COUNTERS.map(({ name, unit, purpose }) => [name, unit, purpose])]);
  if (Number(found?.count) > 0) {
    const [layout] = await database.rows<{ version: number; digest: string }>(
      'SELECT version, digest FROM handrail.layout ORDER BY version DESC LIMIT 1',
    );
    if (layout !== undefined && layout.version > LAYOUT_VERSION) {
      throw new HandrailError('config', `A newer version of Handrail made the tables in ${database.server}.`, { hint: 'Update Handrail.' });
    }
    if (layout?.version === LAYOUT_VERSION && layout.digest === digest) return;
  }
  for (const statement of LAYOUT) await database.rows(statement);
  await database.rows(
    `INSERT INTO handrail.counters (counter, unit, purpose) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT (counter) DO UPDATE SET unit = excluded.unit, purpose = excluded.purpose`,
    [COUNTERS.map(({ name }) => name), COUNTERS.map(({ unit }) => unit), COUNTERS.map(({ purpose }) => purpose)],
  );
  await database.rows(
    'INSERT INTO handrail.layout (version, digest) VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET digest = excluded.digest',
    [LAYOUT_VERSION, digest],
  );
}

async function add(database: Database, { release, entry, position }: PublishedRelease): Promise<boolean> {
  const { id, team, window, k, participation, guarantee, cells, withheld, privacy } = release;
  const [starts, ends] = [timeOf(startOfWeek(window.from)), timeOf(endOfWeek(window.to))];
  // Of two windows that overlap, wherever each begins and ends, the difference would be a figure of the weeks between. Another release in
  // this place of the ledger is of another ledger.
  const there = await database.rows<{ id: string; digest: string }>(
    `SELECT id, digest FROM handrail.releases
     WHERE team = $1 AND ((starts < $3::timestamptz AND ends > $2::timestamptz) OR position = $4::integer)`,
    [team, starts, ends, position],
  );
  if (there.some((other) => other.id !== id || other.digest !== entry.digest)) {
    throw new HandrailError(
      'conflict',
      `${database.server} has another release of ${team} for weeks of ${window.from} to ${window.to}; nothing was published.`,
      {
        hint: 'A released window never changes. Look which of the two ledgers is the one that people agreed to.',
      },
    );
  }
  if (there.length > 0) return false;
  const margins = new Map(privacy?.noise.map(({ counter, margin }) => [counter, margin]));
  await insert(database, 'releases', {
    id: ['text', [id]],
    team: ['text', [team]],
    position: ['integer', [position]],
    from_week: ['text', [window.from]],
    to_week: ['text', [window.to]],
    starts: ['timestamptz', [starts]],
    ends: ['timestamptz', [ends]],
    k: ['integer', [k]],
    people_from: ['bigint', [participation.from]],
    people_to: ['bigint', [participation.to ?? null]],
    guarantee: ['text', [guarantee]],
    privacy: ['jsonb', [privacy === undefined ? null : JSON.stringify(privacy)]],
    digest: ['text', [entry.digest]],
  });
  await insert(database, 'released_figures', {
    release: ['text', cells.map(() => id)],
    counter: ['text', cells.map(({ counter }) => counter)],
    label: ['text', cells.map(labelOf)],
    dims: ['jsonb', cells.map(({ dims }) => JSON.stringify(dims))],
    is_remainder: ['boolean', cells.map(isRemainder)],
    value: ['bigint', cells.map(({ value }) => value)],
    margin: ['bigint', cells.map(({ counter }) => margins.get(counter) ?? null)],
  });
  await insert(database, 'withheld_counters', { release: ['text', withheld.map(() => id)], counter: ['text', withheld] });
  return true;
}

/** Rows, given by their columns as type and values, by one statement however many there are. */
async function insert(
  database: Database,
  table: string,
  columns: Readonly<Record<string, [type: string, values: readonly unknown[]]>>,
): Promise<void> {
  const names = Object.keys(columns).join(', ');
  const parts = Object.entries(columns).map(([name, [type]], index) => {
    // A list of JSON values would have to be written in a form of its own, so they travel as text.
    const isJson = type === 'jsonb';
    return { list: `$${index + 1}::${isJson ? 'text' : type}[]`, value: isJson ? `t.${name}::jsonb` : `t.${name}` };
  });
  await database.rows(
    `INSERT INTO handrail.${table} (${names}) SELECT ${parts.map(({ value }) => value).join(', ')}
     FROM unnest(${parts.map(({ list }) => list).join(', ')}) AS t (${names})`,
    Object.values(columns).map(([, values]) => values),
  );
}

function timeOf(milliseconds: number | undefined): string {
  return new Date(milliseconds ?? Number.NaN).toISOString();
}
