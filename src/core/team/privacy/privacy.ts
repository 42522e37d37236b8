import type { Counter } from '../../telemetry/counters.ts';
import type { Ratio } from './discreteGaussian.ts';
import { RHO_PARTS, rhoPartsOf } from './zcdp.ts';

/** What nobody can be told by: all that a person gave of one week, or all that they ever gave to a ledger. */
export type PrivacyUnit = 'week' | 'person';

/** What whoever releases asks for. */
export interface PrivacyOptions {
  unit: PrivacyUnit;
  /** Of each release. */
  epsilon: number;
  delta: number;
  /** The epsilon that all releases of the ledger together may mean, at the same delta, for the unit. */
  budget: number;
  /** Part of a counter's clip, above 0 to 1, that one person's week counts for at most, in all cells together. */
  clip: number;
}

/** What a release says of its noise. The format is fixed: others read it. */
export interface Privacy extends PrivacyOptions {
  mechanism: 'discrete-gaussian';
  /** Zero-concentrated differential privacy that the release spends, in parts of 10^12. */
  rho: number;
  noise: readonly CounterNoise[];
}

export interface CounterNoise {
  counter: string;
  /** What one person's week counts for at most, in all cells of the counter together. */
  clip: number;
  /** Each figure is this near to what was counted, 95 times of 100. */
  margin: number;
}

/** Counters that are published with noise: of linked ones the first of the catalogue, whatever was given, so that the choice tells nothing. */
export function noisyCounters(counters: readonly Counter[]): Counter[] {
  const chosen: Counter[] = [];
  for (const counter of counters) {
    const { name, excludes, repeats = [] } = counter;
    const linked = [...excludes, ...repeats];
    if (!chosen.some((other) => linked.includes(other.name) || other.repeats?.includes(name) === true)) chosen.push(counter);
  }
  return chosen;
}

/** What one person's week counts for at most in a counter; a whole number, at least 1. */
export function clipOf({ clip }: Pick<Counter, 'clip'>, { clip: part }: PrivacyOptions): number {
  return Math.max(1, Math.floor(clip * part));
}

/**
 * The variance of the noise of each figure of a counter. Someone moves the figures of a counter by its clip in all, each week of the unit,
 * which is as far as they can move them in any direction; the counters share the release's rho alike.
 */
export function varianceOf(
  counter: Pick<Counter, 'clip'>,
  options: PrivacyOptions,
  { weeks, counters }: { weeks: number; counters: number },
): Ratio {
  const sensitivity = BigInt(clipOf(counter, options) * (options.unit === 'person' ? weeks : 1));
  return { over: sensitivity * sensitivity * BigInt(counters) * RHO_PARTS, under: 2n * rhoPartsOf(options.epsilon, options.delta) };
}

/** How near a figure is to what was counted, 95 times of 100. */
export function marginOf({ over, under }: Ratio): number {
  return Math.ceil(1.96 * Math.sqrt(Number(over) / Number(under)));
}
