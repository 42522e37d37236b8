import type { Problem } from '../../../src/core/workflow/problem.ts';

/** What stands in the text at a problem's range; the reader of a test sees at once whether the place is right. */
export function textAt(text: string, problem: Problem): string {
  return text.slice(offsetOf(text, problem.line, problem.column), offsetOf(text, problem.endLine, problem.endColumn));
}

/** `code: text at its range` for each problem, in order. */
export function places(text: string, problems: readonly Problem[]): string[] {
  return problems.map((problem) => `${problem.code}: ${textAt(text, problem)}`);
}

export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  return lines.slice(0, line - 1).reduce((sum, current) => sum + current.length + 1, 0) + column - 1;
}

/** A complete workflow around the given steps and header lines. */
export function workflow(steps: string, header = ''): string {
  return `version: 1\nid: w\ntitle: W\n${header}steps:\n${steps}`;
}
