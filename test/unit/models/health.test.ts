import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costOf } from '../../../src/core/ai/models/models.ts';
import type { ModelChunk, ModelProvider } from '../../../src/core/ai/provider.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { createHealthStore, type ModelCall } from '../../../src/node/ai/models/health/healthStore.ts';
import { measured } from '../../../src/node/ai/models/health/measuredProvider.ts';

const NOW = Date.parse('2026-03-15T12:00:00Z');
const CALL: ModelCall = {
  at: NOW,
  name: 'reviewer',
  model: 'm',
  origin: 'https://x',
  latency: 100,
  outcome: 'ok',
  inputTokens: 10,
  outputTokens: 5,
  cachedTokens: 2,
};

describe('model health', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'handrail-health-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const store = () => createHealthStore({ home, clock: { now: () => NOW } });

  it('has no rows, and writes nothing, before the first call', async () => {
    assert.deepEqual(await store().modelsHealth(), []);
    assert.deepEqual(await readdir(home), []);
  });

  it('keeps calls no longer than they count', async () => {
    for (const days of [100, 40, 20]) {
      const at = NOW - days * 24 * 3600 * 1000;
      await createHealthStore({ home, clock: { now: () => at } }).record({ ...CALL, at });
    }
    const folder = join(home, 'state', 'model-health');
    await appendFile(join(folder, '2026-01.jsonl.mine'), '');
    assert.deepEqual((await readdir(folder)).toSorted(), ['2026-01.jsonl.mine', '2026-02.jsonl']);
  });

  it('sums calls up by model', async () => {
    for (let i = 1; i <= 20; i += 1)
      await store().record({ ...CALL, at: NOW - i, latency: i * 10, cost: { amount: 0.5, currency: 'USD' } });
    await store().record({ ...CALL, outcome: 'timeout', latency: 99_999 });
    await store().record({ ...CALL, outcome: 'cancelled', latency: 1 });
    await store().record({ ...CALL, name: 'local', model: 'q', origin: 'http://127.0.0.1:1' });
    const [row, other, ...rest] = await store().modelsHealth();
    assert.deepEqual(rest, []);
    assert.equal(other?.name, 'local');
    assert.deepEqual(row, {
      name: 'reviewer',
      model: 'm',
      origin: 'https://x',
      calls: 22,
      p50: 100,
      p95: 190,
      errorRate: 1 / 21,
      inputTokens: 220,
      outputTokens: 110,
      cachedTokens: 44,
      cost: [{ amount: 10, currency: 'USD' }],
      lastUsed: NOW,
      lastFailure: { at: NOW, reason: 'timeout' },
    });
  });

  it('passes over torn lines, old calls and files of others', async () => {
    await store().record(CALL);
    await store().record({ ...CALL, at: NOW - 40 * 24 * 3600_000 });
    const folder = join(home, 'state', 'model-health');
    await appendFile(join(folder, '2026-03.jsonl'), '{"at":1,"na\nnull\n[]\n{"at":"x"}\n');
    await appendFile(join(folder, 'notes.txt'), 'hello');
    assert.equal((await store().modelsHealth())[0]?.calls, 1);
  });

  it('does not fail a call when it cannot be written', async () => {
    await createHealthStore({ home: join(home, 'file\0') }).record(CALL);
  });

  it('measures a provider: outcome, tokens, first text and cost', async () => {
    const provider = (chunks: ModelChunk[], error?: Error): ModelProvider => ({
      name: 'reviewer',
      model: 'm',
      origin: 'https://x',
      contextTokens: 1,
      async *stream() {
        yield* chunks;
        if (error) throw error;
      },
    });
    const price = { input: 2, output: 10, cachedInput: 1, currency: 'USD', per: 1000 };
    const read = async (one: ModelProvider, stopAfter = Infinity) => {
      const request = { system: '', user: '', maxOutputTokens: 1 };
      for await (const chunk of measured(one, store(), price).stream(request, new AbortController().signal))
        if (chunk.type === 'text' && stopAfter-- <= 1) break;
    };
    const text: ModelChunk = { type: 'text', text: 'a' };
    const usage: ModelChunk = { type: 'usage', inputTokens: 100, outputTokens: 10, cachedTokens: 50 };
    await read(provider([text, usage, { type: 'end', reason: 'stop' }]));
    await assert.rejects(read(provider([], new HandrailError('rate-limited', 'no'))), { reason: 'rate-limited' });
    await read(provider([text, { type: 'end', reason: 'cut-off' }]));
    await read(provider([text, text]), 1);
    const [row] = await store().modelsHealth();
    assert.equal(row?.calls, 4);
    assert.equal(row.errorRate, 2 / 3);
    assert.deepEqual(row.cost, [{ amount: 0.25, currency: 'USD' }]);
  });

  it('prices cached input tokens as such, and nothing without a price', () => {
    assert.equal(costOf(undefined, { inputTokens: 1, outputTokens: 1, cachedTokens: 0 }), undefined);
    const price = { input: 2, output: 10, currency: 'EUR', per: 1_000_000 };
    assert.deepEqual(costOf(price, { inputTokens: 1_000_000, outputTokens: 100_000, cachedTokens: 500_000 }), {
      amount: 3,
      currency: 'EUR',
    });
  });
});
