/** Milliseconds. A server that wants a longer wait is reported instead of waited for. */
export const LONGEST_WAIT = 60_000;

/**
 * Milliseconds that a server asks to wait: `Retry-After` (RFC 9110, seconds or a date), or `retry-after-ms` as some vendors send. Undefined
 * when it says nothing that makes sense.
 */
export function askedDelay(error: unknown, now: number = Date.now()): number | undefined {
  const headers = typeof error === 'object' && error !== null && 'headers' in error ? error.headers : undefined;
  if (!(headers instanceof Headers)) return undefined;
  const milliseconds = headers.get('retry-after-ms');
  if (milliseconds !== null && /^\d+(\.\d+)?$/.test(milliseconds)) return Number(milliseconds);
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  // Platforms take almost anything for a date, `-5` included; HTTP dates begin with a day's name.
  const date = /^[A-Z][a-z]{2}/.test(after) ? Date.parse(after) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A wait that is too long to sit out, for people: `3 hours`. Undefined for a shorter one, and for one that nobody can mean. */
export function longWait(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || milliseconds <= LONGEST_WAIT || milliseconds > 30 * 24 * 3_600_000) return undefined;
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.ceil(hours / 24)} days`;
}
