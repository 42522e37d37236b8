import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mcnemar, shareOf } from '../../../src/core/ai/eval/statistics.ts';
import { percentile } from '../../../src/core/ai/percentile.ts';

const near = (got: number, wanted: number, tolerance = 0.00005): void =>
  assert.ok(Math.abs(got - wanted) <= tolerance, `${got} is not ${wanted}`);

describe('a share with its interval', () => {
  // Score method without continuity correction, table I of R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872.
  const published: [count: number, of: number, low: number, high: number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [count, of, low, high] of published) {
    it(`of ${count} of ${of} is as published`, () => {
      const got = shareOf(count, of);
      near(got.low, low);
      near(got.high, high);
      assert.equal(got.share, count / of);
    });
  }

  it('is the mirror image for what did not happen, and holds its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat({ max: 500 }), (of, seed) => {
        const count = seed % (of + 1);
        const [one, other] = [shareOf(count, of), shareOf(of - count, of)];
        near(one.low, 1 - other.high, 1e-12);
        near(one.high, 1 - other.low, 1e-12);
        assert.ok(one.low <= one.share && one.share <= one.high && one.low >= 0 && one.high <= 1);
      }),
    );
  });

  it('gets narrower with more cases', () => {
    const width = (scale: number): number => shareOf(3 * scale, 10 * scale).high - shareOf(3 * scale, 10 * scale).low;
    assert.ok(width(10) < width(1) / 2);
  });

  it('of none says nothing', () => assert.deepEqual(shareOf(0, 0), { count: 0, of: 0, share: 0, low: 0, high: 1 }));
});

describe("McNemar's exact test", () => {
  it('is the sign test on the pairs that differ', () => {
    near(mcnemar(0, 6), 2 / 64, 1e-12);
    near(mcnemar(1, 5), 14 / 64, 1e-12);
    near(mcnemar(5, 15), (2 * 21_700) / 2 ** 20, 1e-12);
  });

  it('is 1 without a difference, and where both ways are as frequent', () => {
    assert.equal(mcnemar(0, 0), 1);
    near(mcnemar(4, 4), 1, 1e-12);
    near(mcnemar(0, 1), 1, 1e-12);
  });

  it('does not mind which report comes first, stays a probability, and is the sum of the binomial tail', () => {
    fc.assert(
      fc.property(fc.nat({ max: 25 }), fc.nat({ max: 25 }), (gained, lost) => {
        const p = mcnemar(gained, lost);
        assert.equal(p, mcnemar(lost, gained));
        assert.ok(p > 0 && p <= 1);
        near(p, Math.min(1, 2 * tail(gained + lost, Math.min(gained, lost))), 1e-9);
      }),
    );
  });

  it('works for thousands of pairs, where powers of a half are no numbers any more', () => {
    // Normal approximation with continuity correction: z = 199 / sqrt(2000), p = 8.6e-6.
    near(mcnemar(900, 1100), 8.6e-6, 0.4e-6);
    assert.ok(mcnemar(0, 3000) >= 0);
  });
});

/** Share of coin throws with at most this many heads, counted the plain way. */
function tail(throws: number, most: number): number {
  let sum = 0;
  for (let heads = 0; heads <= most; heads++) {
    let ways = 1;
    for (let i = 0; i < heads; i++) ways = (ways * (throws - i)) / (i + 1);
    sum += ways / 2 ** throws;
  }
  return sum;
}

describe('a percentile', () => {
  it('is one of the values, by nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    assert.equal(percentile(values, 0.5), 3);
    assert.equal(percentile(values, 0.95), 5);
    assert.equal(percentile(values, 0), 1);
    assert.deepEqual(values, [5, 1, 4, 2, 3]);
  });

  it('of nothing is nothing', () => assert.equal(percentile([], 0.5), undefined));
});
