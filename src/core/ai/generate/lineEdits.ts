import type { PlacedEdit } from './generation.ts';

/** A text as lines with their ends kept, so that what is not edited stays as it is, byte for byte. */
interface Line {
  text: string;
  end: string;
}

const LINE_END = /\r\n|\n|\r/gu;

/** Lines as `splitLines` counts them: a text that ends in a line end has an empty last line. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const match of text.matchAll(LINE_END)) {
    lines.push({ text: text.slice(from, match.index), end: match[0] });
    from = match.index + match[0].length;
  }
  lines.push({ text: text.slice(from), end: '' });
  return lines;
}

/** The line end that most lines have; `\n` for a text of one line. */
export function lineEndOf(text: string): string {
  const counts = new Map<string, number>();
  for (const [end] of text.matchAll(LINE_END)) counts.set(end, (counts.get(end) ?? 0) + 1);
  let best = '\n';
  let most = 0;
  for (const [end, count] of counts) if (count > most) [best, most] = [end, count];
  return best;
}

/**
 * The text with the edits made. They may stand in any order but must not overlap; insertions at one line keep their order. New lines
 * get the text's own line end, and whether its last line has one stays as it is.
 */
export function applyEdits(text: string, edits: readonly Pick<PlacedEdit, 'startLine' | 'endLine' | 'newText'>[]): string {
  const lines = linesOf(text);
  const end = lineEndOf(text);
  const ordered = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => b.startLine - a.startLine || b.endLine - a.endLine || b.index - a.index);
  for (const { startLine, endLine, newText } of ordered) replaceLines(lines, startLine - 1, endLine - startLine + 1, newText, end);
  return joined(lines);
}

function replaceLines(lines: Line[], at: number, count: number, newText: string, end: string): void {
  const fresh = newText === '' ? [] : newText.split('\n').map((text) => ({ text, end }));
  const atEnd = at + count >= lines.length;
  const lastEnd = count > 0 ? lines[at + count - 1]?.end : atEnd ? '' : end;
  const after = lines.splice(at).slice(count);
  // One by one: a call takes only so many arguments.
  for (const line of fresh) lines.push(line);
  for (const line of after) lines.push(line);
  const last = fresh.at(-1) ?? (atEnd ? lines.at(-1) : undefined);
  if (last) last.end = lastEnd ?? end;
  const before = lines[at - 1];
  // Something now follows the line that was the last one.
  if (before?.end === '' && fresh.length > 0) before.end = end;
}

/** A lone `\r` and the `\n` of a blank line that now follows it would become one line end. */
function joined(lines: readonly Line[]): string {
  return lines
    .map(({ text, end }, index) => text + (text === '' && end === '\n' && lines[index - 1]?.end === '\r' ? '\r\n' : end))
    .join('');
}
