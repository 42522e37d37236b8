import { randomBytes } from 'node:crypto';
import { readdirSync, rmdirSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf, isPlausible, lastDayOf, oldestKept, weekOf } from '../../core/telemetry/week.ts';
import { isForgotten } from '../../core/telemetry/acceptedNote.ts';
import { forgetContributions, hasForgettable } from '../team/contributionNames.ts';
import { forgetImported, importedFiles } from '../usage/importedFiles.ts';
import { acceptedDays, forgetAccepted } from './acceptedFiles.ts';
import type { TelemetryPaths } from './paths.ts';
import { keepDay, saidSince } from './saidDays.ts';

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

/** Days after which a day that never came is taken for one of a wrong clock: one that is set back stays so for a while. */
const AHEAD_FOR = 7;

/**
 * Deletes the files of weeks whose last day is older than so many days, and takes the time of day off those of the last weeks; what
 * was contributed of expired weeks, imported of expired days, and accepted too long ago to be measured, is forgotten. All of that once two days have said so, and
 * the same with what is ahead of the clock once a week has; see `saidDays.ts`. Never fails.
 */
export function expireEvents(paths: TelemetryPaths, { now, days }: { now: number; days: number }): void {
  // Short-lived processes leave thousands of files, in few weeks.
  const weeks = Map.groupBy(eventFiles(paths), (file) => file.week);
  if (isPlausible(now)) {
    expireOver(paths, weeks, { today: dayOf(now), days });
    expireAhead(paths, weeks, dayOf(now));
  }
  // The last of them may have been taken out by somebody, and who was killed over them leaves its mark.
  attempt(() => rmdirSync(paths.accepted));
  forgetContributions(paths.contributions, { oldest: '', now });
  const isNew = newWeeks([...weeks.keys()], now);
  for (const [week, files] of weeks) {
    if (isNew(week)) for (const { path } of files) attempt(() => hideTimeOfDay(path));
  }
}

function expireOver(paths: TelemetryPaths, weeks: Weeks, { today, days }: { today: string; days: number }): void {
  const oldestOn = (day: string): string => oldestKept(Date.parse(day), days);
  const isOver = (week: string, oldest: string): boolean => (lastDayOf(week) ?? oldest) < oldest;
  const isAnything = (): boolean =>
    [...weeks.keys()].some((week) => isOver(week, oldestOn(today))) ||
    acceptedDays(paths).some((day) => isForgotten(day, Date.parse(today))) ||
    importedFiles(paths.imported).some(({ day }) => day < oldestOn(today)) ||
    hasForgettable(paths.contributions, { oldest: oldestOn(today), now: Date.parse(today) });
  if (!isAnything()) return keepDay(paths.overSince, undefined);
  const since = saidSince(paths.overSince, today, 1);
  if (since === undefined) return;
  const oldest = oldestOn(since);
  forgetAccepted(paths, (day) => isForgotten(day, Date.parse(since)));
  forgetContributions(paths.contributions, { oldest, now: Date.parse(since) });
  forgetImported(paths.imported, oldest);
  deleteWeeks(weeks, (week) => isOver(week, oldest));
  keepDay(paths.overSince, isAnything() ? today : undefined);
}

function expireAhead(paths: TelemetryPaths, weeks: Weeks, today: string): void {
  const isAhead = (week: string): boolean => week > weekOf(Date.parse(today));
  if (![...weeks.keys()].some(isAhead) && !acceptedDays(paths).some((day) => day > today)) return keepDay(paths.aheadSince, undefined);
  if (saidSince(paths.aheadSince, today, AHEAD_FOR) === undefined) return;
  // What is ahead today was so on the earlier day.
  forgetAccepted(paths, (day) => day > today);
  deleteWeeks(weeks, isAhead);
  keepDay(paths.aheadSince, undefined);
}

type Weeks = Map<string, EventFile[]>;

/** Also takes them out of the list. */
function deleteWeeks(weeks: Weeks, isGone: (week: string) => boolean): void {
  for (const [week, files] of weeks) {
    if (!isGone(week)) continue;
    for (const { path } of files) attempt(() => unlinkSync(path));
    weeks.delete(week);
  }
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
