/** Lines from 1, both ends inclusive. */
export interface LineRange {
  start: number;
  end: number;
}

/** Lines of a text without their ends, as an editor counts them: `\r\n`, `\n` and a lone `\r` end a line. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** All whitespace removed: two lines that differ only in spacing become equal. */
export function squeeze(line: string): string {
  return line.replace(/\s+/gu, '');
}

/** Runs of whitespace become one space, ends trimmed. */
export function collapse(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** Leading whitespace of a line. */
export function indentOf(line: string): string {
  return /^\s*/u.exec(line)?.[0] ?? '';
}
