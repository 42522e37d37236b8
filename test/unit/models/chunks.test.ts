import assert from 'node:assert/strict';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ModelChunk } from '../../../src/core/ai/provider.ts';
import { chatChunks, type ChunkOptions } from '../../../src/node/ai/models/openai/openaiChunks.ts';

interface Call {
  index?: number;
  function?: { arguments?: unknown };
}
const event = (delta: { content?: string; tool_calls?: Call[] }, more: object = {}): unknown => ({ choices: [{ delta, ...more }] });
const calls = (...pieces: Call[]): unknown => event({ tool_calls: pieces });
const argument = (text: unknown, index = 0): Call => ({ index, function: { arguments: text } });

async function read(events: unknown[], options: ChunkOptions = {}): Promise<ModelChunk[]> {
  async function* stream() {
    yield* events as ChatCompletionChunk[];
  }
  const chunks: ModelChunk[] = [];
  for await (const chunk of chatChunks(stream(), options)) chunks.push(chunk);
  return chunks;
}
const textOf = (chunks: ModelChunk[]): string[] => chunks.flatMap((chunk) => (chunk.type === 'text' ? [chunk.text] : []));

describe('what a chat stream says', () => {
  it('is the arguments of the forced call while they come, and not the talk around it', async () => {
    let called = 0;
    const events = [
      event({ content: 'Let me see. ' }),
      calls(argument('{"a"')),
      calls(argument(':1}')),
      event({ content: 'Done.' }, { finish_reason: 'tool_calls' }),
    ];
    const chunks = await read(events, { form: 'tool', onCall: () => called++ });
    assert.deepEqual(textOf(chunks), ['{"a"', ':1}']);
    assert.equal(called, 1);
    assert.deepEqual(chunks.at(-1), { type: 'end', reason: 'stop' });
  });

  it('is the talk where no call comes: at the end, or from when it is too long for a preface', async () => {
    assert.deepEqual(textOf(await read([event({ content: 'a' }), event({ content: 'b' })], { form: 'tool' })), ['ab']);
    const long = await read([event({ content: 'x'.repeat(4001) }), event({ content: 'y' })], { form: 'tool' });
    assert.deepEqual(
      textOf(long).map((text) => text.length),
      [4001, 1],
    );
  });

  it('keeps several calls apart, takes arguments as an object, and passes over pieces without any', async () => {
    const events = [
      calls({ index: 0 }, argument('{"a":1}')),
      calls(argument('{"b":2}', 1)),
      calls(argument({ c: 3 }, 2), argument(null, 2)),
    ];
    assert.equal(textOf(await read(events, { form: 'tool' })).join(''), '{"a":1}\n{"b":2}\n{"c":3}');
  });

  it('is never a call that nobody asked for', async () => {
    assert.deepEqual(textOf(await read([calls(argument('{}')), event({ content: 'hi' })], { form: 'schema' })), ['hi']);
  });

  it('has its tokens told once, where a server tells the sums so far with every event', async () => {
    const usage = (n: number) => ({ choices: [], usage: { prompt_tokens: 10, completion_tokens: n } });
    const chunks = await read([usage(1), event({ content: 'a' }), usage(2), usage(3)]);
    assert.deepEqual(
      chunks.filter((chunk) => chunk.type === 'usage'),
      [{ type: 'usage', inputTokens: 10, outputTokens: 3, cachedTokens: 0 }],
    );
  });

  it('takes a cost for what the host means by it, and nothing that is no amount', async () => {
    const usage = (cost: unknown) => [{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, cost } }];
    const costs = async (cost: unknown, currency?: string) =>
      (await read(usage(cost), currency === undefined ? {} : { costCurrency: currency })).flatMap((chunk) =>
        chunk.type === 'usage' ? [chunk.cost] : [],
      );
    assert.deepEqual(await costs(0.5, 'USD'), [{ amount: 0.5, currency: 'USD' }]);
    assert.deepEqual(await costs(0.5), [undefined]);
    for (const odd of [-1, '1', null, { total: 1 }]) assert.deepEqual(await costs(odd, 'USD'), [undefined]);
  });
});
