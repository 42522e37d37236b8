import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitCommand } from './gitCommand.ts';

/** Mode of a submodule's entry as the index holds it: four bytes, big endian (gitformat-index(5)). */
const MODE = Buffer.from([0x00, 0x00, 0xe0, 0x00]);
/** Signatures of the extensions that keep entries elsewhere: a split and a sparse index. */
const ELSEWHERE = ['link', 'sdir'];

/**
 * Paths of the submodules below the folder that `git` runs in, relative to it. Git is asked only when the index holds a submodule's
 * mode at all, which takes a millisecond to see and is not so in most repositories.
 */
export async function submodulesIn(git: GitCommand, gitDir: string): Promise<string[]> {
  const index = await readFile(join(gitDir, 'index')).catch(() => undefined);
  if (index === undefined) return [];
  if (!index.includes(MODE) && !ELSEWHERE.some((signature) => index.includes(signature, 0, 'latin1'))) return [];
  const paths = new Set<string>();
  for (const entry of (await git(['ls-files', '--stage', '-z'])).split('\0')) {
    if (entry.startsWith('160000 ')) paths.add(entry.slice(entry.indexOf('\t') + 1));
  }
  return [...paths];
}
