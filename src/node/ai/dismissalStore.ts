import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Dismissal } from '../../core/ai/review/dismissals.ts';
import { HandrailError } from '../../core/errors.ts';
import { TEMPORARY_PREFIX, writeFileAtomic } from '../atomicFile.ts';

const SCHEMA = 'handrail.dismissal/1';

const recordSchema = z.object({
  schema: z.literal(SCHEMA),
  fingerprint: z.string(),
  file: z.string().optional(),
  rule: z.string().optional(),
  symbol: z.string().optional(),
  quote: z.string().optional(),
  title: z.string().optional(),
  reason: z.string(),
  expires: z.string().optional(),
});

/**
 * One person's dismissals: one immutable file each, named by its content, so that windows and processes never overwrite each
 * other's. Files that are none are passed over.
 */
export interface DismissalStore {
  read(): Promise<Dismissal[]>;
  add(dismissal: Dismissal): Promise<void>;
}

export function createDismissalStore(folder: string): DismissalStore {
  return {
    async read() {
      const names = await readdir(folder).catch(() => []);
      const wanted = names.filter((name) => name.endsWith('.json') && !name.startsWith(TEMPORARY_PREFIX)).sort();
      const found = await Promise.all(wanted.map((name) => readRecord(join(folder, name))));
      return found.filter((dismissal) => dismissal !== undefined);
    },
    async add(dismissal) {
      const content = JSON.stringify({ schema: SCHEMA, ...dismissal });
      const name = createHash('sha256').update(content).digest('hex').slice(0, 32);
      try {
        await writeFileAtomic(join(folder, `${name}.json`), `${content}\n`);
      } catch (cause) {
        throw new HandrailError('io', `The dismissal could not be remembered in ${folder}.`, { hint: 'Make the folder writable.', cause });
      }
    },
  };
}

async function readRecord(path: string): Promise<Dismissal | undefined> {
  try {
    const { schema: _, ...dismissal } = recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return dismissal as Dismissal;
  } catch {
    return undefined;
  }
}
