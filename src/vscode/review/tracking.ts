/** Lines from 1, both ends inclusive. */
export interface LineSpan {
  startLine: number;
  endLine: number;
}

/** One replacement in a document, in the editor's terms: lines and characters from 0, the end exclusive. */
export interface TextChange {
  start: { line: number; character: number };
  end: { line: number; character: number };
  text: string;
}

/**
 * Where `span` is after `change`. Comment threads of the editor do not follow edits by themselves, so Handrail moves them:
 * edits above shift the span, edits inside grow or shrink it, and text typed at its edges stays outside.
 */
export function shiftSpan(span: LineSpan, change: TextChange): LineSpan {
  const first = span.startLine - 1;
  const last = span.endLine - 1;
  const inserted = countLineBreaks(change.text);
  const delta = inserted - (change.end.line - change.start.line);
  if (isBelow(change, last)) return span;
  if (isAbove(change, first)) return { startLine: span.startLine + delta, endLine: span.endLine + delta };
  const start = Math.min(first, change.start.line);
  const end = change.end.line <= last ? last + delta : change.start.line + inserted;
  return { startLine: start + 1, endLine: Math.max(start, end) + 1 };
}

/** Text after the last line; a change at that line's end that begins with a line break counts too (Enter at the end of the line). */
function isBelow(change: TextChange, last: number): boolean {
  if (change.start.line > last) return true;
  const pureInsertion = change.start.line === change.end.line && change.start.character === change.end.character;
  return change.start.line === last && pureInsertion && change.start.character > 0 && /^\r?\n/.test(change.text);
}

/** Whole lines above; an insertion or deletion of whole lines that ends at the first line's first column counts too. */
function isAbove(change: TextChange, first: number): boolean {
  if (change.end.line < first) return true;
  if (change.end.line !== first || change.end.character !== 0) return false;
  return change.text === '' ? change.start.character === 0 && change.start.line < first : change.text.endsWith('\n');
}

function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The lines of `span` in `text`, without line ends; undefined when the text is shorter. */
export function linesOf(text: string, span: LineSpan): string | undefined {
  const lines = text.split(/\r?\n/);
  if (span.startLine < 1 || span.endLine > lines.length) return undefined;
  return lines.slice(span.startLine - 1, span.endLine).join('\n');
}
