import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What Windows and network file systems answer while somebody else has the target open. */
const BUSY = new Set(['EPERM', 'EACCES', 'EBUSY']);
const WAITS_MS = [5, 10, 20, 50, 100, 200];

/** Names of files that a writer left behind when it was killed start so; readers pass over them. */
export const TEMPORARY_PREFIX = '.tmp-';

/**
 * Writes a file so that a reader sees the old content or the new, never a part, and the content survives the death of the process
 * once this has returned: whole to a temporary name beside the target, flushed, then renamed. Makes the folder when it is missing.
 * Without `flush` the death of the machine may leave a damaged file: for what can be made again. Without `makeFolder` it fails with the
 * system's `ENOENT` where the folder is missing. `mode` is what a new file may be at most, from its first byte on. A failure leaves nothing
 * behind.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { flush = true, makeFolder = true, mode }: { flush?: boolean; makeFolder?: boolean; mode?: number } = {},
): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writeNew(temporary, content, { flush, makeFolder, mode });
    await renameWithRetries(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What a file system answers that has no second names for files. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/**
 * Makes a file that is not there yet, so that a reader sees the whole of it or nothing. Fails with the system's `EEXIST` when the name
 * is taken, also by somebody who was faster, and follows no link. Makes the folder when it is missing, unless `makeFolder` is false.
 */
export async function createFileAtomic(
  path: string,
  content: string | Uint8Array,
  { makeFolder = true }: { makeFolder?: boolean } = {},
): Promise<void> {
  // Said before anything is written: the folder may be one in which nothing can be.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw Object.assign(new Error(`${path} is there`), { code: 'EEXIST' });
  const temporary = temporaryFor(path);
  try {
    await writeNew(temporary, content, { flush: true, makeFolder });
    // Unlike a rename, a second name never replaces what is there.
    await link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await createPlainly(path, content);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function createPlainly(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

function temporaryFor(path: string): string {
  return join(dirname(path), `${temporaryPrefix(path)}${process.pid}-${randomBytes(6).toString('hex')}`);
}

/** How the names begin that a file has beside its own while it is written. */
export function temporaryPrefix(path: string): string {
  return `${TEMPORARY_PREFIX}${basename(path).slice(0, 40)}-`;
}

async function writeNew(
  path: string,
  content: string | Uint8Array,
  { flush, makeFolder, mode }: { flush: boolean; makeFolder: boolean; mode?: number | undefined },
): Promise<void> {
  const file = await open(path, 'wx', mode).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || !makeFolder) throw error;
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'wx', mode);
  });
  try {
    await file.writeFile(content);
    if (flush) await file.sync();
  } finally {
    await file.close();
  }
}

/** Renames over whatever is there, waiting a moment where the system refuses that for an open file. */
export async function renameWithRetries(from: string, to: string): Promise<void> {
  for (const wait of WAITS_MS) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!BUSY.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await delay(wait);
    }
  }
  await rename(from, to);
}
