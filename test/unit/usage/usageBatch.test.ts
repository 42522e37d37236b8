import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { UsageBatch } from '../../../src/core/usage/usageBatch.ts';

const call = (inputTokens: number, more: Partial<Observation> = {}): Observation => ({
  operation: 'other',
  outcome: 'completed',
  source: 'codex',
  model: 'gpt',
  inputTokens,
  outputTokens: 1,
  ...more,
});

describe('usage that is added up', () => {
  it('is told at once for the first call of a day, then in sums per family, with what a call took on average', () => {
    const batch = new UsageBatch();
    assert.deepEqual(batch.add(call(5), '2026-11-20'), [call(5)]);
    assert.deepEqual(batch.add(call(700, { duration: 10, cost: { amount: 0.1, currency: 'USD' } }), '2026-11-20'), []);
    assert.deepEqual(batch.add(call(800, { duration: 30 }), '2026-11-20'), []);
    assert.deepEqual(batch.add(call(9, { model: 'claude' }), '2026-11-20'), [call(9, { model: 'claude' })]);
    assert.deepEqual(batch.take(), [call(1500, { outputTokens: 2, duration: 20, cost: { amount: 0.1, currency: 'USD' } })]);
    assert.deepEqual(batch.take(), []);
    batch.add(call(4), '2026-11-20');
    assert.deepEqual(batch.add(call(6), '2026-11-21'), [call(4), call(6)], 'a new day begins with what waits, and is new');
    batch.add(call(4), '2026-11-21');
    batch.drop();
    assert.deepEqual(batch.take(), []);
  });

  it('waits with no failure, and with nothing that bears no tokens', () => {
    const batch = new UsageBatch();
    const failed: Observation = { operation: 'other', outcome: 'error', source: 'codex', errorReason: 'rate-limited', inputTokens: 4 };
    const used: Observation = { operation: 'other', outcome: 'completed', source: 'codex' };
    for (const one of [failed, used, failed, used]) assert.deepEqual(batch.add(one, '2026-11-20'), [one]);
  });

  it('loses no token, whenever it is taken', () => {
    const steps = fc.array(
      fc.tuple(fc.nat(5000), fc.constantFrom('gpt', 'claude'), fc.boolean(), fc.constantFrom('2026-11-20', '2026-11-21')),
    );
    fc.assert(
      fc.property(steps, (calls) => {
        const batch = new UsageBatch();
        const told = calls.flatMap(([tokens, model, taken, day]) => [
          ...batch.add(call(tokens, { model }), day),
          ...(taken ? batch.take() : []),
        ]);
        const sum = (list: readonly Observation[]): number => list.reduce((total, { inputTokens = 0 }) => total + inputTokens, 0);
        assert.equal(
          sum([...told, ...batch.take()]),
          calls.reduce((total, [tokens]) => total + tokens, 0),
        );
      }),
    );
  });
});
