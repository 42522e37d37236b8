import { lstatSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';

/** Writing into a repository, which is not trusted: nothing is overwritten and no link is followed. */

/** Fails with the system's `EEXIST` when the name is taken. */
export async function createFile(target: string, text: string): Promise<void> {
  // `wx` fails when the name is taken, also by someone who was faster, and follows no link.
  const file = await open(target, 'wx');
  try {
    await file.writeFile(text);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

export function writeFailure(path: string, code: string | undefined, cause: unknown): HandrailError {
  const readOnly = code === 'EROFS' || code === 'EACCES' || code === 'EPERM';
  return new HandrailError(readOnly ? 'read-only' : 'io', `${path} cannot be written${readOnly ? '' : ` (${code ?? 'unknown'})`}.`, {
    hint: 'Check the permissions of the folder.',
    location: { path },
    cause,
  });
}

/** A repository may hold a symbolic link on the way to a file, so that the file would be written elsewhere. */
export function refuseLinks(root: string, path: string): void {
  const parts = path.split('/').slice(0, -1);
  parts.forEach((_part, index) => {
    const folder = parts.slice(0, index + 1).join('/');
    const stat = lstatSync(join(root, folder), { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) return;
    throw new HandrailError('config', `${folder} is not a folder, so nothing can be written there.`, {
      hint: `Replace ${folder} by a folder.`,
      location: { path: folder },
    });
  });
}
