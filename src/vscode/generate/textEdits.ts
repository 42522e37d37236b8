import type { PlacedEdit, ProposedChange } from '../../core/ai/generate/generation.ts';

/** A replacement in the editor's terms: lines and characters count from 0, lines end in `\n`. */
export interface TextEdit {
  start: Place;
  end: Place;
  newText: string;
}

export interface Place {
  line: number;
  character: number;
}

/** In UTF-16 units of the text. */
interface Replacement {
  start: number;
  end: number;
  newText: string;
}

/** A text as the editor holds it: no byte order mark, and one kind of line end. */
export function editorText(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

/**
 * The edits that make `after` of `before`, small ones, so that cursors, breakpoints and findings beside them stay. They are checked:
 * where the placed blocks would make another text than the one that was shown, the differing middle is replaced as one.
 */
export function textEditsOf(change: ProposedChange): TextEdit[] {
  const before = editorText(change.before);
  const after = editorText(change.after);
  const placed = replacementsOf(before, change.edits);
  const replacements = replaced(before, placed) === after ? placed : [middleOf(before, after)];
  const starts = lineStarts(before);
  return replacements.map(({ start, end, newText }) => ({ start: placeOf(start, starts), end: placeOf(end, starts), newText }));
}

function replacementsOf(text: string, edits: readonly PlacedEdit[]): Replacement[] {
  const starts = lineStarts(text);
  const startOf = (line: number): number => starts[line - 1] ?? text.length;
  const endOf = (line: number): number => (line < starts.length ? (starts[line] ?? 0) - 1 : text.length);
  return edits.map(({ startLine, endLine, newText }) => {
    const fresh = editorText(newText);
    if (endLine < startLine) {
      if (startLine <= starts.length) return { start: startOf(startLine), end: startOf(startLine), newText: `${fresh}\n` };
      return { start: text.length, end: text.length, newText: `\n${fresh}` };
    }
    if (fresh !== '') return { start: startOf(startLine), end: endOf(endLine), newText: fresh };
    // Deleted lines take a line end with them: the one after, or for the last line the one before.
    if (endLine < starts.length) return { start: startOf(startLine), end: startOf(endLine + 1), newText: '' };
    return { start: startLine === 1 ? 0 : endOf(startLine - 1), end: text.length, newText: '' };
  });
}

/** Undefined when the replacements overlap or leave the text. */
function replaced(text: string, replacements: readonly Replacement[]): string | undefined {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, newText } of replacements.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    if (start < from || end < start || end > text.length) return undefined;
    parts.push(text.slice(from, start), newText);
    from = end;
  }
  return parts.join('') + text.slice(from);
}

/** What is left of both texts without the lines they begin and end with alike. */
function middleOf(before: string, after: string): Replacement {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  // From the beginning of that line; `lastIndexOf` would take -1 for 0.
  start = start === 0 ? 0 : before.lastIndexOf('\n', start - 1) + 1;
  let same = 0;
  const most = Math.min(before.length, after.length) - start;
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { start, end: before.length - same, newText: after.slice(start, after.length - same) };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(offset: number, starts: readonly number[]): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (starts[low] ?? 0) };
}
