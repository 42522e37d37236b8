import { randomUUID } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HandrailError } from '../core/errors.ts';
import type { VerifyResult } from '../core/workflow/verify/result.ts';
import type { VerifyRequest } from '../core/workflow/verify/service.ts';
import type { Context, OptionSpecs, OptionValues } from './command.ts';
import { RUN_OPTIONS } from './steps.ts';

export const VERIFY_OPTIONS = {
  base: { type: 'string', value: 'REF', summary: 'branch or commit that the change is to be merged into' },
  head: { type: 'string', value: 'REF', summary: 'verify this commit instead of the one that is checked out' },
  ...RUN_OPTIONS,
  rerun: { type: 'boolean', summary: "run the commands of the base's workflow on this checkout" },
  timeout: { type: 'string', value: 'MINUTES', summary: 'with --rerun: how long one command may take (default 30)' },
  env: { type: 'string', multiple: true, value: 'NAME', summary: 'with --rerun: commands get this variable, too; may be given again' },
  check: {
    type: 'string',
    multiple: true,
    value: 'STEP=RESULT',
    summary: "result of a command step's check in CI: success, or check:NAME to read the check of that name; may be given again",
  },
  reviews: { type: 'string', value: 'FILE', summary: 'reviews of the pull request, from a file outside of the repository' },
  'pull-request': { type: 'string', value: 'N', summary: 'number of the pull request whose reviews gh reads' },
  repository: { type: 'string', value: 'NAME', summary: 'where the repository is, such as github.com/acme/shop' },
  require: { type: 'string', choices: ['bound', 'verified'], summary: 'every step must be proved at least so far' },
  'without-approvals': { type: 'boolean', summary: 'leave approvals for later, as before a pull request is opened' },
  summary: { type: 'string', value: 'FILE', summary: 'also write the result as Markdown to this file' },
  'step-summary': { type: 'boolean', summary: 'also add the result as Markdown to $GITHUB_STEP_SUMMARY' },
  sign: { type: 'string', value: 'STEP', summary: 'print what a person signs to approve this step, and how' },
} as const satisfies OptionSpecs;

type VerifyOptions = OptionValues<typeof VERIFY_OPTIONS>;

/** The request that the options make. Fails with `usage`. */
export function verifyRequest({ cwd, signal, terminal }: Context, options: VerifyOptions): VerifyRequest {
  const { base, head, workflow, branch, repository, reviews, require } = options;
  if (!options.rerun && (options.timeout !== undefined || options.env.length > 0)) {
    throw new HandrailError('usage', '--timeout and --env go with --rerun.', { hint: 'Add --rerun, or leave them out.' });
  }
  return {
    signal,
    ...(base === undefined ? {} : { base }),
    ...(head === undefined ? {} : { head }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(branch === undefined ? {} : { branch }),
    ...(repository === undefined ? {} : { repository }),
    ...(options['pull-request'] === undefined ? {} : { pullRequest: numberOf('--pull-request', options['pull-request']) }),
    ...(reviews === undefined ? {} : { reviews: resolve(cwd, reviews) }),
    ...(options.check.length === 0 ? {} : { checks: Object.fromEntries(options.check.map(checkOf)) }),
    ...(require === 'bound' || require === 'verified' ? { require } : {}),
    ...(options.rerun
      ? {
          rerun: {
            timeLimit: numberOf('--timeout', options.timeout ?? '30') * 60_000,
            passed: options.env,
            onOutput: (chunk) => terminal.stream(chunk, 'stderr'),
          },
        }
      : {}),
    withoutApprovals: options['without-approvals'],
  };
}

function numberOf(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new HandrailError('usage', `${option} ${JSON.stringify(text)} is not a whole number above 0.`, {
    hint: 'See handrail verify --help.',
  });
}

function checkOf(text: string): [string, string] {
  const [, step, result] = /^([a-z][a-z0-9-]*)=(.+)$/s.exec(text) ?? [];
  if (step !== undefined && result !== undefined) return [step, result];
  throw new HandrailError('usage', `--check ${JSON.stringify(text)} names no step and result.`, {
    hint: 'Write it like --check tests=success.',
  });
}

/**
 * Does something that prints what the branch's own programs say, which GitHub Actions would otherwise take orders from (its reference,
 * "Stopping and starting workflow commands"). The word that ends it cannot be guessed.
 */
export async function withoutHostCommands<T>({ env, terminal }: Context, printsForeign: boolean, work: () => Promise<T>): Promise<T> {
  if (!printsForeign || env['GITHUB_ACTIONS'] !== 'true') return await work();
  const word = randomUUID();
  terminal.note(`::stop-commands::${word}`);
  try {
    return await work();
  } finally {
    terminal.note(`\n::${word}::`);
  }
}

/** Writes the result where people look for it: the file of `--summary`, the summary of the job in GitHub Actions. */
export async function writeSummaries({ cwd, env }: Context, options: VerifyOptions, result: VerifyResult): Promise<void> {
  const job = env['GITHUB_STEP_SUMMARY'];
  if (options['step-summary'] && !job) {
    throw new HandrailError('usage', 'GITHUB_STEP_SUMMARY is not set, so there is no step summary to write to.', {
      hint: 'Leave --step-summary out here, or name a file with --summary.',
    });
  }
  if (options.summary === undefined && !options['step-summary']) return;
  const { verifyMarkdown } = await import('../core/workflow/verify/verifyMarkdown.ts');
  const text = verifyMarkdown(result);
  try {
    if (options.summary !== undefined) await writeFile(resolve(cwd, options.summary), text);
    if (options['step-summary'] && job) await appendFile(job, text);
  } catch (cause) {
    throw new HandrailError('io', 'The summary cannot be written.', { hint: 'Check the path and its permissions.', cause });
  }
}
