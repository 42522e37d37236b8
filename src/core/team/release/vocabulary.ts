/** Characters that JSON writes as themselves, one byte each. */
const PLAIN = /^[ !#-[\]-~]*$/;
const WIDTH = 128;
const QUOTE = 0x22;

/**
 * A list of texts by number, found byte by byte as JSON writes them between quotes: a table of states in which each byte leads from one
 * to the next. State 0 leads nowhere, and 1 is the beginning.
 */
export class Vocabulary {
  readonly size: number;
  readonly #numbers = new Map<string, number>();
  readonly #next: Uint16Array;
  readonly #ends: Int32Array;
  /** Behind the quote that ended the text found last. */
  end = 0;

  /** Texts with other characters than those of ASCII that JSON writes as themselves are never found. */
  constructor(texts: Iterable<string>) {
    const rows: Int32Array[] = [new Int32Array(WIDTH), new Int32Array(WIDTH)];
    const ends: number[] = [-1, -1];
    for (const text of texts) {
      if (this.#numbers.has(text)) continue;
      this.#numbers.set(text, this.#numbers.size);
      if (!PLAIN.test(text)) continue;
      let state = 1;
      for (let at = 0; at < text.length; at += 1) {
        const row = rows[state] ?? new Int32Array(WIDTH);
        const code = text.charCodeAt(at);
        if (row[code] === 0) {
          row[code] = rows.length;
          rows.push(new Int32Array(WIDTH));
          ends.push(-1);
        }
        state = row[code] ?? 0;
      }
      ends[state] = this.#numbers.size - 1;
    }
    this.size = this.#numbers.size;
    this.#next = new Uint16Array(rows.length * WIDTH);
    rows.forEach((row, state) => this.#next.set(row, state * WIDTH));
    this.#ends = Int32Array.from(ends);
  }

  /** Number of a text of the list, or -1. */
  numberOf(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  /** Number of the text whose quote stands at a byte, or -1 for any other; `end` then says where it ends. */
  find(bytes: Uint8Array, start: number): number {
    if (bytes[start] !== QUOTE) return -1;
    const next = this.#next;
    let at = start + 1;
    let state = 1;
    for (let byte = bytes[at] ?? 0; byte !== QUOTE; byte = bytes[at] ?? 0) {
      state = byte < WIDTH ? (next[state * WIDTH + byte] ?? 0) : 0;
      if (state === 0) return -1;
      at += 1;
    }
    this.end = at + 1;
    return this.#ends[state] ?? -1;
  }
}
