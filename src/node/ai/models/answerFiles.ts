import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { writeFileAtomic } from '../../atomicFile.ts';

/**
 * Small per-user answers, one JSON file each under `<home>/state/`, so that editor windows and command lines never overwrite
 * each other's answers to different questions. A damaged or missing file counts as no answer.
 */
export interface AnswerFiles {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
}

export function createAnswerFiles(home: string, kind: string): AnswerFiles {
  const pathOf = (name: string) => join(home, 'state', kind, `${name}.json`);
  return {
    async read(name) {
      try {
        return JSON.parse(await readFile(pathOf(name), 'utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
    async write(name, value) {
      const path = pathOf(name);
      try {
        await writeFileAtomic(path, `${JSON.stringify(value)}\n`);
      } catch (cause) {
        throw new HandrailError('io', `Could not remember an answer in ${dirname(path)}.`, {
          hint: 'Make the folder writable, or set HANDRAIL_HOME to one that is.',
          cause,
        });
      }
    },
  };
}
