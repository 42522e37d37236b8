import { jsonrepair } from 'jsonrepair';
import type { RawFinding } from '../finding.ts';
import { findingsIn, readFinding } from './answerFinding.ts';
import { TextParts } from './textParts.ts';

/** More than this is no answer any more; the parser stops reading. UTF-16 units. */
const MAX_ANSWER_LENGTH = 2_000_000;
const MAX_FINDINGS = 500;
/** An object larger than this is not attempted again once something inside it was read: that keeps the time linear. */
const MAX_NESTED_LENGTH = 16_000;
const MAX_OBJECT_LENGTH = 200_000;
const MAX_REPAIRS = 50;

const TEXT_KEYS: ReadonlySet<string> = new Set(['title', 'message', 'description', 'body']);
const PLACE_KEYS: ReadonlySet<string> = new Set(['quote', 'file', 'path', 'line', 'severity']);
const LONGEST_KEY = 16;

export interface AnswerEnd {
  /** Findings that could be read only now, from text that is complete but damaged. */
  findings: RawFinding[];
  /** Findings that were begun but could not be read. */
  lost: number;
  /** The text ends inside a finding or inside the list of findings. */
  cutOff: boolean;
  /** Reading stopped at a limit. */
  overLimit: boolean;
  /** The text held no list of findings at all, not even an empty one. */
  unreadable: boolean;
}

interface OpenObject {
  start: number;
  /** Nothing but blanks since its brace. */
  fresh: boolean;
  hasText: boolean;
  hasPlace: boolean;
  foundInside: boolean;
}

/**
 * Reads findings out of a model's answer while it arrives. It takes one object a line, a JSON array, or an object around an
 * array, in prose or code fences, and hands out each finding at the brace that completes it. Damage costs only the finding
 * it is in. Time is linear in the length of the answer whatever the size of its pieces: only objects that have the keys of a
 * finding are parsed, and each of them once.
 */
export class AnswerParser {
  readonly #text = new TextParts();
  #open: OpenObject[] = [];
  readonly #damaged: { start: number; end: number }[] = [];
  #string: { start: number; escaped: boolean } | undefined;
  /** The last finished string; a key when a colon follows. */
  #lastString = { start: 0, end: 0 };
  /** Last character outside strings that is not blank, and where. */
  #token = { char: '', at: 0 };
  /** Commas before a closing bracket, by offset. */
  #spareCommas: number[] = [];
  /** Inside a string, at the start of a line: a brace there, should a quotation mark follow, begins the next finding. */
  #lineStart = false;
  #brace: number | undefined;
  #inArray = false;
  #sawList = false;
  #lost = 0;
  #found = 0;
  #stopped = false;

