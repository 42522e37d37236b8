import { failureOf, HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { ModelProvider } from '../provider.ts';
import { estimateTokens } from './tokens.ts';

/** Estimates may be this many times too high or too low; a model that says otherwise does not count what it reads. */
const WIDEST_RATIO = 8;

/** Counts as the model itself counts, where it can; an estimate otherwise, and from the first failure on. */
export class TokenCounter {
  readonly #provider: ModelProvider;
  readonly #signal: CancelSignal;
  #failed = false;

  constructor(provider: ModelProvider, signal: CancelSignal) {
    this.#provider = provider;
    this.#signal = signal;
  }

  /** Whether counts are the model's own. */
  get exact(): boolean {
    return this.#provider.countTokens !== undefined && !this.#failed;
  }

  /** Fails with `cancelled` only. */
  async count(text: string): Promise<number> {
    if (this.#provider.countTokens === undefined || this.#failed) return estimateTokens(text);
    try {
      return await unlessCancelled(this.#provider.countTokens(text, this.#signal), this.#signal);
    } catch (error) {
      if (failureOf(error)?.reason === 'cancelled') throw error;
      // A model that cannot count can still answer.
      this.#failed = true;
      return estimateTokens(text);
    }
  }

  /** Tokens of the model for one estimated token, measured on `sample`; 1 where the model does not count. */
  async ratio(sample: string): Promise<number> {
    if (sample === '') return 1;
    const counted = await this.count(sample);
    return this.exact ? Math.min(WIDEST_RATIO, Math.max(1 / WIDEST_RATIO, counted / estimateTokens(sample))) : 1;
  }
}

/** A model that never comes back with its count must not hold up whoever cancels. */
function unlessCancelled<T>(counting: Promise<T>, signal: CancelSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new HandrailError('cancelled', 'The request was cancelled.'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void counting.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
