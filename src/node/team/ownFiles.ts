import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders in the person's own, where each file holds one fact. */

/** Bytes that no file of ours has. */
const LARGEST = 256 * 1024;

/** The files of a folder, by name. Links, folders and what is too large are none of ours, and a folder that is not there has none. Never fails. */
export function ownFilesIn(folder: string): { name: string; text: string }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.toSorted().flatMap((name) => {
    const text = textOf(join(folder, name));
    return text === undefined ? [] : [{ name, text }];
  });
}

function textOf(path: string): string | undefined {
  try {
    const stats = lstatSync(path);
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the folder, but not the one above it: where everything was deleted, nothing must come back. */
export async function makeLast(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
