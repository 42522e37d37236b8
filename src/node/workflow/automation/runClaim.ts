import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import { takeLease, type Lease } from '../lease.ts';

/** How often it is looked whether the other run has ended. Milliseconds. */
const LOOK_AGAIN = 200;

export interface ClaimOptions {
  /** Folder of the run; made when it is missing. */
  folder: string;
  signal: CancelSignal;
  /** Called once, with the process that is waited for. */
  onWaiting(pid: number): void;
}

/** Waits until no other run of several steps is under way, and begins one. Fails with `cancelled`. */
export async function claimRun({ folder, signal, onWaiting }: ClaimOptions): Promise<Lease> {
  for (let told = false; ; told = true) {
    if (signal.aborted) throw new HandrailError('cancelled', 'The run was cancelled before it began.');
    const lease = await takeLease(join(folder, 'running.json'));
    if (!('holder' in lease)) return lease;
    if (!told) onWaiting(lease.holder);
    await delay(LOOK_AGAIN);
  }
}
