import assert from 'node:assert/strict';
import fc from 'fast-check';
import { requireBudget, requireExactLedger, requireLegible } from '../../../src/core/team/privacy/budget.ts';
import {
  below,
  discreteGaussian,
  discreteLaplace,
  happensWithExp,
  type RandomBytes,
} from '../../../src/core/team/privacy/discreteGaussian.ts';
import { noisyProofProblems } from '../../../src/core/team/privacy/noisyProof.ts';
import { cellsOf, noisyRelease } from '../../../src/core/team/privacy/noisyRelease.ts';
import { marginOf, noisyCounters, type PrivacyOptions, varianceOf } from '../../../src/core/team/privacy/privacy.ts';
import { epsilonOf, RHO_PARTS, rhoPartsOf } from '../../../src/core/team/privacy/zcdp.ts';
import { parseRelease } from '../../../src/core/team/release/ledgerFile.ts';
import { type Release, releaseId, releaseText } from '../../../src/core/team/release/release.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { contributionOf, registry, seeded } from '../../support/disclosure/history.ts';

/** Bytes that are the same every time; the product's come from a cryptographic source. */
function seededBytes(seed: number): RandomBytes {
  const random = seeded(seed);
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}

const ONCE: PrivacyOptions = { unit: 'person', epsilon: 1, delta: 1e-5, budget: 2, clip: 1 };

/** Pearson's statistic; the counts of what is expected less than five times are put together. */
function chiSquare(
  counts: ReadonlyMap<number, number>,
  expected: (value: number) => number,
  samples: number,
): { statistic: number; degrees: number } {
  let [statistic, degrees, restSeen, restExpected] = [0, -1, samples, samples];
  for (let value = -60; value <= 60; value += 1) {
    const mean = samples * expected(value);
    if (mean < 5) continue;
    statistic += ((counts.get(value) ?? 0) - mean) ** 2 / mean;
    degrees += 1;
    restSeen -= counts.get(value) ?? 0;
    restExpected -= mean;
  }
  if (restExpected > 1) {
    statistic += (restSeen - restExpected) ** 2 / restExpected;
    degrees += 1;
  }
  return { statistic, degrees };
}
/** What a statistic of so many degrees of freedom exceeds once in about 30,000 runs, were it random (Wilson and Hilferty). */
const limit = (degrees: number): number => degrees * (1 - 2 / (9 * degrees) + 4 * Math.sqrt(2 / (9 * degrees))) ** 3;

function histogram(samples: number, sample: () => bigint): { counts: Map<number, number>; mean: number; variance: number } {
  const counts = new Map<number, number>();
  let [sum, squares] = [0, 0];
  for (let index = 0; index < samples; index += 1) {
    const value = Number(sample());
    counts.set(value, (counts.get(value) ?? 0) + 1);
    sum += value;
    squares += value * value;
  }
  return { counts, mean: sum / samples, variance: squares / samples - (sum / samples) ** 2 };
}

