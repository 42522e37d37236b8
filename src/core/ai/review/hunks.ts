import { structuredPatch } from 'diff';
import type { LineRange } from './lines.ts';

export interface HunkLine {
  kind: 'context' | 'added' | 'removed';
  /** Line on the new side, from 1; absent for a removed line. */
  line?: number;
  text: string;
}

/** A changed stretch of a file with its context. `startLine` to `endLine` is its new side, both inclusive. */
export interface Hunk {
  startLine: number;
  endLine: number;
  lines: HunkLine[];
}

/** Give up on a diff after this many milliseconds; a rewritten file then counts as changed throughout. */
const DIFF_TIMEOUT_MS = 2000;

/**
 * Hunks from `oldText` to `newText`. Line ends are levelled first, so that a checkout with `\r\n` is no change.
 * A file too different to compare in time is one hunk of added lines.
 */
export function diffHunks(oldText: string, newText: string, context: number): Hunk[] {
  const patch = structuredPatch('a', 'b', level(oldText), level(newText), '', '', { context, timeout: DIFF_TIMEOUT_MS });
  if (!patch) return wholeFileHunk(newText);
  return patch.hunks.map((hunk) => {
    let next = hunk.newStart;
    const lines: HunkLine[] = [];
    for (const raw of hunk.lines) {
      const text = raw.slice(1);
      if (raw.startsWith('+')) lines.push({ kind: 'added', line: next++, text });
      else if (raw.startsWith('-')) lines.push({ kind: 'removed', text });
      else if (raw.startsWith(' ')) lines.push({ kind: 'context', line: next++, text });
    }
    return { startLine: hunk.newStart, endLine: next - 1, lines };
  });
}

/** A new file: every line is added. An empty text has no hunk. */
export function wholeFileHunk(text: string): Hunk[] {
  if (text === '') return [];
  const texts = level(text).split('\n');
  if (texts.at(-1) === '') texts.pop();
  const lines = texts.map((line, index): HunkLine => ({ kind: 'added', line: index + 1, text: line }));
  return [{ startLine: 1, endLine: lines.length, lines }];
}

/** Selected lines, as if all of them were new: what is under review comes first, wherever findings are placed. */
export function selectionHunk(lines: readonly string[], { start, end }: LineRange): Hunk {
  const selected = lines.slice(start - 1, end);
  return { startLine: start, endLine: end, lines: selected.map((text, index) => ({ kind: 'added', line: start + index, text })) };
}

/** New-side lines a change touched: added ones, and both neighbours of lines that went without replacement. */
export function touchedLines(hunks: readonly Hunk[]): Set<number> {
  const touched = addedLines(hunks);
  for (const hunk of hunks) {
    hunk.lines.forEach((line, index) => {
      if (line.kind !== 'removed') return;
      const before = hunk.lines[index - 1];
      const after = hunk.lines.slice(index + 1).find((next) => next.kind !== 'removed');
      if (after?.kind === 'added') return;
      if (before?.kind === 'context' && before.line !== undefined) touched.add(before.line);
      if (after?.line !== undefined && before?.kind !== 'added') touched.add(after.line);
    });
  }
  return touched;
}

/** New-side lines that were added. */
export function addedLines(hunks: readonly Hunk[]): Set<number> {
  const added = new Set<number>();
  for (const hunk of hunks) for (const line of hunk.lines) if (line.kind === 'added' && line.line !== undefined) added.add(line.line);
  return added;
}

function level(text: string): string {
  return text.replace(/\r\n|\r/g, '\n');
}
