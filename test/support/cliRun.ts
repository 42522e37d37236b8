import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../esbuild.mjs';

/**
 * The command line as it ships, in its own process, with its own per-user folder. It is bundled once for all tests of a run: a bundle
 * starts in a third of the time of the sources, and it is what people have.
 */
const bundle = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-cli-')));
process.on('exit', () => rmSync(bundle, { recursive: true, force: true, maxRetries: 5 }));
await build({ outdir: bundle, production: true });

export const CLI = join(bundle, 'cli.js');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliRunner {
  readonly home: string;
  /** Environment of the runs: nothing of this machine says who acts or which model answers. */
  readonly env: NodeJS.ProcessEnv;
  run(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): CliResult;
  start(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): ChildProcess;
  remove(): void;
}

const OUTSIDE = [
  'CI',
  'CLAUDECODE',
  'CODEX_SANDBOX',
  'GEMINI_CLI',
  'NO_COLOR',
  'FORCE_COLOR',
  'GITHUB_HEAD_REF',
  'GITHUB_BASE_REF',
  'GITHUB_EVENT_PATH',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_MERGE_REQUEST_TARGET_BRANCH_NAME',
  'CI_MERGE_REQUEST_LABELS',
];

export function createCliRunner(): CliRunner {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'handrail home-')));
  const kept = Object.entries(process.env).filter(
    ([name]) => !OUTSIDE.includes(name) && !/^(HANDRAIL|OPENAI|GIT|NODE_OPTIONS|npm|OTEL)_?|_proxy$/i.test(name),
  );
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    HANDRAIL_HOME: home,
    NODE_COMPILE_CACHE: join(bundle, 'compiled'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  return {
    home,
    env,
    run(args, options = {}) {
      const done = spawnSync(process.execPath, [CLI, ...args], {
        cwd: options.cwd,
        env: { ...env, ...options.env },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 120_000,
      });
      return { code: done.status, stdout: done.stdout, stderr: done.stderr };
    },
    start: (args, options = {}) =>
      spawn(process.execPath, [CLI, ...args], { cwd: options.cwd, env: { ...env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] }),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a started command said, once it has ended. */
export async function finished(child: ChildProcess): Promise<CliResult> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const SCRIPT = '/usr/bin/script';

/** Whether this machine can run a command on a terminal of its own (util-linux `script`). */
export const hasTerminal = process.platform === 'linux' && spawnSync(SCRIPT, ['--version']).status === 0;

const onTerminal = (args: readonly string[]): string[] => {
  const command = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['--quiet', '--return', '--command', command, '/dev/null'];
};

/** The same without waiting, for what happens while a question is open. */
export function startOnTerminal(runner: CliRunner, args: readonly string[], options: { cwd: string }): ChildProcess {
  return spawn(SCRIPT, onTerminal(args), { cwd: options.cwd, env: { ...runner.env, TERM: 'xterm' }, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Runs the command line on a pseudo terminal, as a person would; what it shows comes back with its colours. */
export function runOnTerminal(
  runner: CliRunner,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; input?: string },
): CliResult {
  const done = spawnSync(SCRIPT, onTerminal(args), {
    cwd: options.cwd,
    env: { ...runner.env, TERM: 'xterm', ...options.env },
    encoding: 'utf8',
    input: options.input ?? '',
    timeout: 120_000,
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}
