import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { EvalCase } from '../../../core/ai/eval/case.ts';
import { parseCase } from '../../../core/ai/eval/caseFile.ts';
import { HandrailError } from '../../../core/errors.ts';

/** The cases of a folder `<language>/<id>.yml`, by language and name. Fails with `config` at the first file that is none. */
export function readCaseFolder(folder: string): EvalCase[] {
  const files = globSync('*/*.yml', { cwd: folder }).map((file) => file.split(sep).join('/'));
  return files.toSorted().map((file) => {
    const { case: read, problems } = parseCase(file, readFileSync(join(folder, file), 'utf8'));
    if (read !== undefined) return read;
    const [problem] = problems;
    throw new HandrailError('config', problem?.message ?? 'The file is no case.', {
      ...(problem?.hint === undefined ? {} : { hint: problem.hint }),
      location: { path: join(folder, file), ...(problem === undefined ? {} : { line: problem.line, column: problem.column }) },
    });
  });
}
