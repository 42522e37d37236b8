import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { declaredActor } from '../actor.ts';
import { killTree } from '../processTree.ts';

export interface CommandOptions {
  /** Shell text, handed to the platform's shell as it stands. */
  run: string;
  cwd: string;
  /** Values reach the command as variables only: a branch may be called `feat/$(id)`. */
  variables: Readonly<Record<string, string>>;
  /** Everything else it finds in its environment; without it, what this process was started with. */
  environment?: NodeJS.ProcessEnv;
  signal: CancelSignal;
  /** What the command leaves running in the background ends with it, where nobody is there to end it. */
  endsStrays?: boolean;
  /** While a promise is given back, no more is read, so that a slow reader holds the command up instead of filling the memory. */
  onOutput(chunk: Uint8Array, stream: 'stdout' | 'stderr'): Promise<void> | undefined | void;
}

/** How long a cancelled command may take to end by itself before it is killed. */
const GRACE_MS = 2_000;
/** How long output may still come from what a command has left behind. */
const DRAIN_MS = 1_000;

/**
 * Runs a command and streams its output. Resolves with the exit code, or null when a signal ended it. On cancellation the whole
 * process tree is ended and it fails with `cancelled`.
 */
export async function runCommand(options: CommandOptions): Promise<number | null> {
  if (options.signal.aborted) throw cancelled();
  const child = start(options);
  passOn(child.stdout, 'stdout', options);
  passOn(child.stderr, 'stderr', options);
  let killer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    killTree(child, 'SIGTERM');
    killer = setTimeout(() => {
      killTree(child, 'SIGKILL');
      // Output that nobody reads any more would keep the end from being seen.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, GRACE_MS);
  };
  options.signal.addEventListener('abort', cancel, { once: true });
  // Whoever presses Ctrl-C again ends this process at once; what it started does not outlive it either.
  const end = (): void => killTree(child, 'SIGKILL');
  process.once('exit', end);
  try {
    const exitCode = await (options.endsStrays === true ? endedWithStrays(child) : ended(child));
    if (options.signal.aborted) throw cancelled();
    return exitCode;
  } finally {
    process.removeListener('exit', end);
    options.signal.removeEventListener('abort', cancel);
    clearTimeout(killer);
    // What a cancelled command left running in its group does not outlive it.
    if (options.signal.aborted) killTree(child, 'SIGKILL');
  }
}

function start(options: CommandOptions): ChildProcess {
  return spawn(options.run, {
    cwd: options.cwd,
    env: { ...environmentOf(options.environment ?? process.env), ...options.variables },
    shell: true,
    // Its own process group, so that everything it starts can be ended with it.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function passOn(from: Readable | null, name: 'stdout' | 'stderr', { onOutput }: CommandOptions): void {
  from?.on('data', (chunk: Uint8Array) => {
    const caughtUp = onOutput(chunk, name);
    if (!(caughtUp instanceof Promise)) return;
    from.pause();
    void caughtUp.then(() => from.resume());
  });
}

/**
 * An environment without what is meant for Handrail's own process alone. What the command starts is no person, whoever started the command:
 * nothing in a repository agrees in anybody's name.
 */
function environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _asNode, HANDRAIL_TRUSTED_DIGEST: _trusted, ...rest } = env;
  return { ...rest, HANDRAIL_ACTOR: declaredActor(env) ?? 'machine' };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new HandrailError('io', `The command could not be started: ${error.message}.`, {
          hint: 'Check its text in the workflow.',
          cause: error,
        }),
      );
    });
    child.once('close', (code) => resolve(code));
  });
}

/** Something that runs on in the background holds the output open, and the command would seem to run for as long. */
async function endedWithStrays(child: ChildProcess): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    timer = setTimeout(() => {
      killTree(child, 'SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, DRAIN_MS);
  });
  try {
    return await ended(child);
  } finally {
    clearTimeout(timer);
  }
}

function cancelled(): HandrailError {
  return new HandrailError('cancelled', 'The command was cancelled.');
}
