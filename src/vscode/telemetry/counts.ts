import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { RecordedCounts, Tally } from './telemetryState.ts';

/** Sums for the view. `isThisWeek` says of a day (`2026-11-22`) whether it lies in the present ISO week. */
export function countsOf(events: readonly TelemetryEvent[], unreadable: number, isThisWeek: (day: string) => boolean): RecordedCounts {
  const week = events.filter((event) => isThisWeek(event.day));
  // A settled step names its kind; what was done for it is an event of its own. A decision about a finding is no review,
  // and what is left of an earlier generation is no new one.
  const steps = week.filter((event) => event.workflowStepKind !== undefined);
  const done = week.filter((event) => event.workflowStepKind === undefined && !isDecision(event) && event.outcome !== 'measured');
  const sum = (pick: (event: TelemetryEvent) => number | undefined): number => week.reduce((all, event) => all + (pick(event) ?? 0), 0);
  return {
    events: events.length,
    unreadable,
    week: {
      events: week.length,
      reviews: tally(done.filter(({ operation }) => operation === 'review').map(({ outcome }) => outcome)),
      generations: tally(done.filter(({ operation }) => operation === 'generate').map(({ outcome }) => outcome)),
      steps: tally(steps.map(({ workflowStepKind }) => workflowStepKind ?? 'other')),
      findingsApplied: sum((event) => event.findingsApplied),
      findingsDismissed: sum((event) => event.findingsDismissed),
    },
  };
}

function isDecision(event: TelemetryEvent): boolean {
  return event.findingsApplied !== undefined || event.findingsDismissed !== undefined;
}

/** How often each value occurs, the most frequent first. */
function tally<V extends string>(values: readonly V[]): Tally<V> {
  return [...Map.groupBy(values, (value) => value)]
    .map(([value, some]) => ({ value, count: some.length }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
