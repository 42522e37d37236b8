import { createInterface } from 'node:readline/promises';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { PrefixedLines } from './prefixedLines.ts';

/** What JSON leaves as it is and a terminal may obey, or a reader misread, is escaped too. */
function plainJson(value: unknown): string {
  const json = JSON.stringify(value, undefined, 2);
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A standard stream, or what stands for one. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

export type Style = Parameters<typeof styleText>[0];

/** Several questions, one after the other. */
export interface Dialogue {
  /** The answer without blanks around it, or undefined once there is nobody to answer. */
  ask(question: string): Promise<string | undefined>;
  /** A line beside the questions. */
  say(text: string): void;
  close(): void;
}

/** Standard streams as commands see them. Text for people only; JSON goes out through {@link Terminal.document}. */
export class Terminal {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #stdin: NodeJS.ReadStream;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #progressShown = false;
  /** A reader that went away (`handrail status | head -1`) ends the output, not the work: records are still written. */
  #stdoutOpen = true;

  constructor(streams: { stdout: Output; stderr: Output; stdin: NodeJS.ReadStream; env: Readonly<Record<string, string | undefined>> }) {
    this.#stdout = streams.stdout;
    this.#stderr = streams.stderr;
    this.#stdin = streams.stdin;
    this.#env = streams.env;
    this.#stdout.on('error', () => (this.#stdoutOpen = false));
    this.#stderr.on('error', () => undefined);
  }

  /** A person can be asked: both the question and the answer go through a terminal. */
  get interactive(): boolean {
    return this.#stdin.isTTY && this.#stderr.isTTY === true;
  }

  /** Whether stdout is a terminal, not a file or another program. */
  get showsToPerson(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** Text in a style where stdout is a terminal that shows colours. */
  style(style: Style, text: string): string {
    return this.#coloured(this.#stdout) ? styleText(style, text, { validateStream: false }) : text;
  }

  #coloured(stream: Output): boolean {
    return stream.isTTY === true && !this.#env['NO_COLOR'] && this.#env['TERM'] !== 'dumb';
  }

  /** One line on stdout. */
  line(text = ''): void {
    this.#clearProgress();
    this.writeOut(`${text}\n`);
  }

  /** One line on stderr. */
  note(text: string): void {
    this.#clearProgress();
    this.#stderr.write(`${text}\n`);
  }

  /** The result as JSON: one document and nothing else on stdout. */
  document(value: unknown): void {
    this.#clearProgress();
    this.writeOut(`${plainJson(value)}\n`);
  }

  writeOut(chunk: string | Uint8Array): void {
    if (this.#stdoutOpen) this.#stdout.write(chunk);
  }

  /**
   * Passes output of a program on as it comes. The promise, where there is one, resolves when the reader has caught up: who writes on
   * before that makes this process keep it all.
   */
  stream(chunk: Uint8Array, to: 'stdout' | 'stderr'): Promise<void> | undefined {
    this.#clearProgress();
    if (to === 'stdout' && !this.#stdoutOpen) return undefined;
    const target = to === 'stdout' ? this.#stdout : this.#stderr;
    if (target.write(chunk)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) target.off(event, done);
        resolve();
      };
      // A reader that goes away never drains.
      for (const event of ['drain', 'close', 'error']) target.on(event, done);
    });
  }

  /**
   * The same terminal for one of several things that go on at once: every line begins with `prefix`, lines are passed on whole, and nobody
   * is asked. With `quiet` everything goes to stderr. `end` passes on what has no line end.
   */
  prefixed(prefix: string, { quiet }: { quiet: boolean }): { terminal: Terminal; end(): Promise<void> } {
    const outputTo = (to: 'stdout' | 'stderr', isTTY: boolean): Output =>
      Object.assign(new PrefixedLines(prefix, (chunk) => this.stream(chunk, to)), { isTTY });
    const stdout = quiet ? outputTo('stderr', false) : outputTo('stdout', this.showsToPerson);
    // No progress line of its own: there is one line for that, and several would fight for it.
    const stderr = outputTo('stderr', false);
    const ended = (output: Output): Promise<void> => new Promise((resolve) => output.end(resolve));
    return {
      terminal: new Terminal({ stdout, stderr, stdin: this.#stdin, env: this.#env }),
      end: async () => {
        await Promise.all([ended(stdout), ended(stderr)]);
      },
    };
  }

  /** Replaces the progress line; shown on a terminal only. */
  progress(text: string): void {
    if (!this.#stderr.isTTY) return;
    const width = Math.max(20, (this.#stderr.columns || 80) - 1);
    this.#stderr.write(`\r\u001b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
    this.#progressShown = true;
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#stderr.write('\r\u001b[2K');
    this.#progressShown = false;
  }

  /** Asks a yes-or-no question on the terminal; anything but `y` or `yes` is no. Ends with the signal as no. */
  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    this.#clearProgress();
    const reader = createInterface({ input: this.#stdin, output: this.#stderr });
    // In raw mode the terminal turns Ctrl-C into a key, so it is given back to the process as the signal it would have been.
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `, { signal })).trim());
    } catch {
      return false;
    } finally {
      reader.close();
    }
  }

  /** Begins a conversation of several questions; end it with `close`. Only where {@link interactive}. */
  dialogue(signal: AbortSignal): Dialogue {
    this.#clearProgress();
    const reader = createInterface({ input: this.#stdin, output: this.#stderr });
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    // Lines that are pasted at once come while nobody waits for them.
    const lines: string[] = [];
    let taker: ((line: string | undefined) => void) | undefined;
    let isOver = false;
    const give = (line: string | undefined): void => {
      const waiting = taker;
      taker = undefined;
      if (waiting !== undefined) waiting(line);
      else if (line !== undefined) lines.push(line);
    };
    const end = (): void => {
      isOver = true;
      give(undefined);
    };
    reader.on('line', give);
    reader.once('close', end);
    signal.addEventListener('abort', end, { once: true });
    return {
      ask: async (question) => {
        const waiting = lines.shift();
        this.#stderr.write(question);
        if (waiting !== undefined || isOver) return waiting?.trim();
        return (await new Promise<string | undefined>((resolve) => (taker = resolve)))?.trim();
      },
      say: (text) => void this.#stderr.write(`${text}\n`),
      close: () => {
        signal.removeEventListener('abort', end);
        reader.close();
      },
    };
  }

  /** Waits until everything written has left the process; pipes are asynchronous. */
  async flush(): Promise<void> {
    this.#clearProgress();
    const drained = (stream: Output): Promise<void> =>
      new Promise((resolve) => (stream.destroyed || !stream.writable ? resolve() : stream.write('', () => resolve())));
    await Promise.all([drained(this.#stdout), drained(this.#stderr)]);
  }
}
