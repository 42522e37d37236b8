import assert from 'node:assert/strict';
import { CALLS_FOR_SLO, sloOf } from '../../../src/core/ai/models/slo.ts';

const ENOUGH = { settled: CALLS_FOR_SLO, p95: 18_000, errorRate: 0.05 };

describe('an SLO', () => {
  it('is met or missed by percentile and share, from enough calls on', () => {
    assert.equal(sloOf({ p95: 20_000, errors: 0.05 }, ENOUGH)?.verdict, 'met');
    assert.deepEqual(sloOf({ p95: 17_000, errors: 0.1 }, ENOUGH), {
      verdict: 'missed',
      calls: 20,
      p95: { target: 17_000, actual: 18_000, met: false },
      errors: { target: 0.1, actual: 0.05, met: true },
    });
    assert.equal(sloOf({ errors: 0.04 }, ENOUGH)?.verdict, 'missed');
    assert.equal(sloOf({ p95: 1 }, { ...ENOUGH, settled: CALLS_FOR_SLO - 1 })?.verdict, 'too-few-calls');
    assert.equal(sloOf({ p95: 1 }, undefined)?.verdict, 'too-few-calls');
  });

  it('is missed by its errors where no call was answered at all', () => {
    const verdict = sloOf({ p95: 1000, errors: 0.1 }, { settled: 30, errorRate: 1 });
    assert.deepEqual([verdict?.verdict, verdict?.p95], ['missed', { target: 1000, met: true }]);
  });

  it('says nothing where nothing was asked for', () => {
    assert.equal(sloOf(undefined, ENOUGH), undefined);
    assert.equal(sloOf({}, ENOUGH), undefined);
  });
});
