import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../../core/ports.ts';

/** Bytes above which a log is cut, and what is kept of it then. */
const MOST = 256_000;
const KEPT = 128_000;

/**
 * Opens the log of a branch's runs for adding lines. It is cut before a run begins, and one run adds some hundred lines. A log that cannot
 * be written is left out, since the records say what was done.
 */
export function openRunLog(path: string, clock: Clock): (line: string) => void {
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST) writeFileSync(path, newest(readFileSync(path)));
  });
  // Whole lines at once, so that those of two processes do not mix.
  return (line) => quietly(() => appendFileSync(path, `${new Date(clock.now()).toISOString()} ${process.pid} ${line}\n`));
}

function newest(text: Buffer): Buffer {
  const kept = text.subarray(text.length - KEPT);
  return kept.subarray(kept.indexOf('\n') + 1);
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // See above.
  }
}
