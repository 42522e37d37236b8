import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Observation } from '../../src/core/telemetry/observation.ts';
import { OTLP_SIGNALS } from '../../src/core/usage/usageReader.ts';
import { LARGEST_BODY } from '../../src/node/usage/otlpBody.ts';
import { decodeOtlp } from '../../src/node/usage/otlpProtobuf.ts';
import { SECRET_HEADER, startReceiver, type Receiver } from '../../src/node/usage/receiver.ts';
import { logs, metrics } from '../support/otlp.ts';
import { otelClient } from '../support/otelClient.ts';

const SECRET = 'a-secret-of-this-test-only';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('the receiver of usage', function () {
  this.timeout(60_000);
  let receiver: Receiver;
  let recorded: Observation[];
  let allowed: boolean;

  beforeEach(async () => {
    recorded = [];
    allowed = true;
    receiver = await startReceiver({
      port: 0,
      secret: SECRET,
      allowed: () => allowed,
      usage: { record: (one) => void recorded.push(one) },
      patience: 1_000,
    });
  });
  afterEach(() => receiver.close());

  function send(
    body: string | Buffer,
    {
      path = '/v1/logs',
      method = 'POST',
      headers = {},
    }: { path?: string; method?: string; headers?: Record<string, string | undefined> } = {},
  ): Promise<Answer> {
    const all = { 'content-type': 'application/json', [SECRET_HEADER]: SECRET, ...headers };
    return new Promise((resolve, reject) => {
      const sent = httpRequest({
        host: '127.0.0.1',
        port: receiver.port,
        path,
        method,
        agent: false,
        headers: Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      });
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const call = (input: number, time = 0): string =>
    JSON.stringify(
      logs('gemini-cli', [{ name: 'gemini_cli.api_response', attributes: { input_token_count: input }, time: 1_700_000_000_000 + time }]),
    );

  for (const encoding of ['json', 'protobuf'] as const) {
    it(`takes what the official exporters send in ${encoding}, packed and not, in delta and cumulative`, async () => {
      const base = `http://127.0.0.1:${receiver.port}`;
      const clients = [
        otelClient({ base, encoding, service: 'claude-code', headers: { [SECRET_HEADER]: SECRET } }),
        otelClient({ base, encoding, service: 'codex_cli_rs', headers: { [SECRET_HEADER]: SECRET }, gzip: true }),
        otelClient({ base: `${base}/${SECRET}`, encoding, service: 'gemini-cli', temporality: 'cumulative' }),
        otelClient({ base: `${base}/${SECRET}`, encoding, service: 'copilot-chat', temporality: 'cumulative' }),
      ] as const;
      const [claude, codex, gemini, copilot] = clients;
      try {
        claude.counter('claude_code.token.usage', 2_000, { type: 'input', model: 'claude-opus-5', 'session.id': 'x' });
        claude.counter('claude_code.token.usage', 30, { type: 'output', model: 'claude-opus-5', 'session.id': 'x' });
        claude.counter('claude_code.cost.usage', 0.5, { model: 'claude-opus-5' });
        codex.log('codex.sse_event', { 'event.kind': 'response.completed', model: 'gpt-5', input_token_count: 700, output_token_count: 7 });
        gemini.histogram('gen_ai.client.token.usage', 40, { 'gen_ai.token.type': 'input', 'gen_ai.request.model': 'gemini-3-pro' });
        copilot.span('chat gpt-4o', { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 9 });
        for (const client of clients) await client.flush();
        gemini.histogram('gen_ai.client.token.usage', 2, { 'gen_ai.token.type': 'input', 'gen_ai.request.model': 'gemini-3-pro' });
        await gemini.flush();
      } finally {
        for (const client of clients) await client.close();
      }
      const told = recorded.map(({ source, model, inputTokens, outputTokens, cost }) => [
        source,
        model,
        inputTokens,
        outputTokens,
        cost?.amount,
      ]);
      // Records and spans leave at once, metrics when they are collected.
      assert.deepEqual(told.toSorted(), [
        ['claude-code', 'claude', 2_000, 30, 0.5],
        ['codex', 'gpt', 700, 7, undefined],
        ['copilot', 'gpt', 9, undefined, undefined],
        ['gemini-cli', 'gemini', 2, undefined, undefined],
        ['gemini-cli', 'gemini', 40, undefined, undefined],
      ]);
    });
  }

  it('answers as OTLP says, and only who knows the secret', async () => {
    assert.deepEqual(await send(call(1)).then(({ status, body }) => [status, body]), [200, '{}']);
    assert.equal((await send(call(2), { path: `/${SECRET}/v1/logs`, headers: { [SECRET_HEADER]: undefined } })).status, 200);
    const partial = await send(
      JSON.stringify(metrics('x', { 'claude_code.token.usage': [{ value: -1, attributes: { type: 'input' } }] })),
      {
        path: '/v1/metrics',
      },
    );
    assert.equal(partial.status, 200);
    assert.equal((JSON.parse(partial.body) as { partialSuccess: { rejectedDataPoints: string } }).partialSuccess.rejectedDataPoints, '1');
    const refused: [number, Parameters<typeof send>][] = [
      [401, [call(3), { headers: { [SECRET_HEADER]: undefined } }]],
      [401, [call(3), { headers: { [SECRET_HEADER]: 'wrong' } }]],
      [401, [call(3), { headers: { [SECRET_HEADER]: SECRET.slice(0, -1) } }]],
      [401, [call(3), { path: '/wrong/v1/logs', headers: { [SECRET_HEADER]: undefined } }]],
      [403, [call(3), { headers: { origin: 'https://example.com' } }]],
      [403, [call(3), { headers: { origin: 'null' } }]],
      [403, [call(3), { headers: { host: `evil.example:${receiver.port}` } }]],
      [404, [call(3), { path: '/v1/profiles' }]],
      [405, ['', { method: 'GET' }]],
      [415, [call(3), { headers: { 'content-type': 'text/plain' } }]],
      [415, [call(3), { headers: { 'content-encoding': 'br' } }]],
      [400, ['{"resourceLogs":', {}]],
      [400, ['[]', {}]],
      [400, [Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]), { headers: { 'content-type': 'application/x-protobuf' } }]],
      [400, [Buffer.from('not gzip'), { headers: { 'content-encoding': 'gzip' } }]],
      [400, ['['.repeat(100_000), {}]],
    ];
    for (const [status, parameters] of refused) {
      const answer = await send(...parameters);
      assert.equal(answer.status, status, JSON.stringify(parameters).slice(0, 200));
      assert.ok(!answer.body.includes('resourceLogs') && !answer.body.includes(SECRET));
    }
    allowed = false;
    assert.equal((await send(call(3))).status, 403);
    assert.deepEqual(
      recorded.map(({ inputTokens }) => inputTokens),
      [1, 2],
    );
  });

  it('takes nothing that is too large, before or after it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(LARGEST_BODY + 1, ' '));
    assert.ok(bomb.length < 100_000);
    assert.equal((await send(bomb, { headers: { 'content-encoding': 'gzip' } })).status, 413);
    assert.equal((await send('{', { headers: { 'content-length': String(LARGEST_BODY + 1) } })).status, 413);
    const many = JSON.stringify(
      logs(
        'gemini-cli',
        Array.from({ length: 1_500 }, (_, at) => ({
          name: 'gemini_cli.api_response',
          attributes: { input_token_count: 1 },
          time: 1_700_000_000_000 + at,
        })),
      ),
    );
    const answer = await send(many);
    assert.match(answer.body, /"rejectedLogRecords":"500"/);
    assert.equal(recorded.length, 1_000);
  });

  it('lets go of who says nothing more, and goes on', async () => {
    const slow = connect(receiver.port, '127.0.0.1');
    await once(slow, 'connect');
    slow.write(`POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:${receiver.port}\r\n${SECRET_HEADER}: ${SECRET}\r\n`);
    slow.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    assert.equal((await send(call(5))).status, 200);
    slow.resume();
    slow.on('error', () => undefined);
    await once(slow, 'close');
    assert.equal((await send(call(6, 1))).status, 200);
  });

  it('survives what is random, and what is nearly right', async () => {
    const good = JSON.stringify(
      metrics('claude-code', { 'claude_code.token.usage': [{ value: 5, attributes: { type: 'input', model: 'claude' } }] }),
    );
    const nearly = fc
      .tuple(fc.nat(good.length), fc.nat(20), fc.string({ maxLength: 20 }))
      .map(([at, length, text]) => Buffer.from(good.slice(0, at) + text + good.slice(at + length)));
    const random = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(nearly, random),
        fc.constantFrom(...OTLP_SIGNALS),
        fc.constantFrom('application/json', 'application/x-protobuf'),
        fc.boolean(),
        async (body, signal, type, packed) => {
          const headers = { 'content-type': type, ...(packed ? { 'content-encoding': 'gzip' } : {}) };
          const { status } = await send(packed ? gzipSync(body) : body, { path: `/v1/${signal}`, headers });
          assert.ok(status === 200 || status === 400, String(status));
        },
      ),
      { numRuns: 300 },
    );
    for (const { source } of recorded) assert.notEqual(source, undefined);
  });

  it('walks into no message deeper than the schema, and through no more than an exporter sends', () => {
    // A resource in a resource in a resource …, and a group in a group, which nobody sends.
    let nested = Buffer.alloc(0);
    while (nested.length < 200_000) {
      const length: number[] = [];
      for (let rest = nested.length; ; rest >>>= 7) {
        length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        if (rest <= 0x7f) break;
      }
      nested = Buffer.concat([Buffer.from([0x0a, ...length]), nested]);
      if (nested.length > 4_000) nested = Buffer.concat([nested, Buffer.alloc(8_000, 0x0a)]);
    }
    for (const bytes of [nested, Buffer.alloc(500_000, 0x0b), Buffer.alloc(2_000_000, Buffer.from([0x0a, 0x00]))]) {
      for (const signal of OTLP_SIGNALS) {
        try {
          decodeOtlp(signal, bytes);
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }
    }
    assert.throws(() => decodeOtlp('logs', Buffer.alloc(2_000_000, Buffer.from([0x0a, 0x00]))), RangeError);
  });
});
