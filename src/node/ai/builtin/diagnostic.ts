import type { RawFinding, Severity } from '../../../core/ai/finding.ts';

/** What an engine says about one place. Lines count from 1, both ends inclusive. */
export interface Diagnostic {
  /** With the engine's name, e.g. `biome/noConstAssign`, `ruff/F821`. */
  rule: string;
  startLine: number;
  endLine: number;
  severity: Severity;
  category: string;
  title: string;
  message: string;
  /** The whole file with the engine's own fix applied, when it is a fix a person may take unread. */
  fixed?: string;
}

const QUOTED_LINES = 3;

/** A diagnostic as a finding on the text of these lines. Quotes those where it begins; a fix is kept when it stays within them. */
export function toRawFinding(path: string, lines: readonly string[], diagnostic: Diagnostic): RawFinding {
  const edit = diagnostic.fixed === undefined ? undefined : lineEdit(lines, splitLines(diagnostic.fixed));
  const start = Math.min(Math.max(1, diagnostic.startLine), lines.length);
  const last = Math.min(start + QUOTED_LINES - 1, lines.length);
  const near = edit !== undefined && edit.startLine >= start && edit.endLine <= last;
  const end = Math.max(Math.min(Math.max(start, diagnostic.endLine), last), near ? edit.endLine : 0);
  const { rule, severity, category, title, message } = diagnostic;
  return {
    file: path,
    line: start,
    endLine: end,
    severity,
    category,
    title,
    message,
    rule,
    quote: lines.slice(start - 1, end).join('\n'),
    ...(near
      ? { replacement: [...lines.slice(start - 1, edit.startLine - 1), ...edit.newLines, ...lines.slice(edit.endLine, end)].join('\n') }
      : {}),
  };
}

interface LineEdit {
  startLine: number;
  endLine: number;
  newLines: string[];
}

/** The smallest edit of whole lines that turns `before` into `after`, or undefined when they are equal or it would only insert. */
function lineEdit(before: readonly string[], after: readonly string[]): LineEdit | undefined {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail += 1;
  if (head + tail >= before.length) return undefined;
  return { startLine: head + 1, endLine: before.length - tail, newLines: after.slice(head, after.length - tail) };
}

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n/);
}

/** Line, counted from 1, of each UTF-8 byte offset; engines count bytes, positions in a string are UTF-16 units. */
export function createLineFinder(text: string): (byteOffset: number) => number {
  const bytes = Buffer.from(text);
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
