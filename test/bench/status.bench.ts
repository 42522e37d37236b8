import { execFileSync } from 'node:child_process';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { type CliRunner, createCliRunner } from '../support/cliRun.ts';
import { createTestRepo, TEST_GIT_ENV } from '../support/gitRepo.ts';
import { type Measurement, median } from './benchmark.ts';

/**
 * `handrail status` as a command, from the start of its process to the end, beside a bare `git status`, and how long Node alone takes. And
 * from a saved file to the states of all steps, in a repository of 10,000 files with 30 changed ones and a workflow of 50 steps with
 * conditions, beside a bare `git status` in the same repository and run. And the same where everything is looked at, as after a switch
 * of the branch.
 */

const FILES = 10_000;
const STEPS = 50;
const REPETITIONS = 40;

export async function run(): Promise<Measurement[]> {
  const repo = createTestRepo({ files: { ...sources(), '.handrail/workflows/feature.yml': workflow() }, branch: 'feat/x' });
  const runner = createCliRunner();
  try {
    for (let i = 0; i < 30; i += 1) repo.write({ [pathOf(i)]: 'changed\n' });
    const service = createWorkflowService({ root: repo.root, env: {} });
    await service.status();
    const own: number[] = [];
    const whole: number[] = [];
    const git: number[] = [];
    const command: number[] = [];
    const node: number[] = [];
    // In turns, so that whatever else the machine does weighs on all alike.
    for (let i = 0; i < REPETITIONS; i += 1) {
      repo.write({ [pathOf(1)]: `saved ${i}\n` });
      own.push(await milliseconds(() => service.status({ touched: [pathOf(1)] })));
      whole.push(await milliseconds(() => service.status()));
      const env = { ...process.env, ...TEST_GIT_ENV, GIT_OPTIONAL_LOCKS: '0' };
      command.push(await milliseconds(async () => runStatus(runner, repo.root)));
      node.push(await milliseconds(async () => execFileSync(process.execPath, ['-e', '0'])));
      git.push(await milliseconds(async () => execFileSync('git', ['status', '--porcelain'], { cwd: repo.root, env })));
    }
    const p95 = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
    return [
      { name: 'status', metric: 'handrail status, median (git status)', value: median(command), unit: 'ms', baseline: median(git) },
      { name: 'status', metric: 'handrail status, median (an empty Node)', value: median(command), unit: 'ms', baseline: median(node) },
      { name: 'status', metric: 'save to states, median', value: median(own), unit: 'ms', baseline: median(git) },
      { name: 'status', metric: 'save to states, p95', value: p95(own), unit: 'ms', baseline: p95(git) },
      { name: 'status', metric: 'everything looked at, median', value: median(whole), unit: 'ms', baseline: median(git) },
      { name: 'status', metric: 'everything looked at, p95', value: p95(whole), unit: 'ms', baseline: p95(git) },
    ];
  } finally {
    runner.remove();
    repo.remove();
  }
}

function runStatus(runner: CliRunner, root: string): void {
  const { code, stderr } = runner.run(['status'], { cwd: root });
  if (code !== 0) throw new Error(stderr);
}

function pathOf(i: number): string {
  return `src/d${i % 100}/f${i}.ts`;
}

function sources(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: FILES }, (_, i) => [pathOf(i), `export const value${i} = ${i};\n`.repeat(20)]));
}

function workflow(): string {
  const steps = Array.from({ length: STEPS }, (_, i) => {
    const needs = i < 3 ? '' : `\n    needs: [s${i - 1}]`;
    const body =
      i % 2 === 0 ? 'kind: command\n    run: "true"\n    inputs: ["src/**"]' : 'kind: manual\n    expect: [{ changed: "src/**" }]';
    return `  - id: s${i}\n    title: Step ${i}\n    ${body}${needs}\n    when: 'changes.exists(f, glob(f, "src/**"))'\n`;
  });
  return `version: 1\nid: feature\ntitle: Feature\nsteps:\n${steps.join('')}`;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
