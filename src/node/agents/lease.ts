import { statSync } from 'node:fs';
import { readFile, rm, utimes } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/workflow/digests.ts';
import { createFileAtomic } from '../atomicFile.ts';
import { openRepository } from '../git/repository.ts';
import { BEAT, isAlive, markOf, parseMark } from '../workflow/processLife.ts';

/**
 * Lets one of any number of processes do something in a repository: a file that is made only where there is none, with the mark of its
 * process. One whose process is gone counts for nothing, so a killed process holds nobody up.
 *
 * Layout: `<git common dir>/handrail/performing/<hex>.json`.
 */

/** Does the work while nobody else holds the name; else fails with `conflict` at once. */
export async function alone<T>(root: string, name: string, work: () => Promise<T>): Promise<T> {
  const { commonDir } = await openRepository(root);
  const path = join(commonDir, 'handrail', 'performing', `${sha256Hex(name).slice(0, 32)}.json`);
  const own = await take(path);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await textOf(path)) === own) await rm(path, { force: true });
  }
}

async function take(path: string): Promise<string> {
  const own = `${JSON.stringify({ ...(await markOf(process.pid)), nonce: randomBytes(9).toString('base64url') })}\n`;
  for (;;) {
    try {
      await createFileAtomic(path, own);
      return own;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, error);
    }
    await removeIfStale(path);
  }
}

/** How long it can take to remove a stale lease. Whoever takes longer was killed at it. Milliseconds. */
const LONGEST_REMOVAL = 10_000;

/** Fails with `conflict` while the process that made the file lives. */
async function removeIfStale(path: string): Promise<void> {
  const text = await textOf(path);
  if (text === undefined) return;
  const mark = parseMark(text);
  if (mark !== undefined && (await isAlive(mark, ageOf(path)))) throw busy();
  // One at a time removes this very text, so that nobody removes the lease of who was faster.
  const removal = `${path}.${sha256Hex(text).slice(0, 16)}`;
  try {
    await createFileAtomic(removal, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(removal, error);
    if (ageOf(removal) > LONGEST_REMOVAL) await rm(removal, { force: true });
    return;
  }
  try {
    if ((await textOf(path)) === text) await rm(path, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

function busy(): HandrailError {
  return Object.assign(
    new HandrailError('conflict', 'Another agent is doing this step right now, so nothing was done.', {
      hint: 'Wait until it ends and look again with handrail_status.',
    }),
    { plain: true },
  );
}

function unwritable(path: string, cause: unknown): HandrailError {
  return new HandrailError('io', `${path} could not be written, so nothing was done.`, { hint: 'Make its folder writable.', cause });
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

/** Milliseconds since the holder last said that it lives. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}
