import assert from 'node:assert/strict';
import type { FailureReason } from '../../../src/core/errors.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import type { ModelProvider } from '../../../src/core/ai/provider.ts';
import { ask } from '../../../src/core/ai/review/ask.ts';
import { askAll, concurrencyOf, type AskedStep, type AskOne } from '../../../src/core/ai/review/askAll.ts';
import { answerOf, modelThat, never, rawFinding } from './support.ts';

const askWith =
  (provider: ModelProvider): AskOne =>
  (index, signal) =>
    ask(provider, { system: '', user: `request ${index}`, maxOutputTokens: 9 }, signal);

async function ended(provider: ModelProvider, count: number, concurrency: number): Promise<Record<number, string>> {
  const outcomes: Record<number, string> = {};
  for await (const step of askAll(askWith(provider), count, concurrency, never)) {
    if (step.type === 'answered') outcomes[step.index] = 'answered';
    if (step.type === 'failed') outcomes[step.index] = step.failure.reason;
  }
  return outcomes;
}

const failing = (reasons: Record<number, FailureReason>) =>
  modelThat((_request, index) => {
    const reason = reasons[index];
    return reason === undefined ? [answerOf()] : [new HandrailError(reason, 'No.')];
  });

describe('asking several requests', () => {
  it('runs as many at once as it may, and hands out what each says as it comes', async () => {
    let open = 0;
    let most = 0;
    const provider: ModelProvider = {
      ...modelThat(() => []),
      async *stream({ user }) {
        most = Math.max(most, ++open);
        // The first is the slowest.
        for (let turn = 0; turn < (user === 'request 0' ? 30 : 1); turn++) await new Promise((resolve) => setImmediate(resolve));
        yield { type: 'text', text: answerOf(rawFinding({ title: user })) };
        open--;
      },
    };
    const steps: AskedStep[] = [];
    for await (const step of askAll(askWith(provider), 4, 3, never)) steps.push(step);
    const found = steps.flatMap((step) => (step.type === 'says' && step.step.type === 'finding' ? step.step.raw.title : []));
    assert.equal(most, 3);
    assert.deepEqual(found.toSorted(), ['request 0', 'request 1', 'request 2', 'request 3']);
    assert.equal(found.at(-1), 'request 0');
  });

  it('keeps the others when one fails', async () => {
    for (const reason of ['bad-request', 'bad-response', 'timeout', 'too-large'] as const)
      assert.deepEqual(await ended(failing({ 1: reason }), 4, 1), { 0: 'answered', 1: reason, 2: 'answered', 3: 'answered' }, reason);
  });

  it('does not ask the rest where they would fail alike', async () => {
    for (const reason of ['over-budget', 'unauthorised', 'unreachable', 'rate-limited', 'model-not-found'] as const) {
      const provider = failing({ 1: reason });
      assert.deepEqual(await ended(provider, 5, 1), { 0: 'answered', 1: reason, 2: reason, 3: reason, 4: reason }, reason);
      assert.equal(provider.asked.length, 2);
    }
  });

  it('gives up after two failures in a row', async () => {
    const provider = failing({ 0: 'timeout', 2: 'timeout', 3: 'bad-request' });
    assert.deepEqual(await ended(provider, 6, 1), {
      0: 'timeout',
      1: 'answered',
      2: 'timeout',
      3: 'bad-request',
      4: 'bad-request',
      5: 'bad-request',
    });
    assert.equal(provider.asked.length, 4);
  });

  it('fails with what is no failure of a model, and when cancelled', async () => {
    await assert.rejects(
      ended(
        modelThat(() => [new TypeError('a defect')]),
        2,
        1,
      ),
      TypeError,
    );
    await assert.rejects(ended(failing({ 0: 'cancelled' }), 2, 1), { reason: 'cancelled' });
  });

  it('asks as many at once as the entry says, else what suits the place', () => {
    assert.equal(concurrencyOf({ origin: 'https://api.example.com' }), 4);
    for (const origin of ['http://127.0.0.1:11434', 'editor:copilot', 'assistant:codex'])
      assert.equal(concurrencyOf({ origin }), 1, origin);
    for (const [concurrency, wanted] of [
      [2, 2],
      [0, 1],
      [-3, 1],
      [2.7, 2],
      [400, 16],
    ] as const)
      assert.equal(concurrencyOf({ origin: 'http://127.0.0.1', concurrency }), wanted);
  });
});
