import { splitLines } from './lines.ts';

/** One way to read a quote: its lines, and the line number the model copied along with the first of them. */
export interface QuoteReading {
  lines: string[];
  copiedLine?: number;
  /** Lines were cut short, so that the quote does not tell all that stands there. */
  cutShort?: true;
  /** Takes what was copied along off a line of the replacement too. */
  clean(line: string): string;
}

/**
 * Line numbers as models copy or invent them, with an optional diff marker: `12 code` and `12+code` as our prompts print it, `+12 code`, `12| code`, `12: code`.
 * Several patterns because in `12 | "a"` the bar may belong to the code, and in `12|  a` the first blank.
 */
const NUMBERED = [
  /^\s*[+-]?\s*(\d{1,7})(?:[ \t+]|$)/u,
  /^\s*[+-]?\s*(\d{1,7})[ \t]*[|:]/u,
  /^\s*[+-]?\s*(\d{1,7})[ \t]*[|:](?:[ \t]|$)/u,
] as const;
/** A longer line is not cut short, and the pattern would take long for it. */
const MAX_CUT_LENGTH = 1000;
/** Long enough before the ellipsis to tell the line. */
const CUT = /^(.*\S.{10,}?)\s*(?:\.{3}|…)\s*$/u;
const ADDED = /^\s{0,2}\+/u;

/**
 * The ways to read a quote, most literal first: as it is, without a code fence around it, without a copied diff marker, without
 * copied line numbers, with lines cut short. Blank lines at either end are never part of a quote. No reading means that the quote says nothing.
 */
export function readingsOf(quote: string): QuoteReading[] {
  const literal = trimBlank(splitLines(quote));
  const lines = withoutFence(literal);
  const plain = (text: string): string => text;
  const readings = [reading(literal, plain), lines === literal ? undefined : reading(lines, plain), withoutMarkers(lines)];
  const numbered = NUMBERED.map((pattern) => withoutNumbers(lines, pattern));
  return [...readings, ...numbered, cutShort(lines)].filter((one) => one !== undefined);
}

/** Lines that end in an ellipsis stand for longer ones; a redaction marker stands for any text, so it must not be one of the quote's own. */
function cutShort(lines: string[]): QuoteReading | undefined {
  if (lines.some((line) => line.includes('[redacted:'))) return undefined;
  const cut = lines.map((line) => (line.length > MAX_CUT_LENGTH ? line : line.replace(CUT, '$1[redacted:rest]')));
  const result = cut.every((line, index) => line === lines[index]) ? undefined : reading(cut, (line) => line);
  return result && { ...result, cutShort: true };
}

/** Markdown is reviewed too, so this is only one of the readings. */
function withoutFence(lines: string[]): string[] {
  const isFence = (line: string | undefined): boolean => /^\s*(?:```|~~~)[\w-]*\s*$/u.test(line ?? '');
  if (!isFence(lines[0])) return lines;
  return trimBlank(lines.slice(1, isFence(lines.at(-1)) ? -1 : undefined));
}

function withoutMarkers(lines: string[]): QuoteReading | undefined {
  const filled = lines.filter((line) => line.trim() !== '');
  if (!filled.some((line) => ADDED.test(line)) || !filled.every((line) => ADDED.test(line) || line.startsWith(' '))) return undefined;
  const clean = (line: string): string => (ADDED.test(line) ? line.replace(ADDED, '') : line.replace(/^ /u, ''));
  return reading(lines.map(clean), clean);
}

function withoutNumbers(lines: string[], pattern: RegExp): QuoteReading | undefined {
  const numbers = lines.map((line) => pattern.exec(line)?.[1]);
  if (lines.length === 0) return undefined;
  const first = Number(numbers[0]);
  // Consecutive numbers are what our prompt prints; anything else is code that begins with a number.
  if (!lines.every((line, index) => (numbers[index] === undefined ? line.trim() === '' : Number(numbers[index]) === first + index))) {
    return undefined;
  }
  const clean = (line: string): string => line.replace(pattern, '');
  const result = reading(lines.map(clean), clean);
  return result && { ...result, copiedLine: first };
}

function reading(lines: string[], clean: (line: string) => string): QuoteReading | undefined {
  const trimmed = trimBlank(lines);
  return trimmed.length === 0 ? undefined : { lines: trimmed, clean };
}

function trimBlank(lines: string[]): string[] {
  let start = 0;
  let end = lines.length;
  while (start < end && (lines[start] ?? '').trim() === '') start++;
  while (end > start && (lines[end - 1] ?? '').trim() === '') end--;
  return lines.slice(start, end);
}
