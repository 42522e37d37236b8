import { access, constants, stat } from 'node:fs/promises';

/** The editor's own file system does not report missing write permission. Root may write anything, so the mode is asked too. */
export async function isWritable(path: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o222) === 0) return false;
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
