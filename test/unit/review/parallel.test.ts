import assert from 'node:assert/strict';
import type { ReviewEvent, ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelProvider } from '../../../src/core/ai/provider.ts';
import { reviewPipeline } from '../../../src/core/ai/review/pipeline.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { answerOf, modelThat, never, rawFinding, reviewInput, reviewPorts } from './support.ts';

/** Reviews whose requests run side by side. */

/** Each fills a request of its own. */
const FILES = ['a.ts', 'b.ts', 'c.ts', 'd.ts'];
const CONTEXT = 8192;
const text = (path: string): string =>
  Array.from({ length: 90 }, (_, line) => `const ${path[0] ?? ''}${line} = compute(${line}, 'some text to fill it');`).join('\n');
const input = reviewInput({ units: FILES.map((path) => ({ path, text: text(path) })) });
const fileIn = (user: string): string => /^FENCE\n"(\w\.ts)"/mu.exec(user)?.[1] ?? '';
const found = (path: string) =>
  rawFinding({
    file: path,
    quote: `const ${path[0]}7 = compute(7, 'some text to fill it');`,
    title: `In ${path}`,
    message: `About ${path}.`,
  });

/** A model that answers about a file only when the test lets it. */
function gated(extra: Partial<ModelProvider> = {}): { provider: ModelProvider; open(path: string): void; aborted: Set<string> } {
  const gates = new Map(FILES.map((path) => [path, Promise.withResolvers<void>()]));
  const aborted = new Set<string>();
  const provider: ModelProvider = {
    ...modelThat(() => []),
    contextTokens: CONTEXT,
    concurrency: 4,
    async *stream({ user }, signal) {
      const path = fileIn(user);
      signal.addEventListener('abort', () => aborted.add(path));
      await gates.get(path)?.promise;
      yield { type: 'text', text: answerOf(found(path)) };
      yield { type: 'end', reason: 'stop' };
    },
    ...extra,
  };
  return { provider, open: (path) => gates.get(path)?.resolve(), aborted };
}

async function run(provider: ModelProvider, onEvent: (event: ReviewEvent) => void = () => {}): Promise<ReviewResult> {
  const review = reviewPipeline(input, reviewPorts({ provider }), never);
  for (;;) {
    const step = await review.next();
    if (step.done) return step.value;
    onEvent(step.value);
  }
}

describe('requests side by side', () => {
  it('hand out findings as answers arrive, and end in the same order and with the same digest whatever came first', async () => {
    const results: ReviewResult[] = [];
    for (const order of [FILES, FILES.toReversed()]) {
      const { provider, open } = gated();
      const arrived: string[] = [];
      let begun = 0;
      const result = await run(provider, (event) => {
        if (event.type === 'progress' && event.message.includes(' reads ') && ++begun === FILES.length) open(order[0] ?? '');
        if (event.type !== 'finding') return;
        arrived.push(event.finding.file);
        open(order[arrived.length] ?? '');
      });
      assert.deepEqual(arrived, order);
      results.push(result);
    }
    const [one, two] = results;
    assert.deepEqual(
      one?.findings.map(({ file }) => file),
      FILES,
    );
    assert.deepEqual({ ...one }, { ...two });
    assert.match(one?.promptDigest ?? '', /^sha256:[0-9a-f]{64}$/);
  });

  it('all end when cancelled, without waiting for any', async () => {
    const controller = new AbortController();
    const { provider, open, aborted } = gated();
    const review = reviewPipeline(input, reviewPorts({ provider }), controller.signal);
    let begun = 0;
    const started = async (): Promise<string[]> => {
      const files: string[] = [];
      for (;;) {
        const step = await review.next();
        if (step.done) return files;
        if (step.value.type === 'progress' && step.value.message.includes(' reads ') && ++begun === FILES.length) open('b.ts');
        if (step.value.type === 'finding') {
          files.push(step.value.finding.file);
          controller.abort();
        }
      }
    };
    await assert.rejects(started(), { reason: 'cancelled' });
    assert.deepEqual([...aborted].toSorted(), FILES);
  });

  it('keep what was found when one fails: its file was read in part, and a notice says why', async () => {
    const provider = modelThat(
      ({ user }) => {
        const path = fileIn(user);
        return path === 'b.ts'
          ? [new HandrailError('over-budget', 'The day is over its budget.', { hint: 'Raise it.' })]
          : [answerOf(found(path))];
      },
      { contextTokens: CONTEXT, concurrency: 1 },
    );
    const result = await run(provider);
    assert.deepEqual(
      result.findings.map(({ file }) => file),
      ['a.ts'],
    );
    const reason = 'the model gave no answer about it: The day is over its budget.';
    assert.deepEqual(result.coverage, [
      { file: 'a.ts', status: 'full' },
      ...['b.ts', 'c.ts', 'd.ts'].map((file) => ({ file, status: 'partial', reason })),
    ]);
    assert.deepEqual(result.notices, [
      '3 requests of 4 got no answer; what the others found is kept. The day is over its budget. Raise it.',
    ]);
    assert.equal(result.usage.requests, 2);
  });

  it('fail as one would when nothing could be asked', async () => {
    const provider = modelThat(() => [new HandrailError('unauthorised', 'The key was refused.')], {
      contextTokens: CONTEXT,
      concurrency: 2,
    });
    await assert.rejects(run(provider), { reason: 'unauthorised' });
    assert.equal(provider.asked.length, 2);
  });

  it('name who answered, when it was not the one that was chosen', async () => {
    const other = { name: 'local', model: 'qwen', origin: 'http://127.0.0.1:11434' };
    const chosen = { name: 'reviewer', model: 'test-model', origin: 'https://models.example.com' };
    const answeredBy = async (...paths: string[]) => {
      const provider = modelThat(
        ({ user }) => [...(paths.includes(fileIn(user)) ? [{ type: 'answering' as const, ...other }] : []), answerOf()],
        { contextTokens: CONTEXT },
      );
      return (await run(provider)).answeredBy;
    };
    assert.equal(await answeredBy(), undefined);
    assert.deepEqual(await answeredBy('b.ts', 'c.ts'), [chosen, other]);
    assert.deepEqual(await answeredBy(...FILES), [other]);
  });
});
