import type { FailureReason } from '../../errors.ts';
import type { ModelCall } from './health.ts';

/**
 * Whether a model at one origin is asked at all, decided from its recent calls alone: all processes of a person read the same calls,
 * so they agree without a second store. Closed, open and half-open as in Nygard, "Release It!".
 */
export type Circuit =
  | { state: 'closed'; failures: number }
  /** Not asked before `until`, in milliseconds since the Unix epoch. */
  | { state: 'open'; failures: number; reason: FailureReason; until: number }
  /** The pause is over; one request may try, and decides. */
  | { state: 'half-open'; failures: number; reason: FailureReason };

/** Failures in a row after which a model is left alone. */
export const FAILURES_TO_OPEN = 3;
/** Milliseconds. Failures that ended longer ago say nothing about now. */
export const CIRCUIT_WINDOW = 30 * 60_000;
/** Milliseconds of the first pause; each further failure doubles it. */
export const FIRST_PAUSE = 10_000;
export const LONGEST_PAUSE = 5 * 60_000;

/**
 * Failures of the place, which would meet the next request too. What is wrong with one request (too large, refused) or is mended by
 * the person (a key, a name, an address) is not among them: nobody should have to wait after mending it.
 */
const COUNTED: ReadonlySet<ModelCall['outcome']> = new Set<FailureReason>(['unreachable', 'rate-limited', 'bad-response', 'timeout']);

/** `calls` are of one model at one origin, in any order; `now` in milliseconds since the Unix epoch. */
export function circuitOf(calls: readonly ModelCall[], now: number): Circuit {
  // A clock that was set back must not keep a model away until it has caught up.
  const ended = calls.map((call) => ({ outcome: call.outcome, end: call.at + call.latency })).filter(({ end }) => end <= now);
  const recent = ended.filter(({ end }) => now - end <= CIRCUIT_WINDOW).toSorted((a, b) => b.end - a.end);
  let failures = 0;
  let last: { reason: FailureReason; end: number } | undefined;
  for (const { outcome, end } of recent) {
    if (outcome === 'ok') break;
    if (!COUNTED.has(outcome)) continue;
    failures++;
    last ??= { reason: outcome, end };
  }
  if (last === undefined || failures < FAILURES_TO_OPEN) return { state: 'closed', failures };
  const until = last.end + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - FAILURES_TO_OPEN));
  return now < until ? { state: 'open', failures, reason: last.reason, until } : { state: 'half-open', failures, reason: last.reason };
}
