import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/workflow/digests.ts';
import { openRepository } from '../git/repository.ts';
import { takeLease } from '../workflow/lease.ts';

/**
 * Does the work while no other agent in the repository does what has this name; else fails with `conflict` at once.
 *
 * Layout: `<git common dir>/handrail/performing/<hex>.json`.
 */
export async function alone<T>(root: string, name: string, work: () => Promise<T>): Promise<T> {
  const { commonDir } = await openRepository(root);
  const lease = await takeLease(join(commonDir, 'handrail', 'performing', `${sha256Hex(name).slice(0, 32)}.json`));
  if ('holder' in lease) throw busy();
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

function busy(): HandrailError {
  return Object.assign(
    new HandrailError('conflict', 'Another agent is doing this step right now, so nothing was done.', {
      hint: 'Wait until it ends and look again with handrail_status.',
    }),
    // In our own words, see `Refusal`.
    { plain: true },
  );
}
