import assert from 'node:assert/strict';
import type { EndpointTraits } from '../../../src/core/ai/models/capabilities.ts';
import { adapt, chatBody, responsesBody, type BodyInput } from '../../../src/node/ai/models/openai/openaiRequest.ts';

const INPUT: BodyInput = {
  model: 'm',
  request: { system: 'S', user: 'U', schema: { name: 'findings', schema: {} }, maxOutputTokens: 100 },
  params: { temperature: 0, seed: 7, reasoning_effort: 'low' },
  traits: { refused: [] },
  maxOutputTokens: 100,
  tokenLimit: 'max_tokens',
};
const NOTHING: EndpointTraits = { refused: [] };

/** As real servers write it. */
const REFUSALS: readonly [message: string, param: string | undefined, dropped: string][] = [
  [
    "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
    'temperature',
    'temperature',
  ],
  ["Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", undefined, 'response_format'],
  ['Unrecognized request argument supplied: seed', undefined, 'seed'],
  ["Unsupported value: 'messages[0].role' does not support 'system' with this model.", 'messages[0].role', 'system'],
  ['Unknown parameter: stream_options', undefined, 'stream_options'],
  ['Unrecognized request argument supplied: reasoning_effort', undefined, 'reasoning_effort'],
  ['bad request', undefined, 'response_format'],
];

describe('adapting to what an endpoint refuses', () => {
  for (const [message, param, dropped] of REFUSALS) {
    it(`leaves out ${dropped} after "${message.slice(0, 50)}"`, () => {
      const body = chatBody(INPUT) as unknown as Record<string, unknown>;
      const adapted = adapt({ message, param }, body, NOTHING, 'm');
      assert.deepEqual(adapted?.traits.refused, [dropped]);
      assert.match(adapted.notice, /^m refuses /);
      const next = chatBody({ ...INPUT, traits: adapted.traits }) as unknown as Record<string, unknown>;
      if (dropped === 'system') assert.deepEqual(next['messages'], [{ role: 'user', content: 'S\n\nU' }]);
      else assert.ok(dropped in body && !(dropped in next));
    });
  }

  it('turns between the two names of the output limit, once', () => {
    const message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const adapted = adapt({ message, param: 'max_tokens' }, chatBody(INPUT) as never, NOTHING, 'm');
    assert.equal(adapted?.traits.tokenLimit, 'max_completion_tokens');
    const next = chatBody({ ...INPUT, traits: adapted.traits });
    assert.equal(next.max_completion_tokens, 100);
    assert.ok(!('max_tokens' in next));
    const again = adapt({ message, param: 'max_tokens' }, next as never, { ...adapted.traits, refused: ['response_format'] }, 'm');
    assert.equal(again, undefined);
  });

  it('gives up when the refusal is about something else', () => {
    const message = "This model's maximum context length is 8192 tokens; the request is too long.";
    assert.equal(adapt({ message }, chatBody(INPUT) as never, NOTHING, 'm'), undefined);
    const bare = { ...INPUT, request: { ...INPUT.request, schema: undefined } } as unknown as BodyInput;
    assert.equal(adapt({ message: 'bad request' }, chatBody({ ...bare, params: {} }) as never, NOTHING, 'm'), undefined);
  });

  it('asks the Responses API in its own words, and not to be kept there', () => {
    const body = responsesBody({ ...INPUT, maxOutputTokens: 4 });
    assert.equal(body.instructions, 'S');
    assert.equal(body.store, false);
    assert.equal(body.max_output_tokens, 16);
    assert.equal(body.text?.format?.type, 'json_schema');
    assert.deepEqual(body.reasoning, { effort: 'low' });
    assert.ok(!('seed' in body));
    const adapted = adapt({ message: "Unsupported parameter: 'text.format'" }, body as never, NOTHING, 'm');
    assert.ok(adapted && !('text' in responsesBody({ ...INPUT, traits: adapted.traits })));
  });
});
