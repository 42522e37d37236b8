import { jsonrepair } from 'jsonrepair';
import type { RawFinding } from '../finding.ts';
import { findingsIn, listedIn, readFinding } from './answerFinding.ts';
import { decodedAnswer, looseObjects } from './answerForms.ts';
import { looksLikeFinding, type AnswerObject } from './answerObject.ts';
import { ObjectScanner } from './answerScanner.ts';
import { Reasoning } from './reasoning.ts';
import { TextParts } from './textParts.ts';

/** More than this is no answer any more; the parser stops reading. UTF-16 units. */
const MAX_ANSWER_LENGTH = 2_000_000;
const MAX_FINDINGS = 500;
const MAX_OBJECT_LENGTH = 200_000;
/** What is parsed of an object's inside may be this many times as long as the object: that keeps the time linear. */
const MOST_TRIED = 4;
/** Mending costs far more than reading. Of one finding, and of all. */
const MAX_REPAIR_LENGTH = 40_000;
const MAX_REPAIRS_LENGTH = 400_000;

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

/**
 * Reads findings out of a model's answer while it arrives. It takes one object a line, a JSON array, or an object around an
 * array, in prose or code fences, and hands out each finding at the brace that completes it. Damage costs only the finding
 * it is in. Time is linear in the length of the answer whatever the size of its pieces: only objects that have the keys of a
 * finding are parsed, and what is nested only as far as it stays in proportion.
 */
export class AnswerParser {
  readonly #text = new TextParts();
  readonly #scanner = new ObjectScanner(this.#text);
  readonly #reasoning = new Reasoning();
  readonly #damaged: { start: number; end: number }[] = [];
  /** Where the answer begins: behind what was only thought. */
  #begin: number | undefined;
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
    for (let index = 0; index < piece.length && !this.#stopped; index++) {
      const char = piece.charAt(index);
      if (this.#begin === undefined) {
        if (this.#reasoning.skips(char)) continue;
        this.#begin = base + index;
      }
      const closed = this.#scanner.read(char, base + index);
      if (closed) this.#close(closed, base + index + 1, found);
    }
    if (this.#text.length > MAX_ANSWER_LENGTH) this.#stopped = true;
    return found;
  }

  /** Call once, after the last piece. */
  finish(): AnswerEnd {
    const findings = this.#mendDamaged();
    if (this.#scanner.insideFinding && !this.#stopped) this.#lost++;
    const nothing = this.#found + findings.length === 0 && !this.#scanner.insideFinding;
    const otherwise = nothing && !this.#stopped ? this.#readOtherForms() : undefined;
    if (otherwise) findings.push(...otherwise.findings);
    const any = this.#found + findings.length > 0;
    const inside = this.#scanner.insideObject || (this.#scanner.insideList && any) || this.#reasoning.open;
    return {
      findings,
      lost: this.#lost + this.#scanner.lost + (otherwise?.lost ?? 0),
      cutOff: !this.#stopped && (inside || otherwise?.cutOff === true),
      overLimit: this.#stopped,
      unreadable: !any && !this.#scanner.sawList && (otherwise?.unreadable ?? true),
    };
  }

  #close(object: AnswerObject, end: number, found: RawFinding[]): void {
    const length = end - object.start;
    // An object around findings may have a title and a path of its own, but it quotes nothing.
    if (looksLikeFinding(object) && (object.hasQuote || object.tried === 0)) {
      if (length > MAX_OBJECT_LENGTH) this.#lost++;
      else if (object.tried <= MOST_TRIED * length) {
        const read = this.#attempt(object, end);
        this.#scanner.tried(length, read.length > 0);
        found.push(...read.slice(0, MAX_FINDINGS - this.#found));
        this.#found += read.length;
        if (this.#found >= MAX_FINDINGS) this.#stopped = true;
      }
    }
    this.#scanner.forget();
  }

  /** The findings that an object is or, when they were not seen one by one, holds. */
  #attempt(object: AnswerObject, end: number): RawFinding[] {
    const value = parsed(this.#scanner.textOf(object.start, end));
    if (value === undefined) {
      if (object.foundInside || object.isMixed) this.#lost++;
      else this.#damaged.push({ start: object.start, end });
      return [];
    }
    const own = readFinding(value);
    const listed = own?.quote ? [] : listedIn(value);
    // A group of findings with a title of its own.
    if (listed.length > 0) return object.foundInside ? [] : listed.map((finding) => this.#withFile(finding));
    // A group with an empty list says that its file is clean.
    if (own && (own.quote !== '' || !object.isMixed)) return [this.#withFile(own)];
    if (!own) this.#lost++;
    return [];
  }

  /** The path that an object around it names, where the finding names none. */
  #withFile(finding: RawFinding): RawFinding {
    const { file } = this.#scanner;
    if (finding.file !== '' || file === undefined) return finding;
    const path = parsed(this.#text.slice(file.start - 1, file.end + 1));
    return typeof path === 'string' ? { ...finding, file: path.slice(0, 1000).trim() } : finding;
  }

  #mendDamaged(): RawFinding[] {
    const findings: RawFinding[] = [];
    let room = MAX_REPAIRS_LENGTH;
    for (const { start, end } of this.#damaged.splice(0)) {
      room -= end - start;
      const finding = end - start <= MAX_REPAIR_LENGTH && room >= 0 ? readFinding(repaired(this.#text.slice(start, end))) : undefined;
      if (finding) findings.push(finding);
      else this.#lost++;
    }
    return findings;
  }

  /** Nothing was found as JSON: the answer may be JSON inside a string, or literals of another language. */
  #readOtherForms(): AnswerEnd | undefined {
    const text = this.#text.slice(this.#begin ?? this.#text.length, this.#text.length);
    const decoded = decodedAnswer(text);
    if (decoded !== undefined) {
      const parser = new AnswerParser();
      const findings = parser.push(decoded);
      const end = parser.finish();
      return { ...end, findings: [...findings, ...end.findings] };
    }
    const findings: RawFinding[] = [];
    let lost = 0;
    let room = MAX_REPAIRS_LENGTH;
    for (const object of looseObjects(text)) {
      room -= object.length;
      const read = object.length <= MAX_REPAIR_LENGTH && room >= 0 ? findingsIn(repaired(object)) : [];
      if (read.length === 0) lost++;
      findings.push(...read);
    }
    return findings.length === 0 ? undefined : { findings, lost, cutOff: false, overLimit: false, unreadable: false };
  }
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
