/** Bytes that are compared with others four at a time, which is quicker than one by one where they are long. */
export class Phrase {
  readonly length: number;
  readonly #words: Int32Array;
  readonly #rest: Uint8Array;

  /** The bytes are copied. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#words = wordsOf(bytes);
    this.#rest = bytes.slice(4 * this.#words.length);
  }

  /** Whether it stands at a place. */
  isAt(view: DataView, at: number): boolean {
    const words = this.#words;
    const rest = this.#rest;
    if (at + this.length > view.byteLength) return false;
    let place = at;
    for (let index = 0; index < words.length; index += 1, place += 4) if (view.getInt32(place, true) !== words[index]) return false;
    for (let index = 0; index < rest.length; index += 1, place += 1) if (view.getUint8(place) !== rest[index]) return false;
    return true;
  }
}

/** How many words a phrase that is remembered has at most. */
const LONGEST = 64;
const SLOTS = 4096;
const MOST = 1024;
/** After so many slots that others have taken, a phrase is not looked for, and not remembered. */
const MOST_PROBES = 8;
/** Where phrases begin to differ. */
const HASHED_FROM = 12;
const END_OF_OBJECT = 0x7d7d_7d7d;

/**
 * Phrases with a number each, found by what stands at a place: all up to the first `}` decides where one is looked for. It remembers a
 * thousand and no more, whatever it is given.
 */
export class PhraseMemo {
  /** Index of a phrase and one, or 0. */
  readonly #slots = new Uint16Array(SLOTS);
  /** Of each phrase; its last word is that of its last four bytes. */
  readonly #words = new Int32Array(MOST * LONGEST);
  readonly #lengths = new Uint16Array(MOST);
  readonly #numbers = new Int32Array(MOST);
  #size = 0;
  /** Number of the phrase found last. */
  number = -1;

  /** The length of the phrase that stands at a place, or 0 where none that is remembered does. */
  find(view: DataView, at: number): number {
    let slot = slotOf(view, at);
    if (slot < 0) return 0;
    for (let probe = 0; probe < MOST_PROBES; probe += 1) {
      const index = (this.#slots[slot] ?? 0) - 1;
      if (index < 0) return 0;
      if (this.#isAt(index, view, at)) {
        this.number = this.#numbers[index] ?? -1;
        return this.#lengths[index] ?? 0;
      }
      slot = (slot + 1) % SLOTS;
    }
    return 0;
  }

  remember(bytes: Uint8Array, number: number): void {
    const view = viewOf(bytes);
    let slot = bytes.length > 4 * LONGEST || this.#size === MOST ? -1 : slotOf(view, 0);
    if (slot < 0) return;
    for (let probe = 0; this.#slots[slot] !== 0; probe += 1) {
      if (probe + 1 === MOST_PROBES) return;
      slot = (slot + 1) % SLOTS;
    }
    const words = wordsOf(bytes);
    this.#words.set(words, this.#size * LONGEST);
    if (bytes.length > 4 * words.length) this.#words[this.#size * LONGEST + words.length] = view.getInt32(bytes.length - 4, true);
    this.#lengths[this.#size] = bytes.length;
    this.#numbers[this.#size] = number;
    this.#size += 1;
    this.#slots[slot] = this.#size;
  }

  #isAt(index: number, view: DataView, at: number): boolean {
    const words = this.#words;
    const length = this.#lengths[index] ?? 0;
    const last = at + length - 4;
    if (last + 4 > view.byteLength) return false;
    let word = index * LONGEST;
    for (let place = at; place < last; place += 4, word += 1) if (view.getInt32(place, true) !== words[word]) return false;
    return view.getInt32(last, true) === words[word];
  }
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The whole words that bytes are. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const view = viewOf(bytes);
  return Int32Array.from({ length: bytes.length >> 2 }, (_, index) => view.getInt32(4 * index, true));
}

/** -1 where there is no `}` in words that a phrase may have. */
function slotOf(view: DataView, at: number): number {
  const end = Math.min(view.byteLength, at + 4 * LONGEST) - 4;
  let hash = 0;
  for (let place = at + HASHED_FROM; place <= end; place += 4) {
    const word = view.getInt32(place, true);
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    // Whether any byte of it is that: the usual test for a byte that is zero.
    const difference = word ^ END_OF_OBJECT;
    if (((difference - 0x0101_0101) & ~difference & 0x8080_8080) !== 0) return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }
  return -1;
}
