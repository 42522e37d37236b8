import assert from 'node:assert/strict';
import type { ReviewEvent, ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelProvider, ModelRequest } from '../../../src/core/ai/provider.ts';
import { previewPipeline, reviewPipeline, type ReviewInput } from '../../../src/core/ai/review/pipeline.ts';
import { estimateTokens } from '../../../src/core/ai/review/tokens.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { never, reviewInput, reviewPorts } from './support.ts';

/** Reviews with models that count tokens themselves: no request may be longer than the model takes. */

const CONTEXT = 16_000;
/** What the pipeline keeps free for the answer of such a model. */
const ANSWER = CONTEXT / 4;

type Counting = ModelProvider & { asked: ModelRequest[] };

function counting(countTokens: ModelProvider['countTokens'] & {}): Counting {
  const asked: ModelRequest[] = [];
  return {
    name: 'reviewer',
    model: 'counting-model',
    origin: 'editor:test',
    contextTokens: CONTEXT,
    asked,
    countTokens,
    async *stream(request) {
      asked.push(request);
      await Promise.resolve();
      yield { type: 'text', text: '{"findings":[]}' };
      yield { type: 'end', reason: 'stop' };
    },
  };
}

const sent = ({ system, user }: ModelRequest): string => `${system}\n\n${user}`;
/** Three times what the estimate says. */
const dense = (text: string): number => text.length;

const input = (files: Record<string, string>, extra: Partial<ReviewInput> = {}): ReviewInput =>
  reviewInput({ units: Object.entries(files).map(([path, text]) => ({ path, text })), ...extra });

async function run(what: ReviewInput, provider: ModelProvider, signal = never): Promise<{ events: ReviewEvent[]; result: ReviewResult }> {
  const events: ReviewEvent[] = [];
  const review = reviewPipeline(what, reviewPorts({ provider }), signal);
  for (;;) {
    const step = await review.next();
    if (step.done) return { events, result: step.value };
    events.push(step.value);
  }
}

const lines = (count: number, line = (index: number): string => `const value${index} = compute(${index}, 'fills the line');`): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

describe('requests of a model that counts tokens', () => {
  it('never hold more than it takes, and together hold every line', async () => {
    const provider = counting((text) => Promise.resolve(dense(text)));
    const { result } = await run(input({ 'long.ts': lines(900) }), provider);
    assert.ok(provider.asked.length > 1);
    for (const request of provider.asked) assert.ok(dense(sent(request)) <= CONTEXT - ANSWER, `${dense(sent(request))} tokens`);
    const seen = provider.asked.map((request) => request.user).join('\n');
    for (let index = 0; index < 900; index++) assert.ok(seen.includes(`const value${index} = `), `line ${index}`);
    assert.deepEqual(result.coverage, [{ file: 'long.ts', status: 'full' }]);
  });

  it('are fewer when the model needs fewer tokens than the estimate says', async () => {
    const files = { 'long.ts': lines(1500) };
    const sparse = counting((text) => Promise.resolve(Math.ceil(text.length / 6)));
    await run(input(files), sparse);
    const careful = counting((text) => Promise.resolve(estimateTokens(text)));
    await run(input(files), careful);
    assert.ok(sparse.asked.length < careful.asked.length, `${sparse.asked.length} and ${careful.asked.length}`);
  });

  it('are split again where one file costs far more than the others', async () => {
    // The sample is mostly cheap text; only the words of the second file are dear.
    const count = (text: string): number => Math.ceil(text.length / 4) + 30 * (text.match(/dear/gu)?.length ?? 0);
    const provider = counting((text) => Promise.resolve(count(text)));
    const cheap = lines(700);
    await run(input({ 'cheap.ts': cheap, 'dear.ts': `${cheap}\n${lines(600, () => 'dear();')}` }), provider);
    for (const request of provider.asked) assert.ok(count(sent(request)) <= CONTEXT - ANSWER, `${count(sent(request))} tokens`);
    assert.equal(provider.asked.flatMap((request) => request.user.match(/dear\(\);/gu) ?? []).length, 600);
  });

  it('leave out a line that no request can hold, and say so', async () => {
    const provider = counting((text) => Promise.resolve(dense(text)));
    const { result } = await run(input({ 'wide.ts': `const a = 1;\nconst b = '${'x'.repeat(40_000)}';\nconst c = 3;` }), provider);
    assert.deepEqual(result.coverage, [
      { file: 'wide.ts', status: 'partial', reason: 'only a part read: a line is longer than what the model can take' },
    ]);
    const seen = provider.asked.map((request) => request.user).join('\n');
    assert.ok(seen.includes('const a = 1;') && seen.includes('const c = 3;'));
  });

  it('are not more than a review may have, whatever splitting makes of them', async () => {
    const provider = counting((text) => Promise.resolve(dense(text)));
    const { result } = await run(input({ 'a.ts': lines(4000), 'b.ts': lines(3000) }), provider);
    assert.equal(provider.asked.length, 24);
    const short = result.coverage.filter(({ status }) => status !== 'full');
    assert.notEqual(short.length, 0);
    for (const { reason } of short) assert.match(reason ?? '', /limited to 24 requests/);
  });

  it('count what goes along with the code', async () => {
    const provider = counting((text) => Promise.resolve(dense(text)));
    const known = Array.from({ length: 80 }, (_, index) => ({ file: 'a.ts', line: index, message: `known ${index} ${'y'.repeat(180)}` }));
    await assert.rejects(run(input({ 'a.ts': lines(200) }, { known }), provider), (error: unknown) => {
      assert.ok(error instanceof HandrailError);
      assert.equal(error.reason, 'config');
      assert.match(error.message, /counting-model \(16000 tokens\) has no room for code/);
      return true;
    });
    assert.deepEqual(provider.asked, []);
  });

  it('are estimated when counting fails', async () => {
    const provider = counting(() => Promise.reject(new Error('no tokenizer')));
    const { result } = await run(input({ 'a.ts': lines(20) }), provider);
    assert.deepEqual(result.coverage, [{ file: 'a.ts', status: 'full' }]);
    assert.equal(provider.asked.length, 1);
  });

  it('are not sent when the person cancels while they are counted', async () => {
    const controller = new AbortController();
    const provider = counting(() => {
      controller.abort();
      return Promise.reject(new HandrailError('cancelled', 'The request was cancelled.'));
    });
    await assert.rejects(run(input({ 'a.ts': lines(20) }), provider, controller.signal), { reason: 'cancelled' });
    assert.deepEqual(provider.asked, []);
  });

  it('are not waited for when the person cancels and the model never says them', async () => {
    const controller = new AbortController();
    const provider = counting(() => {
      queueMicrotask(() => controller.abort());
      return new Promise<number>(() => undefined);
    });
    await assert.rejects(run(input({ 'a.ts': lines(20) }), provider, controller.signal), { reason: 'cancelled' });
    assert.deepEqual(provider.asked, []);
  });

  it('show the model’s own count in the preview', async () => {
    const provider = counting((text) => Promise.resolve(dense(text)));
    const { requests } = await previewPipeline(input({ 'a.ts': lines(20) }), reviewPorts({ provider }), never);
    assert.deepEqual(
      requests.map(({ inputTokens }) => inputTokens),
      requests.map(({ text }) => dense(text)),
    );
  });
});
