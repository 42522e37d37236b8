import type { Observation } from '../telemetry/observation.ts';
import { MOST_TOKENS, MOST_USD } from './records.ts';

interface Sum {
  first: Observation;
  input: number;
  output: number;
  cost: number;
  duration: number;
  /** How many of the calls told how long they took. */
  timed: number;
}

/**
 * Adds up the calls of an assistant over some minutes, per family of models: an event keeps a range, and most of a small call is lost in
 * it. Nothing tells how many calls there were. The first of a day is not waited for, so that a person sees that it works.
 */
export class UsageBatch {
  readonly #sums = new Map<string, Sum>();
  readonly #seen = new Set<string>();
  #day = '';

  /** What is to be recorded now; the rest waits for {@link take}. */
  add(observation: Observation, day: string): Observation[] {
    const before = day === this.#day ? [] : this.take();
    if (day !== this.#day) this.#seen.clear();
    this.#day = day;
    const { source, outcome, model = '', inputTokens, outputTokens, cost, duration } = observation;
    if (outcome !== 'completed' || (inputTokens === undefined && outputTokens === undefined)) return [...before, observation];
    const key = `${source} ${model}`;
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      return [...before, observation];
    }
    const sum = this.#sums.get(key) ?? { first: observation, input: 0, output: 0, cost: 0, duration: 0, timed: 0 };
    sum.input = Math.min(MOST_TOKENS, sum.input + (inputTokens ?? 0));
    sum.output = Math.min(MOST_TOKENS, sum.output + (outputTokens ?? 0));
    sum.cost = Math.min(MOST_USD, sum.cost + (cost?.amount ?? 0));
    sum.duration += duration ?? 0;
    sum.timed += duration === undefined ? 0 : 1;
    this.#sums.set(key, sum);
    return before;
  }

  /** What was added up since it was taken last. */
  take(): Observation[] {
    const taken = [...this.#sums.values()].map(observationOf);
    this.#sums.clear();
    return taken;
  }

  /** Forgets what waits: nobody agrees any more that it is recorded. */
  drop(): void {
    this.#sums.clear();
  }
}

function observationOf({ first: { operation, outcome, source, model }, input, output, cost, duration, timed }: Sum): Observation {
  return {
    operation,
    outcome,
    ...(source === undefined ? {} : { source }),
    ...(model === undefined ? {} : { model }),
    inputTokens: input,
    outputTokens: output,
    ...(cost === 0 ? {} : { cost: { amount: cost, currency: 'USD' } }),
    ...(timed === 0 ? {} : { duration: duration / timed }),
  };
}