describe('the discrete Gaussian', () => {
  const SAMPLES = 12_000;
  for (const [over, under] of [
    [1n, 4n],
    [1n, 1n],
    [7n, 2n],
    [30n, 1n],
  ] as const) {
    it(`has mean, variance and every probability of σ² = ${over}/${under}`, () => {
      const random = seededBytes(Number(over));
      const square = Number(over) / Number(under);
      const weight = (value: number): number => Math.exp(-(value * value) / (2 * square));
      const all = Array.from({ length: 401 }, (_, index) => index - 200);
      const sum = all.reduce((total, value) => total + weight(value), 0);
      const exact = all.reduce((total, value) => total + (value * value * weight(value)) / sum, 0);
      const { counts, mean, variance } = histogram(SAMPLES, () => discreteGaussian({ over, under }, random));
      assert.ok(Math.abs(mean) < 4.5 * Math.sqrt(exact / SAMPLES), `mean ${mean}`);
      assert.ok(Math.abs(variance / exact - 1) < 4.5 * Math.sqrt(3 / SAMPLES), `variance ${variance}, exactly ${exact}`);
      const { statistic, degrees } = chiSquare(counts, (value) => weight(value) / sum, SAMPLES);
      assert.ok(statistic < limit(degrees), `chi-square ${statistic} of ${degrees} degrees`);
    });
  }

  it('is made of a Laplace and coins that are what they say', () => {
    const random = seededBytes(5);
    const rate = Math.exp(-1 / 4);
    const { counts } = histogram(SAMPLES, () => discreteLaplace(4n, random));
    const { statistic, degrees } = chiSquare(counts, (value) => ((1 - rate) / (1 + rate)) * rate ** Math.abs(value), SAMPLES);
    assert.ok(statistic < limit(degrees), `chi-square ${statistic}`);
    for (const [over, under] of [
      [1n, 3n],
      [1n, 1n],
      [5n, 2n],
    ] as const) {
      const heads = histogram(SAMPLES, () => (happensWithExp({ over, under }, random) ? 1n : 0n)).mean;
      const chance = Math.exp(-Number(over) / Number(under));
      assert.ok(Math.abs(heads - chance) < 4.5 * Math.sqrt((chance * (1 - chance)) / SAMPLES), `${heads}, and ${chance}`);
    }
    const dice = histogram(SAMPLES, () => below(6n, random)).counts;
    assert.ok(chiSquare(dice, (value) => (value >= 0 && value < 6 ? 1 / 6 : 0), SAMPLES).statistic < limit(5));
    // Also with numbers that no float holds.
    const huge = 10n ** 40n;
    assert.ok(below(huge, random) < huge);
    const wide = discreteGaussian({ over: huge, under: 1n }, random);
    assert.ok(wide < 10n ** 22n && wide > -(10n ** 22n) && wide !== 0n);
  });
});

describe('what noise means', () => {
  it('is the same both ways, and what the least delta of an exact Gaussian is close to', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 8, noNaN: true }), fc.constantFrom(1e-5, 1e-6, 1e-9), (epsilon, delta) => {
        const rho = Number(rhoPartsOf(epsilon, delta)) / Number(RHO_PARTS);
        const again = epsilonOf(rho, delta);
        assert.ok(again <= epsilon * (1 + 1e-6) && again > epsilon * 0.999);
        // Never better than the classical bound promises at the least.
        assert.ok(again <= rho + 2 * Math.sqrt(rho * Math.log(1 / delta)) + 1e-9);
      }),
      { numRuns: 200 },
    );
    // By hand from another place: for rho = 0.1 and delta = 1e-6, alpha that gives the least is about 10.8.
    const rho = 0.1;
    const deltaAt = (epsilon: number): number =>
      Math.min(
        ...Array.from({ length: 40_000 }, (_, index) => 1.001 + index / 1000).map((alpha) =>
          Math.exp((alpha - 1) * (alpha * rho - epsilon) - Math.log(alpha - 1) + alpha * Math.log1p(-1 / alpha)),
        ),
      );
    assert.ok(Math.abs(Math.log(deltaAt(epsilonOf(rho, 1e-6)) / 1e-6)) < 0.001);
  });

  it('is about seven times the clip for one count at epsilon 1 and delta 1e-5', () => {
    const margin = marginOf(varianceOf({ clip: 1000 }, { ...ONCE, unit: 'week' }, { weeks: 4, counters: 1 })) / 1000;
    assert.ok(margin > 7 && margin < 8, String(margin));
  });

  it('grows with the weeks of a person and with the counters that share it', () => {
    const of = (more: Partial<PrivacyOptions>, shape: { weeks: number; counters: number }): number => {
      const { over, under } = varianceOf({ clip: 100 }, { ...ONCE, ...more }, shape);
      return Math.sqrt(Number(over) / Number(under));
    };
    const alone = of({}, { weeks: 1, counters: 1 });
    assert.ok(Math.abs(of({}, { weeks: 4, counters: 1 }) / alone - 4) < 1e-9);
    assert.ok(Math.abs(of({ unit: 'week' }, { weeks: 4, counters: 1 }) / alone - 1) < 1e-9);
    assert.ok(Math.abs(of({}, { weeks: 1, counters: 9 }) / alone - 3) < 1e-9);
    assert.ok(Math.abs(of({ clip: 0.1 }, { weeks: 1, counters: 1 }) / alone - 0.1) < 1e-9);
  });
});

