import { execFileSync } from 'node:child_process';
import { EVIDENCE_SCHEMA, toRecord } from '../../src/core/workflow/evidence.ts';
import { parseRecord } from '../../src/core/workflow/evidenceGrammar.ts';
import { changeDigest, stepDigest, workflowDigest } from '../../src/core/workflow/digests.ts';
import { parseWorkflow } from '../../src/core/workflow/parse.ts';
import { runKey } from '../../src/core/workflow/branch.ts';
import { openRepository } from '../../src/node/git/repository.ts';
import { createVerifier } from '../../src/node/workflow/verify/verifier.ts';
import { createCliRunner } from '../support/cliRun.ts';
import { createTestRepo, TEST_GIT_ENV, type TestRepo } from '../support/gitRepo.ts';
import { type Measurement, median } from './benchmark.ts';

/**
 * Verifying a branch with 1,000 committed records of 50 steps in a repository of 2,000 files, without running commands: in this process,
 * and as the command with everything that it loads. Beside it, in turns, what somebody would write first: the same records read with one
 * git call each, and parsed.
 */

const STEPS = 50;
const RECORDS = 1_000;
const FILES = 2_000;
const BRANCH = 'feat/bench';
const ROUNDS = 7;

export async function run(): Promise<Measurement[]> {
  const repo = createTestRepo({ files: { ...sources(), '.handrail/workflows/feature.yml': workflow() }, branch: BRANCH });
  const cli = createCliRunner();
  try {
    await fill(repo);
    const own: number[] = [];
    const command: number[] = [];
    const naive: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      own.push(await milliseconds(() => verifyHere(repo)));
      command.push(
        await milliseconds(async () => expectOk(JSON.parse(cli.run(['verify', '--format', 'json'], { cwd: repo.root }).stdout))),
      );
      // Slow enough that a few rounds tell.
      if (round < 3) naive.push(await milliseconds(async () => readOneByOne(repo)));
    }
    return [
      { name: 'verify', metric: `${RECORDS} records, median`, value: median(own), unit: 'ms', baseline: median(naive) },
      {
        name: 'verify',
        metric: `${RECORDS} records, the whole command, median`,
        value: median(command),
        unit: 'ms',
        baseline: median(naive),
      },
    ];
  } finally {
    cli.remove();
    repo.remove();
  }
}

async function verifyHere(repo: TestRepo): Promise<void> {
  const verifier = createVerifier({ root: repo.root, env: process.env, clock: { now: () => Date.now() } });
  expectOk(await verifier.verify({ signal: new AbortController().signal }));
}

function expectOk(result: unknown): void {
  const { ok, steps, problems } = result as { ok: boolean; steps: unknown[]; problems: { detail: string }[] };
  if (!ok || steps.length !== STEPS) throw new Error(`the branch is not verified: ${problems[0]?.detail}`);
}

/** Reads and parses each record with a process of its own. */
function readOneByOne({ root }: TestRepo): void {
  const env = { ...process.env, ...TEST_GIT_ENV };
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, env, encoding: 'utf8' });
  const key = runKey(BRANCH, null);
  const paths = git('ls-tree', '-r', '--name-only', 'HEAD', `.handrail/evidence/${key}`).trim().split('\n');
  for (const path of paths) {
    const hex = /([0-9a-f]{64})\.json$/.exec(path)?.[1] ?? '';
    if (!('record' in parseRecord(git('show', `HEAD:${path}`), hex, key))) throw new Error(`${path} is no record`);
  }
}

async function fill(repo: TestRepo): Promise<void> {
  repo.write({ 'src/d1/f1.ts': 'export const value = 0;\n' });
  repo.commit('feat: work');
  const { workflow: parsed } = parseWorkflow(workflow(), 'feature.yml');
  if (parsed === undefined) throw new Error('the workflow of the benchmark is not valid');
  const { changes } = await (await openRepository(repo.root)).state({ base: 'main' });
  const digest = changeDigest(changes.entries);
  const key = runKey(BRANCH, null);
  const files: Record<string, string> = {};
  for (const step of parsed.steps) {
    let previous: string | null = null;
    for (let i = 0; i < RECORDS / STEPS; i += 1) {
      const body = {
        schema: EVIDENCE_SCHEMA,
        run: key,
        step: step.id,
        stepDigest: stepDigest(step),
        workflowDigest: workflowDigest(parsed),
        changeDigest: digest,
        actor: { kind: 'human' },
        provider: 'command',
        result: { outcome: 'done', exitCode: 0 },
        previous,
      } as const;
      const { id } = toRecord(body);
      files[`.handrail/evidence/${key}/${id.slice('sha256:'.length)}.json`] = `${JSON.stringify(body, undefined, 1)}\n`;
      previous = id;
    }
  }
  repo.write(files);
  repo.commit('Record what was done');
}

function sources(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: FILES }, (_, i) => [`src/d${i % 50}/f${i}.ts`, `export const value${i} = ${i};\n`.repeat(20)]),
  );
}

function workflow(): string {
  const steps = Array.from(
    { length: STEPS },
    (_, i) => `  - { id: s${i}, kind: command, title: Step ${i}, run: "true", expect: [{ exit: 0 }] }\n`,
  );
  return `version: 1\nid: feature\ntitle: Feature\nevidence: tracked\nsteps:\n${steps.join('')}`;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
