import { replaceHidden } from '../../core/hiddenCharacters.ts';

/**
 * Repository and model text may hold escape sequences that rewrite the terminal, or characters that hide or make code read
 * differently from what it is. Shown text has them replaced; tabs and line breaks stay.
 */
export function printable(text: string): string {
  return replaceHidden(text.replace(/\r\n/g, '\n'), '\ufffd');
}

/** Keys whose text stands inside a line: a line break in the name of a file would make up lines of its own. */
const IN_A_LINE: ReadonlySet<string> = new Set(['file', 'files', 'title', 'category', 'rule', 'reason', 'because', 'notices']);

/** For a place inside a line. */
export function printableLine(text: string): string {
  return printable(text).replace(/\n/g, '\ufffd');
}

function oneLine(value: unknown): unknown {
  if (typeof value === 'string') return printableLine(value);
  return Array.isArray(value) ? value.map(oneLine) : visit(value);
}

/** The same for every string inside plain data. */
export function printableData<T>(value: T): T {
  return visit(value) as T;
}

function visit(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(visit);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, IN_A_LINE.has(key) ? oneLine(inner) : visit(inner)]));
  }
  return value;
}

/** The same, and each string on one line: for text in which a line of its own could be taken for something else. */
export function printableLines<T>(value: T): T {
  return linesIn(value) as T;
}

function linesIn(value: unknown): unknown {
  if (typeof value === 'string') return printable(value).replace(/\s*[\n\u2028\u2029]\s*/g, ' ');
  if (Array.isArray(value)) return value.map(linesIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, linesIn(inner)]));
}
