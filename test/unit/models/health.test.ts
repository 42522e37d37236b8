import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costOf } from '../../../src/core/ai/models/models.ts';
import type { ModelChunk, ModelProvider } from '../../../src/core/ai/provider.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import type { ModelCall } from '../../../src/core/ai/models/health.ts';
import type { Hold } from '../../../src/core/ai/models/journal.ts';
import { createHealthStore } from '../../../src/node/ai/models/health/healthStore.ts';
import { measure } from '../../../src/node/ai/models/health/measure.ts';

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
      settled: 21,
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
      for await (const chunk of measure(one, request, new AbortController().signal, { health: store(), price })) {
        if (chunk.type === 'usage') assert.deepEqual(chunk.cost, { amount: 0.25, currency: 'USD' });
        if (chunk.type === 'text' && stopAfter-- <= 1) break;
      }
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
    // Two answers ended before their tokens were told; one letter of each counts as one token.
    assert.ok(Math.abs((row.cost[0]?.amount ?? 0) - (0.25 + 2 * 0.01)) < 1e-9, JSON.stringify(row.cost));
  });

  it('estimates what an answer has cost that ended before its tokens were told, and says so', async () => {
    const provider: ModelProvider = {
      name: 'reviewer',
      model: 'm',
      origin: 'https://x',
      contextTokens: 1,
      async *stream() {
        yield { type: 'text', text: 'abcdef' };
        throw new HandrailError('cancelled', 'no more');
      },
    };
    const calls: unknown[] = [];
    const health = {
      ...store(),
      record: async (call: ModelCall, settles?: string) => void calls.push({ ...call, latency: 0, firstToken: 0, at: 0, settles }),
    };
    const price = { input: 100, output: 1000, currency: 'USD', per: 1000 };
    const costs: unknown[] = [];
    const request = { system: 'abc', user: 'abcabc', maxOutputTokens: 1 };
    const measuring = { health, price, settles: 'hold', onCost: (cost: unknown) => void costs.push(cost) };
    await assert.rejects(async () => {
      for await (const chunk of measure(provider, request, new AbortController().signal, measuring)) assert.ok(chunk);
    });
    const cost = { amount: 0.3 + 2, currency: 'USD' };
    const expected = { at: 0, name: 'reviewer', model: 'm', origin: 'https://x', latency: 0, firstToken: 0, outcome: 'cancelled' };
    const tokens = { inputTokens: 3, outputTokens: 2, cachedTokens: 0 };
    assert.deepEqual(calls, [{ ...expected, ...tokens, cost, estimated: true, settles: 'hold' }]);
    assert.deepEqual(costs, [cost]);
  });

  describe('the money of a day', () => {
    const of = { name: 'reviewer', model: 'm', origin: 'https://x' };
    const hold = (id: string, amount: number, at = NOW): Hold => ({ id, at, ...of, amount, currency: 'USD' });

    it('is what was spent and what is set aside, by entry and currency, since midnight UTC', async () => {
      const usd = (amount: number) => ({ amount, currency: 'USD' });
      await store().record({ ...CALL, cost: usd(1) });
      await store().record({ ...CALL, cost: { amount: 7, currency: 'EUR' } });
      await store().record({ ...CALL, name: 'other', cost: usd(7) });
      await store().record({ ...CALL, at: Date.parse('2026-03-14T23:59:59Z'), cost: usd(7) });
      assert.deepEqual(await store().hold(hold('a', 2)), { settled: 1, held: 0 });
      assert.deepEqual(await store().hold(hold('b', 3)), { settled: 1, held: 2 });
      assert.deepEqual(await store().spentToday(of, 'USD'), { settled: 1, held: 5 });
      await store().record({ ...CALL, cost: usd(0.5) }, 'a');
      await store().release(hold('b', 3));
      assert.deepEqual(await store().spentToday(of, 'USD'), { settled: 1.5, held: 0 });
    });

    it('goes to the first who asks, in one order for everybody', async () => {
      const together = await Promise.all(['a', 'b', 'c', 'd'].map((id) => store().hold(hold(id, 1))));
      assert.deepEqual(together.map(({ held }) => held).toSorted(), [0, 1, 2, 3]);
    });

    it('survives a line that was cut off', async () => {
      await store().hold(hold('a', 2));
      const folder = join(home, 'state', 'model-health');
      await appendFile(join(folder, '2026-03.jsonl'), '{"hold":"torn","at":');
      assert.deepEqual(await store().hold(hold('b', 3)), { settled: 0, held: 2 });
    });

    it('is not spent where it cannot be noted', async () => {
      await assert.rejects(createHealthStore({ home: join(home, 'file\0') }).hold(hold('a', 1)), {
        name: 'HandrailError',
        reason: 'io',
        hint: /HANDRAIL_HOME/,
      });
    });

    it('is found at the end of a large file without reading all of it', async () => {
      const folder = join(home, 'state', 'model-health');
      await mkdir(folder, { recursive: true });
      const line = (at: number) => `${JSON.stringify({ ...CALL, at, cost: { amount: 1, currency: 'USD' } })}\n`;
      const early = Date.parse('2026-03-01T00:00:00Z');
      await writeFile(join(folder, '2026-03.jsonl'), Array.from({ length: 5000 }, (_, i) => line(early + i)).join(''));
      for (let i = 0; i < 1000; i++) await appendFile(join(folder, '2026-03.jsonl'), line(NOW - i));
      assert.deepEqual(await store().spentToday(of, 'USD'), { settled: 1000, held: 0 });
      assert.equal((await store().modelsHealth())[0]?.calls, 6000);
    });
  });

  it('knows whether a model is to be left alone, whatever its entry is called', async () => {
    const failed: ModelCall = { ...CALL, outcome: 'timeout', at: NOW - 1000, latency: 500 };
    for (const name of ['a', 'b', 'c']) await store().record({ ...failed, name });
    assert.equal((await store().circuit(CALL)).state, 'open');
    assert.equal((await store().circuit({ ...CALL, origin: 'https://elsewhere' })).state, 'closed');
    await store().record({ ...CALL, at: NOW - 200 });
    assert.equal((await store().circuit(CALL)).state, 'closed');
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
