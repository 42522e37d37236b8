import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { branchKey } from '../../src/core/workflow/branch.ts';
import { changeDigest, sha256Hex } from '../../src/core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, toRecord } from '../../src/core/workflow/evidence.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { nodesOf } from '../../src/vscode/workflow/nodes.ts';
import { reconcile } from '../../src/vscode/workflow/reconcile.ts';
import { stateOfRun } from '../../src/vscode/workflow/viewState.ts';
import { createTestRepo, TEST_GIT_ENV } from '../support/gitRepo.ts';
import { type Measurement, median } from './benchmark.ts';

/**
 * A repository with 500 branches, the evidence of 500 runs and a workflow of 200 steps. Beyond git: from something that touched no
 * file (a branch made elsewhere, a record) to the rows of the view, for which no git is started. With git: from a saved file to the
 * rows, beside a bare `git status` in the same run.
 */

const BRANCHES = 500;
const STEPS = 200;
const RECORDS_A_RUN = 20;
const REPETITIONS = 20;
const l10n = {
  t: (text: string, ...args: (string | number | boolean)[]) =>
    args.reduce<string>((all, arg, i) => all.replace(`{${i}}`, String(arg)), text),
};

export async function run(): Promise<Measurement[]> {
  const files = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [pathOf(i), `export const value${i} = ${i};\n`]));
  const repo = createTestRepo({ files: { ...files, '.handrail/workflows/feature.yml': workflow() }, branch: 'feat/b0' });
  try {
    const commit = repo.git('rev-parse', 'HEAD');
    for (let i = 1; i < BRANCHES; i += 1) writeFileSync(join(repo.root, '.git/refs/heads/feat', `b${i}`), `${commit}\n`);
    for (let i = 0; i < BRANCHES; i += 1) writeRecords(repo.root, `feat/b${i}`, i === 0 ? STEPS : RECORDS_A_RUN);
    for (let i = 0; i < 30; i += 1) repo.write({ [pathOf(i)]: 'changed\n' });

    const service = createWorkflowService({ root: repo.root, env: {} });
    const rows = nodesOf(l10n, stateOfRun(await service.status(), true));
    const refresh = async (touched: readonly string[]): Promise<void> => {
      reconcile(rows, nodesOf(l10n, stateOfRun(await service.status({ touched }), true)));
    };
    const [beyond, own, git]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < REPETITIONS; i += 1) {
      writeFileSync(join(repo.root, '.git/refs/heads/feat/another'), `${commit}\n`);
      beyond.push(await milliseconds(() => refresh([])));
      repo.write({ [pathOf(1)]: `saved ${i}\n` });
      own.push(await milliseconds(() => refresh([pathOf(1)])));
      const env = { ...process.env, ...TEST_GIT_ENV, GIT_OPTIONAL_LOCKS: '0' };
      git.push(await milliseconds(async () => execFileSync('git', ['status', '--porcelain'], { cwd: repo.root, env })));
    }
    return [
      { name: 'branches', metric: 'view refresh beyond git, median', value: median(beyond), unit: 'ms', baseline: 50 },
      { name: 'branches', metric: 'view refresh beyond git, worst', value: Math.max(...beyond), unit: 'ms', baseline: 50 },
      { name: 'branches', metric: 'save to view, median (git status)', value: median(own), unit: 'ms', baseline: median(git) },
    ];
  } finally {
    repo.remove();
  }
}

function pathOf(i: number): string {
  return `src/d${i % 20}/f${i}.ts`;
}

/** Half of the steps wait for a command, half for a person; each has a record, most of them out of date. */
function workflow(): string {
  const steps = Array.from({ length: STEPS }, (_, i) => {
    const body =
      i % 2 === 0 ? `kind: command\n    run: "true"\n    inputs: ["src/d${i % 20}/**"]` : 'kind: manual\n    expect: [{ attest: Done }]';
    const needs = i < 5 ? '' : `\n    needs: [s${i - 5}]`;
    return `  - id: s${i}\n    title: Step ${i}\n    ${body}${needs}\n    when: 'changes.exists(f, glob(f, "src/**"))'\n`;
  });
  return `version: 1\nid: feature\ntitle: Feature\nsteps:\n${steps.join('')}`;
}

function writeRecords(root: string, branch: string, count: number): void {
  const run = branchKey(branch);
  const folder = join(root, '.git/handrail/runs', run);
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i += 1) {
    const digest = `sha256:${sha256Hex(String(i))}`;
    const { id, ...body } = toRecord({
      schema: EVIDENCE_SCHEMA,
      run,
      step: `s${i}`,
      stepDigest: digest,
      workflowDigest: digest,
      changeDigest: changeDigest([]),
      actor: { kind: 'human' },
      result: { outcome: 'done' },
      previous: null,
      time: i,
    });
    writeFileSync(join(folder, `${id.replace('sha256:', '')}.json`), JSON.stringify(body));
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
