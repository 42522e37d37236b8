import { failureOf, type FailureReason, type HandrailError } from '../../errors.ts';
import { interleave, type Source } from '../../interleave.ts';
import type { CancelSignal } from '../../ports.ts';
import type { ModelProvider } from '../provider.ts';
import type { Answer, AskStep } from './ask.ts';

/** What becomes of several requests; `index` is their place in the list. */
export type AskedStep =
  | { type: 'started'; index: number }
  | { type: 'says'; index: number; step: AskStep }
  | { type: 'answered'; index: number; answer: Answer }
  | { type: 'failed'; index: number; failure: HandrailError };

/** Asks the request at this place of the list. */
export type AskOne = (index: number, signal: CancelSignal) => AsyncGenerator<AskStep, Answer>;

/** What hosted endpoints take from one person without complaint; more hardly makes a review faster. */
const HOSTED_CONCURRENCY = 4;
const MAX_CONCURRENCY = 16;

/**
 * Requests to ask at the same time: as many as the entry says, else four of a hosted endpoint and one of everything else. A server on
 * this machine answers one after the other anyway, the editor's models and assistants are somebody's own allowance.
 */
export function concurrencyOf({ concurrency, origin }: Pick<ModelProvider, 'concurrency' | 'origin'>): number {
  const wanted = concurrency ?? (origin.startsWith('https://') ? HOSTED_CONCURRENCY : 1);
  return Math.max(1, Math.min(MAX_CONCURRENCY, Math.floor(wanted)));
}

/** Failures that the next request would meet as well. */
const STANDING: ReadonlySet<FailureReason> = new Set([
  'config',
  'untrusted',
  'key-origin',
  'no-key',
  'unauthorised',
  'unreachable',
  'redirect',
  'rate-limited',
  'model-not-found',
  'over-budget',
]);
/** So many failures in a row of any kind, and the rest is not asked. */
const PATIENCE = 2;

/**
 * Asks several requests side by side. A request that fails costs itself only, unless the failure would be the same for the others:
 * then those that were not begun are not asked, and fail with the same. Fails itself with `cancelled` only, and with defects.
 */
export async function* askAll(askOne: AskOne, count: number, concurrency: number, signal: CancelSignal): AsyncGenerator<AskedStep, void> {
  let begun = 0;
  let inRow = 0;
  let standing: HandrailError | undefined;
  const one = (index: number): Source<AskedStep> =>
    async function* (cancel) {
      yield { type: 'started', index };
      try {
        const steps = askOne(index, cancel);
        for (;;) {
          const { done, value } = await steps.next();
          if (done === true) {
            inRow = 0;
            yield { type: 'answered', index, answer: value };
            return;
          }
          yield { type: 'says', index, step: value };
        }
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined || failure.reason === 'cancelled') throw error;
        inRow++;
        if (STANDING.has(failure.reason) || inRow >= PATIENCE) standing ??= failure;
        yield { type: 'failed', index, failure };
      }
    };
  function* sources(): Generator<Source<AskedStep>> {
    while (begun < count && standing === undefined) yield one(begun++);
  }
  yield* interleave(sources(), concurrency, signal);
  for (; standing !== undefined && begun < count; begun++) yield { type: 'failed', index: begun, failure: standing };
}
