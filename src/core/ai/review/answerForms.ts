import { FINDING_KEYS, LONGEST_KEY, noteKey, type ObjectKeys } from './answerObject.ts';

/** Forms of answers that are no JSON, read from the whole text when nothing else could be read. Each in linear time. */

/** The beginning of JSON inside of a JSON string, as in a call of a tool: `{\"` or `[{\n \"`. */
const ENCODED = /[[{](?:\s|\\[nrt])*(?:\{(?:\s|\\[nrt])*)?\\"/u;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * The JSON inside of a string; undefined when the text holds none. What stands behind the string's end comes along, as nothing tells a
 * quotation mark that ends it from one that was not escaped.
 */
export function decodedAnswer(text: string): string | undefined {
  const start = ENCODED.exec(text)?.index;
  if (start === undefined) return undefined;
  const pieces: string[] = [];
  let from = start;
  for (let at = start; at < text.length; at++) {
    if (text[at] !== '\\') continue;
    pieces.push(text.slice(from, at));
    const code = text[at + 1] ?? '';
    const unicode = code === 'u' ? /^[0-9a-f]{4}/iu.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
    pieces.push(unicode === undefined ? (ESCAPES[code] ?? code) : String.fromCharCode(Number.parseInt(unicode, 16)));
    at += unicode === undefined ? 1 : 5;
    from = at + 1;
  }
  return pieces.join('') + text.slice(from);
}

/** A brace with a first key, in JavaScript's or Python's notation. */
const BEGINNING = /\{\s{0,100}(?:(['"`])(\w{1,16})\1|(\w{1,16}))\s{0,100}:/gu;
/** All objects together may be looked through this many times the length of the text: that keeps the time linear. */
const MOST_LOOKS = 8;

/**
 * Complete objects with the keys of a finding in JavaScript's or Python's notation. One that runs into the next, because a quotation mark or
 * a brace is missing, is given up, and the next one is looked at by itself.
 */
export function looseObjects(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  let looks = MOST_LOOKS * text.length;
  for (const beginning of text.matchAll(BEGINNING)) {
    const start = beginning.index;
    if (start < from || !FINDING_KEYS.has(beginning[2] ?? beginning[3] ?? '')) continue;
    const { end, complete, keys } = looseObject(text, start, Math.min(text.length, start + looks));
    looks -= end - start;
    if (!complete || keys.isMixed || keys.texts.length === 0 || !keys.hasPlace) continue;
    found.push(text.slice(start, end));
    from = end;
  }
  return found;
}

/** The object at the brace `start`, as far as its closing brace or `limit`, and its own keys. */
function looseObject(text: string, start: number, limit: number): { end: number; complete: boolean; keys: ObjectKeys } {
  const keys: ObjectKeys = { texts: [], hasPlace: false, hasQuote: false, isMixed: false };
  let depth = 0;
  /** The last character that is not blank, and the last word or string, which is a key when a colon follows. */
  let token = '';
  let word = '';
  for (let at = start; at < limit; at++) {
    const char = text.charAt(at);
    if (/\s/u.test(char)) continue;
    const begins = '{[,:('.includes(token) && token !== '';
    if (begins && char === '/' && text[at + 1] === '/') {
      at = lineEnd(text, at);
      continue;
    }
    if (begins && `'"\``.includes(char)) {
      const end = stringEnd(text, at, limit);
      if (end === undefined) return { end: limit, complete: false, keys };
      word = text.slice(at + 1, Math.min(end, at + 1 + 2 * LONGEST_KEY));
      at = end;
    } else if (/[\w$]/u.test(char)) {
      const end = wordEnd(text, at);
      word = text.slice(at, Math.min(end, at + 2 * LONGEST_KEY));
      at = end - 1;
    } else if (char === ':' && depth === 1) noteKey(keys, word);
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return { end: at + 1, complete: true, keys };
    token = char;
  }
  return { end: limit, complete: false, keys };
}

/** The quotation mark that ends the string at `start`: one that nothing but the end of a value follows. */
function stringEnd(text: string, start: number, limit: number): number | undefined {
  const mark = text.charAt(start);
  for (let at = start + 1; at < limit; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === mark && /^\s{0,100}(?:[,:}\]]|$)/u.test(text.slice(at + 1, at + 102))) return at;
  }
  return undefined;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && /[\w$]/u.test(text.charAt(end))) end++;
  return end;
}
