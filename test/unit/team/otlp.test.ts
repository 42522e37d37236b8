import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { ENVELOPE_SCHEMA, type Envelope } from '../../../src/node/team/envelope.ts';
import { otlpTransport } from '../../../src/node/team/transports/otlp.ts';
import { type PostServer, startPostServer } from '../../support/postServer.ts';

const ENVELOPE: Envelope = {
  schema: ENVELOPE_SCHEMA,
  team: 'payments',
  week: '2026-W46',
  keyId: '0'.repeat(16),
  enc: 'e',
  ciphertext: 'c',
};

describe('contributions by a collector', () => {
  let server: PostServer;
  const signal = new AbortController().signal;
  const refused = (reason: string) => (error: unknown) => failureOf(error)?.reason === reason;

  beforeEach(async () => {
    server = await startPostServer();
  });
  afterEach(() => server.close());

  it('are the body of a log record, and nothing goes with it', async () => {
    await otlpTransport(server.url, { signal }).deliver(ENVELOPE, 'name');
    const [first] = server.received;
    assert.equal(first?.path, '/v1/logs');
    assert.deepEqual(JSON.parse(first.body), {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: JSON.stringify(ENVELOPE) } }] }] }],
    });
    assert.deepEqual(
      Object.keys(first.headers)
        .filter((name) => !['host', 'connection', 'content-length', 'accept', 'accept-encoding'].includes(name))
        .toSorted(),
      ['accept-language', 'content-type', 'sec-fetch-mode', 'user-agent'],
    );
    assert.equal(first.headers['accept-language'], '*');
    assert.equal(await otlpTransport(server.url, { signal }).withdraw('2026-W46', 'name'), false);
  });

  for (const [why, given, reason] of [
    ['sends elsewhere', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, 'redirect'],
    ['refuses it', { status: 403 }, 'unauthorised'],
    ['is out of order', { status: 503 }, 'unreachable'],
    ['takes the request and not the record', { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1"}}' }, 'bad-response'],
  ] as const) {
    it(`were not delivered when the collector ${why}`, async () => {
      server.answer = given;
      await assert.rejects(otlpTransport(server.url, { signal }).deliver(ENVELOPE, 'name'), refused(reason));
      assert.equal(server.received.length, 1);
    });
  }

  it('were not delivered when it cannot be reached, or the person cancels', async () => {
    await assert.rejects(otlpTransport('http://127.0.0.1:1', { signal }).deliver(ENVELOPE, 'name'), refused('unreachable'));
    await assert.rejects(otlpTransport(server.url, { signal: AbortSignal.abort() }).deliver(ENVELOPE, 'name'), refused('cancelled'));
  });
});
