import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { EvalCase } from '../../../core/ai/eval/case.ts';

/** Every case: the file that the build put next to the bundle, in a checkout the folder it is made from. */
export async function shippedCases(): Promise<EvalCase[]> {
  const file = fileURLToPath(new URL('../eval/cases.json', import.meta.url));
  // Written by the build from cases that it had read.
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as EvalCase[];
  const { readCaseFolder } = await import('./caseFolder.ts');
  return readCaseFolder(fileURLToPath(new URL('../../../../examples/eval', import.meta.url)));
}
