/** The suites of `npm test`: what each one runs, and how its passed and failed tests are counted. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { projectEnvironment, root } from './bootstrap.mjs';

const tool = (file) => path.join(root, 'node_modules', file);

/**
 * Runs one of the project's JavaScript tools, passing its output on as it comes.
 * Resolves to its exit code and the plain text of its stdout.
 */
async function run(script, args, env = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: projectEnvironment({ ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...env }),
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', (status) => resolve(status ?? 1)));
  return { code, text: stripVTControlCharacters(text) };
}

/** A tool that only says yes or no counts as one test. */
const asOneTest = async (running) => ((await running).code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

const sum = (counts) =>
  counts.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }), { passed: 0, failed: 0 });

/** A suite that ended badly without a failed test, or that ran nothing, has failed. */
function honest({ passed, failed }, code) {
  if (failed === 0 && (code !== 0 || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}

/** Adds up mocha's closing lines; the host suite prints them once per extension host. */
export function mochaCounts(text) {
  const total = (word) => [...text.matchAll(new RegExp(`^ {2}(\\d+) ${word}\\b`, 'gm'))].reduce((all, match) => all + Number(match[1]), 0);
  return { passed: total('passing'), failed: total('failing') };
}

async function mocha(patterns, timeout, more = []) {
  const { code, text } = await run(tool('mocha/bin/mocha.js'), ['--forbid-only', '--timeout', String(timeout), ...more, ...patterns]);
  return honest(mochaCounts(text), code);
}

async function host(names) {
  const { bundleHostTests } = await import('./hostTests.mjs');
  await bundleHostTests(names);
  const { code, text } = await run(tool('@vscode/test-cli/out/bin.mjs'), []);
  return honest(mochaCounts(text), code);
}

async function ui(args) {
  const report = path.join(os.tmpdir(), `handrail-ui-${process.pid}.json`);
  const { code } = await run(tool('@playwright/test/cli.js'), ['test', '--config', 'test/ui/playwright.config.ts', ...args], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  if (!fs.existsSync(report)) return { passed: 0, failed: 1 };
  const { stats } = JSON.parse(fs.readFileSync(report, 'utf8'));
  fs.rmSync(report);
  return honest({ passed: stats.expected + stats.flaky, failed: stats.unexpected }, code);
}

async function packages() {
  const { packageExtension } = await import('./vsix.mjs');
  const { packCommandLine } = await import('./tarball.mjs');
  try {
    console.log(await packageExtension());
    console.log(packCommandLine());
    return { passed: 1, failed: 0 };
  } catch (error) {
    if (!error.errors) console.error(error.message);
    return { passed: 0, failed: 1 };
  }
}

/** Files in processes of their own: halves what counts, and what waits for git and for other processes. */
const TWO_AT_A_TIME = ['--parallel', '--jobs', '2'];

const patternsOr = (args, pattern) => (args.length > 0 ? args : [pattern]);

/** Name of a suite to a function of its arguments that resolves to `{passed, failed}`. In the order of `npm test`. */
export const suites = {
  format: () => asOneTest(run(tool('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.'])),
  types: async () =>
    sum([
      await asOneTest(run(tool('typescript/bin/tsc'), ['-p', '.'])),
      await asOneTest(run(tool('typescript/bin/tsc'), ['-p', 'src/core'])),
    ]),
  lint: () => asOneTest(run(tool('oxlint/bin/oxlint'), ['--type-aware', '--deny-warnings'])),
  unused: () => asOneTest(run(tool('knip/bin/knip.js'), ['--no-progress'])),
  unit: (args) => mocha(patternsOr(args, 'test/unit/**/*.test.ts'), 30_000, TWO_AT_A_TIME),
  package: packages,
  contract: (args) => mocha(patternsOr(args, 'test/contract/**/*.test.ts'), 60_000, TWO_AT_A_TIME),
  walls: () => mocha(['test/walls/*.test.ts'], 120_000),
  host,
  ui,
};

/** Suites that run only when asked for. */
export const extraSuites = {
  desktop: (names) => {
    process.env.HANDRAIL_DESKTOP = '1';
    return host(names);
  },
};

export const fastSuites = ['format', 'types', 'lint', 'unit'];
