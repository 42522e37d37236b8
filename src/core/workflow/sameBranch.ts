import { HandrailError } from '../errors.ts';
import type { RunStatus } from './run.ts';

/**
 * What a model wrote for one branch is not written on another that was checked out meanwhile: the files may be the same, but nobody
 * asked for it there, and the record would be that branch's. Fails with `conflict`.
 */
export function requireSameBranch(before: Pick<RunStatus, 'branch'>, now: Pick<RunStatus, 'branch'>): void {
  if (before.branch === now.branch) return;
  throw new HandrailError('conflict', 'Another branch was checked out while the model wrote, so nothing was written.', {
    hint: 'Switch back and run the step again, or run it here.',
  });
}
