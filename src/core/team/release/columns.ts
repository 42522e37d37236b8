import { MOST_CELLS } from '../contribution.ts';
import { TOKEN_WORDS } from './tokenWords.ts';

/** In place of the week: another contribution of the same person counts instead. */
const REPLACED = 0xffff_ffff;
const FIRST_SIZE = 1024;
const FIRST_SLOTS = 64;

/** Where the contributions of a week are, by token: index of one and one, or 0. */
interface Places {
  size: number;
  slots: Uint32Array;
}

/** One contribution as numbers, filled again for each. */
export class Draft {
  /** Number of its week. */
  week = 0;
  revision = 0;
  /** How many of `cells` (numbers of a `CellIndex`) and `values` count. */
  size = 0;
  readonly token = new Int32Array(TOKEN_WORDS);
  readonly cells = new Uint16Array(MOST_CELLS);
  readonly values = new Uint32Array(MOST_CELLS);
}

/** What columns hold, to be handed to another thread. The arrays are as long as they have to be, and nobody else's. */
export interface ColumnParts {
  weeks: Uint32Array<ArrayBuffer>;
  tokens: Int32Array<ArrayBuffer>;
  revisions: Uint32Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  cells: Uint16Array<ArrayBuffer>;
  values: Uint32Array<ArrayBuffer>;
}

/**
 * Contributions as columns of numbers, each person's of a week once: a few dozen bytes each, where objects would take a thousand. What
 * was said twice is found by token in an open hash table of the week: contributions come week by week, and one week's is in the cache.
 */
export class ContributionColumns {
  length = 0;
  /** Number of the week, or `REPLACED`. */
  #weeks = new Uint32Array(FIRST_SIZE);
  #tokens = new Int32Array(FIRST_SIZE * TOKEN_WORDS);
  #revisions = new Uint32Array(FIRST_SIZE);
  /** Where the cells of each end; they begin where those of the one before end. */
  #ends = new Uint32Array(FIRST_SIZE);
  #cells = new Uint16Array(FIRST_SIZE);
  #values = new Uint32Array(FIRST_SIZE);
  /** By number of the week. */
  readonly #places: Places[] = [];

