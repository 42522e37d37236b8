import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
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
 * Without `flush` the death of the machine may leave a damaged file: for what can be made again.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { flush }: { flush: boolean } = { flush: true },
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${TEMPORARY_PREFIX}${basename(path).slice(0, 40)}-${process.pid}-${randomBytes(6).toString('hex')}`);
  await writeNew(temporary, content, flush);
  try {
    await renameWithRetries(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeNew(path: string, content: string | Uint8Array, flush: boolean): Promise<void> {
  const file = await open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'wx');
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
