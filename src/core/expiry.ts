import { HandrailError } from './errors.ts';

/** Days on which something stops holding, `YYYY-MM-DD` in UTC: dismissals and waivers hold through the whole of their last day. */

const DAY_MS = 86_400_000;

/** The day of a moment. `time` in milliseconds since the Unix epoch. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** When the day is over, in milliseconds since the Unix epoch; NaN for what is no date. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY_MS;
}

/** Whether the day is over. A date that is none counts as past: a wrong date must not hold for good. */
export function isExpired(expires: string | undefined, now: number): boolean {
  if (expires === undefined) return false;
  const end = endOfDay(expires);
  return Number.isNaN(end) || now >= end;
}

/** `14d`, `6w` or `2026-12-31` as a date. Fails with `usage` for anything else and for dates that are past. */
export function parseExpiry(text: string, now: number): string {
  const span = /^(\d{1,4})([dw])$/u.exec(text.trim());
  const date = span ? dayOf(now + Number(span[1]) * (span[2] === 'w' ? 7 : 1) * DAY_MS) : text.trim();
  if (!isDate(date)) {
    throw new HandrailError('usage', `"${text}" is not a date or a number of days.`, { hint: 'Write it like 14d, 6w or 2026-12-31.' });
  }
  if (isExpired(date, now))
    throw new HandrailError('usage', `${date} is already past.`, { hint: 'Name a day from today on, or leave the expiry out.' });
  return date;
}

/** Whether the text is a day that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && dayOf(parsed.getTime()) === text;
}
