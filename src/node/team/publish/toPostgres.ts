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
 * another release of the same window, and with `config` where a newer version made the tables.
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
    columnsOf(COUNTERS.map(({ name, unit, purpose }) => [name, unit, purpose])),
  );
  await database.rows(
    'INSERT INTO handrail.layout (version, digest) VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET digest = excluded.digest',
    [LAYOUT_VERSION, digest],
  );
}

async function add(database: Database, { release, entry, position }: PublishedRelease): Promise<boolean> {
  const { id, team, window, k, participation, guarantee, cells, withheld } = release;
  const there = await database.rows<{ id: string; digest: string }>(
    'SELECT id, digest FROM handrail.releases WHERE team = $1 AND from_week = $2',
    [team, window.from],
  );
  if (there.some((other) => other.id !== id || other.digest !== entry.digest)) {
    throw new HandrailError(
      'conflict',
      `${database.server} has another release of ${team} for ${window.from} to ${window.to}; nothing was published.`,
      {
        hint: 'A released window never changes. Look which of the two ledgers is the one that people agreed to.',
      },
    );
  }
  if (there.length > 0) return false;
  await database.rows(
    `INSERT INTO handrail.releases (id, team, position, from_week, to_week, starts, ends, k, people_from, people_to, guarantee, digest)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      id,
      team,
      position,
      window.from,
      window.to,
      timeOf(startOfWeek(window.from)),
      timeOf(endOfWeek(window.to)),
      k,
      participation.from,
      participation.to ?? null,
      guarantee,
      entry.digest,
    ],
  );
  await database.rows(
    `INSERT INTO handrail.released_figures (release, counter, label, dims, is_remainder, value)
     SELECT $1::text, t.counter, t.label, t.dims::jsonb, t.is_remainder, t.value
     FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[]) AS t (counter, label, dims, is_remainder, value)`,
    [
      id,
      ...columnsOf(
        cells.map((cell) => [cell.counter, labelOf(cell), JSON.stringify(cell.dims), isRemainder(cell), cell.value]),
        5,
      ),
    ],
  );
  await database.rows(
    'INSERT INTO handrail.withheld_counters (release, counter) SELECT $1::text, t.counter FROM unnest($2::text[]) AS t (counter)',
    [id, withheld],
  );
  return true;
}

/** Rows as lists of their columns, which one statement takes however many there are. */
function columnsOf(rows: readonly (readonly unknown[])[], width = rows[0]?.length ?? 0): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

function timeOf(milliseconds: number | undefined): string {
  return new Date(milliseconds ?? Number.NaN).toISOString();
}
