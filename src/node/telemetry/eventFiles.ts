import { randomBytes } from 'node:crypto';
import { readdirSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf, isPlausible, lastDayOf, oldestKept, weekOf } from '../../core/telemetry/week.ts';
import { forgetContributions } from '../team/contributionNames.ts';
import { forgetAccepted } from './acceptedFiles.ts';
import type { TelemetryPaths } from './paths.ts';

/** Names of the files that hold events, and which of them are over. */

const NAME = /^(\d{4}-W\d{2})-[0-9a-f]{16}\.ndjson$/;

/** A new name in the week of the time. The random part tells nothing; it keeps processes apart. */
export function newEventFile(paths: TelemetryPaths, time: number): string {
  return join(paths.events, `${weekOf(time)}-${randomBytes(8).toString('hex')}.ndjson`);
}

export interface EventFile {
  path: string;
  week: string;
}

/**
 * The files of events there are, oldest week first; none when the folder is missing or cannot be read. Links, and pipes that reading
 * would wait for, are none of ours whatever they are called.
 */
export function eventFiles(paths: TelemetryPaths): EventFile[] {
  return names(paths.events)
    .toSorted()
    .flatMap((name) => {
      const week = NAME.exec(name)?.[1];
      return week === undefined ? [] : [{ path: join(paths.events, name), week }];
    });
}

/** Of older files the time of day was taken off before; looking at each of them again would be felt at every start of a process. */
const DAYS_OF_NEW_FILES = 14;
/**
 * The same in weeks that there are files of, up to the present one: what a killed process left is of the last weeks before a pause,
 * however long that was.
 */
const NEWEST_WEEKS = 3;

/**
 * Deletes the files of weeks whose last day is older than so many days, and takes the time of day off those of the last weeks; what
 * was contributed of expired weeks, and accepted too long ago to be measured, is forgotten. Returns how many files of events were deleted; never fails.
 */
export function expireEvents(paths: TelemetryPaths, { now, days }: { now: number; days: number }): number {
  forgetAccepted(paths, now);
  const oldest = oldestKept(now, days);
  forgetContributions(paths.contributions, { oldest, now });
  // Short-lived processes leave thousands of files, in few weeks.
  const weeks = Map.groupBy(eventFiles(paths), (file) => file.week);
  const isNew = newWeeks([...weeks.keys()], now);
  let deleted = 0;
  for (const [week, files] of weeks) {
    const last = lastDayOf(week);
    const isOver = last !== undefined && last < oldest;
    if (!isOver && !isNew(week)) continue;
    for (const { path } of files) {
      if (!isOver) attempt(() => hideTimeOfDay(path));
      else if (attempt(() => unlinkSync(path))) deleted += 1;
    }
  }
  return deleted;
}

/** Tells which weeks somebody may not have looked at since they were written. Weeks are given in their order. */
function newWeeks(weeks: readonly string[], now: number): (week: string) => boolean {
  const firstDay = oldestKept(now, DAYS_OF_NEW_FILES);
  const present = isPlausible(now) ? weekOf(now) : '';
  const newest = new Set(weeks.filter((week) => week <= present).slice(-NEWEST_WEEKS));
  return (week) => newest.has(week) || (lastDayOf(week) ?? firstDay) >= firstDay;
}

/** The operating system notes when a file was last written; midnight of that day is all that an event may tell. */
function hideTimeOfDay(path: string): void {
  const stats = statSync(path);
  const midnight = midnightOf(stats.mtimeMs);
  if (stats.mtimeMs !== midnight * 1000) utimesSync(path, midnight, midnight);
}

/** Seconds since the Unix epoch at the beginning of the day in UTC that a time in milliseconds is in, as `utimes` takes them. */
export function midnightOf(time: number): number {
  return Date.parse(dayOf(time)) / 1000;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Housekeeping that somebody else may have done already, or that the system refuses; the next time comes soon. */
function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
