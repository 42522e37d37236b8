import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';

/**
 * Small per-user answers, one JSON file each under `<home>/state/`, so that editor windows and command lines never overwrite
 * each other's answers to different questions. A damaged or missing file counts as no answer.
 */
export interface AnswerFiles {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
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
      const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
        await rename(temporary, path);
      } catch (cause) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw new HandrailError('io', `Could not remember an answer in ${dirname(path)}.`, {
          hint: 'Make the folder writable, or set HANDRAIL_HOME to one that is.',
          cause,
        });
      }
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
  };
}
