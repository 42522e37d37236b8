/** Days and ISO 8601 weeks in UTC, the only times that telemetry knows. */

const DAY = 24 * 3600 * 1000;
/** A clock outside these days is wrong, and what would be recorded by it would be filed for ever or expire at once. */
const FIRST = Date.UTC(2024, 0, 1);
const END = Date.UTC(2100, 0, 1);

/** Whether a clock that shows this (milliseconds since the Unix epoch) can be believed. */
export function isPlausible(time: number): boolean {
  return time >= FIRST && time < END;
}

/** `2026-11-22`. The time must be plausible. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * `2026-W47`: the ISO week of the time. The week belongs to the year of its Thursday, so the last days of December may be in
 * week 1 of the next year and the first of January in week 52 or 53 of the last (ISO 8601, 3.1.1.23).
 */
export function weekOf(time: number): string {
  const midnight = Math.floor(time / DAY) * DAY;
  const thursday = new Date(midnight + (4 - weekday(midnight)) * DAY);
  const year = thursday.getUTCFullYear();
  const number = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY));
  return `${year}-W${String(number).padStart(2, '0')}`;
}

/** Midnight at the beginning of the week's Monday in milliseconds, or undefined when that year has no such week. */
export function startOfWeek(week: string): number | undefined {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  if (year === undefined || number === undefined) return undefined;
  // 4 January is always in week 1.
  const fourth = Date.UTC(Number(year), 0, 4);
  const start = fourth + (1 - weekday(fourth) + (Number(number) - 1) * 7) * DAY;
  return weekOf(start) === week ? start : undefined;
}

/** The first day that is still kept when everything older than so many days expires. By a clock that cannot be believed nothing does. */
export function oldestKept(time: number, days: number): string {
  return isPlausible(time) ? dayOf(time - days * DAY) : '';
}

/** The last day of a week, or undefined when that year has no such week. */
export function lastDayOf(week: string): string | undefined {
  const start = startOfWeek(week);
  return start === undefined ? undefined : dayOf(start + 6 * DAY);
}

/** 1 for Monday to 7 for Sunday. */
function weekday(time: number): number {
  return ((Math.floor(time / DAY) + 3) % 7) + 1;
}
