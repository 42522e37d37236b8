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
}

export interface FileProblems {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  problems: Problem[];
}
