import { FILE_KEYS, FINDING_KEYS, LONGEST_KEY, noteKey, type AnswerObject } from './answerObject.ts';
import type { TextParts } from './textParts.ts';

/** Objects that are open at the same time; what is nested deeper is no answer, and the outermost is forgotten. */
const MOST_OPEN = 64;

interface Suspect {
  brace: number;
  quote: number;
  /** Where its first key ends, once it was read. */
  keyEnd: number | undefined;
}

/**
 * Finds the objects of an answer, character by character, in whatever prose or list they stand. Where a quotation mark too many or
 * too few has turned strings inside out, the beginning of the next finding (`{"file":`, which no string can hold unescaped) puts it
 * right again.
 */
export class ObjectScanner {
  readonly #text: TextParts;
  #open: AnswerObject[] = [];
  #string: { start: number; escaped: boolean; isValue: boolean } | undefined;
  /** The last finished string; a key when a colon follows. */
  #lastString = { start: 0, end: 0 };
  #lastKey = '';
  /** Last character outside strings that is not blank, and where. */
  #token = { char: '', at: 0 };
  #lineBreak = -1;
  /** Commas before a closing bracket, by offset. */
  #spareCommas: number[] = [];
  /** A brace inside a string, with nothing but blanks behind it. */
  #brace: number | undefined;
  /** What may be the beginning of a finding inside of what is taken for a string. */
  #suspect: Suspect | undefined;
  #inArray = false;
  #sawList = false;
  #lost = 0;

  constructor(text: TextParts) {
    this.#text = text;
  }

  /** A list was closed, or an object that is no finding: the answer says something, if only that there is nothing. */
  get sawList(): boolean {
    return this.#sawList;
  }

  /** Findings that were given up because the next one begins inside of them. */
  get lost(): number {
    return this.#lost;
  }

  /** The text so far ends inside a finding. */
  get insideFinding(): boolean {
    return this.#open.some((object) => object.texts.length > 0 || object.hasPlace);
  }

  get insideObject(): boolean {
    return this.#open.length > 0;
  }

  get insideList(): boolean {
    return this.#inArray;
  }

  /** Where the innermost object that is open names a file. */
  get file(): { start: number; end: number } | undefined {
    return this.#open.findLast((object) => object.file !== undefined)?.file;
  }

