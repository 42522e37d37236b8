import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { COUNTERS } from '../../src/core/telemetry/counters.ts';
import { CONTRIBUTION_SCHEMA } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import type { ReleaseEngine } from '../../src/core/team/release/tables.ts';
import { memoryEngine } from '../../src/node/team/release/memoryEngine.ts';
import { openPostgresEngine } from '../../src/node/team/release/postgresEngine.ts';
import { releaseTeam } from '../../src/node/team/release/releaseTeam.ts';
import { startPostgres } from '../support/postgres.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * Releasing an organisation's contributions as one team, from files to releases: without a database, and summed by PostgreSQL on the same
 * machine. Both have to give the same bytes.
 */

const PEOPLE = 10_000;
const WEEKS = ['2026-W33', '2026-W34', '2026-W35', '2026-W36'];
const RUNS = 3;
const registry = registryOf(COUNTERS.map(({ name }) => name));

export async function run(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-engines-'));
  const server = await startPostgres();
  try {
    const input = join(folder, 'in');
    const { contributions, cells } = await writeContributions(input);
    const alone = await timesOf(folder, 'alone', () =>
      Promise.resolve({ engine: memoryEngine({ folder: input, allowPlain: true }), close: async () => {} }),
    );
    const rows: Measurement[] = [
      row('contributions', contributions, 'count'),
      row('cells', cells, 'count'),
      row('without a database', alone, 'ms'),
      row('without a database, a cell', (alone * 1000) / cells, 'us'),
    ];
    if (server === undefined) return rows;
    const summed = await timesOf(folder, 'summed', async () => {
      const database = await openPostgresEngine(server.url, { env: {}, signal: new AbortController().signal });
      return { engine: database.over(memoryEngine({ folder: input, allowPlain: true })), close: () => database.close() };
    });
    assert.deepEqual(releasesIn(join(folder, 'summed')), releasesIn(join(folder, 'alone')));
    return [
      ...rows,
      row('summed by PostgreSQL', summed, 'ms', alone),
      row('summed by PostgreSQL, a cell more', ((summed - alone) * 1000) / cells, 'us'),
    ];
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const row = (metric: string, value: number, unit: string, baseline: number | null = null): Measurement => ({
  name: 'postgres',
  metric,
  value,
  unit,
  baseline,
});

/** Median of milliseconds from files to releases in an empty folder. */
async function timesOf(
  folder: string,
  name: string,
  open: () => Promise<{ engine: ReleaseEngine; close(): Promise<void> }>,
): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const output = join(folder, name);
    rmSync(output, { recursive: true, force: true });
    const started = performance.now();
    const { engine, close } = await open();
    try {
      const options = { team: 'everyone', k: 5, registry, window: 4, engine, output, prove: false, now: Date.UTC(2026, 11, 14) };
      const { released } = await releaseTeam(options);
      assert.equal(released.length, WEEKS.length / 4);
    } finally {
      await close();
    }
    times.push(performance.now() - started);
  }
  return median(times);
}

const releasesIn = (folder: string): [string, string][] =>
  readdirSync(folder)
    .toSorted()
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

/** A file a week. Each person has about nine cells, of which few are rare. */
async function writeContributions(folder: string): Promise<{ contributions: number; cells: number }> {
  mkdirSync(folder);
  const counts = { contributions: 0, cells: 0 };
  for (const week of WEEKS) {
    const out = createWriteStream(join(folder, `${week}.ndjson`));
    for (let person = 0; person < PEOPLE; person += 1) {
      const noise = createHash('sha256').update(`${week} ${person}`).digest();
      const counters = COUNTERS.filter((_, index) => index % 2 === 0 || (noise[index] ?? 0) < 100).map(({ name, dims }, index) => ({
        counter: name,
        dims: Object.fromEntries(
          Object.entries(dims).map(([dim, values]) => [dim, values[Math.floor(((noise[index + 8] ?? 0) / 256) ** 2 * values.length)]]),
        ),
        value: 1 + ((noise[index + 20] ?? 0) % 50),
      }));
      const token = noise.subarray(0, 16).toString('base64url');
      const line = `${JSON.stringify({ schema: CONTRIBUTION_SCHEMA, week, team: 'everyone', registry: registry.digest, token, revision: 1, counters })}\n`;
      counts.contributions += 1;
      counts.cells += counters.length;
      if (!out.write(line)) await once(out, 'drain');
    }
    out.end();
    await finished(out);
  }
  return counts;
}
