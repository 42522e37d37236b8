import { HandrailError } from '../../../core/errors.ts';
import type { Release } from '../../../core/team/release/release.ts';
import { weeksBetween } from '../../../core/team/window.ts';

/**
 * Fails with `conflict` where a ledger would go on under other terms than people agreed to when they sent: with fewer people behind a
 * figure, or with windows of another length, of which weeks in between would be lost, or told twice.
 */
export function requireTerms(last: Pick<Release, 'k' | 'window'> | undefined, { k, window }: { k: number; window: number }): void {
  if (last === undefined) return;
  if (k < last.k) {
    throw new HandrailError('conflict', `Figures were released with ${last.k} people or more behind each, and not with ${k} from now on.`, {
      hint: `Write k: ${last.k} in .handrail/telemetry.yml again: people sent their weeks under it. Nothing was released.`,
    });
  }
  const weeks = weeksBetween(last.window);
  if (weeks === window) return;
  throw new HandrailError('conflict', `The windows of this ledger are ${counted(weeks)} long, and not ${counted(window)}.`, {
    hint: `Write window: ${weeks}w in .handrail/telemetry.yml again: windows stay as they are from the first release on. Nothing was released.`,
  });
}

function counted(weeks: number): string {
  return `${weeks} week${weeks === 1 ? '' : 's'}`;
}
