import { failureOf, HandrailError, type FailureReason } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Finding, ReviewResult } from '../finding.ts';
import type { EvalCase } from './case.ts';
import { failedOutcome, outcomeOf, type CaseOutcome } from './outcome.ts';

export interface EvalRun {
  /** Cases at the same time. */
  parallel: number;
  signal: CancelSignal;
  /** Reviews one case; findings are handed out as they come. Fails like a review. */
  review(evalCase: EvalCase, onFinding: (finding: Finding) => void): Promise<ReviewResult>;
  /** Milliseconds of a clock that only moves forward. */
  now(): number;
  onOutcome(outcome: CaseOutcome): void;
}

/** Failures that say something of one answer. Any other would meet every further case as well, and ends the run. */
const OF_ONE_CASE: ReadonlySet<FailureReason> = new Set(['bad-response', 'bad-request', 'timeout', 'too-large']);
/** Failures without a success in between, after which no further case is tried. */
const MOST_IN_A_ROW = 5;

/**
 * Reviews the cases in their order, some at a time. A failure that ends the run lets the reviews under way come to their end and is
 * then returned as `stopped`, with everything that was measured; cancelling ends in the same way, with `cancelled`.
 */
export async function runCases(
  cases: readonly EvalCase[],
  run: EvalRun,
): Promise<{ outcomes: CaseOutcome[]; stopped?: { error: unknown } }> {
  const outcomes: CaseOutcome[] = [];
  const waiting = cases.values();
  let stopped: { error: unknown } | undefined;
  let inARow = 0;

  const settle = (outcome: CaseOutcome): void => {
    inARow = outcome.result === 'failed' ? inARow + 1 : 0;
    outcomes.push(outcome);
    run.onOutcome(outcome);
  };

  const work = async (): Promise<void> => {
    while (stopped === undefined) {
      const next = waiting.next();
      if (next.done === true) return;
      if (run.signal.aborted) {
        stopped = { error: new HandrailError('cancelled', 'The evaluation was interrupted.') };
        return;
      }
      const found: Finding[] = [];
      const started = run.now();
      try {
        const result = await run.review(next.value, (finding) => found.push(finding));
        settle(outcomeOf(next.value, result, run.now() - started));
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined || !OF_ONE_CASE.has(failure.reason)) {
          stopped ??= { error };
          return;
        }
        const { reason, message } = failure;
        settle(failedOutcome(next.value, { reason, message }, { findings: found, latency: run.now() - started }));
        if (inARow >= MOST_IN_A_ROW) stopped ??= { error };
      }
    }
  };

  await Promise.all(Array.from({ length: Math.max(1, run.parallel) }, work));
  return stopped === undefined ? { outcomes } : { outcomes, stopped };
}
