/** Stable codes of `handrail validate`; others script against them. */
export type ProblemCode =
  | 'syntax'
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-type'
  | 'bad-value'
  | 'duplicate-id'
  | 'unknown-step'
  | 'cycle'
  | 'bad-expression'
  | 'unknown-model'
  | 'missing-file'
  | 'bad-glob'
  | 'unreachable'
  | 'unsafe-path';

/** One located diagnostic. Lines and columns count from 1 in UTF-16 units; `endColumn` is exclusive. */
export interface Problem {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  severity: 'error' | 'warning';
  code: ProblemCode;
  message: string;
  /** The next action in one sentence. */
  hint?: string;
  /** What a program can do about it on a person's word: lock a shared workflow, or fetch one that is locked. */
  remedy?: 'lock' | 'fetch';
}

export interface FileProblems {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  problems: Problem[];
}

/** Half-open span in UTF-16 units of a file's text. */
export interface TextSpan {
  start: number;
  end: number;
}

/** Lines and columns of a span, counting from 1; only `\n` ends a line. */
export function rangeOf(text: string, span: TextSpan): Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'> {
  const start = positionOf(text, span.start);
  const end = positionOf(text, Math.max(span.start, span.end));
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const at = Math.min(Math.max(offset, 0), text.length);
  let line = 1;
  let lineStart = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) {
    line++;
    lineStart = next + 1;
  }
  return { line, column: at - lineStart + 1 };
}

/** A located error. */
export function problemAt(text: string, span: TextSpan, code: ProblemCode, message: string, hint?: string): Problem {
  return { ...rangeOf(text, span), severity: 'error', code, message, ...(hint !== undefined && { hint }) };
}
