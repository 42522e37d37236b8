import { z } from 'zod';

/** Times as files and settings write them, e.g. `500ms`, `20s`, `2m`. */
export const duration = z.string().regex(/^\d{1,6}(?:\.\d+)?(?:ms|s|m)$/, 'must be a time such as 500ms, 20s or 2m');

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A {@link duration} in whole milliseconds. */
export function milliseconds(time: string): number {
  const unit = /[a-z]+$/.exec(time)?.[0] ?? 'ms';
  return Math.round(Number.parseFloat(time) * (UNIT_MS[unit] ?? 1));
}
