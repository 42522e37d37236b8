import type { Counter } from '../../telemetry/counters.ts';
import type { Contribution } from '../contribution.ts';
import { type Release, RELEASE_SCHEMA, type ReleasedCell, releaseId } from '../release/release.ts';
import { weeksBetween } from '../window.ts';
import { discreteGaussian, type RandomBytes } from './discreteGaussian.ts';
import { clipOf, marginOf, noisyCounters, type Privacy, type PrivacyOptions, varianceOf } from './privacy.ts';
import { rhoPartsOf } from './zcdp.ts';

export interface NoisyReleaseOptions {
  team: string;
  k: number;
  roster: number;
  counters: readonly Counter[];
  window: { from: string; to: string };
  previous: string | null;
  privacy: PrivacyOptions;
  random: RandomBytes;
}

/**
 * A differentially private release: every cell of the catalogue with noise, whether anything was given or not, since which cells there are
 * would tell as well. The same contributions give other bytes each time, so it is made once. A sum that the noise took below zero is zero.
 */
export function noisyRelease(contributions: readonly Contribution[], options: NoisyReleaseOptions): Release {
  const { team, k, roster, window, previous, privacy, random } = options;
  const counters = noisyCounters(options.counters);
  const shape = { weeks: weeksBetween(window), counters: counters.length };
  const cells: ReleasedCell[] = [];
  for (const counter of counters) {
    const variance = varianceOf(counter, privacy, shape);
    const sums = sumsOf(contributions, counter, clipOf(counter, privacy));
    for (const dims of cellsOf(counter)) {
      const noisy = BigInt(sums.get(keyOf(dims, counter)) ?? 0) + discreteGaussian(variance, random);
      cells.push({ counter: counter.name, dims, value: Number(noisy < 0n ? 0n : noisy) });
    }
  }
  const said: Privacy = {
    mechanism: 'discrete-gaussian',
    ...privacy,
    rho: Number(rhoPartsOf(privacy.epsilon, privacy.delta)),
    noise: counters.map((counter) => ({
      counter: counter.name,
      clip: clipOf(counter, privacy),
      margin: marginOf(varianceOf(counter, privacy, shape)),
    })),
  };
  const body = {
    schema: RELEASE_SCHEMA,
    team,
    window,
    k,
    // A band of those who took part would tell of them without noise.
    participation: { from: 0, to: roster },
    cells,
    withheld: options.counters.filter((counter) => !counters.includes(counter)).map(({ name }) => name),
    guarantee: guaranteeOf(privacy),
    previous,
    privacy: said,
  } as const;
  return { ...body, id: releaseId(body) };
}

/** The promise in words. */
export function guaranteeOf({ unit, epsilon, delta, budget }: PrivacyOptions): string {
  const whose =
    unit === 'week'
      ? 'all that one person gave of one week'
      : `all that one person gave of this window, and with a budget of epsilon ${budget} for all that they gave to this ledger`;
  return (
    `Differentially private by discrete Gaussian noise on every figure: epsilon ${epsilon} at delta ${delta} for ${whose}. ` +
    'Every figure of the catalogue is there, with noise, whether anything was counted or not; k does not apply. What other releases of the same weeks tell is not part of it.'
  );
}

/** Every cell of a counter, in the catalogue's order. */
export function cellsOf({ dims }: Counter): Record<string, string>[] {
  return Object.entries(dims).reduce<Record<string, string>[]>(
    (cells, [dim, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [dim]: value }))),
    [{}],
  );
}

/** What was given of each cell: of a person's week no more than the clip in all, counted in the order of the catalogue. */
function sumsOf(contributions: readonly Contribution[], counter: Counter, clip: number): Map<string, number> {
  const sums = new Map<string, number>();
  const order = new Map(cellsOf(counter).map((dims, index) => [keyOf(dims, counter), index]));
  for (const { counters } of contributions) {
    let left = clip;
    const own = counters
      .filter((cell) => cell.counter === counter.name)
      .map(({ dims, value }) => ({ key: keyOf(dims, counter), value }))
      .toSorted((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0));
    for (const { key, value } of own) {
      const counted = Math.min(left, value);
      left -= counted;
      sums.set(key, (sums.get(key) ?? 0) + counted);
    }
  }
  return sums;
}

/** The part of everything that was counted that the clips leave in, 0 to 1; for the operator alone, since no noise is on it. */
export function clippedCoverage(contributions: readonly Contribution[], counters: readonly Counter[], privacy: PrivacyOptions): number {
  let [inside, all] = [0, 0];
  for (const counter of noisyCounters(counters)) {
    for (const sum of sumsOf(contributions, counter, clipOf(counter, privacy)).values()) inside += sum;
    for (const given of contributions) {
      for (const { counter: name, value } of given.counters) all += name === counter.name ? Math.min(counter.clip, value) : 0;
    }
  }
  return all === 0 ? 1 : inside / all;
}

function keyOf(dims: Readonly<Record<string, string>>, counter: Counter): string {
  return Object.keys(counter.dims)
    .map((dim) => dims[dim])
    .join('\n');
}
