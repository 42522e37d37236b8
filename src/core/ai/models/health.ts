import { percentile } from '../percentile.ts';
import type { FailureReason } from '../../errors.ts';

/** What calls of models on this machine say about them. Pure; calls are kept by `src/node/ai/models/health/`. */

export interface ModelCall {
  /** When the request was made, in milliseconds since the Unix epoch. */
  at: number;
  name: string;
  model: string;
  origin: string;
  /** Milliseconds until the answer ended or failed. */
  latency: number;
  /** Milliseconds until the first text; absent when there was none. */
  firstToken?: number;
  outcome: 'ok' | 'cancelled' | FailureReason;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cost?: Money;
  /** The answer ended before its tokens were told, so they are estimated from the text. */
  estimated?: true;
}

export interface Money {
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/** Which calls belong together: those of one entry, as long as it means the same model at the same place. */
export interface CalledModel {
  name: string;
  model: string;
  origin: string;
}

/** Latencies in milliseconds, over answered calls; cancelled calls count neither way. */
export interface ModelHealth extends CalledModel {
  calls: number;
  /** Calls that were answered or failed, which is what shares and percentiles are of. */
  settled: number;
  p50?: number;
  p95?: number;
  /** Share of failed calls, 0 to 1. */
  errorRate: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** By currency; several when the price's currency changed. */
  cost: Money[];
  /** Milliseconds since the Unix epoch. */
  lastUsed: number;
  lastFailure?: { at: number; reason: string };
}

export function isSameModel(one: CalledModel, other: CalledModel): boolean {
  return one.name === other.name && one.model === other.model && one.origin === other.origin;
}

/** Health by entry, most used first. */
export function healthOf(calls: readonly ModelCall[]): ModelHealth[] {
  const groups = Map.groupBy(calls, ({ name, model, origin }) => JSON.stringify([name, model, origin]));
  return [...groups.values()].map(summarise).toSorted((a, b) => b.calls - a.calls || a.name.localeCompare(b.name));
}

function summarise(calls: readonly ModelCall[]): ModelHealth {
  const ordered = calls.toSorted((a, b) => a.at - b.at);
  // Groups are never empty.
  const last = ordered.at(-1) as ModelCall;
  const settled = ordered.filter((call) => call.outcome !== 'cancelled');
  const answered = settled.filter((call) => call.outcome === 'ok').map((call) => call.latency);
  const failure = settled.findLast((call) => call.outcome !== 'ok');
  const total = (key: 'inputTokens' | 'outputTokens' | 'cachedTokens') => ordered.reduce((sum, call) => sum + call[key], 0);
  const p50 = percentile(answered, 0.5);
  const p95 = percentile(answered, 0.95);
  return {
    name: last.name,
    model: last.model,
    origin: last.origin,
    calls: ordered.length,
    settled: settled.length,
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
    errorRate: settled.length === 0 ? 0 : (settled.length - answered.length) / settled.length,
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
    cachedTokens: total('cachedTokens'),
    cost: costsOf(ordered),
    lastUsed: last.at,
    ...(failure === undefined ? {} : { lastFailure: { at: failure.at, reason: failure.outcome } }),
  };
}

/** What calls have cost, by currency. */
export function costsOf(calls: readonly ModelCall[]): Money[] {
  const sums = new Map<string, number>();
  for (const { cost } of calls) if (cost) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}
