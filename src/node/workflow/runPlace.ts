import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { writeFileAtomic } from '../atomicFile.ts';

/**
 * Which branch a folder of records belongs to, and where its head stood when the last record was written: `branch.json`. The folder's
 * own name says it to people only, since it is made of a slug and a few digits.
 */
export interface RunPlace {
  branch: string;
  /** Null before the first commit. */
  head: string | null;
}

const FILE = 'branch.json';

export function readPlace(folder: string): RunPlace | undefined {
  try {
    const value = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<RunPlace> | null;
    if (typeof value?.branch !== 'string') return undefined;
    const head = typeof value.head === 'string' && /^[0-9a-f]{40,64}$/.test(value.head) ? value.head : null;
    return { branch: value.branch, head };
  } catch {
    // Records from before this was kept, or a damaged file: then nobody knows.
    return undefined;
  }
}

export async function writePlace(folder: string, place: RunPlace): Promise<void> {
  const known = readPlace(folder);
  if (known?.branch === place.branch && known.head === place.head) return;
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(place)}\n`);
}

/** Six digits tell sixteen million names apart, and somebody could look for two that they do not: those must not share records. */
export function refuseShared(folder: string, branch: string): void {
  const other = readPlace(folder)?.branch;
  if (other === undefined || other === branch) return;
  throw new HandrailError('conflict', `The records of the branches ${branch} and ${other} would have the same name.`, {
    hint: `Rename this branch: git branch -m NEW`,
  });
}
