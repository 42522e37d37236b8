import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';

/**
 * A clock is wrong now and then, so what only one day says deletes nothing: the day is kept, and once another day says so too, what both
 * agree on may go. Where one of the two is right, nothing went that should have stayed.
 */

/** A day is a line; anything longer is none of ours. */
const LARGEST = 64;
const DAY = 24 * 3600 * 1000;

/** The earlier day that is kept, where it is so many days before today; where none is kept that can be believed, today is from now on. */
export function saidSince(path: string, today: string, days: number): string | undefined {
  const since = readDay(path);
  if (since !== undefined && since <= today) return Date.parse(today) - Date.parse(since) >= days * DAY ? since : undefined;
  keepDay(path, today);
  return undefined;
}

/** Keeps the day, or none. Only the file: where everything was deleted, nothing must come back. Never fails. */
export function keepDay(path: string, day: string | undefined): void {
  try {
    rmSync(path, { force: true });
    if (day === undefined) return;
    writeFileSync(path, `${day}\n`, { flag: 'wx', mode: 0o600 });
    // The day is all that it may tell.
    const midnight = Date.parse(day) / 1000;
    utimesSync(path, midnight, midnight);
  } catch {
    // Nothing is deleted then, and the next time comes soon.
  }
}

function readDay(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile() || stats.size > LARGEST) return undefined;
    const [day] = /^\d{4}-\d{2}-\d{2}(?=\n$)/.exec(readFileSync(path, 'latin1')) ?? [];
    return day === undefined || Number.isNaN(Date.parse(day)) ? undefined : day;
  } catch {
    return undefined;
  }
}
