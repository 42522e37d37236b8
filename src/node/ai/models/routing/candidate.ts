import { ceilingOf } from '../../../../core/ai/models/budget.ts';
import type { Circuit } from '../../../../core/ai/models/circuit.ts';
import type { ModelEntry } from '../../../../core/ai/models/models.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../../core/ai/provider.ts';
import { TokenCounter } from '../../../../core/ai/review/tokenCounter.ts';
import { HandrailError, type FailureReason } from '../../../../core/errors.ts';
import type { CancelSignal, Clock } from '../../../../core/ports.ts';
import type { HealthStore } from '../health/healthStore.ts';
import { measure } from '../health/measure.ts';
import { createBudgetGuard, type BudgetGuard, type Reservation } from './budgetGuard.ts';
import type { Traffic } from './traffic.ts';

/** One of the models that a request may be answered by. */
export interface Candidate {
  /** Name of the entry. */
  readonly name: string;
  /** The model, ready to be asked. Fails with why it cannot be: not confirmed, no key, not there. */
  open(): Promise<ModelProvider>;
  /**
   * One request, measured, within circuit, limits and budget. Fails before the first text in all the ways of {@link ModelProvider}. With
   * `isLast`, nobody else could answer: then it is tried once a run although it is to be left alone, since a person asked.
   */
  ask(request: ModelRequest, signal: CancelSignal, options?: { isLast?: boolean }): AsyncIterable<ModelChunk>;
}

export interface CandidateParts {
  health: HealthStore;
  traffic: Traffic;
  clock: Clock;
}

export interface CandidateOptions extends CandidateParts {
  name: string;
  entry: Pick<ModelEntry, 'price' | 'budget' | 'limits'>;
  /** Called once. */
  open(): Promise<ModelProvider>;
  /** A person wants to know whether it answers now, whatever happened before. */
  isTest?: boolean;
}

/** Lives as long as one run, whose spending it keeps. */
export function createCandidate(options: CandidateOptions): Candidate {
  const { name, entry } = options;
  let opened: Promise<ModelProvider> | undefined;
  let guard: BudgetGuard | undefined;
  const open = (): Promise<ModelProvider> => (opened ??= options.open());
  let triesLeft = 1;
  /** May this request be made in spite of an open circuit? */
  const spendTry = (isLast: boolean): boolean => isLast && triesLeft-- > 0;
  return {
    name,
    open,
    async *ask(request, signal, { isLast = false } = {}) {
      const provider = await open();
      const { model, origin } = provider;
      const place = JSON.stringify([model, origin]);
      const fitted = { ...request, maxOutputTokens: Math.min(request.maxOutputTokens, entry.limits?.outputTokens ?? Infinity) };
      const endTry = options.isTest === true ? undefined : await admitted(provider, place, () => spendTry(isLast), signal, options);
      let leave: (() => void) | undefined;
      let reservation: Reservation | undefined;
      try {
        if (provider.concurrency !== undefined) leave = await options.traffic.enter(place, provider.concurrency, signal);
        guard ??= guardOf(provider, options);
        reservation = await guard?.reserve(await ceiling(provider, fitted, entry, signal), signal);
        yield* measure(provider, fitted, signal, {
          health: options.health,
          ...(entry.price === undefined ? {} : { price: entry.price }),
          ...(reservation?.id === undefined ? {} : { settles: reservation.id }),
          onCost: (cost) => reservation?.settle(cost),
        });
      } finally {
        leave?.();
        endTry?.();
      }
    },
  };
}

function guardOf(
  { model, origin }: ModelProvider,
  { name, entry: { price, budget }, health, traffic, clock }: CandidateOptions,
): BudgetGuard | undefined {
  if (price === undefined || budget === undefined) return undefined;
  return createBudgetGuard({ name, model, origin, budget, currency: price.currency, health, traffic, clock });
}

async function ceiling(
  provider: ModelProvider,
  { system, user, maxOutputTokens }: ModelRequest,
  { price, budget }: CandidateOptions['entry'],
  signal: CancelSignal,
): Promise<number> {
  if (price === undefined || budget === undefined) return 0;
  const counter = new TokenCounter(provider, signal);
  const input = (await counter.count(system)) + (await counter.count(user));
  return ceilingOf(price, { input, output: maxOutputTokens });
}

/**
 * Lets requests to a closed circuit pass. Of those that may try another one, one does and the others wait for what comes of it; the result,
 * where there is one, ends the try. Fails with the reason of the last failure while the model is to be left alone.
 */
async function admitted(
  provider: ModelProvider,
  place: string,
  spendTry: () => boolean,
  signal: CancelSignal,
  { name, health, traffic, clock }: CandidateOptions,
): Promise<(() => void) | undefined> {
  if ((await health.circuit(provider)).state === 'closed') return undefined;
  const leave = await traffic.enter(`try ${place}`, 1, signal);
  const circuit = await health.circuit(provider);
  if (circuit.state === 'half-open' || (circuit.state === 'open' && spendTry())) return leave;
  leave();
  return circuit.state === 'closed' ? undefined : leftAlone(name, circuit, clock);
}

function leftAlone(name: string, { failures, reason, until }: Extract<Circuit, { state: 'open' }>, clock: Clock): never {
  const seconds = Math.max(1, Math.ceil((until - clock.now()) / 1000));
  throw new HandrailError(
    reason,
    `"${name}" failed ${failures} times in a row (${WORDS[reason] ?? reason}) and is left alone for ${seconds} s.`,
    {
      hint: `Try again after that, ask it now with \`handrail models test ${name}\`, or choose another model.`,
    },
  );
}

const WORDS: Partial<Record<FailureReason, string>> = {
  unreachable: 'it could not be reached',
  'rate-limited': 'it took no more requests',
  'bad-response': 'its answers could not be read',
  timeout: 'it stopped answering',
};
