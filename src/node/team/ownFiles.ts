import { closeSync, constants, ftruncateSync, lstatSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

/** Removes the folder with all in it. What cannot be removed is emptied in place, so that it says nothing any more. Fails where it cannot. */
export function removeOwnFiles(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    for (const { name } of ownFilesIn(folder)) empty(join(folder, name));
  }
}

/** The same for one file. */
export function removeOwnFile(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    empty(path);
  }
}

function empty(path: string): void {
  // Without following a link: what a name of ours points to elsewhere is not ours to empty.
  const fd = openSync(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    ftruncateSync(fd, 0);
  } finally {
    closeSync(fd);
  }
}
