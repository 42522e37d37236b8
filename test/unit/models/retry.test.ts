import assert from 'node:assert/strict';
import { pause, retryDelay } from '../../../src/node/ai/models/openai/retry.ts';

const answer = (headers: Record<string, string>) => ({ headers: new Headers(headers) });
const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('waiting to try again', () => {
  it('waits as long as the server says, in seconds, milliseconds or until a date', () => {
    assert.equal(
      retryDelay(answer({ 'retry-after': '2' }), 0, () => 0, NOW),
      2000,
    );
    assert.equal(
      retryDelay(answer({ 'retry-after-ms': '15' }), 0, () => 0, NOW),
      15,
    );
    assert.equal(
      retryDelay(answer({ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }), 0, () => 0, NOW),
      30_000,
    );
    assert.equal(
      retryDelay(answer({ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }), 0, () => 0, NOW),
      0,
    );
  });

  it('does not wait for more than a minute', () => {
    assert.equal(
      retryDelay(answer({ 'retry-after': '61' }), 0, () => 0, NOW),
      undefined,
    );
  });

  it('doubles its own waits, with jitter, up to a bound', () => {
    for (const headers of [{}, { 'retry-after': 'soon' }, { 'retry-after': '-5' }]) {
      assert.deepEqual(
        [0, 1, 2, 9].map((failures) => retryDelay(answer(headers as Record<string, string>), failures, () => 1, NOW)),
        [500, 1000, 2000, 8000],
      );
    }
    assert.equal(
      retryDelay(new Error('broken'), 0, () => 0, NOW),
      250,
    );
  });

  it('stops waiting at once when cancelled', async () => {
    const cancel = new AbortController();
    const waiting = pause(60_000, cancel.signal);
    cancel.abort();
    assert.equal(await waiting, false);
    assert.equal(await pause(60_000, cancel.signal), false);
    assert.equal(await pause(1, new AbortController().signal), true);
  });
});
