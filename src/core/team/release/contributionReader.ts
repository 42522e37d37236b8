import { utf8ToBytes } from '@noble/hashes/utils.js';
import { CONTRIBUTION_SCHEMA, MOST_CELLS, MOST } from '../contribution.ts';
import type { Registry } from '../registry.ts';
import type { CellIndex } from './cellIndex.ts';
import type { Draft } from './columns.ts';
import { Phrase, PhraseMemo, viewOf } from './phrase.ts';
import { readToken, TOKEN_LENGTH } from './tokenWords.ts';
import { Vocabulary } from './vocabulary.ts';

/** The first texts of the vocabulary: the keys of a contribution, and of a cell. */
const KEYS = ['schema', 'week', 'team', 'registry', 'token', 'revision', 'counters', 'counter', 'dims', 'value'] as const;
const [SCHEMA, WEEK, TEAM, REGISTRY, TOKEN, REVISION, COUNTERS] = [0, 1, 2, 3, 4, 5, 6] as const;
const [COUNTER, DIMS, VALUE] = [7, 8, 9] as const;
const ALL_OF_CONTRIBUTION = 0b0_0111_1111;
const ALL_OF_CELL = 0b11_1000_0000;

const [SPACE, QUOTE, COMMA, DASH, ZERO, COLON, LETTER_W] = [0x20, 0x22, 0x2c, 0x2d, 0x30, 0x3a, 0x57] as const;
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

export interface ReaderOptions {
  team: string;
  registry: Registry;
  index: CellIndex;
  /** Number of a week, by its year times 100 and its number in it; -1 where there is none. */
  weekNumber(code: number): number;
}

/** What the reader knows of a counter: the number of its first cell, and what each text is among the values of each dimension. */
interface KnownCounter {
  first: number;
  dims: readonly { name: number; values: number; positions: Int32Array }[];
}

/**
 * Reads the JSON of a contribution from bytes into numbers, without a text or an object in between. All of it but numbers, token and week
 * is in a list that the team and its counters give, so it takes only what `asContribution` and `rejectionOf` take, and of that what is
 * written plainly: in any order and with spaces, but without escapes, fractions and keys that it does not know. What it does not take is
 * no less valid for that; it has to be parsed.
 */
