import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { takeLease, type Lease } from '../workflow/lease.ts';
import { leaseName } from './contributionNames.ts';
import { makeLast } from './ownFiles.ts';

/** How often it is looked whether another process is done, and after how long it is waited no more. A push may take a minute. Milliseconds. */
const LOOK_AGAIN = 50;
const LONGEST_WAIT = 90_000;

/**
 * Waits until no other process sends or takes back contributions of the team, so that none of them goes by notes that another one is about
 * to change. Undefined where somebody else had the turn all the time. Fails with `cancelled`, and with the system's error or `io` where
 * the folder cannot be written to; the one above it is not made.
 */
export async function waitForTurn(folder: string, team: string, signal: CancelSignal): Promise<Lease | undefined> {
  const deadline = Date.now() + LONGEST_WAIT;
  for (;;) {
    if (signal.aborted) throw new HandrailError('cancelled', 'It was cancelled.');
    await makeLast(folder);
    const lease = await takeLease(join(folder, leaseName(team)), { makeFolder: false }).catch((error: unknown) => {
      // Somebody else's turn ended, and the empty folder went with it.
      if (isMissing(failureOf(error)?.cause)) return undefined;
      throw error;
    });
    if (lease !== undefined && !('holder' in lease)) return released(folder, lease);
    if (Date.now() >= deadline) return undefined;
    await delay(LOOK_AGAIN);
  }
}

/** The folder goes with the turn where nothing was noted in it. */
function released(folder: string, lease: Lease): Lease {
  return {
    release: async () => {
      await lease.release();
      try {
        rmdirSync(folder);
      } catch {
        // Notes are in it, or somebody else's turn has begun.
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