  /** A limit was reached: more text is not read, and the request may be ended. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes the next piece of the answer; returns the findings that it completes. */
  push(piece: string): RawFinding[] {
    const found: RawFinding[] = [];
    if (this.#stopped || piece === '') return found;
    const base = this.#text.add(piece);
    for (let index = 0; index < piece.length && !this.#stopped; index++) this.#read(piece.charAt(index), base + index, found);
    if (this.#text.length > MAX_ANSWER_LENGTH) this.#stopped = true;
    return found;
  }

  /** Call once, after the last piece. */
  finish(): AnswerEnd {
    const findings: RawFinding[] = [];
    for (const { start, end } of this.#damaged.splice(0, MAX_REPAIRS)) {
      const finding = readFinding(repaired(this.#text.slice(start, end)));
      if (finding) findings.push(finding);
      else this.#lost++;
    }
    const begun = this.#open.some((object) => object.hasText || object.hasPlace);
    if (begun && !this.#stopped) this.#lost++;
    if (this.#found + findings.length === 0 && !begun && !this.#sawList && !this.#stopped) findings.push(...this.#repairWhole());
    const any = this.#found + findings.length > 0;
    const cutOff = !this.#stopped && (this.#open.length > 0 || (this.#inArray && any));
    return { findings, lost: this.#lost, cutOff, overLimit: this.#stopped, unreadable: !any && !this.#sawList };
  }

  #read(char: string, at: number, found: RawFinding[]): void {
    if (this.#string) {
      this.#readInString(this.#string, char, at);
      return;
    }
    if (isBlank(char)) return;
    const top = this.#open.at(-1);
    if (top) this.#readInObject(top, char, at, found);
    else this.#readOutside(char, at);
    // A string's end counts as a token too, so that `"a" {` is told apart from `: {`.
    this.#token = { char, at };
  }

  /** Prose, fences and brackets around the objects. */
  #readOutside(char: string, at: number): void {
    if (char === '{') this.#openObject(at);
    else if (char === '[') this.#inArray = true;
    else if (char === ']') {
      if (this.#inArray && this.#token.char === '[') this.#sawList = true;
      this.#inArray = false;
    }
  }

  #readInString(string: { start: number; escaped: boolean }, char: string, at: number): void {
    if (this.#brace !== undefined && !isBlank(char)) {
      const brace = this.#brace;
      this.#brace = undefined;
      if (char === '"') {
        this.#restart(brace, at);
        return;
      }
    }
    if (string.escaped) string.escaped = false;
    else if (char === '\\') string.escaped = true;
    else if (char === '"') {
      this.#lastString = { start: string.start, end: at };
      this.#string = undefined;
      this.#token = { char, at };
    }
    // JSON has no line break inside a string. Either the model wrote one, or its line was cut and the next finding follows.
    if (char === '\n') this.#lineStart = true;
    else if (this.#lineStart && !isBlank(char)) {
      this.#lineStart = false;
      if (char === '{') this.#brace = at;
    }
  }

  /** Gives up what is open and goes on with the object at `brace`, whose first key begins at `quotationMark`. */
  #restart(brace: number, quotationMark: number): void {
    this.#lost++;
    this.#open = [];
    this.#openObject(brace);
    for (const object of this.#open) object.fresh = false;
    this.#string = { start: quotationMark + 1, escaped: false };
  }

  #readInObject(top: OpenObject, char: string, at: number, found: RawFinding[]): void {
    if (top.fresh) {
      top.fresh = false;
      if (char !== '"' && char !== '}') {
        // A brace in prose or code; in JSON a key or the end follows.
        this.#open.pop();
        this.#read(char, at, found);
        return;
      }
    }
    if (char === '"') this.#string = { start: at + 1, escaped: false };
    else if (char === ':') this.#readKey(top);
    else if (char === '{') this.#openObject(at);
    else if (char === '}' || char === ']') {
      if (this.#token.char === ',') this.#spareCommas.push(this.#token.at);
      if (char === '}') this.#closeObject(top, at + 1, found);
    }
  }

  #readKey(top: OpenObject): void {
    const { start, end } = this.#lastString;
    if (this.#token.char !== '"' || end - start > LONGEST_KEY) return;
    const key = this.#text.slice(start, end);
    if (TEXT_KEYS.has(key)) top.hasText = true;
    if (PLACE_KEYS.has(key)) top.hasPlace = true;
  }

  #openObject(start: number): void {
    this.#open.push({ start, fresh: true, hasText: false, hasPlace: false, foundInside: false });
  }

  #closeObject(object: OpenObject, end: number, found: RawFinding[]): void {
    this.#open.pop();
    const parent = this.#open.at(-1);
    if (object.hasText && object.hasPlace) this.#attempt(object, end, found);
    else if (!parent && !object.hasText && !object.hasPlace) this.#sawList = true;
    if (parent && object.foundInside) parent.foundInside = true;
    if (!parent) this.#spareCommas = [];
  }

  #attempt(object: OpenObject, end: number, found: RawFinding[]): void {
    const length = end - object.start;
    if (object.foundInside && length > MAX_NESTED_LENGTH) return;
    if (length > MAX_OBJECT_LENGTH) {
      this.#lost++;
      return;
    }
    const value = parsed(this.#withoutSpareCommas(object.start, end));
    const finding = readFinding(value);
    if (value === undefined && !object.foundInside) this.#damaged.push({ start: object.start, end });
    else if (!finding) this.#lost++;
    if (!finding) return;
    object.foundInside = true;
    found.push(finding);
    if (++this.#found >= MAX_FINDINGS) this.#stopped = true;
  }

  #withoutSpareCommas(start: number, end: number): string {
    const first = this.#spareCommas.findLastIndex((comma) => comma < start) + 1;
    let text = '';
    let from = start;
    for (let index = first; index < this.#spareCommas.length; index++) {
      const comma = this.#spareCommas[index] ?? from;
      text += this.#text.slice(from, comma);
      from = comma + 1;
    }
    return text + this.#text.slice(from, end);
  }

  /** Single quotation marks, keys without any, Python's `None`: nothing was found, so the whole text is mended once. */
  #repairWhole(): RawFinding[] {
    const text = this.#text.slice(0, Math.min(this.#text.length, MAX_OBJECT_LENGTH));
    const start = text.search(/[[{]/u);
    const end = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'));
    return start < 0 || end < start ? [] : findingsIn(repaired(text.slice(start, end + 1)));
  }
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function repaired(text: string): unknown {
  try {
    return parsed(jsonrepair(text));
  } catch {
    return undefined;
  }
}
