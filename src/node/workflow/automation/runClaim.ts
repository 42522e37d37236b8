import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir, readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import { writeFileAtomic } from '../../atomicFile.ts';
import { BEAT, isAlive, markOf, parseMark } from '../processLife.ts';

/** How often it is looked whether the other run has ended. Milliseconds. */
const LOOK_AGAIN = 200;

export interface ClaimOptions {
  /** Folder of the claims; made when it is missing. */
  folder: string;
  signal: CancelSignal;
  /** Called once, with the process that is waited for. */
  onWaiting(pid: number): void;
}

/**
 * Waits until nobody else holds the claim, and takes it. Returns what gives it back.
 *
 * Each process writes a claim of its own first and then looks for others: of two that come at once, at least the later one sees the other,
 * and whoever sees one gives way. A claim of a process that is gone counts for nothing, so a killed run holds nobody up; nothing is ever
 * taken from anybody, so two that find the same dead claim cannot take each other's. Fails with `cancelled`.
 */
export async function claimRun({ folder, signal, onWaiting }: ClaimOptions): Promise<() => Promise<void>> {
  const own = join(folder, `${randomUUID()}.json`);
  let told = false;
  for (;;) {
    if (signal.aborted) throw new HandrailError('cancelled', 'The run was cancelled before it began.');
    let holder = await otherClaim(folder, own);
    if (holder === undefined) {
      await write(own);
      holder = await otherClaim(folder, own);
      if (holder === undefined) return held(own);
      await rm(own, { force: true });
    }
    if (!told) onWaiting(holder);
    told = true;
    // Not in step with the other one, which may give way at the same moment.
    await delay(LOOK_AGAIN * (0.5 + Math.random()));
  }
}

function held(own: string): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(own, now, now).catch(() => undefined);
  }, BEAT);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await rm(own, { force: true });
  };
}

async function write(own: string): Promise<void> {
  try {
    await writeFileAtomic(own, `${JSON.stringify(await markOf(process.pid))}\n`);
  } catch (error) {
    throw new HandrailError('read-only', 'Nothing can be written where the run is recorded.', {
      hint: 'Make the folder handrail in the git folder writable and try again.',
      cause: error,
    });
  }
}

/** The process behind another living claim. Claims of the dead are swept out. */
async function otherClaim(folder: string, own: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => /^[0-9a-f-]{36}\.json$/.test(one))) {
    const path = join(folder, name);
    if (path === own) continue;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    // Given back meanwhile.
    if (text === undefined) continue;
    const mark = parseMark(text);
    const silence = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (mark !== undefined && (await isAlive(mark, silence))) return mark.pid;
    await rm(path, { force: true });
  }
  return undefined;
}
