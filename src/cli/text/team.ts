import type { Privacy } from '../../core/team/privacy/privacy.ts';
import type { ReleasedTeam } from '../../node/team/release/releaseTeam.ts';

/** What the operator is told, and nobody else: counts of contributions never stand in a release. */
export function releasedText({ released, restored, waiting, rejected }: ReleasedTeam): string {
  const lines = released.map(
    ({ release: { id, window, cells, withheld, privacy }, path, contributions, eventCoverage, proved }) =>
      `${id} of ${window.from} to ${window.to}: ${cells.length} figures from ${contributions} contributions, ` +
      `${Math.round(eventCoverage * 100)} % of what was counted${withheld.length === 0 ? '' : `; withheld: ${withheld.join(', ')}`}` +
      noiseText(privacy) +
      `${proved === true ? '; it withstood every attack' : ''}.\n  ${path}`,
  );
  if (released.length === 0) lines.push('No window is due: each is released once, a week after it ended.');
  if (restored.length > 0) lines.push(`Put back from the same contributions: ${restored.join(', ')}.`);
  if (waiting > 0) lines.push(`${waiting} contributions wait for their window to end.`);
  const reasons = Object.entries(rejected).filter(([, count]) => count > 0);
  if (reasons.length > 0) lines.push(`Not counted: ${reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')}.`);
  return lines.join('\n');
}

function noiseText(privacy: Privacy | undefined): string {
  if (privacy === undefined) return '';
  const unit = privacy.unit === 'week' ? "person's week" : 'person';
  return `; with noise: epsilon ${privacy.epsilon} at delta ${privacy.delta} for each ${unit}`;
}
