import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { OperationCount, RecordedCounts } from './telemetryState.ts';

/** Sums for the view. `isThisWeek` says of a day (`2026-11-22`) whether it lies in the present ISO week. */
export function countsOf(events: readonly TelemetryEvent[], unreadable: number, isThisWeek: (day: string) => boolean): RecordedCounts {
  const week = events.filter((event) => isThisWeek(event.day));
  const sum = (pick: (event: TelemetryEvent) => number | undefined): number => week.reduce((all, event) => all + (pick(event) ?? 0), 0);
  return {
    events: events.length,
    unreadable,
    week: byOperation(week),
    findingsApplied: sum((event) => event.findingsApplied),
    findingsDismissed: sum((event) => event.findingsDismissed),
  };
}

function byOperation(events: readonly TelemetryEvent[]): OperationCount[] {
  return [...Map.groupBy(events, (event) => event.operation)]
    .map(([operation, some]) => ({
      operation,
      total: some.length,
      outcomes: [...Map.groupBy(some, (event) => event.outcome)]
        .map(([outcome, those]) => ({ outcome, count: those.length }))
        .toSorted((a, b) => b.count - a.count || a.outcome.localeCompare(b.outcome)),
    }))
    .toSorted((a, b) => b.total - a.total || a.operation.localeCompare(b.operation));
}
