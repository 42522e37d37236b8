import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';

/** Writing into a repository, which is not trusted: nothing is overwritten and no link is followed. */

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
