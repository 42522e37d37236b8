import * as esbuild from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { COUNTERS, type Counter } from '../../src/core/telemetry/counters.ts';
import { weekOf } from '../../src/core/telemetry/week.ts';
import { canonicalJson, sha256Hex } from '../../src/core/workflow/digests.ts';
import { asEnvelope, open, seal } from '../../src/node/team/envelope.ts';
import { newTeamKey } from '../../src/node/team/keys.ts';
import { median, type Measurement } from './benchmark.ts';
import type { Measured } from './measured.ts';

/**
 * A year of ten thousand people, released with the whole rule (validation, duplicates, clips, groups, 13 windows, the ledger), beside
 * what DuckDB takes to group the same files (counter, dimensions and week; people and sum) and nothing more. Each run is a process of its
 * own, as the command is, and both take turns. Then how time grows with people, and what opening a sealed contribution adds.
 */
const PEOPLE = 10_000;
const FEWER = 2_500;
const ROUNDS = 3;
const WEEKS = Array.from({ length: 52 }, (_, week) => weekOf(Date.UTC(2025, 11, 29 + 7 * week)));
const SEALED = 400;
const SOURCES = path.resolve(import.meta.dirname, '../../src/node/team/release');

const registry = registryOf(COUNTERS.map(({ name }) => name));

export async function run(): Promise<Measurement[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'handrail release '));
  try {
    const script = await bundledRun(folder);
    const input = path.join(folder, 'all');
    const size = writeTeam(input, PEOPLE);
    const label = `${PEOPLE} people x ${WEEKS.length} weeks, ${size.cells} cells, ${Math.round(size.bytes / 1e6)} MB`;
    const [releases, groups]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      releases.push(runOnce(script, input, path.join(folder, `out-${round}`)));
      groups.push(runOnce(path.join(import.meta.dirname, 'groupRun.ts'), input));
    }
    if (releases.some(({ rows }) => rows !== PEOPLE * WEEKS.length)) throw new Error('Not every contribution was released.');
    const fewer = path.join(folder, 'fewer');
    writeTeam(fewer, FEWER);
    const small = runOnce(script, fewer, path.join(folder, 'out-fewer'));
    const of = (results: readonly Measured[], figure: keyof Measured): number => median(results.map((one) => one[figure]));
    const name = label;
    return [
      {
        name,
        metric: 'released with the whole rule, against grouped by DuckDB',
        value: of(releases, 'ms'),
        unit: 'ms',
        baseline: of(groups, 'ms'),
      },
      { name, metric: 'the same, processor time of all threads', value: of(releases, 'cpuMs'), unit: 'ms', baseline: of(groups, 'cpuMs') },
      { name, metric: 'most memory', value: of(releases, 'peakMb'), unit: 'MB', baseline: of(groups, 'peakMb') },
      {
        name,
        metric: `a contribution, against one of ${FEWER} people, processor time`,
        value: (1000 * of(releases, 'cpuMs')) / (PEOPLE * WEEKS.length),
        unit: 'us',
        baseline: (1000 * small.cpuMs) / (FEWER * WEEKS.length),
      },
      { name: `${SEALED} sealed contributions`, metric: 'opened, each', value: await openedEach(), unit: 'ms', baseline: null },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The release as it is shipped, bundled with its threads: otherwise each of them would first take the types out of its sources. */
async function bundledRun(folder: string): Promise<string> {
  const sources = { releaseRun: path.join(import.meta.dirname, 'releaseRun.ts'), admitWorker: path.join(SOURCES, 'admitWorker.ts') };
  await esbuild.build({
    entryPoints: sources,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'warning',
  });
  return path.join(folder, 'releaseRun.mjs');
}

function runOnce(script: string, ...args: string[]): Measured {
  return JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' })) as Measured;
}

/** One file a week. Some people do more than others, and every cell of the catalogue is filled. */
function writeTeam(folder: string, people: number): { cells: number; bytes: number } {
  mkdirSync(folder, { recursive: true });
  const random = randomOf(1);
  const size = { cells: 0, bytes: 0 };
  for (const week of WEEKS) {
    const lines: string[] = [];
    for (let person = 0; person < people; person += 1) {
      const given = contribution(week, person, random);
      size.cells += given.counters.length;
      lines.push(canonicalJson(given));
    }
    const text = `${lines.join('\n')}\n`;
    size.bytes += text.length;
    writeFileSync(path.join(folder, `${week}.ndjson`), text);
  }
  return size;
}

function contribution(week: string, person: number, random: () => number): Contribution {
  const cells = new Map<string, Contribution['counters'][number]>();
  for (let count = random() < 0.7 ? 2 : 3; count > 0; count -= 1) {
    const counter = pick(COUNTERS, random) as Counter;
    const dims = Object.fromEntries(Object.entries(counter.dims).map(([dim, values]) => [dim, pick(values, random) as string]));
    cells.set(`${counter.name} ${Object.values(dims).join()}`, { counter: counter.name, dims, value: 1 + Math.floor(20 * random() ** 3) });
  }
  const token = Buffer.from(sha256Hex(`${week} ${person}`).slice(0, 32), 'hex').toString('base64url');
  const counters = [...cells.values()];
  return { schema: CONTRIBUTION_SCHEMA, week, team: 'payments', registry: registry.digest, token, revision: 1, counters };
}

async function openedEach(): Promise<number> {
  const key = await newTeamKey();
  const random = randomOf(2);
  const envelopes = [];
  for (let person = 0; person < SEALED; person += 1) {
    envelopes.push(JSON.stringify(await seal(contribution(WEEKS[0] ?? '', person, random), key.publicKey)));
  }
  const started = performance.now();
  for (const text of envelopes) {
    const envelope = asEnvelope(JSON.parse(text));
    if (envelope === undefined || 'refused' in (await open(envelope, key))) throw new Error('A contribution was not opened.');
  }
  return (performance.now() - started) / SEALED;
}

function pick<T>(from: readonly T[], random: () => number): T | undefined {
  return from[Math.floor(random() * from.length)];
}

/** Numbers from 0 to below 1, the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
