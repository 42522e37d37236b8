import type { Privacy } from '../../core/team/privacy/privacy.ts';
import type { Rejected, Rejection } from '../../core/team/release/admit.ts';
import type { ReleasedTeam } from '../../node/team/release/releaseTeam.ts';

/** What the operator is told, and nobody else: counts of contributions never stand in a release. */
export function releasedText({ released, restored, waiting, tooFew, rejected }: ReleasedTeam): string {
  const lines = released.map(
    ({ release: { id, window, cells, withheld, privacy }, path, contributions, eventCoverage, proved }) =>
      `${id} of ${window.from} to ${window.to}: ${counted(cells.length, 'figure')} from ${counted(contributions, 'contribution')}, ` +
      `${Math.round(eventCoverage * 100)} % of what was counted${withheld.length === 0 ? '' : `; withheld: ${withheld.join(', ')}`}` +
      noiseText(privacy) +
      `${proved === true ? '; it withstood every attack' : ''}.\n  ${path}`,
  );
  const isEmpty = released.length + restored.length + waiting + tooFew === 0 && Object.values(rejected).every((count) => count === 0);
  if (isEmpty)
    lines.push('There are no contributions. Bring them into the folder with handrail team collect --from folder:PATH|git:REMOTE.');
  else if (released.length === 0 && tooFew === 0) lines.push('No window is due: each is released once, a week after it ended.');
  if (tooFew > 0) lines.push(`${counted(tooFew, 'window')} without a release: fewer people shared than have to be behind a figure.`);
  if (restored.length > 0) lines.push(`Put back from the same contributions: ${restored.join(', ')}.`);
  if (waiting > 0) lines.push(`${counted(waiting, 'contribution')} ${waiting === 1 ? 'waits' : 'wait'} for the window to end.`);
  const reasons = rejectedText(rejected);
  if (reasons !== '') lines.push(`Not counted: ${reasons}.`);
  if (rejected.registry > 0) lines.push(OTHER_COUNTERS);
  return lines.join('\n');
}

/** How many did not count and why; empty where all did. */
export function rejectedText(rejected: Rejected): string {
  const reasons = Object.entries(rejected).filter(([, count]) => count > 0);
  return reasons.map(([reason, count]) => `${count} ${REASONS[reason as Rejection]}`).join('; ');
}

/** A window that is released takes nothing more, so this is about those that are still open, and the next ones. */
const OTHER_COUNTERS =
  'Other counters: .handrail/telemetry.yml was changed since they were sent, or they come from another version of Handrail, in which a counter ' +
  'means something else. Release with the version that your people have; whoever agrees again sends the weeks that are still open again, with ' +
  'handrail telemetry contribute.';

function noiseText(privacy: Privacy | undefined): string {
  if (privacy === undefined) return '';
  const unit = privacy.unit === 'week' ? "person's week" : 'person';
  return `; with noise: epsilon ${privacy.epsilon} at delta ${privacy.delta} for each ${unit}`;
}

/** `late` is most often no fault: what was released is still there when the next window is. */
const REASONS: Readonly<Record<Rejection, string>> = {
  duplicate: 'of somebody who is counted in that week already',
  unreadable: 'damaged',
  invalid: 'not what a contribution is',
  registry: 'by other counters than yours',
  late: 'of windows that are released already',
  foreign: 'of another team, or sealed for another key',
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
