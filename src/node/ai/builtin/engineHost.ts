import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HandrailError } from '../../../core/errors.ts';
import type { Disposable } from '../../../core/lifecycle.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

export interface EngineHostOptions {
  /** Milliseconds without work after which the worker ends and its memory is freed; a minute when absent. */
  idle?: number;
  /** Milliseconds one file may take; half a minute when absent. */
  timeout?: number;
  /** For tests; the built-in worker otherwise. */
  workerUrl?: URL;
}

/**
 * Runs the engines in a process of its own: started with the first file, ended when idle, replaced when it crashes. Not in a thread: the
 * memory of compiled WebAssembly stays with the process for good (some 400 MB for both engines), and a crash would take the editor along.
 */
export interface EngineHost extends Disposable {
  run<T>(kind: WorkerRequest['kind'], path: string, text: string, signal?: CancelSignal): Promise<T>;
  /** Whether the process is there right now. */
  readonly alive: boolean;
  /** Its number, while it is there. */
  readonly pid: number | undefined;
}

/** Megabytes of JavaScript's own memory, beside that of WebAssembly. */
const MOST_MEMORY = 512;

interface Job {
  request: WorkerRequest;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export function createEngineHost(options: EngineHostOptions = {}): EngineHost {
  return new WorkerHost(options);
}

class WorkerHost implements EngineHost {
  readonly #options: EngineHostOptions;
  readonly #queue: Job[] = [];
  #running: Job | undefined;
  #worker: ChildProcess | undefined;
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  get alive(): boolean {
    return this.#worker !== undefined;
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  run<T>(kind: WorkerRequest['kind'], path: string, text: string, signal?: CancelSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled());
      const onAbort = () => {
        // A file in the engine's hands cannot be stopped; its answer is dropped, and the next file waits for its end.
        const at = this.#queue.indexOf(job);
        if (at !== -1) this.#queue.splice(at, 1);
        job.reject(cancelled());
      };
      const settle =
        <V>(then: (value: V) => void) =>
        (value: V) => {
          signal?.removeEventListener('abort', onAbort);
          then(value);
        };
      const job: Job = {
        request: { id: this.#nextId++, kind, path, text },
        resolve: settle((value) => resolve(value as T)),
        reject: settle(reject),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(job);
      this.#next();
    });
  }

  dispose(): void {
    for (const job of this.#queue.splice(0)) job.reject(cancelled());
    this.#running?.reject(cancelled());
    this.#end();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return this.#rest();
    clearTimeout(this.#idle);
    this.#running = job;
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    worker.channel?.ref();
    this.#deadline = setTimeout(() => this.#fail('took too long'), this.#options.timeout ?? 30_000);
    worker.send(job.request, (error) => error && this.#worker === worker && this.#fail('ended'));
  }

  /** Neither the process nor its timer keeps a command line from ending. */
  #rest(): void {
    this.#worker?.unref();
    this.#worker?.channel?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end(), this.#options.idle ?? 60_000).unref();
  }

  #start(): ChildProcess {
    const worker = fork(fileURLToPath(this.#options.workerUrl ?? builtinWorkerUrl()), {
      // The engines need neither the process's environment nor its flags, and their complaints are no one's to read.
      env: workerEnvironment(),
      execArgv: [`--max-old-space-size=${MOST_MEMORY}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    worker.on('message', (reply) => this.#worker === worker && this.#settle(reply as WorkerReply));
    worker.on('error', (error: Error) => this.#worker === worker && this.#fail('crashed', error.message));
    worker.on('exit', () => this.#worker === worker && this.#fail('ended'));
    return worker;
  }

  #settle(reply: WorkerReply): void {
    const job = this.#running;
    if (job === undefined || job.request.id !== reply.id) return;
    // After a failure inside WebAssembly its memory cannot be trusted: the next file gets a new process.
    if (reply.error !== undefined) return this.#fail('failed', reply.error);
    clearTimeout(this.#deadline);
    this.#running = undefined;
    job.resolve(reply.value);
    this.#next();
  }

  #fail(what: string, detail?: string): void {
    const job = this.#running;
    this.#end();
    job?.reject(
      new HandrailError(
        'internal',
        `The built-in reviewer ${what} on ${job.request.path}${detail === undefined ? '' : `: ${firstLine(detail)}`}.`,
        {
          hint: 'Leave the file out with .handrailignore, or review it with a model.',
        },
      ),
    );
    if (this.#queue.length > 0) this.#next();
  }

  #end(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#running = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    // What hangs in an engine hears nothing else.
    worker?.kill('SIGKILL');
  }
}

/** Beside this module: a source file in a checkout, a bundle of its own in the package. */
function builtinWorkerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './builtinWorker.mjs', import.meta.url);
}

/** The editor's executable acts as Node only when it is told to, and Windows starts nothing without its own folder's name. */
function workerEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return { ELECTRON_RUN_AS_NODE: '1', ...(SystemRoot === undefined ? {} : { SystemRoot }) };
}

function cancelled(): HandrailError {
  return new HandrailError('cancelled', 'The review was cancelled.');
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 160).replace(/\.$/, '');
}
