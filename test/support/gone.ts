import { readFileSync } from 'node:fs';

/** Waits until a process has ended. One that its parent has not fetched yet has ended, too. */
export async function gone(pid: number): Promise<void> {
  const isThere = (): boolean => {
    try {
      process.kill(pid, 0);
      // Ended, but not yet fetched by its parent.
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (isThere()) await new Promise(setImmediate);
}
