import { LONGEST_KEY, noteKey, type ObjectKeys } from './answerObject.ts';

/** Forms of answers that are no JSON, read from the whole text when nothing else could be read. Each in linear time. */

/** The beginning of JSON inside of a JSON string, as in a call of a tool: `{\"` or `[{\n \"`. */
const ENCODED = /[[{](?:\s|\\[nrt])*(?:\{(?:\s|\\[nrt])*)?\\"/u;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The JSON inside of a string, up to that string's end; undefined when the text holds none. */
export function decodedAnswer(text: string): string | undefined {
  const start = ENCODED.exec(text)?.index;
  if (start === undefined) return undefined;
  const pieces: string[] = [];
  let from = start;
  for (let at = start; at < text.length && text[at] !== '"'; at++) {
    if (text[at] !== '\\') continue;
    pieces.push(text.slice(from, at));
    const code = text[at + 1] ?? '';
    const unicode = code === 'u' ? /^[0-9a-f]{4}/iu.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
    pieces.push(unicode === undefined ? (ESCAPES[code] ?? code) : String.fromCharCode(Number.parseInt(unicode, 16)));
    at += unicode === undefined ? 1 : 5;
    from = at + 1;
  }
  const end = text.indexOf('"', from);
  return pieces.join('') + text.slice(from, end < 0 ? undefined : end);
}

interface LooseObject extends ObjectKeys {
  start: number;
}

/** Complete objects with the keys of a finding in JavaScript's or Python's notation, innermost first. */
export function looseObjects(text: string): string[] {
  const found: string[] = [];
  const open: LooseObject[] = [];
  let token = '';
  let word: { start: number; end: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (/\s/u.test(char)) continue;
    const begins = '{[,:('.includes(token) && token !== '';
    const top = open.at(-1);
    if (char === '/' && text[at + 1] === '/' && begins) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
      continue;
    }
    if (top && begins && `'"\``.includes(char)) {
      const end = stringEnd(text, at);
      // The text was cut inside of it.
      if (end === undefined) return found;
      word = { start: at + 1, end };
      at = end;
    } else if (/[\w$]/u.test(char)) {
      const end = wordEnd(text, at);
      word = { start: at, end };
      at = end - 1;
    } else if (char === ':' && top && word && word.end - word.start <= LONGEST_KEY) noteKey(top, text.slice(word.start, word.end));
    else if (char === '{') open.push({ start: at, texts: [], hasPlace: false, hasQuote: false, isMixed: false });
    else if (char === '}' && open.pop() && top && top.texts.length > 0 && top.hasPlace) found.push(text.slice(top.start, at + 1));
    token = char;
  }
  return found;
}

/** The quotation mark that ends the string at `start`: one that nothing but the end of a value follows. */
function stringEnd(text: string, start: number): number | undefined {
  const mark = text.charAt(start);
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === mark && /^\s{0,100}(?:[,:}\]]|$)/u.test(text.slice(at + 1, at + 102))) return at;
  }
  return undefined;
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && /[\w$]/u.test(text.charAt(end))) end++;
  return end;
}
