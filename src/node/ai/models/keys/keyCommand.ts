import { basename, isAbsolute } from 'node:path';
import type { KeyCommands } from '../../../../core/ai/models/keyCommands.ts';
import { HandrailError } from '../../../../core/errors.ts';
import { isExecutable, isOfRepository, onPath, withoutRepository } from '../../../programs.ts';
import { assistantEnvironment } from '../../assistants/assistantEnvironment.ts';
import { AssistantProcess, type ProcessEnd } from '../../assistants/assistantProcess.ts';
import type { Environment } from './environmentKeys.ts';

export interface KeyCommandOptions {
  /** Workspace folder: nothing that it or the repository around it brings is run. */
  root: string;
  /** Folder of the person's own data, where the command runs. */
  home: string;
  env: Environment;
  /** Milliseconds. */
  patience?: number;
}

/** Milliseconds. A password manager may first ask for a fingerprint. */
const PATIENCE = 60_000;
/** Bytes; tokens of identity services have a few thousand. */
const LONGEST_OUTPUT = 32_768;

/**
 * The key that a command prints for an origin: one line on stdout. It runs without a shell, a terminal or input. Fails with `config` for a
 * program that is not there or belongs to the repository, with `no-key` when no key comes of it; no message holds what it printed.
 */
export async function runKeyCommand(origin: string, [program, ...args]: KeyCommands[string], options: KeyCommandOptions): Promise<string> {
  const executable = executableOf(program, options);
  const patience = options.patience ?? PATIENCE;
  const command = new AssistantProcess({
    executable,
    args,
    cwd: options.home,
    env: assistantEnvironment(withoutRepository(options), options.home, {}),
    stdin: '',
    limits: { start: patience, idle: patience, total: patience },
    room: LONGEST_OUTPUT,
    signal: new AbortController().signal,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of command.output()) chunks.push(chunk);
  const problem = problemOf(command.end, patience) ?? outputProblem(Buffer.concat(chunks).toString('utf8'));
  if (typeof problem !== 'string') return problem.key;
  throw new HandrailError('no-key', `The command for the key of ${origin} (${basename(executable)}) ${problem}.`, {
    hint: 'Run it on a terminal as keys.json names it: it may want you to sign in. It has to print the key, and nothing else.',
  });
}

function problemOf(end: ProcessEnd | undefined, patience: number): string | undefined {
  switch (end?.kind) {
    case 'exit':
      return end.code === 0 ? undefined : end.code === null ? 'was ended by a signal' : `ended with code ${end.code}`;
    case 'not-started':
      return 'could not be started';
    case 'silent':
      return `did not end within ${Math.ceil(patience / 1000)} s`;
    case 'overflow':
      return 'printed far more than a key';
    case 'cancelled':
    case undefined:
      return 'was ended';
  }
}

function outputProblem(output: string): string | { key: string } {
  const key = output.trim();
  if (key === '') return 'printed nothing';
  if (/[\r\n]/.test(key)) return `printed ${key.split(/\r?\n/).length} lines instead of one`;
  // Header values hold visible ASCII, and no key has spaces.
  return /^[\x21-\x7e]+$/.test(key) ? { key } : 'printed something that cannot be a key';
}

function executableOf(program: string, options: KeyCommandOptions): string {
  if (!isAbsolute(program)) {
    const found = /[/\\]/.test(program) ? undefined : onPath(program, options);
    if (found !== undefined) return found;
    throw new HandrailError('config', `\`${program}\`, which keys.json names for a key, is not on the PATH of this process.`, {
      hint: 'Write the absolute path of the program. What a repository brings along is not run.',
    });
  }
  if (isExecutable(program) && !isOfRepository(program, options.root)) return program;
  throw new HandrailError('config', `${program}, which keys.json names for a key, cannot be run or belongs to this repository.`, {
    hint: 'Name an executable file outside the repository.',
  });
}
