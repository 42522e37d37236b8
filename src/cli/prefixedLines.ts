import { Writable } from 'node:stream';

/** Bytes after which a line without an end is passed on all the same. */
const LONGEST = 16_384;
const LINE_END = 0x0a;

/**
 * Passes lines on whole, each with a prefix, so that what several programs write at once can be told apart. What comes after the last line
 * end is passed on at the next one, at the end, or when it grows too long.
 */
export class PrefixedLines extends Writable {
  readonly #prefix: Buffer;
  readonly #pass: (chunk: Uint8Array) => Promise<void> | undefined;
  #held: Buffer[] = [];
  #size = 0;

  constructor(prefix: string, pass: (chunk: Uint8Array) => Promise<void> | undefined) {
    super();
    this.#prefix = Buffer.from(prefix);
    this.#pass = pass;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      lines.push(this.#prefix, ...this.#held, bytes.subarray(from, end + 1));
      this.#hold([]);
      from = end + 1;
    }
    if (from < bytes.length) this.#hold([...this.#held, bytes.subarray(from)]);
    if (this.#size > LONGEST) lines.push(...this.#rest());
    this.#send(lines, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send(this.#rest(), done);
  }

  #hold(held: Buffer[]): void {
    this.#held = held;
    this.#size = held.reduce((sum, { length }) => sum + length, 0);
  }

  #rest(): Buffer[] {
    if (this.#size === 0) return [];
    const rest = [this.#prefix, ...this.#held, Buffer.from([LINE_END])];
    this.#hold([]);
    return rest;
  }

  #send(parts: Buffer[], done: () => void): void {
    const caughtUp = parts.length === 0 ? undefined : this.#pass(Buffer.concat(parts));
    if (caughtUp === undefined) done();
    else void caughtUp.then(() => setImmediate(done));
  }
}
