import type { FailureReason, HandrailError } from '../../errors.ts';
import type { StepStatus } from '../run.ts';
import type { Attempt } from './automation.ts';

/** How an attempt stands by the state that its step has now. */
export function attemptBy({ state, because, missing }: StepStatus, rest: Pick<Attempt, 'again' | 'exitCode'> = {}): Attempt {
  // Stale: it ended well, and changed what it looked at itself.
  if (state === 'done' || state === 'stale') return { outcome: 'done', detail: because, ...rest };
  return { outcome: 'failed', detail: [because, ...missing.slice(0, 1)].filter((part) => part !== '').join('. '), ...rest };
}

/** What may be otherwise a moment later. A limit of money, a missing key or a broken file stays what it is. */
const PASSING: ReadonlySet<FailureReason> = new Set(['unreachable', 'rate-limited', 'timeout', 'bad-response', 'io']);

/** The attempt that failed with this. */
export function failedAttempt({ reason, message, hint }: HandrailError): Attempt {
  if (reason === 'cancelled') return { outcome: 'cancelled', detail: 'cancelled' };
  return { outcome: 'failed', detail: hint === undefined ? message : `${message} ${hint}`, again: PASSING.has(reason) };
}
