import { splitLines } from '../review/lines.ts';
import { outlineLines } from '../review/symbols.ts';

/** The lines on which something is declared: what a file offers to others, where the whole of it does not fit. */
export interface Outline {
  text: string;
  declarations: number;
  /** Lines of the whole text. */
  of: number;
}

/** Undefined for a text that declares nothing. */
export function outlineOf(text: string): Outline | undefined {
  const lines = splitLines(text);
  const declared = outlineLines(lines);
  if (declared.length === 0) return undefined;
  return { text: declared.map(({ line }) => lines[line - 1] ?? '').join('\n'), declarations: declared.length, of: lines.length };
}

/** Names shorter than this are in every file. */
const SHORTEST = 3;

/** How many names that one text declares stand in the other. */
export function sharedNames(text: string, other: string): number {
  const words = new Set(other.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
  const names = outlineLines(splitLines(text)).map(({ name }) => name.split('.').at(-1) ?? name);
  return new Set(names.filter((name) => name.length >= SHORTEST && words.has(name))).size;
}