describe('a differentially private release', () => {
  const made = (contributions: Parameters<typeof noisyRelease>[0], more: Partial<PrivacyOptions> = {}, seed = 1): Release =>
    noisyRelease(contributions, {
      team: 'payments',
      k: 5,
      roster: 2000,
      counters: registry.counters,
      window: { from: '2026-W45', to: '2026-W48' },
      previous: null,
      privacy: { ...ONCE, ...more },
      random: seededBytes(seed),
    });
  const runs = (value: number, outcome = 'completed') => ({ counter: 'review.runs', dims: { outcome }, value });
  const team = Array.from({ length: 30 }, (_, who) => contributionOf(who, '2026-W46', [runs(4), runs(3, 'failed')]));
  const prove = (release: Release, before: readonly Release[] = []): string[] =>
    noisyProofProblems(release, { before, counters: registry.counters, roster: 2000 });

  it('has the same figures, participation and withheld counters whatever was given', () => {
    const [full, empty] = [made(team), made([])];
    const shape = ({ cells, ...rest }: Release): unknown => ({
      ...rest,
      id: '',
      cells: cells.map(({ counter, dims }) => ({ counter, dims })),
    });
    assert.deepEqual(shape(full), shape(empty));
    assert.deepEqual(full.participation, { from: 0, to: 2000 });
    assert.equal(
      full.cells.length,
      noisyCounters(registry.counters).reduce((sum, counter) => sum + cellsOf(counter).length, 0),
    );
    assert.ok(full.cells.every(({ value }) => Number.isSafeInteger(value) && value >= 0));
    const { id, ...body } = full;
    assert.equal(id, releaseId(body));
    assert.deepEqual(parseRelease(releaseText(full)), full);
    assert.match(full.guarantee, /epsilon 1 at delta 0.00001 for all that one person gave of this window/);
  });

  it('is near what was counted, a person counting for the clip in all cells together', () => {
    const loud = [...team, contributionOf(99, '2026-W46', [runs(2 ** 31), runs(2 ** 31, 'failed')])];
    // So much epsilon that nothing but the counting is left of the noise.
    const sums = (contributions: Parameters<typeof noisyRelease>[0]): number[] =>
      made(contributions, { epsilon: 1e9, budget: 1e9 })
        .cells.filter(({ counter }) => counter === 'review.runs')
        .map(({ value }) => value);
    assert.deepEqual(sums(team), [120, 0, 90, 0]);
    assert.deepEqual(sums(loud), [320, 0, 90, 0]);
    assert.deepEqual(
      made(team, { epsilon: 1e9, budget: 1e9, clip: 0.025 })
        .cells.slice(0, 4)
        .map(({ value }) => value),
      [120, 0, 30, 0],
    );
  });

  it('is spread as it says', () => {
    const values = Array.from({ length: 300 }, (_, seed) => made(team.slice(0, 1), { clip: 0.01 }, seed).cells[0]?.value ?? -1);
    const margin = made(team, { clip: 0.01 }).privacy?.noise[0]?.margin ?? 0;
    // Half of the samples lie below zero and are zero; of the rest, 5 in 100 lie outside.
    const outside = values.filter((value) => value > margin + 4).length / values.length;
    assert.ok(outside > 0.001 && outside < 0.07, String(outside));
  });

  it('withstands its proof, and none of what was planted does', () => {
    const good = made(team);
    assert.deepEqual(prove(good), []);
    assert.deepEqual(prove(made(team, { unit: 'week', epsilon: 0.5, clip: 0.01 })), []);
    const planted = (more: Partial<Release>, before: readonly Release[] = []): string => prove({ ...good, ...more }, before).join(' ');
    assert.ok(good.privacy);
    assert.match(planted({ cells: good.cells.slice(1) }), /Which figures there are of review.runs/);
    assert.match(planted({ participation: { from: 5, to: 9 } }), /how many took part/);
    assert.match(planted({ privacy: { ...good.privacy, epsilon: 0.5 } }), /more than its epsilon/);
    const weak = good.privacy.noise.map((one, index) => (index === 0 ? { ...one, margin: Math.floor(one.margin / 2) } : one));
    assert.match(planted({ privacy: { ...good.privacy, noise: weak } }), /noise of review.runs/);
    assert.match(planted({ privacy: { ...good.privacy, budget: 0.5 } }), /over its budget/);
    assert.match(planted({}, [good]), /overlaps/);
    const { privacy: _privacy, ...exact } = good;
    assert.match(planted({}, [{ ...exact, window: { from: '2026-W41', to: '2026-W44' } }]), /has no noise/);
    assert.match(prove(exact).join(' '), /nothing of its noise/);
  });

  it('spends the budget of its ledger, and is refused when it is spent', () => {
    const before: Release[] = [];
    const options = { ...ONCE, budget: 2 };
    assert.throws(() => requireBudget(before, { ...options, budget: 0.9 }), { reason: 'conflict', message: /more than its budget of 0.9/ });
    for (;;) {
      try {
        requireBudget(before, options);
      } catch {
        break;
      }
      before.push(made(team, options));
    }
    // Noise adds up by its squares: three releases of 1 cost less than 2, not 3.
    assert.equal(before.length, 3);
    assert.throws(() => requireBudget(before, options), { reason: 'conflict', message: /for each person, more than its budget of 2/ });
    assert.throws(() => requireBudget(before.slice(0, 1), { ...options, budget: 50 }), { message: /begun with unit=person/ });
    assert.throws(() => requireBudget(before.slice(0, 1), { ...options, unit: 'week' }), { message: /begun with unit=person/ });
    // Of a person's week there is one release: weeks do not spend each other's.
    const weekly = { ...options, unit: 'week', budget: 1 } as const;
    requireBudget(
      Array.from({ length: 50 }, () => made(team, weekly)),
      weekly,
    );
  });

  it('never stands in one ledger with releases without noise', () => {
    const noisy = made(team);
    const { privacy: _privacy, ...exact } = noisy;
    requireExactLedger([exact]);
    assert.throws(() => requireExactLedger([exact, noisy]), { reason: 'conflict', message: /would undo that/ });
    assert.throws(() => requireBudget([exact], ONCE), { reason: 'conflict', message: /has no noise/ });
  });

  it('is refused where its figures would drown, by the size of the team and nothing else', () => {
    const shape = { weeks: 4, counters: 1 };
    assert.throws(() => requireLegible(ONCE, { ...shape, roster: 14 }), {
      reason: 'conflict',
      message: /one count alone carries noise of ±7\.\d times the clip \(95 %\)/,
    });
    requireLegible(ONCE, { ...shape, roster: 400 });
    assert.throws(() => requireLegible(ONCE, { weeks: 4, counters: 6, roster: 400 }), { reason: 'conflict' });
    requireLegible(ONCE, { weeks: 4, counters: 6, roster: 1000 });
    requireLegible({ ...ONCE, unit: 'week' }, { weeks: 4, counters: 6, roster: 300 });
  });

  it('chooses of linked counters without looking at anything', () => {
    const names = noisyCounters(COUNTERS).map(({ name }) => name);
    assert.deepEqual(names, [
      'review.runs',
      'review.findings',
      'review.decisions',
      'generate.outcomes',
      'steps.dwell',
      'steps.failed',
      'steps.waived',
      'models.cost',
      'assistants.tokens',
      'assistants.days',
    ]);
  });
});