  /**
   * Takes one in. Where the same person gave another of the week, `isPreferred(index of it)` says whether the new one counts instead;
   * false says that it was so.
   */
  add(draft: Draft, isPreferred: (index: number) => boolean): boolean {
    const places = this.#placesOf(draft.week);
    const slot = this.#slotOf(places, draft.token, 0);
    const before = (places.slots[slot] ?? 0) - 1;
    if (before >= 0) {
      if (this.#isSame(before, draft) || !isPreferred(before)) return false;
      this.#weeks[before] = REPLACED;
    }
    this.#append(draft);
    this.#put(places, slot, before < 0);
    return before < 0;
  }

  /** Takes one of other columns in as of a week. False, and nothing was done, where the same person gave another of the week. */
  take(other: ContributionColumns, index: number, week: number): boolean {
    const places = this.#placesOf(week);
    const slot = this.#slotOf(places, other.#tokens, index * TOKEN_WORDS);
    if (places.slots[slot] !== 0) return false;
    const start = other.#startOf(index);
    const size = (other.#ends[index] ?? 0) - start;
    const at = this.#begin(week, other.#revisions[index] ?? 0, size);
    for (let word = 0; word < TOKEN_WORDS; word += 1) {
      this.#tokens[this.length * TOKEN_WORDS + word] = other.#tokens[index * TOKEN_WORDS + word] ?? 0;
    }
    for (let cell = 0; cell < size; cell += 1) {
      this.#cells[at + cell] = other.#cells[start + cell] ?? 0;
      this.#values[at + cell] = other.#values[start + cell] ?? 0;
    }
    this.length += 1;
    this.#put(places, slot, true);
    return true;
  }

  weekOf(index: number): number | undefined {
    const week = this.#weeks[index];
    return week === REPLACED ? undefined : week;
  }

  /** Whether it says what an idle week says: nothing, or nothing but zeros. */
  isIdle(index: number): boolean {
    for (let at = this.#startOf(index); at < (this.#ends[index] ?? 0); at += 1) if (this.#values[at] !== 0) return false;
    return true;
  }

  /** Fills the draft with one. */
  load(index: number, draft: Draft): void {
    const start = this.#startOf(index);
    draft.week = this.#weeks[index] ?? 0;
    draft.revision = this.#revisions[index] ?? 0;
    draft.size = (this.#ends[index] ?? 0) - start;
    for (let word = 0; word < TOKEN_WORDS; word += 1) draft.token[word] = this.#tokens[index * TOKEN_WORDS + word] ?? 0;
    for (let at = 0; at < draft.size; at += 1) {
      draft.cells[at] = this.#cells[start + at] ?? 0;
      draft.values[at] = this.#values[start + at] ?? 0;
    }
  }

  parts(): ColumnParts {
    const { length } = this;
    const cells = this.#startOf(length);
    return {
      weeks: this.#weeks.slice(0, length),
      tokens: this.#tokens.slice(0, length * TOKEN_WORDS),
      revisions: this.#revisions.slice(0, length),
      ends: this.#ends.slice(0, length),
      cells: this.#cells.slice(0, cells),
      values: this.#values.slice(0, cells),
    };
  }

  /** Columns to read from: nothing can be added to them. */
  static ofParts({ weeks, tokens, revisions, ends, cells, values }: ColumnParts): ContributionColumns {
    const columns = new ContributionColumns();
    columns.length = weeks.length;
    columns.#weeks = weeks;
    columns.#tokens = tokens;
    columns.#revisions = revisions;
    columns.#ends = ends;
    columns.#cells = cells;
    columns.#values = values;
    return columns;
  }

  /** Hands over each cell, in the order of the contribution, with its value as it was given. */
  eachCell(index: number, take: (cell: number, value: number) => void): void {
    const end = this.#ends[index] ?? 0;
    for (let at = this.#startOf(index); at < end; at += 1) take(this.#cells[at] ?? 0, this.#values[at] ?? 0);
  }

  /** Whether one says the same as the draft in everything but week and token. */
  #isSame(index: number, { revision, size, cells, values }: Draft): boolean {
    const start = this.#startOf(index);
    if (this.#revisions[index] !== revision || (this.#ends[index] ?? 0) - start !== size) return false;
    for (let at = 0; at < size; at += 1) {
      if (this.#cells[start + at] !== cells[at] || this.#values[start + at] !== values[at]) return false;
    }
    return true;
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #append({ week, token, revision, size, cells, values }: Draft): void {
    const at = this.#begin(week, revision, size);
    for (let word = 0; word < TOKEN_WORDS; word += 1) this.#tokens[this.length * TOKEN_WORDS + word] = token[word] ?? 0;
    for (let cell = 0; cell < size; cell += 1) {
      this.#cells[at + cell] = cells[cell] ?? 0;
      this.#values[at + cell] = values[cell] ?? 0;
    }
    this.length += 1;
  }

  /** Makes room for one more with `size` cells, and gives the place of its cells. It counts when `length` says so. */
  #begin(week: number, revision: number, size: number): number {
    const index = this.length;
    const start = this.#startOf(index);
    if (index === this.#weeks.length) {
      this.#weeks = grown(this.#weeks, new Uint32Array(2 * index));
      this.#tokens = grown(this.#tokens, new Int32Array(2 * index * TOKEN_WORDS));
      this.#revisions = grown(this.#revisions, new Uint32Array(2 * index));
      this.#ends = grown(this.#ends, new Uint32Array(2 * index));
    }
    if (start + size > this.#cells.length) {
      const length = 2 * this.#cells.length + size;
      this.#cells = grown(this.#cells, new Uint16Array(length));
      this.#values = grown(this.#values, new Uint32Array(length));
    }
    this.#weeks[index] = week;
    this.#revisions[index] = revision;
    this.#ends[index] = start + size;
    return start;
  }

  #placesOf(week: number): Places {
    return (this.#places[week] ??= { size: 0, slots: new Uint32Array(FIRST_SLOTS) });
  }

  /** The slot of a token that begins at a place of `words`, or the free one where it belongs. */
  #slotOf({ slots }: Places, words: Int32Array, at: number): number {
    const mask = slots.length - 1;
    let slot = hashOf(words, at) & mask;
    for (let taken = slots[slot] ?? 0; taken !== 0; taken = slots[slot] ?? 0) {
      if (this.#hasToken(taken - 1, words, at)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #hasToken(index: number, words: Int32Array, at: number): boolean {
    const own = index * TOKEN_WORDS;
    for (let word = 0; word < TOKEN_WORDS; word += 1) if (this.#tokens[own + word] !== words[at + word]) return false;
    return true;
  }

  /** Writes down where the last one is. */
  #put(places: Places, slot: number, isNew: boolean): void {
    places.slots[slot] = this.length;
    if (!isNew) return;
    places.size += 1;
    if (2 * places.size <= places.slots.length) return;
    const old = places.slots;
    places.slots = new Uint32Array(2 * old.length);
    for (const taken of old) {
      if (taken !== 0) places.slots[this.#slotOf(places, this.#tokens, (taken - 1) * TOKEN_WORDS)] = taken;
    }
  }
}

function hashOf(words: Int32Array, at: number): number {
  let hash = 0;
  for (let word = 0; word < TOKEN_WORDS; word += 1) hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x9e37_79b1);
  return hash ^ (hash >>> 15);
}

/** The larger one, with what was in the old one. */
export function grown<T extends Uint16Array | Uint32Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
