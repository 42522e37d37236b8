import { statSync } from 'node:fs';
import { readFile, rm, utimes } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { HandrailError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/workflow/digests.ts';
import { createFileAtomic } from '../atomicFile.ts';
import { BEAT, isAlive, markOf, parseMark } from './processLife.ts';

/**
 * Lets one of any number of processes do something: a file that is made only where there is none, with the mark of its process. One whose
 * process is gone counts for nothing, so a killed process holds nobody up, and exactly one process removes it.
 */
export interface Lease {
  /** Gives it back; calling it again does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the lease at `path`, or answers with the living process that holds it. Makes the folder when it is missing, unless `makeFolder` is
 * false. Fails with `io` where it cannot be written.
 */
export async function takeLease(path: string, options: { makeFolder?: boolean } = {}): Promise<Lease | { holder: number }> {
  const own = `${JSON.stringify({ ...(await markOf(process.pid)), nonce: randomBytes(9).toString('base64url') })}\n`;
  for (;;) {
    try {
      await createFileAtomic(path, own, options);
      return held(path, own);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, error);
    }
    const holder = await livingHolder(path, options);
    if (holder !== undefined) return { holder };
  }
}

function held(path: string, own: string): Lease {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await textOf(path)) === own) await rm(path, { force: true });
    },
  };
}

/** How long it can take to remove a stale lease. Whoever takes longer was killed at it. Milliseconds. */
const LONGEST_REMOVAL = 10_000;

/** The process that made the file, while it lives; the file of one that is gone is removed. */
async function livingHolder(path: string, options: { makeFolder?: boolean }): Promise<number | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const mark = parseMark(text);
  if (mark !== undefined && (await isAlive(mark, ageOf(path)))) return mark.pid;
  // One at a time removes this very text, so that nobody removes the lease of who was faster.
  const removal = `${path}.${sha256Hex(text).slice(0, 16)}`;
  try {
    await createFileAtomic(removal, '', options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(removal, error);
    if (ageOf(removal) > LONGEST_REMOVAL) await rm(removal, { force: true });
    return undefined;
  }
  try {
    if ((await textOf(path)) === text) await rm(path, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
  return undefined;
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
