import type { TelemetryEvent } from '../telemetry/catalogue.ts';
import { isPlausible, weekOf } from '../telemetry/week.ts';
import { dueAt, endOfWeek, releasedFrom, windowOf } from './window.ts';

/** What is known of a week that was contributed, or is about to be. */
export interface KnownWeek {
  revision: number;
  /** Digest of the cells. */
  cells: string;
  sent: boolean;
}

/** The weeks of the events, first one first: those that are over and not too late to count in the window that they are in. */
export function openWeeks(events: readonly TelemetryEvent[], { now, window }: { now: number; window: number }): string[] {
  if (!isPlausible(now)) return [];
  const weeks = new Set(events.map(({ day }) => weekOf(Date.parse(day))));
  return [...weeks].toSorted().filter((week) => {
    const end = endOfWeek(week);
    const block = windowOf(week, window);
    return end !== undefined && block !== undefined && end <= now && now < releasedFrom(block);
  });
}

/** Whether a week leaves by itself now: its random time has come, and it is not of before the person agreed. */
export function isDue(week: string, { now, since, delay }: { now: number; since: string; delay: number }): boolean {
  const due = dueAt(week, delay);
  return due !== undefined && due <= now && week >= weekOf(Date.parse(since));
}

/** The revision that a week's cells leave with: 1 at first, one more where they differ from what was sent. Undefined where nothing is new. */
export function nextRevision(known: KnownWeek | undefined, cells: string): number | undefined {
  if (known === undefined) return 1;
  if (known.cells === cells) return known.sent ? undefined : known.revision;
  return known.revision + 1;
}
