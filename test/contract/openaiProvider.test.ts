import assert from 'node:assert/strict';
import { createOpenAiProvider, type OpenAiProviderOptions } from '../../src/node/ai/models/openai/openaiProvider.ts';
import { traitsInMemory } from '../../src/node/ai/models/openai/endpointTraits.ts';
import type { ModelChunk, ModelRequest } from '../../src/core/ai/provider.ts';
import type { HandrailError } from '../../src/core/errors.ts';
import { startModelServer, type ModelScript, type ModelServer } from '../support/modelServer.ts';

const REQUEST: ModelRequest = {
  system: 'You review code.',
  user: 'const a = 1;',
  schema: { name: 'findings', schema: { type: 'object', properties: {}, required: [], additionalProperties: false } },
  maxOutputTokens: 200,
};

describe('OpenAI provider', function () {
  this.timeout(20_000);
  let server: ModelServer;

  before(async () => {
    server = await startModelServer();
  });
  after(() => server.close());

  function provider(script: ModelScript, options: Partial<OpenAiProviderOptions> = {}) {
    server.setScript(script);
    server.requests.length = 0;
    return createOpenAiProvider({ name: 'reviewer', model: 'm', baseURL: server.baseURL, key: undefined, random: () => 0, ...options });
  }

  async function collect(script: ModelScript, options?: Partial<OpenAiProviderOptions>) {
    const chunks: ModelChunk[] = [];
    for await (const chunk of provider(script, options).stream(REQUEST, new AbortController().signal)) chunks.push(chunk);
    return {
      chunks,
      text: chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join(''),
      end: chunks.find((chunk) => chunk.type === 'end')?.reason,
      notices: chunks.flatMap((chunk) => (chunk.type === 'notice' ? [chunk.message] : [])),
    };
  }

  async function failure(script: ModelScript, options?: Partial<OpenAiProviderOptions>): Promise<HandrailError> {
    return collect(script, options).then(
      () => assert.fail('it was to fail'),
      (error: HandrailError) => {
        assert.equal(error.name, 'HandrailError', String(error.stack));
        assert.ok(error.hint, 'a failure names the next action');
        return error;
      },
    );
  }

  describe('an ordinary answer', () => {
    it('streams text, usage and the end', async () => {
      const answer = await collect({ replies: [{ text: 'Grüße, 世界 🎉', usage: { input: 10, output: 5, cached: 4 } }] });
      assert.equal(answer.text, 'Grüße, 世界 🎉');
      assert.equal(answer.end, 'stop');
      assert.deepEqual(
        answer.chunks.find((chunk) => chunk.type === 'usage'),
        { type: 'usage', inputTokens: 10, outputTokens: 5, cachedTokens: 4 },
      );
      assert.deepEqual(answer.notices, []);
      const { body } = server.requests[0] ?? assert.fail();
      assert.equal(body['model'], 'm');
      assert.deepEqual(body['messages'], [
        { role: 'system', content: 'You review code.' },
        { role: 'user', content: 'const a = 1;' },
      ]);
      assert.equal((body['response_format'] as { type: string }).type, 'json_schema');
      assert.equal(body['max_tokens'], 200);
    });

    it('arrives whole through one-byte chunks', async () => {
      const answer = await collect({ replies: [{ text: 'ä€😀 x'.repeat(20), oneByteChunks: true }] });
      assert.equal(answer.text, 'ä€😀 x'.repeat(20));
      assert.equal(answer.end, 'stop');
    });

    it('survives bytes that are no UTF-8', async () => {
      const answer = await collect({ replies: [{ text: 'abcdef', invalidUtf8: true }] });
      assert.match(answer.text, /abcdef/);
      assert.equal(answer.end, 'stop');
    });

    it('ends as stop when a server sends [DONE] and no reason, as cut off when it sends neither', async () => {
      assert.equal((await collect({ replies: [{ text: 'abc', finish: 'none' }] })).end, 'stop');
      assert.equal((await collect({ replies: [{ text: 'abc', finish: 'none', noDone: true }] })).end, 'cut-off');
    });

    it('says when a local server read only part of what was sent', async () => {
      const large = { ...REQUEST, user: 'const a = 1;\n'.repeat(2000) };
      for (const [input, warned] of [
        [2048, true],
        [9000, false],
      ] as const) {
        const notices: string[] = [];
        for await (const chunk of provider({ replies: [{ text: 'ok', usage: { input, output: 1 } }] }).stream(
          large,
          new AbortController().signal,
        )) {
          if (chunk.type === 'notice') notices.push(chunk.message);
        }
        assert.equal(notices.length === 1 && /read 2048 tokens/.test(notices[0] ?? ''), warned, notices.join());
      }
    });

    it('says when the token limit or a filter ended it', async () => {
      assert.equal((await collect({ replies: [{ text: 'abc', finish: 'length' }] })).end, 'length');
      assert.equal((await collect({ replies: [{ text: 'abc', finish: 'content_filter' }] })).end, 'filtered');
    });
  });

  describe('a model with its own ways', () => {
    it('leaves refused parameters out, says so, and remembers', async () => {
      const picky: ModelScript = { replies: [{ text: 'ok' }], refuses: ['temperature', 'response_format', 'max_tokens'] };
      const model = provider(picky, { params: { temperature: 0, seed: 7 } });
      const run = async () => {
        const notices: string[] = [];
        let text = '';
        for await (const chunk of model.stream(REQUEST, new AbortController().signal)) {
          if (chunk.type === 'notice') notices.push(chunk.message);
          if (chunk.type === 'text') text += chunk.text;
        }
        return { notices, text };
      };
      const first = await run();
      assert.equal(first.text, 'ok');
      assert.equal(server.requests.length, 4);
      const { body } = server.requests[3] ?? assert.fail();
      assert.ok(!('temperature' in body) && !('response_format' in body) && !('max_tokens' in body));
      assert.equal(body['max_completion_tokens'], 200);
      assert.equal(body['seed'], 7);
      assert.ok(first.notices.includes('m refuses "temperature"; it was left out.'), first.notices.join('\n'));
      const second = await run();
      assert.equal(server.requests.length, 5, 'nothing is tried twice');
      assert.deepEqual(second.notices, ['m refuses "temperature"; it was left out.']);
    });

    it('tries without an answer format when a server refuses without a reason', async () => {
      const answer = await collect({
        replies: [{ status: 400, body: 'Bad Request', headers: { 'content-type': 'text/plain' } }, { text: 'ok' }],
      });
      assert.equal(answer.text, 'ok');
      assert.ok(!('response_format' in (server.requests[1]?.body ?? {})));
    });

    it('turns to the Responses API on a 404, and remembers', async () => {
      const model = provider({ replies: [{ text: 'from responses', usage: { input: 3, output: 2 } }], responsesOnly: true });
      for (const expected of [['/v1/chat/completions', '/v1/responses'], ['/v1/responses']]) {
        server.requests.length = 0;
        const chunks: ModelChunk[] = [];
        for await (const chunk of model.stream(REQUEST, new AbortController().signal)) chunks.push(chunk);
        assert.equal(chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join(''), 'from responses');
        assert.deepEqual(chunks.at(-1), { type: 'end', reason: 'stop' });
        assert.ok(chunks.some((chunk) => chunk.type === 'usage' && chunk.inputTokens === 3));
        assert.deepEqual(
          server.requests.map((request) => request.path),
          expected,
        );
      }
      assert.equal(server.requests[0]?.body['store'], false);
    });

    it('does not leave the API that the entry fixes', async () => {
      const error = await failure({ responsesOnly: true }, { api: 'chat' });
      assert.equal(error.reason, 'model-not-found');
      assert.equal(server.requests.length, 1);
    });
  });

  describe('the form of an answer', () => {
    const KEPT = '{"findings":[]}';
    const schema = { ...REQUEST, schema: { name: 'findings', schema: { type: 'object', required: ['findings'], properties: {} } } };
    const formOf = ({ body }: { body: Record<string, unknown> }) =>
      'response_format' in body || 'text' in body ? 'schema' : 'tools' in body ? 'tool' : 'prompt';

    /** Asks so many times, and tells in which form each request was made and what came back. */
    async function ask(script: ModelScript, times: number, options?: Partial<OpenAiProviderOptions>) {
      const traits = traitsInMemory();
      const model = provider(script, { traits, ...options });
      const texts: string[] = [];
      for (let i = 0; i < times; i++) {
        let text = '';
        for await (const chunk of model.stream(schema, new AbortController().signal)) if (chunk.type === 'text') text += chunk.text;
        texts.push(text);
      }
      return { texts, forms: server.requests.map(formOf), traits: await traits.read() };
    }

    it('is a schema, where the endpoint keeps to it', async () => {
      const { forms, traits } = await ask({ replies: [{ text: KEPT }] }, 3);
      assert.deepEqual(forms, ['schema', 'schema', 'schema']);
      assert.deepEqual(traits, { refused: [], form: 'schema' });
    });

    it('is a forced call where a schema is refused, whose arguments are the text while they stream', async () => {
      const { texts, forms, traits } = await ask({ refuses: ['response_format'], replies: [{ text: KEPT, asCall: true }] }, 2);
      assert.deepEqual(texts, [KEPT, KEPT]);
      assert.deepEqual(forms, ['schema', 'tool', 'tool']);
      assert.deepEqual(traits, { refused: ['response_format'], form: 'tool' });
      const { body } = server.requests[2] ?? assert.fail();
      assert.deepEqual(body['tool_choice'], { type: 'function', function: { name: 'findings' } });
      assert.deepEqual((body['tools'] as { function: { parameters: unknown } }[])[0]?.function.parameters, schema.schema.schema);
    });

    it('is the prompt where neither is taken', async () => {
      const { texts, forms, traits } = await ask({ refuses: ['response_format', 'tools'], replies: [{ text: KEPT }] }, 2);
      assert.deepEqual(texts, [KEPT, KEPT]);
      assert.deepEqual(forms, ['schema', 'tool', 'prompt', 'prompt']);
      assert.deepEqual(traits, { refused: ['response_format', 'tools'], form: 'prompt' });
    });

    it('is the next one from then on where one is accepted and ignored; every answer is kept', async () => {
      const fenced = `Here is the list:\n\`\`\`json\n${KEPT}\n\`\`\``;
      const { texts, forms, traits } = await ask({ replies: [{ text: fenced }] }, 4);
      assert.deepEqual(texts, [fenced, fenced, fenced, fenced]);
      assert.deepEqual(forms, ['schema', 'tool', 'prompt', 'prompt']);
      assert.deepEqual(traits, { refused: [], ignored: ['schema', 'tool'], form: 'prompt' });
    });

    it('works on the Responses API too', async () => {
      const script: ModelScript = { responsesOnly: true, replies: [{ text: 'prose' }, { text: KEPT, asCall: true }] };
      const { texts, traits } = await ask(script, 2);
      assert.deepEqual(texts, ['prose', KEPT]);
      assert.deepEqual(traits, { refused: [], api: 'responses', ignored: ['schema'], form: 'tool' });
      assert.deepEqual(server.requests.at(-1)?.body['tool_choice'], { type: 'function', name: 'findings' });
    });

    it('is not judged by an answer that was cut, nor by one that was withheld', async () => {
      for (const reply of [
        { text: '{"findings":[', finish: 'length' as const },
        { text: '', finish: 'content_filter' as const },
      ]) {
        const { traits } = await ask({ replies: [reply] }, 1);
        assert.deepEqual(traits, { refused: [] }, JSON.stringify(reply));
      }
    });

    it('is learned from refusals in other words and with other numbers', async () => {
      const refusals = [
        { status: 500, error: { message: 'tools param requires --jinja flag' } },
        { status: 404, error: { message: 'No endpoints found that support tool use.' } },
        { status: 400, error: { message: 'registry.example/library/m does not support tools' } },
      ];
      for (const refusal of refusals) {
        const traits = traitsInMemory();
        await traits.write({ refused: ['response_format'] });
        const { forms } = await ask({ replies: [refusal, { text: KEPT }] }, 1, { traits });
        assert.deepEqual(forms, ['tool', 'prompt'], refusal.error.message);
        assert.deepEqual((await traits.read()).refused, ['response_format', 'tools']);
      }
    });

    it('forgets what a request learned that nobody accepted in the end', async () => {
      const traits = traitsInMemory();
      const error = await failure({ replies: [{ status: 400, error: { message: 'no' } }] }, { traits });
      assert.equal(error.reason, 'bad-request');
      assert.deepEqual(await traits.read(), { refused: [] });
    });
  });

  describe('Azure OpenAI', () => {
    const BASE = 'https://contoso.openai.azure.com/openai/v1';
    /** The scripted server answers for the host. */
    const toServer: NonNullable<OpenAiProviderOptions['fetch']> = (input, init) =>
      fetch(String(input).replace(`${BASE}/`, `${server.baseURL}/`), init);
    const azure = { baseURL: BASE, fetch: toServer };

    it('gets a key in its own header, and a token where tokens go', async () => {
      const token = 'eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl';
      await collect({ replies: [{ text: 'ok' }] }, { ...azure, key: 'k3y' });
      await collect({ replies: [{ text: 'ok' }] }, { ...azure, key: token });
      assert.deepEqual([server.requests[0]?.headers['api-key'], server.requests[0]?.headers.authorization], [undefined, `Bearer ${token}`]);
    });

    it('is sent a key under `api-key` alone', async () => {
      const answer = await collect({ replies: [{ text: 'ok', usage: { input: 1, output: 1 } }] }, { ...azure, key: 'k3y' });
      assert.equal(answer.text, 'ok');
      const { headers, body, path } = server.requests[0] ?? assert.fail();
      assert.deepEqual([headers['api-key'], headers.authorization, path], ['k3y', undefined, '/v1/chat/completions']);
      assert.equal(body['max_completion_tokens'], 200);
    });

    it('says what is wrong when its filter refuses a request, and does not ask again', async () => {
      const error = await failure(
        { replies: [{ status: 400, error: { message: 'The response was filtered.', code: 'content_filter', param: 'prompt' } }] },
        azure,
      );
      assert.deepEqual(
        [error.reason, error.message],
        ['bad-request', 'The content filter of https://contoso.openai.azure.com refused the request.'],
      );
      assert.equal(server.requests.length, 1);
    });

    it('waits as long as its quota says', async () => {
      const answer = await collect(
        { replies: [{ status: 429, headers: { 'retry-after': '1', 'retry-after-ms': '20' } }, { text: 'ok' }] },
        azure,
      );
      assert.equal(answer.text, 'ok');
    });
  });

  describe('OpenRouter', () => {
    const BASE = 'https://openrouter.ai/api/v1';
    const openRouter: Partial<OpenAiProviderOptions> = {
      baseURL: BASE,
      key: 'sk-or',
      fetch: (input, init) => fetch(String(input).replace(`${BASE}/`, `${server.baseURL}/`), init),
    };
    const errorEvent = (code: number | string, message: string) =>
      JSON.stringify({
        id: 'gen-1',
        object: 'chat.completion.chunk',
        provider: 'Somebody',
        error: { code, message },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      });

    it('keeps the connection alive with comments, and tells the cost', async () => {
      const answer = await collect(
        {
          replies: [
            { text: 'one two three', comment: 'OPENROUTER PROCESSING', interval: 20, usage: { input: 10, output: 5, cost: 0.0042 } },
          ],
        },
        { ...openRouter, limits: { timeout: 5000 } },
      );
      assert.deepEqual([answer.text, answer.end], ['one two three', 'stop']);
      assert.deepEqual(
        answer.chunks.find((chunk) => chunk.type === 'usage'),
        { type: 'usage', inputTokens: 10, outputTokens: 5, cachedTokens: 0, cost: { amount: 0.0042, currency: 'USD' } },
      );
      assert.equal(server.requests[0]?.headers.authorization, 'Bearer sk-or');
    });

    it('is not believed about money at another address', async () => {
      const answer = await collect({ replies: [{ text: 'x', usage: { input: 1, output: 1, cost: 5 } }] });
      const usage = answer.chunks.find((chunk) => chunk.type === 'usage');
      assert.ok(usage && !('cost' in usage));
    });

    it('is asked again when an error comes as the first event, as its number says', async () => {
      for (const event of [
        errorEvent(502, 'Provider returned error'),
        errorEvent('server_error', 'Overloaded'),
        errorEvent(429, 'slow down'),
      ]) {
        const answer = await collect({ replies: [{ text: '', rawEvent: event }, { text: 'ok' }] }, openRouter);
        assert.equal(answer.text, 'ok', event);
      }
      const error = await failure({ replies: [{ text: '', rawEvent: errorEvent(402, 'Insufficient credits') }] }, openRouter);
      assert.deepEqual([error.reason, server.requests.length], ['rate-limited', 1]);
      const silent = '{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}';
      assert.equal((await collect({ replies: [{ text: '', rawEvent: silent, finish: 'none' }, { text: 'ok' }] }, openRouter)).text, 'ok');
    });

    it('keeps what came before an error in the middle, and says what was said', async () => {
      const answer = await collect({ replies: [{ text: 'half', rawEvent: errorEvent(502, 'Provider disconnected') }] }, openRouter);
      assert.deepEqual([answer.text, answer.end], ['half', 'cut-off']);
      assert.match(answer.notices.join(' '), /Provider disconnected.*kept/);
    });

    it('says when a host filtered the request', async () => {
      const body = JSON.stringify({ error: { code: 403, message: 'flagged', metadata: { reasons: ['x'], flagged_input: 'y' } } });
      const error = await failure({ replies: [{ status: 403, body }] }, openRouter);
      assert.match(error.message, /content filter/);
    });
  });

  describe('a key that was refused', () => {
    it('is fetched again once, since tokens expire', async () => {
      let fetched = 0;
      const renewKey = () => Promise.resolve(`new-${++fetched}`);
      const answer = await collect({ key: 'new-1', replies: [{ text: 'ok' }] }, { key: 'old', renewKey });
      assert.deepEqual([answer.text, fetched], ['ok', 1]);
      const error = await failure({ key: 'another', replies: [{ text: 'ok' }] }, { key: 'old', renewKey });
      assert.deepEqual([error.reason, fetched], ['unauthorised', 2]);
      assert.doesNotMatch(JSON.stringify([error.message, error.hint]), /new-2/);
      const same = await failure({ key: 'another' }, { key: 'old', renewKey: () => Promise.resolve('old') });
      assert.deepEqual([same.reason, server.requests.length], ['unauthorised', 1]);
    });
  });

  describe('failures', () => {
    it('waits as long as Retry-After says, then succeeds', async () => {
      const answer = await collect({
        replies: [{ status: 429, headers: { 'retry-after': '0.2' }, error: { message: 'slow down' } }, { status: 503 }, { text: 'ok' }],
      });
      assert.equal(answer.text, 'ok');
      const [first, second] = server.requests;
      assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 190, 'it came back too early');
      assert.equal(server.requests.length, 3);
    });

    it('gives up after its retries', async () => {
      const error = await failure({ replies: [{ status: 429, headers: { 'retry-after-ms': '5' } }] }, { limits: { retries: 2 } });
      assert.equal(error.reason, 'rate-limited');
      assert.equal(server.requests.length, 3);
    });

    it('does not wait for minutes', async () => {
      const error = await failure({ replies: [{ status: 429, headers: { 'retry-after': '3600' } }] });
      assert.equal(error.reason, 'rate-limited');
      assert.equal(server.requests.length, 1);
    });

    it('does not repeat a request for which the account has no means', async () => {
      const error = await failure({
        replies: [{ status: 429, error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }],
      });
      assert.equal(error.reason, 'rate-limited');
      assert.match(error.hint ?? '', /billing/);
      assert.equal(server.requests.length, 1);
    });

    it('names the origin when the key is wrong, and never the key', async () => {
      const error = await failure({ key: 'right' }, { key: 'sk-wrong-secret-value' });
      assert.equal(error.reason, 'unauthorised');
      assert.equal(error.hint, `Set the key for ${server.origin} again.`);
      assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.stack, String(error.cause)]), /wrong-secret/);
      assert.equal(server.requests[0]?.headers.authorization, 'Bearer sk-wrong-secret-value');
    });

    it('keeps the key out of what a server says back', async () => {
      const error = await failure(
        { replies: [{ status: 400, error: { message: 'bad header Bearer k3y-of-mine in request' } }] },
        { key: 'k3y-of-mine', limits: { retries: 0 } },
      );
      assert.equal(error.reason, 'bad-request');
      assert.doesNotMatch(`${error.message} ${error.hint}`, /k3y-of-mine/);
    });

    it('says when the model is not there', async () => {
      const error = await failure({ models: ['other'] });
      assert.equal(error.reason, 'model-not-found');
      assert.match(error.message, /"m"/);
      assert.deepEqual(
        server.requests.map((request) => request.path),
        ['/v1/chat/completions', '/v1/responses'],
      );
    });

    it('says when no server listens', async () => {
      const gone = await startModelServer();
      await gone.close();
      const error = await failure({}, { baseURL: gone.baseURL });
      assert.equal(error.reason, 'unreachable');
      assert.match(error.hint ?? '', new RegExp(`Is the server running at ${gone.baseURL}`));
    });

    it('refuses redirects and sends nothing on', async () => {
      const other = await startModelServer();
      try {
        const error = await failure(
          { replies: [{ status: 307, headers: { location: `${other.baseURL}/chat/completions` } }] },
          { key: 'k' },
        );
        assert.equal(error.reason, 'redirect');
        assert.equal(other.requests.length, 0);
      } finally {
        await other.close();
      }
    });

    it('refuses an answer that is no stream', async () => {
      const error = await failure({ replies: [{ status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }] });
      assert.equal(error.reason, 'bad-response');
      assert.match(error.message, /text\/html/);
    });

    it('times out on a silent server and on a silent stream', async () => {
      const silent = await failure({ replies: [{ hang: 'connect' }] }, { limits: { timeout: 150, retries: 0 } });
      assert.equal(silent.reason, 'timeout');
      const stalled = await collect({ replies: [{ text: 'half', hang: 'body' }] }, { limits: { timeout: 150, retries: 0 } });
      assert.equal(stalled.text, 'half');
      assert.equal(stalled.end, 'cut-off');
    });

    it('keeps what arrived before a cut, and says so', async () => {
      const answer = await collect({ replies: [{ text: 'one two three four five', cutAfter: 12 }] });
      assert.equal(answer.text, 'one two thre');
      assert.equal(answer.end, 'cut-off');
      assert.match(answer.notices.join(' '), /kept/);
      assert.equal(server.requests.length, 1, 'an answer that began is not asked for again');
    });

    it('asks again when nothing had arrived before the cut', async () => {
      const answer = await collect({ replies: [{ text: '', cutAfter: 0 }, { text: 'ok' }] });
      assert.equal(answer.text, 'ok');
    });

    it('keeps what arrived before an error inside the stream or a broken event', async () => {
      for (const rawEvent of ['{"error":{"message":"overloaded"}}', '{"choices":[{']) {
        const answer = await collect({ replies: [{ text: 'abc', rawEvent }] });
        assert.equal(answer.text, 'abc');
        assert.equal(answer.end, 'cut-off');
      }
    });

    it('cuts an endless answer', async () => {
      const answer = await collect({ replies: [{ text: 'again and again ', endless: true, pieceLength: 16 }] });
      assert.equal(answer.end, 'length');
      assert.ok(answer.text.length < 200 * 8 + 100);
      await server.seen((request) => request.aborted);
    });

    it('cuts an endless event', async () => {
      const answer = await failure({ replies: [{ text: 'x'.repeat(3_000_000), pieceLength: 3_000_000 }] }, { limits: { retries: 0 } });
      assert.equal(answer.reason, 'bad-response');
    });

    it('says when an answer is empty', async () => {
      const error = await failure(
        { replies: [{ status: 200, body: '', headers: { 'content-type': 'text/event-stream' } }] },
        { limits: { retries: 0 } },
      );
      assert.equal(error.reason, 'bad-response');
    });
  });

  describe('cancelling', () => {
    it('ends with cancelled and closes the socket within half a second', async () => {
      const cancel = new AbortController();
      const model = provider({ replies: [{ text: 'on and on ', endless: true, interval: 5 }] });
      let cancelledAt = 0;
      await assert.rejects(
        async () => {
          for await (const chunk of model.stream({ ...REQUEST, maxOutputTokens: 1e6 }, cancel.signal)) {
            if (chunk.type === 'text' && cancelledAt === 0) {
              cancelledAt = Date.now();
              cancel.abort();
            }
          }
        },
        { name: 'HandrailError', reason: 'cancelled' },
      );
      await server.seen((request) => request.aborted);
      assert.ok(Date.now() - cancelledAt < 500, `took ${Date.now() - cancelledAt} ms`);
    });

    it('ends while the server is silent, and while waiting to try again', async () => {
      for (const reply of [{ hang: 'connect' as const }, { status: 429, headers: { 'retry-after': '30' } }]) {
        const cancel = new AbortController();
        const model = provider({ replies: [reply] });
        const running = (async () => {
          for await (const chunk of model.stream(REQUEST, cancel.signal)) assert.notEqual(chunk.type, 'text');
        })();
        await server.seen(() => true);
        cancel.abort();
        await assert.rejects(running, { reason: 'cancelled' });
      }
    });

    it('closes the socket when the reader stops early', async () => {
      for await (const chunk of provider({ replies: [{ text: 'on and on ', endless: true, interval: 5 }] }).stream(
        REQUEST,
        new AbortController().signal,
      )) {
        if (chunk.type === 'text') break;
      }
      await server.seen((request) => request.aborted);
    });
  });

  describe('what is sent', () => {
    it('takes nothing from the environment: no key, organisation, project or custom header', async () => {
      const planted = {
        OPENAI_API_KEY: 'sk-env',
        OPENAI_ORG_ID: 'org-env',
        OPENAI_PROJECT_ID: 'proj-env',
        OPENAI_CUSTOM_HEADERS: 'x-env: env-value',
        OPENAI_ADMIN_KEY: 'admin-env',
      };
      const before = { ...process.env };
      Object.assign(process.env, planted);
      try {
        await collect({ replies: [{ text: 'ok' }] });
      } finally {
        for (const name of Object.keys(planted)) {
          if (before[name] === undefined) delete process.env[name];
          else process.env[name] = before[name];
        }
      }
      const { headers } = server.requests[0] ?? assert.fail();
      assert.doesNotMatch(JSON.stringify(headers), /env/);
      assert.equal(headers.authorization, undefined);
      assert.deepEqual(
        Object.keys(headers).filter((name) => name.startsWith('x-')),
        [],
      );
    });
  });
});
