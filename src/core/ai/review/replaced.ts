import type { CoverageEntry, Finding } from '../finding.ts';
import { reanchor } from './anchor.ts';
import type { ReviewUnit } from './collect.ts';
import type { ReviewInput } from './input.ts';
import type { LineRange } from './lines.ts';

/**
 * Which findings of earlier reviews a finished review takes the place of: those about what it looked at. A review of the branch looked
 * at everything; one of a file at that file; one of other changes or of a selection at their lines only.
 */
export function replacedBy(
  { scope, units, skipped }: Pick<ReviewInput, 'scope' | 'units'> & { skipped: readonly CoverageEntry[] },
  isLimited: boolean,
): (earlier: Finding) => boolean {
  if (scope === 'branch' && !isLimited) return () => true;
  const byPath = new Map(units.map((unit) => [unit.path, unit]));
  const gone = new Set(skipped.map(({ file }) => file));
  return (earlier) => {
    const unit = byPath.get(earlier.file);
    if (unit === undefined) return gone.has(earlier.file);
    return scope === 'file' || scope === 'branch' || isLookedAt(earlier, unit);
  };
}

/** A finding whose quote is gone, or stands in several places, belongs to the text as it was. */
function isLookedAt(earlier: Finding, unit: ReviewUnit): boolean {
  const { startLine, endLine = startLine } = reanchor(earlier, unit.text);
  if (startLine === undefined || endLine === undefined) return true;
  return rangesOf(unit).some(({ start, end }) => startLine <= end && endLine >= start);
}

function rangesOf({ hunks, selection }: ReviewUnit): LineRange[] {
  if (selection !== undefined) return [selection];
  return (hunks ?? []).map(({ startLine, endLine }) => ({ start: startLine, end: endLine }));
}
