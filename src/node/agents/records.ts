import type { EvidenceRecord } from '../../core/workflow/evidence.ts';
import { silentLog } from '../../core/ports.ts';
import { systemClock } from '../clock.ts';
import { RunFinder } from '../workflow/runFinder.ts';

/** Records of the checked-out branch's run, in no order of their own; none where the branch follows no workflow. */
export async function branchRecords(root: string, env: Readonly<Record<string, string | undefined>>): Promise<readonly EvidenceRecord[]> {
  const found = await new RunFinder({ root, clock: systemClock, log: silentLog, env }).find({});
  return 'none' in found ? [] : found.snapshot.records;
}
