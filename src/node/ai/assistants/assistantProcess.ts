import { type ChildProcess, spawn } from 'node:child_process';
import type { CancelSignal } from '../../../core/ports.ts';
import { killTree } from '../../processTree.ts';
import { createWatchdog } from '../watchdog.ts';

/** Milliseconds that an ended assistant gets to clean up; with the rest of a cancellation well below half a second. */
const GRACE = 250;
/** Milliseconds after its end in which what is on the way may still arrive; a process that it left behind may hold the pipes for ever. */
const DRAIN = 1000;
/** Characters of stderr that are kept: the end of it says what went wrong. */
const STDERR_KEPT = 4000;

export interface ProcessOptions {
  executable: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: string;
  /** Milliseconds: until the first output, between two of them, in all. */
  limits: { start: number; idle: number; total: number };
  /** Bytes of output that an honest answer never has. */
  room: number;
  signal: CancelSignal;
}

/** How a run ended. */
export type ProcessEnd =
  | { kind: 'exit'; code: number | null }
  | { kind: 'not-started'; message: string }
  | { kind: 'silent' }
  | { kind: 'overflow' }
  | { kind: 'cancelled' };

/**
 * One run of an assistant, without a terminal and in a process group of its own. Reading {@link AssistantProcess.output} to its end,
 * or leaving it, ends the whole group.
 */
export class AssistantProcess {
  end: ProcessEnd | undefined;
  stderr = '';
  readonly #options: ProcessOptions;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Chunks of stdout as they come. Never throws; {@link end} says why there are no more. */
  async *output(): AsyncGenerator<Uint8Array> {
    const { signal, room, limits } = this.#options;
    const queue = new ChunkQueue();
    const finish = (end: ProcessEnd): void => {
      this.end ??= end;
      queue.close();
    };
    if (signal.aborted) return finish({ kind: 'cancelled' });
    let child: ChildProcess;
    try {
      child = this.#start();
    } catch (error) {
      // Most failures come as an event, but not that of a file that is being written, or of a format that the system does not know.
      return finish({ kind: 'not-started', message: error instanceof Error ? error.message : String(error) });
    }
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const onAbort = (): void => finish({ kind: 'cancelled' });
    const onExit = (): void => killTree(child, 'SIGKILL');
    let watchdog = createWatchdog({ idle: limits.start, total: limits.total, onBark: () => finish({ kind: 'silent' }) });
    let heard = false;
    let left = room;
    const alive = (): void => {
      if (heard) return watchdog.alive();
      heard = true;
      watchdog.stop();
      watchdog = createWatchdog({ idle: limits.idle, total: limits.total, onBark: () => finish({ kind: 'silent' }) });
    };
    child.stdout?.on('data', (chunk: Uint8Array) => {
      alive();
      left -= chunk.length;
      if (left < 0) finish({ kind: 'overflow' });
      else queue.add(chunk);
    });
    child.stderr?.on('data', (chunk: Uint8Array) => {
      alive();
      this.stderr = (this.stderr + Buffer.from(chunk).toString('utf8')).slice(-STDERR_KEPT);
    });
    child.once('error', (error) => finish({ kind: 'not-started', message: error.message }));
    let drain: NodeJS.Timeout | undefined;
    child.once('exit', (code) => (drain = setTimeout(() => finish({ kind: 'exit', code }), DRAIN)));
    child.once('close', (code) => finish({ kind: 'exit', code }));
    signal.addEventListener('abort', onAbort, { once: true });
    // An editor window or a terminal that goes away takes the assistant along.
    process.once('exit', onExit);
    try {
      for (let chunk = await queue.next(); chunk !== undefined; chunk = await queue.next()) yield chunk;
    } finally {
      watchdog.stop();
      clearTimeout(drain);
      signal.removeEventListener('abort', onAbort);
      this.end ??= { kind: 'cancelled' };
      queue.close();
      await endTree(child, closed, this.end);
      process.removeListener('exit', onExit);
    }
  }

  #start(): ChildProcess {
    const { executable, args, cwd, env, stdin } = this.#options;
    const child = spawn(...commandLine(executable, args), {
      cwd,
      env,
      // A session without a terminal: a question on /dev/tty fails instead of waiting in the person's terminal.
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: isScript(executable),
    });
    // One that ends without reading closes the pipe; how it ended says more than EPIPE.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
    return child;
  }
}

/** What is left of the group is ended: asked first where it still runs, then without asking. */
async function endTree(child: ChildProcess, closed: Promise<void>, end: ProcessEnd): Promise<void> {
  if (end.kind !== 'exit' && end.kind !== 'not-started') {
    killTree(child, 'SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, GRACE)))]);
    clearTimeout(timer);
  }
  killTree(child, 'SIGKILL');
  // Whoever left the group keeps the pipes open; they must not keep this process.
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** Windows starts the scripts that npm writes only through its shell. The arguments are ours and the person's, never the repository's. */
function commandLine(executable: string, args: readonly string[]): [command: string, args: string[]] {
  if (!isScript(executable)) return [executable, [...args]];
  const quoted = [executable, ...args].map((word) => `"${word.replaceAll('"', '""')}"`).join(' ');
  return [process.env['ComSpec'] ?? 'cmd.exe', ['/d', '/s', '/c', `"${quoted}"`]];
}

function isScript(executable: string): boolean {
  return process.platform === 'win32' && /\.(?:cmd|bat)$/i.test(executable);
}

/** Chunks that arrived and were not read yet. */
class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Undefined after the last one. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#chunks.shift();
  }
}
