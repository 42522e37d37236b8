import type { Endpoint } from '../../../../core/ai/models/endpoints.ts';
import type { HandrailError } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import { causesOf, httpStatus } from './openaiErrors.ts';
import { askedDelay, LONGEST_WAIT } from './retryAfter.ts';

const FIRST_WAIT = 500;
const LONGEST_OWN_WAIT = 8_000;

/** Whether asking again could help: overload, server faults, broken connections; not a quota, a refusal or a server that is not there. */
export function mayRetry(error: unknown, failure: HandrailError, endpoint: Endpoint): boolean {
  const status = httpStatus(error);
  if (status !== undefined)
    return (status === 429 && codeOf(error) !== 'insufficient_quota') || status === 408 || status === 409 || status >= 500;
  if (failure.reason === 'bad-response') return failure.cause !== undefined;
  if (failure.reason !== 'unreachable') return false;
  const gone = causesOf(error).some((cause) => ['ECONNREFUSED', 'ENOTFOUND'].includes(codeOf(cause) ?? ''));
  return !gone && !(endpoint.loopback && causesOf(error).some((cause) => codeOf(cause) === 'EACCES'));
}

/**
 * Milliseconds to wait before attempt `failures + 2`: what `Retry-After` says (RFC 9110, seconds or a date; `retry-after-ms` as
 * some vendors send), else doubling with jitter so that many clients do not return at once. Undefined when the server asks for more than
 * a minute.
 */
export function retryDelay(error: unknown, failures: number, random: () => number, now: number = Date.now()): number | undefined {
  const asked = askedDelay(error, now);
  if (asked !== undefined) return asked > LONGEST_WAIT ? undefined : Math.round(asked + random() * 250);
  const base = Math.min(LONGEST_OWN_WAIT, FIRST_WAIT * 2 ** failures);
  return Math.round(base / 2 + (base / 2) * random());
}

/** Waits; false when cancelled meanwhile. */
export function pause(milliseconds: number, signal: CancelSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    const finish = (waited: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(waited);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
