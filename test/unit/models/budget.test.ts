import assert from 'node:assert/strict';
import { ceilingOf, overBudget, refusalOf, startOfDay } from '../../../src/core/ai/models/budget.ts';
import { moneyText } from '../../../src/core/ai/models/figures.ts';

const NOTHING = { settled: 0, held: 0 };
const PRICE = { input: 2, output: 10, cachedInput: 0.2, currency: 'EUR', per: 1_000_000 };

describe('a budget', () => {
  it('goes by the most that a request can cost', () => {
    assert.equal(ceilingOf(PRICE, { input: 100_000, output: 8000 }), 0.28);
  });

  it('takes what fits exactly, and refuses a trifle more', () => {
    const spent = { run: { settled: 0.1, held: 0.1 }, day: NOTHING };
    assert.equal(refusalOf({ perRun: 0.3 }, 0.1, spent), undefined, '0.1 + 0.1 + 0.1 is 0.3 for people');
    assert.deepEqual(refusalOf({ perRun: 0.3 }, 0.1001, spent), { limit: 'perRun', allowed: 0.3, spent: spent.run, ceiling: 0.1001 });
  });

  it('looks at the run and at the day, and at neither without a limit', () => {
    const spent = { run: { settled: 1, held: 0 }, day: { settled: 4.9, held: 0 } };
    assert.equal(refusalOf({ perRun: 2, perDay: 5 }, 0.05, spent), undefined);
    assert.equal(refusalOf({ perRun: 2, perDay: 5 }, 0.2, spent)?.limit, 'perDay');
    assert.equal(refusalOf({ perRun: 1, perDay: 5 }, 0.2, spent)?.limit, 'perRun');
    assert.equal(refusalOf({}, 100, spent), undefined);
    assert.equal(refusalOf({ perDay: 0 }, 0.000001, { run: NOTHING, day: NOTHING })?.limit, 'perDay', 'nothing may be spent');
    assert.equal(refusalOf({ perDay: 0 }, 0, { run: NOTHING, day: NOTHING }), undefined, 'what costs nothing is within it');
  });

  it('says what was spent, what is allowed, and what to do', () => {
    const day = overBudget('reviewer', 'EUR', { limit: 'perDay', allowed: 5, spent: { settled: 4.9, held: 0.05 }, ceiling: 0.28 });
    assert.equal(day.reason, 'over-budget');
    assert.equal(
      day.message,
      '"reviewer" has cost 4.90 EUR today (UTC) (0.05 EUR more may be due for requests without a known cost yet), and one more request could cost up to 0.28 EUR: .handrail/models.yml allows 5.00 EUR a day.',
    );
    assert.match(day.hint ?? '', /^Wait until midnight UTC, raise budget\.perDay of "reviewer"/);
    const run = overBudget('reviewer', 'EUR', { limit: 'perRun', allowed: 0.25, spent: NOTHING, ceiling: 0.28 });
    assert.match(
      run.message,
      /has cost 0\.00 EUR in this run, and one more request could cost up to 0\.28 EUR.* allows 0\.25 EUR a run\.$/,
    );
    assert.match(run.hint ?? '', /^Review fewer files, raise budget\.perRun/);
  });

  it('begins the day at midnight UTC', () => {
    assert.equal(startOfDay(Date.parse('2026-03-15T23:59:59.999Z')), Date.parse('2026-03-15T00:00:00Z'));
    assert.equal(startOfDay(Date.parse('2026-03-15T00:00:00Z')), Date.parse('2026-03-15T00:00:00Z'));
  });

  it('writes amounts so that small ones differ', () => {
    const texts = [0, 12.345, 1, 0.25, 0.0125, 0.5, 0.00042, 0.0000004].map((amount) => moneyText({ amount, currency: 'USD' }));
    assert.deepEqual(texts, ['0.00 USD', '12.35 USD', '1.00 USD', '0.25 USD', '0.0125 USD', '0.50 USD', '0.00042 USD', '0.00 USD']);
  });
});
