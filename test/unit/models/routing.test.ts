import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelCall } from '../../../src/core/ai/models/health.ts';
import type { ModelEntry } from '../../../src/core/ai/models/models.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../src/core/ai/provider.ts';
import { HandrailError, type FailureReason } from '../../../src/core/errors.ts';
import { createHealthStore, type HealthStore } from '../../../src/node/ai/models/health/healthStore.ts';
import { createCandidate, type Candidate } from '../../../src/node/ai/models/routing/candidate.ts';
import { routed } from '../../../src/node/ai/models/routing/routedProvider.ts';
import { createTraffic, type Traffic } from '../../../src/node/ai/models/routing/traffic.ts';

const REQUEST: ModelRequest = { system: 'abc', user: 'abcabc', maxOutputTokens: 100 };
const END: ModelChunk = { type: 'end', reason: 'stop' };
const text = (it: string): ModelChunk => ({ type: 'text', text: it });

describe('routing', () => {
  let home: string;
  let now: number;
  let health: HealthStore;
  let traffic: Traffic;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'handrail-routing-'));
    now = Date.now();
    health = createHealthStore({ home, clock: { now: () => now } });
    traffic = createTraffic();
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** A model that does as it is told; `asked` counts. */
  class Fake implements ModelProvider {
    readonly name: string;
    readonly model: string;
    readonly origin: string;
    readonly contextTokens = 1000;
    readonly concurrency?: number;
    asked: ModelRequest[] = [];
    readonly #does: (n: number) => AsyncIterable<ModelChunk> | Iterable<ModelChunk>;

    constructor(name: string, does: (n: number) => AsyncIterable<ModelChunk> | Iterable<ModelChunk>, concurrency?: number) {
      this.name = name;
      this.model = `${name}-1`;
      this.origin = `https://${name}.example`;
      this.#does = does;
      if (concurrency !== undefined) this.concurrency = concurrency;
    }

    async *stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
      this.asked.push(request);
      yield* this.#does(this.asked.length);
    }
  }

  const answers = (name: string) => new Fake(name, () => [text(`from ${name}`), END]);
  const fails = (name: string, reason: FailureReason) =>
    new Fake(name, () => {
      throw new HandrailError(reason, `${name} failed.`);
    });
  const candidate = (provider: ModelProvider, entry: Pick<ModelEntry, 'price' | 'budget' | 'limits'> = {}): Candidate =>
    createCandidate({ name: provider.name, entry, health, traffic, clock: { now: () => now }, open: () => Promise.resolve(provider) });
  const notReady = (name: string, failure: HandrailError): Candidate =>
    createCandidate({ name, entry: {}, health, traffic, clock: { now: () => now }, open: () => Promise.reject(failure) });

  async function read(provider: ModelProvider, request = REQUEST, signal: AbortSignal = new AbortController().signal) {
    const chunks: ModelChunk[] = [];
    for await (const chunk of provider.stream(request, signal)) chunks.push(chunk);
    return {
      chunks,
      text: chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join(''),
      notices: chunks.flatMap((chunk) => (chunk.type === 'notice' ? [chunk.message] : [])),
      answering: chunks.flatMap((chunk) => (chunk.type === 'answering' ? [chunk] : [])),
    };
  }

  describe('fallbacks', () => {
    it('are not asked while the chosen model answers', async () => {
      const [chosen, other] = [answers('chosen'), answers('other')];
      const answer = await read(routed([candidate(chosen), candidate(other)], chosen));
      assert.deepEqual([answer.text, answer.notices, answer.answering, other.asked.length], ['from chosen', [], [], 0]);
    });

    for (const reason of [
      'unreachable',
      'rate-limited',
      'timeout',
      'unauthorised',
      'model-not-found',
      'too-large',
      'bad-request',
    ] as const) {
      it(`answer when the chosen model fails with ${reason}, and it is told who does`, async () => {
        const [chosen, other] = [fails('chosen', reason), answers('other')];
        const answer = await read(routed([candidate(chosen), candidate(other)], chosen));
        assert.equal(answer.text, 'from other');
        assert.deepEqual(answer.notices, ['chosen failed. "other" is asked instead.']);
        assert.deepEqual(answer.chunks.slice(1), [
          { type: 'answering', name: 'other', model: 'other-1', origin: 'https://other.example' },
          text('from other'),
          END,
        ]);
      });
    }

    it('are asked in order until one answers; the failure is that of the chosen model', async () => {
      const all = [fails('a', 'rate-limited'), fails('b', 'timeout'), fails('c', 'unreachable')];
      const provider = routed(
        all.map((one) => candidate(one)),
        all[0]!,
      );
      const notices: string[] = [];
      await assert.rejects(
        async () => {
          for await (const chunk of provider.stream(REQUEST, new AbortController().signal))
            if (chunk.type === 'notice') notices.push(chunk.message);
        },
        { reason: 'rate-limited', message: 'a failed.' },
      );
      assert.deepEqual(notices, ['a failed. "b" is asked instead.', 'b failed. "c" is asked instead.', 'c failed.']);
    });

    it('are not asked once text has come, nor when the person cancelled', async () => {
      const broken = new Fake('broken', function* () {
        yield text('half');
        throw new HandrailError('unreachable', 'gone');
      });
      const other = answers('other');
      await assert.rejects(read(routed([candidate(broken), candidate(other)], broken)), { reason: 'unreachable' });
      const cancelled = fails('chosen', 'cancelled');
      await assert.rejects(read(routed([candidate(cancelled), candidate(other)], cancelled)), { reason: 'cancelled' });
      const cancel = new AbortController();
      const slow = new Fake('slow', () => {
        cancel.abort();
        throw new HandrailError('timeout', 'too slow');
      });
      await assert.rejects(read(routed([candidate(slow), candidate(other)], slow), REQUEST, cancel.signal), { reason: 'timeout' });
      const defect = new Fake('defect', () => {
        throw new TypeError('a bug');
      });
      await assert.rejects(read(routed([candidate(defect), candidate(other)], defect)), TypeError);
      assert.equal(other.asked.length, 0);
    });

    it('are passed over while nobody confirmed them or they have no key, and it is told how to mend that', async () => {
      const [chosen, last] = [fails('chosen', 'timeout'), answers('last')];
      const unconfirmed = notReady('second', new HandrailError('untrusted', 'Nobody agreed.', { hint: 'Confirm it once.' }));
      const answer = await read(routed([candidate(chosen), unconfirmed, candidate(last)], chosen));
      assert.equal(answer.text, 'from last');
      assert.deepEqual(answer.notices, [
        'chosen failed. "second" is asked instead.',
        'The fallback "second" was passed over. Nobody agreed. Confirm it once. "last" is asked instead.',
      ]);
    });

    it('are passed over where the request does not fit', async () => {
      const [chosen, small] = [fails('chosen', 'timeout'), answers('small')];
      const large = { ...REQUEST, user: 'x'.repeat(4000) };
      await assert.rejects(read(routed([candidate(chosen), candidate(small)], chosen), large), { reason: 'timeout' });
      assert.equal(small.asked.length, 0);
    });

    it('answer for a model that is not to be had here', async () => {
      const other = answers('other');
      const missing = notReady('editor', new HandrailError('config', 'There is no editor.', { hint: 'Name another.' }));
      const answer = await read(routed([missing, candidate(other)], other));
      assert.equal(answer.text, 'from other');
      assert.deepEqual(answer.notices, ['There is no editor. Name another. "other" is asked instead.']);
      assert.equal(answer.answering.length, 1);
    });

    it('are measured under their own names', async () => {
      const [chosen, other] = [fails('chosen', 'rate-limited'), answers('other')];
      await read(routed([candidate(chosen), candidate(other)], chosen));
      const rows = (await health.modelsHealth()).map(({ name, errorRate }) => [name, errorRate]).toSorted();
      assert.deepEqual(rows, [
        ['chosen', 1],
        ['other', 0],
      ]);
    });
  });

  describe('a circuit', () => {
    const call = (ago: number, outcome: ModelCall['outcome']): ModelCall => ({
      at: now - ago,
      name: 'whatever',
      model: 'chosen-1',
      origin: 'https://chosen.example',
      latency: 0,
      outcome,
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
    });

    const ended = async (calls: Promise<unknown>[]) => (await Promise.allSettled(calls)).map(({ status }) => status);

    it('that is open keeps the model from being asked, in every process', async () => {
      for (const ago of [3, 2, 1]) await health.record(call(ago, 'timeout'));
      const [chosen, other] = [answers('chosen'), answers('other')];
      const answer = await read(routed([candidate(chosen), candidate(other)], chosen));
      assert.deepEqual([answer.text, chosen.asked.length], ['from other', 0]);
      assert.match(
        answer.notices[0] ?? '',
        /^"chosen" failed 3 times in a row \(it stopped answering\) and is left alone for 10 s\. "other" is asked/,
      );
    });

    it('that is open lets each run try once where nobody else could answer', async () => {
      for (const ago of [3, 2, 1]) await health.record(call(ago, 'timeout'));
      const chosen = fails('chosen', 'unreachable');
      const run = routed([candidate(chosen)], chosen);
      await assert.rejects(read(run), { reason: 'unreachable', message: 'chosen failed.' });
      now = Date.now() + 1;
      await assert.rejects(read(run), { reason: 'unreachable', message: /failed 4 times in a row/, hint: /handrail models test chosen/ });
      assert.equal(chosen.asked.length, 1);
      const well = answers('chosen');
      assert.equal((await read(routed([candidate(well)], well))).text, 'from chosen');
      now = Date.now() + 1;
      await assert.rejects(read(run), { message: 'chosen failed.' }, 'the circuit is closed again');
    });

    it('that is half-open lets one request try, for whose outcome the others wait', async () => {
      for (const outcome of ['ok', 'timeout'] as const) {
        health = createHealthStore({ home: join(home, outcome), clock: { now: () => now } });
        now = Date.now();
        for (const ago of [60_003, 60_002, 60_001]) await health.record(call(ago, 'unreachable'));
        let proceed = (): void => undefined;
        const held = new Promise<void>((resolve) => (proceed = resolve));
        const chosen = new Fake('chosen', async function* () {
          await held;
          if (outcome === 'timeout') throw new HandrailError('timeout', 'not yet');
          yield* [text('back again'), END];
        });
        const provider = routed([candidate(chosen), candidate(fails('spare', 'untrusted'))], chosen);
        const all = ended([1, 2, 3].map(() => read(provider)));
        while (chosen.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
        for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(chosen.asked.length, 1);
        now = Date.now() + 1000;
        proceed();
        assert.deepEqual(
          await all,
          Array.from({ length: 3 }, () => (outcome === 'ok' ? 'fulfilled' : 'rejected')),
        );
        assert.equal(chosen.asked.length, outcome === 'ok' ? 3 : 1);
      }
    });
  });

  describe('limits', () => {
    it('hold requests to one model back, whoever makes them', async () => {
      let running = 0;
      let most = 0;
      const slow = () =>
        new Fake(
          'slow',
          async function* () {
            most = Math.max(most, ++running);
            for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
            running--;
            yield* [text('x'), END];
          },
          2,
        );
      await Promise.all(Array.from({ length: 6 }, slow).map((provider) => read(routed([candidate(provider)], provider))));
      assert.equal(most, 2);
    });

    it('shorten the answer as the entry says', async () => {
      const chosen = answers('chosen');
      await read(routed([candidate(chosen, { limits: { outputTokens: 7 } })], chosen));
      assert.equal(chosen.asked[0]?.maxOutputTokens, 7);
    });
  });

  describe('a budget', () => {
    // Three tokens in (as estimated), a hundred out at most: a ceiling of 0.103, and a cost of 0.003 when it answers with nothing.
    const price = { input: 1, output: 1, currency: 'USD', per: 1000 };
    const usage = (outputTokens: number): ModelChunk => ({ type: 'usage', inputTokens: 3, outputTokens, cachedTokens: 0 });
    const spends = (outputTokens: number) => new Fake('chosen', () => [text('x'), usage(outputTokens), END]);

    it('of a run refuses the request that could go beyond it, before it is made', async () => {
      const chosen = spends(97);
      const provider = routed([candidate(chosen, { price, budget: { perRun: 0.25 } })], chosen);
      await read(provider);
      await read(provider);
      await assert.rejects(read(provider), {
        reason: 'over-budget',
        message: /has cost 0\.20 USD in this run, and one more request could cost up to 0\.103 USD.*allows 0\.25 USD a run/,
      });
      assert.equal(chosen.asked.length, 2);
      const [row] = await health.modelsHealth();
      assert.equal(row?.calls, 2, 'a refused request is no call');
      const next = routed([candidate(chosen, { price, budget: { perRun: 0.25 } })], chosen);
      await read(next);
    });

    it('is not overshot by requests at the same time, which wait for what the others really cost', async () => {
      const running: (() => void)[] = [];
      const chosen = new Fake('chosen', async function* () {
        await new Promise<void>((resolve) => running.push(resolve));
        yield* [text('x'), usage(0), END];
      });
      const provider = routed([candidate(chosen, { price, budget: { perRun: 0.25, perDay: 1 } })], chosen);
      const all = Promise.all(Array.from({ length: 5 }, () => read(provider)));
      const until = async (n: number) => {
        while (running.length < n) await new Promise((resolve) => setImmediate(resolve));
      };
      await until(2);
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(running.length, 2, 'two ceilings fit into 0.25');
      for (let n = 1; n <= 5; n++) {
        await until(n);
        running[n - 1]?.();
      }
      assert.equal((await all).length, 5, 'what is given back is used');
    });

    it('of a day counts for every process and every run, and refuses what is too dear even alone', async () => {
      const entry = { price, budget: { perDay: 0.25 } };
      const chosen = spends(97);
      for (let i = 0; i < 2; i++) await read(routed([candidate(chosen, entry)], chosen));
      await assert.rejects(read(routed([candidate(chosen, entry)], chosen)), {
        reason: 'over-budget',
        message: /today \(UTC\).*allows 0\.25 USD a day/,
      });
      const dear = routed([candidate(chosen, { price, budget: { perDay: 0.01 } })], chosen);
      await assert.rejects(read(dear), { reason: 'over-budget' });
      assert.equal(chosen.asked.length, 2);
      now += 24 * 3600_000;
      await read(routed([candidate(chosen, entry)], chosen));
    });

    it('of a day is shared by processes that ask at the same moment', async () => {
      const providers = Array.from({ length: 6 }, () => {
        const own = { health: createHealthStore({ home }), traffic: createTraffic(), clock: { now: () => now } };
        const chosen = spends(100);
        const one = createCandidate({
          ...own,
          name: 'chosen',
          entry: { price, budget: { perDay: 0.35 } },
          open: () => Promise.resolve(chosen),
        });
        return { chosen, provider: routed([one], chosen) };
      });
      const done = await Promise.allSettled(providers.map(({ provider }) => read(provider)));
      const asked = providers.filter(({ chosen }) => chosen.asked.length === 1).length;
      assert.equal(done.filter(({ status }) => status === 'fulfilled').length, asked);
      assert.equal(asked, 3, 'three ceilings fit into 0.35, and nobody refused the last one to everybody');
      const { settled } = await health.spentToday({ name: 'chosen', model: 'chosen-1', origin: 'https://chosen.example' }, 'USD');
      assert.ok(settled <= 0.35, String(settled));
    });

    it('that is used up lets a fallback answer', async () => {
      const [chosen, free] = [spends(0), answers('free')];
      const answer = await read(routed([candidate(chosen, { price, budget: { perRun: 0.01 } }), candidate(free)], chosen));
      assert.deepEqual([answer.text, chosen.asked.length], ['from free', 0]);
      assert.match(answer.notices[0] ?? '', /"chosen" has cost 0\.00 USD in this run.*"free" is asked instead/);
    });

    it('counts what a cancelled answer has cost', async () => {
      const chosen = new Fake('chosen', () => [text('abc'.repeat(100)), END]);
      const provider = routed([candidate(chosen, { price, budget: { perRun: 0.15 } })], chosen);
      for await (const chunk of provider.stream(REQUEST, new AbortController().signal)) if (chunk.type === 'text') break;
      await assert.rejects(read(provider), { reason: 'over-budget', message: /has cost 0\.103 USD/ });
    });

    it('tells the cost of each request beside its tokens, by the price of who answered', async () => {
      const chosen = fails('chosen', 'timeout');
      const other = new Fake('other', () => [text('x'), usage(10), END]);
      const cheap = { ...price, currency: 'EUR', per: 1_000_000 };
      const answer = await read(routed([candidate(chosen, { price }), candidate(other, { price: cheap })], chosen));
      assert.deepEqual(
        answer.chunks.flatMap((chunk) => (chunk.type === 'usage' ? [chunk.cost] : [])),
        [{ amount: 0.000013, currency: 'EUR' }],
      );
    });

    it('stops waiting when the person cancels', async () => {
      const chosen = new Fake('chosen', async function* () {
        await new Promise(() => undefined);
        yield END;
      });
      const provider = routed([candidate(chosen, { price, budget: { perRun: 0.15 } })], chosen);
      void read(provider);
      while (chosen.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const cancel = new AbortController();
      const waiting = read(provider, REQUEST, cancel.signal);
      setImmediate(() => cancel.abort());
      await assert.rejects(waiting, { reason: 'cancelled' });
      assert.equal(chosen.asked.length, 1);
    });
  });
});
