import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CIRCUIT_WINDOW, circuitOf, FAILURES_TO_OPEN, FIRST_PAUSE, LONGEST_PAUSE } from '../../../src/core/ai/models/circuit.ts';
import type { ModelCall } from '../../../src/core/ai/models/health.ts';

const NOW = Date.parse('2026-03-15T12:00:00Z');

/** A call that ended so many milliseconds ago. */
function call(ago: number, outcome: ModelCall['outcome'], latency = 100): ModelCall {
  return {
    at: NOW - ago - latency,
    name: 'n',
    model: 'm',
    origin: 'o',
    latency,
    outcome,
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
  };
}

describe('the circuit of a model', () => {
  it('is closed without calls, and while failures are few or apart', () => {
    assert.deepEqual(circuitOf([], NOW), { state: 'closed', failures: 0 });
    assert.deepEqual(circuitOf([call(10, 'timeout'), call(20, 'timeout')], NOW), { state: 'closed', failures: 2 });
    assert.equal(circuitOf([call(10, 'timeout'), call(20, 'ok'), call(30, 'timeout'), call(40, 'timeout')], NOW).state, 'closed');
  });

  it('opens after three failures in a row, then lets one try, and pauses longer each time', () => {
    const three = [call(3000, 'unreachable'), call(2000, 'timeout'), call(1000, 'rate-limited')];
    assert.deepEqual(circuitOf(three, NOW), { state: 'open', failures: 3, reason: 'rate-limited', until: NOW - 1000 + FIRST_PAUSE });
    assert.deepEqual(circuitOf(three, NOW + FIRST_PAUSE), { state: 'half-open', failures: 3, reason: 'rate-limited' });
    const four = circuitOf([...three, call(0, 'timeout')], NOW);
    assert.ok(four.state === 'open' && four.until === NOW + 2 * FIRST_PAUSE);
    const many = circuitOf(
      Array.from({ length: 30 }, (_, i) => call(i, 'timeout')),
      NOW,
    );
    assert.ok(many.state === 'open' && many.until === NOW + LONGEST_PAUSE);
  });

  it('closes with the first answer', () => {
    assert.equal(circuitOf([call(3, 'timeout'), call(2, 'timeout'), call(1, 'timeout'), call(0, 'ok')], NOW).state, 'closed');
  });

  it('does not count what the person mends, what one request caused, or what was cancelled', () => {
    for (const outcome of ['unauthorised', 'model-not-found', 'redirect', 'bad-request', 'too-large', 'cancelled', 'over-budget'] as const)
      assert.deepEqual(circuitOf([call(3, outcome), call(2, outcome), call(1, outcome)], NOW), { state: 'closed', failures: 0 }, outcome);
    assert.equal(circuitOf([call(4, 'timeout'), call(3, 'timeout'), call(2, 'cancelled'), call(1, 'timeout')], NOW).state, 'open');
  });

  it('forgets failures of half an hour ago, and those of a clock that ran ahead', () => {
    const old = [1, 2, 3].map((i) => call(CIRCUIT_WINDOW + i, 'timeout'));
    assert.equal(circuitOf(old, NOW).state, 'closed');
    assert.equal(circuitOf([call(-1, 'timeout'), call(-2, 'timeout'), call(-3, 'timeout')], NOW).state, 'closed');
  });

  it('goes by when calls ended, in whatever order they stand', () => {
    const slowFailure = call(0, 'timeout', 60_000);
    const quickAnswer = call(30_000, 'ok', 100);
    assert.deepEqual(circuitOf([slowFailure, quickAnswer], NOW), { state: 'closed', failures: 1 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom('ok', 'timeout', 'unreachable', 'cancelled'))),
        (some) => {
          // Distinct moments: between equal ones there is no order.
          const calls = [...new Map(some).entries()].map(([ago, outcome]) => call(ago, outcome as ModelCall['outcome']));
          const circuit = circuitOf(calls, NOW);
          assert.deepEqual(circuitOf(calls.toReversed(), NOW), circuit);
          if (circuit.state === 'open') assert.ok(circuit.until > NOW && circuit.until <= NOW + LONGEST_PAUSE);
          assert.equal(circuit.state === 'closed', circuit.failures < FAILURES_TO_OPEN);
        },
      ),
    );
  });
});