  /** Takes the next character; returns the object that it completes. */
  read(char: string, at: number): AnswerObject | undefined {
    if (this.#suspect !== undefined) this.#weigh(this.#suspect, char, at);
    if (this.#string) {
      this.#readInString(this.#string, char, at);
      return undefined;
    }
    if (isBlank(char)) {
      if (char === '\n') this.#lineBreak = at;
      return undefined;
    }
    const top = this.#open.at(-1);
    const closed = top ? this.#readInObject(top, char, at) : this.#readOutside(char, at);
    // A string's end counts as a token too, so that `"a" {` is told apart from `: {`.
    this.#token = { char, at };
    return closed;
  }

  /** The text without commas before closing brackets. */
  textOf(start: number, end: number): string {
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

  /** Tells the object around that something inside of it was parsed. */
  tried(length: number, found: boolean): void {
    const parent = this.#open.at(-1);
    if (!parent) return;
    parent.tried += length;
    if (found) parent.foundInside = true;
  }

  /** Prose, fences and brackets around the objects. */
  #readOutside(char: string, at: number): undefined {
    if (char === '{') this.#openObject(at);
    else if (char === '[') this.#inArray = true;
    else if (char === ']') {
      if (this.#inArray && this.#token.char === '[') this.#sawList = true;
      this.#inArray = false;
    }
  }

  #readInString(string: { start: number; escaped: boolean; isValue: boolean }, char: string, at: number): void {
    if (string.escaped) {
      string.escaped = false;
    } else if (char === '\\') {
      string.escaped = true;
      this.#brace = undefined;
    } else if (char === '"') {
      this.#endString(string, at);
      if (this.#brace !== undefined) this.#suspect = { brace: this.#brace, quote: at, keyEnd: undefined };
      this.#brace = undefined;
    } else if (char === '{') {
      this.#brace = at;
    } else if (this.#brace !== undefined && !isBlank(char)) {
      this.#brace = undefined;
    }
  }

  #endString(string: { start: number; isValue: boolean }, at: number): void {
    const top = this.#open.at(-1);
    if (string.isValue && top && FILE_KEYS.has(this.#lastKey)) top.file = { start: string.start, end: at };
    this.#lastString = { start: string.start, end: at };
    this.#string = undefined;
    this.#token = { char: '"', at };
  }

  /** Looks whether a key and a colon follow the brace and the quotation mark. */
  #weigh(suspect: Suspect, char: string, at: number): void {
    const { brace, quote, keyEnd } = suspect;
    if (keyEnd !== undefined) {
      if (isBlank(char)) return;
      this.#suspect = undefined;
      if (char === ':') this.#restart(brace, quote, keyEnd);
    } else if (char === '"' && FINDING_KEYS.has(this.#text.slice(quote + 1, at))) {
      suspect.keyEnd = at;
    } else if (at - quote > LONGEST_KEY || !/\w/.test(char)) {
      this.#suspect = undefined;
    }
  }

  /** Gives up the finding that is open and goes on with the object at `brace`, whose first key has just ended. */
  #restart(brace: number, quote: number, keyEnd: number): void {
    // What has no quote yet may as well be an object around the findings.
    const begun = this.#open.findIndex((object) => object.hasQuote);
    if (begun >= 0) {
      this.#lost++;
      this.#open.splice(begun);
    }
    // Something that was taken for a string is not trusted to be a finding just because it says something.
    this.#openObject(brace, true).fresh = false;
    this.#string = undefined;
    this.#lastString = { start: quote + 1, end: keyEnd };
    this.#token = { char: '"', at: keyEnd };
  }

  #readInObject(top: AnswerObject, char: string, at: number): AnswerObject | undefined {
    if (top.fresh) {
      top.fresh = false;
      if (char !== '"' && char !== '}') {
        // A brace in prose or code; in JSON a key or the end follows.
        this.#open.pop();
        return this.read(char, at);
      }
    }
    if (char === '"') this.#string = { start: at + 1, escaped: false, isValue: this.#token.char === ':' };
    else if (char === ':') this.#readKey(top);
    else if (char === '{') this.#openObject(at);
    else if (char === '}' || char === ']') {
      if (this.#token.char === ',') this.#spareCommas.push(this.#token.at);
      if (char === '}') return this.#closeObject(top);
    }
    return undefined;
  }

  #readKey(top: AnswerObject): void {
    const { start, end } = this.#lastString;
    this.#lastKey = '';
    if (this.#token.char !== '"' || end - start > LONGEST_KEY) return;
    this.#lastKey = this.#text.slice(start, end);
    noteKey(top, this.#lastKey);
  }

  #openObject(start: number, inString = false): AnswerObject {
    const parent = this.#open.at(-1);
    // A line that was cut behind a colon is no key of the object in the next line.
    const isValue = !inString && this.#token.char === ':' && this.#lineBreak < this.#token.at;
    const inFinding = parent !== undefined && parent.texts.length > 0 && parent.hasPlace;
    const object: AnswerObject = {
      start,
      isPart: isValue && inFinding,
      needsQuote: isValue || inFinding || inString,
      fresh: true,
      texts: [],
      hasPlace: false,
      hasQuote: false,
      isMixed: false,
      file: undefined,
      foundInside: false,
      tried: 0,
    };
    if (this.#open.length === MOST_OPEN) this.#open.shift();
    this.#open.push(object);
    return object;
  }

  #closeObject(object: AnswerObject): AnswerObject {
    this.#open.pop();
    const parent = this.#open.at(-1);
    if (parent) {
      parent.tried += object.tried;
      if (object.foundInside) parent.foundInside = true;
    } else if (object.texts.length === 0 && !object.hasPlace) this.#sawList = true;
    return object;
  }

  /** To be called when a closed object was dealt with: commas inside of it are needed no more. */
  forget(): void {
    if (this.#open.length === 0) this.#spareCommas = [];
  }
}

/** A mark of byte order is blank where a text begins, and nowhere else outside strings. */
export function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t' || char === '\ufeff';
}
