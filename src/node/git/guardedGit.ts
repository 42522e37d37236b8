import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { killTree } from '../processTree.ts';
import { onPath, withoutRepository } from '../programs.ts';

/**
 * Git that talks to a server which nobody vouches for, in a folder of its own: over https and ssh only unless told otherwise, without hooks, submodules,
 * filters, bundles from elsewhere or questions, and within limits of time and space. No repository's configuration is read. The
 * person's own is, since it says how they sign in; what of it could start more than that is switched off.
 */
export interface GuardedGit {
  /** Runs git, which reads `input`, and returns what it printed. Fails with HandrailError. */
  (args: readonly string[], input?: string): Promise<Buffer>;
}

export interface GuardedGitOptions {
  /** A folder that belongs to this use alone; git's data goes there. */
  folder: string;
  /** Workspace folder: no program that lies in it, or in the repository around it, is run. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: CancelSignal;
  limits?: FetchLimits | undefined;
  /** What it is used for, where that is not fetching. */
  use?: GitUse;
}

export interface GitUse {
  /** As `GIT_ALLOW_PROTOCOL` takes them. */
  protocols: string;
  /** What git could not do, for a sentence that begins with "Git could not". */
  could: string;
  /** What to do where there is more than `FetchLimits` allow. */
  tooLarge: string;
}

const FETCHING: GitUse = {
  protocols: 'https:ssh',
  could: 'fetch',
  tooLarge: 'Keep shared workflows in a repository of their own.',
};

export interface FetchLimits {
  /** One git command may take this long. */
  milliseconds: number;
  /** Git's data may take this much on disk. */
  bytes: number;
  /** One git command may print this many bytes. */
  output?: number;
}

const LIMITS: FetchLimits = { milliseconds: 60_000, bytes: 100 * 1024 * 1024 };
const USUAL_OUTPUT = 4 * 1024 * 1024;
const LOOK_EVERY = 100;

const CONFIG = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.askPass=',
  'credential.interactive=false',
  'fetch.fsckObjects=true',
  'fetch.recurseSubmodules=false',
  'fetch.unpackLimit=1',
  'gc.auto=0',
  'maintenance.auto=false',
  'http.followRedirects=false',
  'http.lowSpeedLimit=100',
  'http.lowSpeedTime=20',
  'submodule.recurse=false',
  'transfer.bundleURI=false',
  'protocol.version=2',
];

/** Above the configuration, as are the protocols, which it could allow more of. `ssh` has no terminal to ask on, since the process has a session of its own. */
const ENVIRONMENT = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_LFS_SKIP_SMUDGE: '1',
  GCM_INTERACTIVE: 'never',
  SSH_ASKPASS_REQUIRE: 'never',
  LC_ALL: 'C',
};

/** Variables of git that say how a person signs in; all others could make it speak of another repository or start programs. */
const KEPT = new Set(['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH']);

/** Fails with `no-git` where there is no git outside of the workspace. */
export function guardedGit({ folder, root, env, signal, limits = LIMITS, use = FETCHING }: GuardedGitOptions): GuardedGit {
  const executable = onPath('git', { root, env });
  if (executable === undefined) {
    throw new HandrailError('no-git', 'Git was not found on this machine.', {
      hint: 'Install git, outside of the folder that is open, and try again.',
    });
  }
  const kept = Object.entries(withoutRepository({ root, env })).filter(
    ([name]) => KEPT.has(name) || !/^(?:git_.*|ssh_askpass)$/i.test(name),
  );
  const environment = {
    ...Object.fromEntries(kept),
    ...ENVIRONMENT,
    GIT_ALLOW_PROTOCOL: use.protocols,
    GIT_DIR: folder,
    GIT_CEILING_DIRECTORIES: folder,
  };
  const config = CONFIG.flatMap((setting) => ['-c', setting]);
  return (args, input) => run({ executable, args: [...config, ...args], input, environment, folder, signal, limits, use });
}

interface Run {
  executable: string;
  args: readonly string[];
  input: string | undefined;
  environment: NodeJS.ProcessEnv;
  folder: string;
  signal: CancelSignal;
  limits: FetchLimits;
  use: GitUse;
}

async function run({ executable, args, input, environment, folder, signal, limits, use }: Run): Promise<Buffer> {
  if (signal.aborted) throw cancelled();
  const child = spawn(executable, args, {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let stopped: HandrailError | undefined;
  const stop = (why: HandrailError): void => {
    stopped ??= why;
    killTree(child, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
  // Git may end before it has read everything; what it says tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const most = limits.output ?? USUAL_OUTPUT;
  const output: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) stop(tooLarge(most, use));
    else output.push(chunk);
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-8_000)));
  const cancel = (): void => stop(cancelled());
  signal.addEventListener('abort', cancel, { once: true });
  const clock = setTimeout(() => stop(tooSlow(limits.milliseconds)), limits.milliseconds);
  const scale = setInterval(() => {
    if (sizeOf(join(folder, 'objects')) > limits.bytes) stop(tooLarge(limits.bytes, use));
  }, LOOK_EVERY);
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (stopped !== undefined) throw stopped;
    if (sizeOf(join(folder, 'objects')) > limits.bytes) throw tooLarge(limits.bytes, use);
    if (code !== 0) throw failure(said, use);
    return Buffer.concat(output);
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(clock);
    clearInterval(scale);
  }
}

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  let bytes = 0;
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Git renames and removes while it works.
    if (entry.isDirectory()) bytes += sizeOf(path);
    else bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function cancelled(): HandrailError {
  return new HandrailError('cancelled', 'Fetching was cancelled.');
}

function tooSlow(milliseconds: number): HandrailError {
  return new HandrailError('timeout', `The server took longer than ${Math.round(milliseconds / 1000)} s.`, {
    hint: 'Look whether it can be reached, and try again.',
  });
}

function tooLarge(bytes: number, { tooLarge: hint }: GitUse): HandrailError {
  return new HandrailError('too-large', `More than ${Math.round(bytes / 1024 / 1024)} MiB would have to be fetched.`, { hint });
}

/** Git's messages are in English here. What it says is shown, since nobody else knows what the server said. */
function failure(said: string, { could, protocols }: GitUse): HandrailError {
  const line = /^(?:fatal|error): (.*)$/m.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? '';
  const message = `Git could not ${could}: ${line === '' ? 'it did not say why' : line}`;
  if (/transport '.*' not allowed/.test(said)) {
    return new HandrailError('config', message, {
      hint: `Only ${protocols.replaceAll(':', ', ')} may be used here; your git configuration rewrites the address.`,
    });
  }
  if (/\[remote rejected\]|hook declined/.test(said)) {
    return new HandrailError('unauthorised', `${message}; the server refused it.`, { hint: 'Ask who runs the server what it takes.' });
  }
  if (/redirect/i.test(said)) return new HandrailError('redirect', message, { hint: 'Name the address that it leads to.' });
  if (
    /Authentication failed|could not read (?:Username|Password)|Permission denied|Host key verification failed|HTTP (?:401|403)|returned error: 40[13]/i.test(
      said,
    )
  ) {
    return new HandrailError('unauthorised', message, {
      hint: 'Sign in once with git itself, for example with git ls-remote, and try again.',
    });
  }
  if (/repository .*not found|does not appear to be a git repository|does not exist/i.test(said)) {
    return new HandrailError('not-found', message, { hint: 'Check the address of the repository.' });
  }
  return new HandrailError('unreachable', message, { hint: 'Look whether the server can be reached, and try again.' });
}
