import { diffArrays } from 'diff';
import type { PlacedEdit, ProposedChange } from './generation.ts';

/** A part of a change that is taken or left by itself. Lines count from 1; a part that only inserts replaces no lines. */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** Lines that come and go; lines inside that stay are not counted. */
  added: number;
  removed: number;
  /** The first line that says something, without its indentation: of what comes, else of what goes. May be long, and is untrusted. */
  gist: string;
}

/** Two edits with so few lines between them are one thought more often than two. */
const JOINING_LINES = 1;
/** More differences than this cost seconds to tell apart; the texts then differ in one part. */
const MAX_EDIT_LENGTH = 1000;

/** The parts of a change in their order. A new file is one part. */
export function hunksOf({ before, after, kind }: ProposedChange): Hunk[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  if (kind === 'create') return [whole(fresh)];
  const hunks: Hunk[] = [];
  let oldLine = 1;
  let newLine = 1;
  for (const { added, removed, value } of differences(old, fresh)) {
    const count = value.length;
    if (!added && !removed) {
      oldLine += count;
      newLine += count;
      continue;
    }
    const last = hunks.at(-1);
    const near = last !== undefined && oldLine - (last.oldStart + last.oldLines) <= JOINING_LINES;
    const hunk = near ? last : { oldStart: oldLine, oldLines: 0, newStart: newLine, newLines: 0, added: 0, removed: 0, gist: '' };
    if (!near) hunks.push(hunk);
    if (added) newLine += count;
    else oldLine += count;
    hunk.oldLines = oldLine - hunk.oldStart;
    hunk.newLines = newLine - hunk.newStart;
    if (added) hunk.added += count;
    else hunk.removed += count;
  }
  for (const hunk of hunks) hunk.gist = gistOf(hunk, old, fresh);
  return hunks;
}

/** The text with some of a change's parts made; what lies outside of them stays byte for byte. */
export function textWith({ before, after }: ProposedChange, hunks: readonly Hunk[], isTaken: (index: number) => boolean): string {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const lines: string[] = [];
  let from = 0;
  const take = (more: readonly string[]): void => {
    for (const line of more) {
      // A lone \r and the \n of a blank line that now follows it would become one line end.
      lines.push(line === '\n' && lines.at(-1)?.endsWith('\r') === true ? '\r\n' : line);
    }
  };
  for (const [index, hunk] of hunks.entries()) {
    const start = hunk.oldStart - 1;
    take(old.slice(from, start));
    from = start + hunk.oldLines;
    take(isTaken(index) ? fresh.slice(hunk.newStart - 1, hunk.newStart - 1 + hunk.newLines) : old.slice(start, from));
  }
  take(old.slice(from));
  return lines.join('');
}

/** The change with some of its parts only; nothing when none is taken. */
export function partOf(change: ProposedChange, hunks: readonly Hunk[], isTaken: (index: number) => boolean): ProposedChange | undefined {
  const taken = hunks.filter((_, index) => isTaken(index));
  if (taken.length === 0) return undefined;
  if (taken.length === hunks.length) return change;
  const fresh = linesOf(change.after);
  return { ...change, after: textWith(change, hunks, isTaken), edits: taken.map((hunk) => editOf(hunk, fresh)) };
}

/** The part at a line of a text in which some of the parts are made, or nothing where no part is. */
export function hunkAt(hunks: readonly Hunk[], isTaken: (index: number) => boolean, line: number): number | undefined {
  const index = hunks.findIndex((_, at) => {
    const { first, last } = linesIn(hunks, isTaken, at);
    // Lines that are gone leave a gap, which belongs to the lines beside it.
    return last < first ? line === first || line === last : line >= first && line <= last;
  });
  return index === -1 ? undefined : index;
}

/** Where a part stands in that text; `last` is one below `first` when it leaves no line there. */
export function linesIn(hunks: readonly Hunk[], isTaken: (index: number) => boolean, at: number): { first: number; last: number } {
  let shift = 0;
  for (const [index, hunk] of hunks.entries()) {
    const count = isTaken(index) ? hunk.newLines : hunk.oldLines;
    const first = hunk.oldStart + shift;
    if (index === at) return { first, last: first + count - 1 };
    shift += count - hunk.oldLines;
  }
  return { first: 1, last: 0 };
}

/** Lines with their ends, as an editor counts them, but for the empty one after a last line end. */
function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/gu) ?? [];
}

interface Difference {
  added: boolean;
  removed: boolean;
  value: readonly string[];
}

function differences(old: readonly string[], fresh: readonly string[]): readonly Difference[] {
  return diffArrays([...old], [...fresh], { maxEditLength: MAX_EDIT_LENGTH }) ?? middle(old, fresh);
}

/** What is left without the lines that both texts begin and end with. */
function middle(old: readonly string[], fresh: readonly string[]): Difference[] {
  const most = Math.min(old.length, fresh.length);
  let start = 0;
  while (start < most && old[start] === fresh[start]) start++;
  let same = 0;
  while (same < most - start && old[old.length - 1 - same] === fresh[fresh.length - 1 - same]) same++;
  return [
    { added: false, removed: false, value: old.slice(0, start) },
    { added: false, removed: true, value: old.slice(start, old.length - same) },
    { added: true, removed: false, value: fresh.slice(start, fresh.length - same) },
  ];
}

function whole(fresh: readonly string[]): Hunk {
  const newLines = fresh.length;
  const hunk: Hunk = { oldStart: 1, oldLines: 0, newStart: 1, newLines, added: newLines, removed: 0, gist: '' };
  return { ...hunk, gist: gistOf(hunk, [], fresh) };
}

function gistOf(hunk: Hunk, old: readonly string[], fresh: readonly string[]): string {
  const kept = old.slice(hunk.oldStart - 1, hunk.oldStart - 1 + hunk.oldLines);
  const made = fresh.slice(hunk.newStart - 1, hunk.newStart - 1 + hunk.newLines);
  const known = new Set(kept);
  const says = (line: string): boolean => /[\p{L}\p{N}]/u.test(line);
  const line = made.find((one) => says(one) && !known.has(one)) ?? kept.find(says) ?? made[0] ?? kept[0] ?? '';
  return line.trim();
}

function editOf({ oldStart, oldLines, newStart, newLines }: Hunk, fresh: readonly string[]): PlacedEdit {
  const lines = fresh.slice(newStart - 1, newStart - 1 + newLines).map((line) => line.replace(/[\r\n]+$/u, ''));
  return { startLine: oldStart, endLine: oldStart + oldLines - 1, newText: lines.join('\n'), anchor: { status: 'exact', confidence: 1 } };
}
