import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeOtlp } from '../../src/node/usage/otlpProtobuf.ts';
import { SECRET_HEADER, startReceiver } from '../../src/node/usage/receiver.ts';
import { otelClient } from '../support/otelClient.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * What the receiver takes for a message, from the first byte sent to the answer, beside parsing the same bytes alone in the same run.
 * The messages are those of the official exporters: the counters of an assistant, and of a long session what it says of 200 calls with
 * content around the figures.
 */
const ROUNDS = 60;
const SECRET = 'the-secret-of-the-benchmark';

export async function run(): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const encoding of ['json', 'protobuf'] as const) {
    const messages = await captured(encoding);
    for (const { signal, body, items } of messages) {
      const parse = (): unknown => (encoding === 'json' ? JSON.parse(body.toString('utf8')) : decodeOtlp(signal, body));
      const { value, baseline } = await compared({ signal, body, encoding, parse });
      const size = `${items} ${signal === 'logs' ? 'records' : 'points'}, ${Math.round(body.length / 1024)} KiB`;
      measured.push({ name: 'usage', metric: `${encoding}, ${size}: message answered, against parsed`, value, unit: 'ms', baseline });
    }
  }
  return measured;
}

interface Message {
  signal: 'metrics' | 'logs';
  body: Buffer;
  items: number;
}

/** The bodies that the exporters send. */
async function captured(encoding: 'json' | 'protobuf'): Promise<Message[]> {
  const bodies = new Map<string, Buffer>();
  const server = createServer((received, response) => {
    const chunks: Buffer[] = [];
    received.on('data', (chunk: Buffer) => chunks.push(chunk));
    received.on('end', () => {
      const [url, body] = [received.url ?? '', Buffer.concat(chunks)];
      if (body.length > (bodies.get(url)?.length ?? 0)) bodies.set(url, body);
      response.end(encoding === 'json' ? '{}' : '');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = otelClient({
    base,
    encoding,
    service: 'codex_cli_rs',
    identity: { 'session.id': 'x', 'user.email': 'a@example.com' },
    batch: true,
  });
  for (let at = 0; at < 40; at += 1)
    client.counter('claude_code.token.usage', at + 1, { type: at % 2 === 0 ? 'input' : 'output', model: `claude-${at}`, session: at });
  for (let at = 0; at < 200; at += 1) {
    const attributes = { 'event.kind': 'response.completed', model: 'gpt-5', input_token_count: 900, output_token_count: 8, at };
    client.log('codex.sse_event', { ...attributes, prompt: 'what a person wrote, '.repeat(50) });
  }
  await client.flush();
  await client.close();
  server.close();
  const bodyOf = (signal: string): Buffer => bodies.get(`/v1/${signal}`) ?? Buffer.alloc(0);
  return [
    { signal: 'metrics', body: bodyOf('metrics'), items: 40 },
    { signal: 'logs', body: bodyOf('logs'), items: 200 },
  ];
}

async function compared(message: {
  signal: string;
  body: Buffer;
  encoding: 'json' | 'protobuf';
  parse(): unknown;
}): Promise<{ value: number; baseline: number }> {
  const { signal, body, encoding, parse } = message;
  const receiver = await startReceiver({ port: 0, secret: SECRET, allowed: () => true, usage: { record: () => undefined } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf', [SECRET_HEADER]: SECRET };
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: receiver.port, path: `/v1/${signal}`, method: 'POST', agent, headers },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`refused with ${response.statusCode}`));
          response.resume().on('end', resolve);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const [answered, parsed]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      let started = performance.now();
      await send();
      answered.push(performance.now() - started);
      started = performance.now();
      parse();
      parsed.push(performance.now() - started);
    }
  } finally {
    agent.destroy();
    await receiver.close();
  }
  return { value: median(answered), baseline: median(parsed) };
}
