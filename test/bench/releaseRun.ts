import { DuckDBInstance } from '@duckdb/node-api';
import path from 'node:path';
import { COUNTERS } from '../../src/core/telemetry/counters.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { memoryEngine } from '../../src/node/team/release/memoryEngine.ts';
import { releaseTeam } from '../../src/node/team/release/releaseTeam.ts';

/** One run of `release.bench.ts` in a process of its own: `release IN OUT` or `group IN`. Prints what it took and gave as JSON. */

export interface RunResult {
  ms: number;
  /** Of all threads. */
  cpuMs: number;
  /** Most memory of the process at any time. */
  peakMb: number;
  /** Contributions that were released, or groups. */
  rows: number;
}

async function release(input: string, output: string): Promise<number> {
  const { released } = await releaseTeam({
    team: 'payments',
    k: 5,
    registry: registryOf(COUNTERS.map(({ name }) => name)),
    window: 4,
    engine: memoryEngine({ folder: input, allowPlain: true }),
    output,
    prove: false,
    now: Date.UTC(2027, 1, 1),
  });
  return released.reduce((sum, { contributions }) => sum + contributions, 0);
}

/** The fastest of the forms that were tried: dimensions as the text that they are, which saves it building structures. */
async function group(input: string): Promise<number> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = `{week: 'VARCHAR', token: 'VARCHAR', counters: 'STRUCT(counter VARCHAR, dims VARCHAR, value BIGINT)[]'}`;
  const files = path.join(input, '*.ndjson').replaceAll("'", "''");
  const cells = `SELECT week, token, unnest(counters) AS cell FROM read_json('${files}', format = 'newline_delimited', columns = ${columns})`;
  const grouped = await connection.runAndReadAll(
    `SELECT cell.counter, cell.dims, week, count(DISTINCT token), sum(cell.value) FROM (${cells}) GROUP BY ALL`,
  );
  return grouped.currentRowCount;
}

const [what, input = '', output = ''] = process.argv.slice(2);
const used = process.cpuUsage();
const started = performance.now();
const rows = what === 'release' ? await release(input, output) : await group(input);
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(used);
const result: RunResult = { ms, cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024, rows };
console.log(JSON.stringify(result));
