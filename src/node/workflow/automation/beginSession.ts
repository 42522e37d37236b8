import { join } from 'node:path';
import type { CancelSignal, Clock } from '../../../core/ports.ts';
import type { AutomationSession } from '../../../core/workflow/automation/session.ts';
import { claimRun } from './runClaim.ts';
import { openRunLog } from './runLog.ts';

/** Begins the one run of several steps on a branch, whose records are in `folder`; waits for another one to end. */
export async function beginSession(
  folder: string,
  { clock, ...wait }: { clock: Clock; signal: CancelSignal; onWaiting(pid: number): void },
): Promise<AutomationSession> {
  // A folder of its own: views look again at every change among the records.
  const own = join(folder, 'automation');
  const lease = await claimRun({ folder: own, ...wait });
  const logPath = join(own, 'run.log');
  const note = openRunLog(logPath, clock);
  return { logPath, note, end: () => lease.release() };
}
