import type { FileProblems } from '../../core/workflow/problem.ts';
import type { Paint } from './status.ts';

/** A file's problems, one line each, in the form that editors and terminals link: `path:line:column`. */
export function problemLines({ path, problems }: FileProblems, paint: Paint): string[] {
  return problems.flatMap(({ line, column, severity, code, message, hint }) => [
    `${path}:${line}:${column}: ${paint(severity === 'error' ? 'red' : 'yellow', severity)}: ${message} ${paint('dim', `[${code}]`)}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ]);
}
