import { startOfWeek, weekOf } from '../telemetry/week.ts';

/** Windows are blocks of whole ISO weeks counted from this Monday, the first of 2026-W01, so that everybody agrees without talking. */
const ORIGIN = Date.UTC(2025, 11, 29);
const WEEK = 7 * 24 * 3600 * 1000;

export interface Window {
  /** First and last week. */
  from: string;
  to: string;
  /** When the last week is over, in milliseconds. */
  end: number;
}

/** The window of so many weeks that a week is in. Undefined where that year has no such week. */
export function windowOf(week: string, weeks: number): Window | undefined {
  const start = startOfWeek(week);
  if (start === undefined) return undefined;
  const first = ORIGIN + Math.floor((start - ORIGIN) / WEEK / weeks) * weeks * WEEK;
  return { from: weekOf(first), to: weekOf(first + (weeks - 1) * WEEK), end: first + weeks * WEEK };
}

/** How many weeks there are from one to another, both included; 1 where there are none. */
export function weeksBetween({ from, to }: { from: string; to: string }): number {
  const [first, last] = [startOfWeek(from) ?? 0, startOfWeek(to) ?? 0];
  return Math.max(0, Math.round((last - first) / WEEK)) + 1;
}

/** When a window can be released: a week after it ended, since contributions travel during that week. What comes later never counts. */
export function releasedFrom({ end }: Window): number {
  return end + WEEK;
}

/** When a week is over, in milliseconds; undefined where there is no such week. */
export function endOfWeek(week: string): number | undefined {
  const start = startOfWeek(week);
  return start === undefined ? undefined : start + WEEK;
}

/** Days of the week after in which contributions leave; the others are for machines that were off, or found no way out. */
const TRAVEL = (5 * WEEK) / 7;

/** When a week's contribution leaves by itself: `delay` (0 to below 1) says when within the first five days of the week after it. */
export function dueAt(week: string, delay: number): number | undefined {
  const end = endOfWeek(week);
  return end === undefined ? undefined : end + Math.floor(delay * TRAVEL);
}
