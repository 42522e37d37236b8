import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statusText } from '../../src/cli/text/usage.ts';
import { failureOf } from '../../src/core/errors.ts';
import { systemClock } from '../../src/node/clock.ts';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { createConnectionStore, type ConnectionStore } from '../../src/node/usage/connectionStore.ts';
import { openReceiver } from '../../src/node/usage/openReceiver.ts';
import { PROOF_HEADER, proofOf, whoListens } from '../../src/node/usage/whoListens.ts';

describe('who listens for assistants', () => {
  let home: string;
  let connections: ConnectionStore;
  const servers: Server[] = [];

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'handrail-home-'));
    await createTelemetryStore({ home, env: {} }).turnOn();
    connections = createConnectionStore({ home, env: {} });
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    rmSync(home, { recursive: true, force: true });
  });

  /** Another program, which may know the secret because assistants sent it. */
  async function other(answer: (asked: string) => Record<string, string>): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${JSON.stringify(request.headers)}`);
      response.writeHead(204, { ...answer(request.url ?? ''), connection: 'close' }).end();
    });
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, asked };
  }

  const open = (port: number, onForeign?: (port: number) => void): ReturnType<typeof openReceiver> =>
    openReceiver({ home, env: {}, clock: systemClock, port, ...(onForeign === undefined ? {} : { onForeign }) });

  it('is known where it is ours, and when nobody does', async () => {
    await connections.connect('claude-code', connections.prepare());
    const receiver = await open(0);
    assert.equal(await whoListens(receiver.port, connections.proofKey()), 'handrail');
    assert.equal(await whoListens(receiver.port, undefined), 'other');
    const foreign: number[] = [];
    await assert.rejects(
      open(receiver.port, (port) => void foreign.push(port)),
      (error) => failureOf(error)?.reason === 'conflict',
    );
    assert.deepEqual(foreign, [], 'another window is nothing to warn of');
    await receiver.close();
    assert.equal(await whoListens(receiver.port, connections.proofKey()), 'nobody');
  });

  it('is said where another program has the port, which is told no secret and cannot pretend', async () => {
    const endpoint = connections.prepare();
    await connections.connect('claude-code', endpoint);
    const held = await other((asked) => ({
      [PROOF_HEADER]: proofOf(Buffer.from(endpoint.secret), asked.split('nonce=')[1] ?? ''),
    }));
    const foreign: number[] = [];
    await assert.rejects(
      open(held.port, (port) => void foreign.push(port)),
      (error) => failureOf(error)?.reason === 'conflict' && /gets what connected assistants send/.test(String(error)),
    );
    assert.deepEqual(foreign, [held.port]);
    const key = connections.proofKey();
    assert.equal(await whoListens(held.port, key), 'other');
    const told = held.asked.join('\n');
    assert.ok(held.asked.length === 2 && !told.includes(endpoint.secret) && !told.includes(key?.toString('base64url') ?? '?'));
    const text = statusText({ connected: ['claude-code'], leftovers: [], listening: { port: held.port, listener: 'other' } });
    assert.match(text, /Another program has port \d+ and gets what they send.*usage disconnect/);
  });

  it('keeps its key with the connection', async () => {
    await connections.connect('claude-code', connections.prepare());
    const key = connections.proofKey();
    assert.equal(key?.length, 32);
    const proof = join(home, 'telemetry', 'assistants', 'proof');
    assert.equal(statSync(proof).mode & 0o777, 0o600);
    rmSync(proof);
    const made = await Promise.all(Array.from({ length: 8 }, () => createConnectionStore({ home, env: {} }).ensureProofKey()));
    assert.equal(new Set(made.map(String)).size, 1, 'windows that begin at once agree');
    writeFileSync(proof, 'damaged');
    assert.deepEqual(await connections.ensureProofKey(), connections.proofKey());
    assert.deepEqual(connections.connected(), ['claude-code']);
    await connections.disconnect('claude-code');
    assert.equal(connections.proofKey(), undefined);
  });
});