export class ContributionReader {
  readonly #vocabulary: Vocabulary;
  readonly #weekNumber: ReaderOptions['weekNumber'];
  readonly #schema: Phrase;
  readonly #team: Phrase;
  readonly #registry: Phrase;
  readonly #beforeRevision: Phrase;
  readonly #beforeToken: Phrase;
  /** How cells were spelled up to their value. */
  readonly #spelled = new PhraseMemo();
  /** By number of its name. */
  readonly #counters: readonly (KnownCounter | undefined)[];
  /** In which contribution a cell was seen last: none is there twice. */
  readonly #seenIn: Float64Array;
  #contributions = 0;
  #value = -1;
  /** The dimensions of the cell that is read, by number of name and value. */
  readonly #names = new Int32Array(8);
  readonly #values = new Int32Array(8);
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer());
  #at = 0;

  constructor({ team, registry: { counters, digest }, index, weekNumber }: ReaderOptions) {
    const listed = counters.flatMap(({ name, dims }) => [name, ...Object.entries(dims).flatMap(([dim, values]) => [dim, ...values])]);
    const vocabulary = new Vocabulary([...KEYS, ...listed]);
    this.#vocabulary = vocabulary;
    this.#weekNumber = weekNumber;
    this.#schema = phraseOf(CONTRIBUTION_SCHEMA);
    this.#team = phraseOf(team);
    this.#registry = phraseOf(digest);
    this.#beforeRevision = new Phrase(utf8ToBytes(`,"registry":${JSON.stringify(digest)},"revision":`));
    this.#beforeToken = new Phrase(utf8ToBytes(`,"schema":"${CONTRIBUTION_SCHEMA}","team":${JSON.stringify(team)},"token":`));
    const known: KnownCounter[] = [];
    for (const { name, dims } of counters) {
      known[vocabulary.numberOf(name)] = {
        first: index.firstOf(name),
        dims: Object.entries(dims).map(([dim, values]) => {
          const positions = new Int32Array(vocabulary.size).fill(-1);
          values.forEach((value, position) => (positions[vocabulary.numberOf(value)] = position));
          return { name: vocabulary.numberOf(dim), values: values.length, positions };
        }),
      };
    }
    this.#counters = known;
    this.#seenIn = new Float64Array(index.cells.length);
  }

  /**
   * Reads the contribution that begins at a byte, of bytes that a newline ends, into `draft`. Gives the place behind it, or -1 where it
   * does not take it; the draft then means nothing.
   */
  read(bytes: Uint8Array, start: number, draft: Draft): number {
    if (bytes !== this.#bytes) [this.#bytes, this.#view] = [bytes, viewOf(bytes)];
    return this.#readCanonical(start, draft) || this.#readAnyOrder(start, draft) ? this.#at : -1;
  }

  /** As Handrail writes it: what stands between the numbers is always the same. */
  #readCanonical(start: number, draft: Draft): boolean {
    this.#begin(start);
    if (!this.#is(BEFORE_COUNTERS) || !this.#cells(draft) || !this.#is(this.#beforeRevision)) return false;
    draft.revision = this.#integer();
    if (draft.revision < 1 || !this.#is(this.#beforeToken) || !this.#token(draft.token) || !this.#is(BEFORE_WEEK)) return false;
    draft.week = this.#week();
    return draft.week >= 0 && this.#take(END_OF_OBJECT);
  }

  #readAnyOrder(start: number, draft: Draft): boolean {
    this.#begin(start);
    if (!this.#take(OBJECT)) return false;
    let seen = 0;
    do {
      const key = this.#text();
      if (key < SCHEMA || key > COUNTERS || (seen & (1 << key)) !== 0 || !this.#take(COLON) || !this.#field(key, draft)) return false;
      seen |= 1 << key;
    } while (this.#take(COMMA));
    return seen === ALL_OF_CONTRIBUTION && this.#take(END_OF_OBJECT);
  }

  #begin(start: number): void {
    this.#at = start;
    this.#contributions += 1;
  }

  #field(key: number, draft: Draft): boolean {
    switch (key) {
      case SCHEMA:
        return this.#is(this.#schema);
      case TEAM:
        return this.#is(this.#team);
      case REGISTRY:
        return this.#is(this.#registry);
      case WEEK:
        draft.week = this.#week();
        return draft.week >= 0;
      case TOKEN:
        return this.#token(draft.token);
      case REVISION:
        draft.revision = this.#integer();
        return draft.revision >= 1;
      default:
        return this.#cells(draft);
    }
  }

  #cells(draft: Draft): boolean {
    let size = 0;
    if (!this.#take(LIST)) return false;
    if (!this.#take(END_OF_LIST)) {
      do {
        if (size === MOST_CELLS || !this.#cell(draft, size)) return false;
        size += 1;
      } while (this.#take(COMMA));
      if (!this.#take(END_OF_LIST)) return false;
    }
    draft.size = size;
    return true;
  }

  #cell(draft: Draft, at: number): boolean {
    while (this.#bytes[this.#at] === SPACE) this.#at += 1;
    const length = this.#spelled.find(this.#view, this.#at);
    this.#at += length;
    const cell = length > 0 ? this.#spelled.number : this.#spelledAnew();
    const value = length > 0 ? this.#integer() : this.#value;
    if (cell < 0 || value < 0 || !this.#take(END_OF_OBJECT) || this.#seenIn[cell] === this.#contributions) return false;
    this.#seenIn[cell] = this.#contributions;
    draft.cells[at] = cell;
    draft.values[at] = value;
    return true;
  }

  /** Reads a cell that is spelled in a new way, up to its end. Gives its number, or -1; its value is in `#value`. */
  #spelledAnew(): number {
    const start = this.#at;
    if (!this.#take(OBJECT)) return -1;
    let seen = 0;
    let counter = -1;
    let dims = -1;
    let [key, before] = [-1, start];
    do {
      key = this.#text();
      if (key < COUNTER || key > VALUE || (seen & (1 << key)) !== 0 || !this.#take(COLON)) return -1;
      seen |= 1 << key;
      before = this.#at;
      if (key === COUNTER) counter = this.#text();
      else if (key === DIMS) dims = this.#dims();
      else this.#value = this.#integer();
    } while (this.#take(COMMA));
    const cell = seen === ALL_OF_CELL && dims >= 0 ? this.#numberOf(counter, dims) : -1;
    if (cell >= 0 && key === VALUE) this.#spelled.remember(this.#bytes.subarray(start, before), cell);
    return cell;
  }

  /** How many dimensions there are, or -1. */
  #dims(): number {
    if (!this.#take(OBJECT)) return -1;
    if (this.#take(END_OF_OBJECT)) return 0;
    let size = 0;
    do {
      this.#names[size] = this.#text();
      if (size === this.#names.length || !this.#take(COLON)) return -1;
      this.#values[size] = this.#text();
      size += 1;
    } while (this.#take(COMMA));
    return this.#take(END_OF_OBJECT) ? size : -1;
  }

  /** Number of the cell of a counter with the dimensions that were read, or -1. */
  #numberOf(counter: number, size: number): number {
    const known = this.#counters[counter];
    if (known === undefined || known.dims.length !== size) return -1;
    let offset = 0;
    for (const { name, values, positions } of known.dims) {
      let found = 0;
      while (found < size && this.#names[found] !== name) found += 1;
      const position = found === size ? -1 : (positions[this.#values[found] ?? -1] ?? -1);
      if (position < 0) return -1;
      offset = offset * values + position;
    }
    return known.first + offset;
  }

  /** Takes one character, and spaces before it. */
  #take(character: number): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    while (bytes[at] === SPACE) at += 1;
    if (bytes[at] !== character) return false;
    this.#at = at + 1;
    return true;
  }

  /** Takes a phrase, and spaces before it. */
  #is(phrase: Phrase): boolean {
    while (this.#bytes[this.#at] === SPACE) this.#at += 1;
    if (!phrase.isAt(this.#view, this.#at)) return false;
    this.#at += phrase.length;
    return true;
  }

  /** Number of a text of the vocabulary, or -1. */
  #text(): number {
    while (this.#bytes[this.#at] === SPACE) this.#at += 1;
    const found = this.#vocabulary.find(this.#bytes, this.#at);
    this.#at = this.#vocabulary.end;
    return found;
  }

  /** A whole number up to the largest that a contribution has, or -1. */
  #integer(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (bytes[at] === SPACE) at += 1;
    const start = at;
    let value = 0;
    for (let digit = this.#digit(at); digit >= 0 && at - start < 11; digit = this.#digit(at)) {
      value = value * 10 + digit;
      at += 1;
    }
    this.#at = at;
    const isSpelled = at > start && (bytes[start] !== ZERO || at === start + 1);
    return isSpelled && value <= MOST ? value : -1;
  }

  #week(): number {
    while (this.#bytes[this.#at] === SPACE) this.#at += 1;
    const at = this.#at;
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE || bytes[at + 5] !== DASH || bytes[at + 6] !== LETTER_W || bytes[at + 9] !== QUOTE) return -1;
    let code = 0;
    for (const place of DIGITS_OF_WEEK) {
      const digit = this.#digit(at + place);
      if (digit < 0) return -1;
      code = code * 10 + digit;
    }
    this.#at = at + 10;
    return this.#weekNumber(code);
  }

  #digit(at: number): number {
    const digit = (this.#bytes[at] ?? 0) - ZERO;
    return digit <= 9 ? digit : -1;
  }

  #token(words: Int32Array): boolean {
    while (this.#bytes[this.#at] === SPACE) this.#at += 1;
    const at = this.#at + 1;
    if (this.#bytes[this.#at] !== QUOTE || this.#bytes[at + TOKEN_LENGTH] !== QUOTE) return false;
    this.#at = at + TOKEN_LENGTH + 1;
    return readToken(this.#bytes, at, words);
  }
}

const BEFORE_COUNTERS = new Phrase(utf8ToBytes('{"counters":'));
const BEFORE_WEEK = new Phrase(utf8ToBytes(',"week":'));
const DIGITS_OF_WEEK = [1, 2, 3, 4, 7, 8] as const;

/** A text as JSON writes it. */
function phraseOf(text: string): Phrase {
  return new Phrase(utf8ToBytes(JSON.stringify(text)));
}
