import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { createConnecting, type Connecting } from '../../src/node/usage/connecting.ts';
import { createConnectionStore, type ConnectionStore } from '../../src/node/usage/connectionStore.ts';

describe('connecting an assistant', () => {
  let home: string;
  let text: string | undefined;
  let refuses: boolean;
  let connections: ConnectionStore;
  let connecting: Connecting;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'handrail-home-'));
    text = undefined;
    refuses = false;
    await createTelemetryStore({ home, env: {} }).turnOn();
    connections = createConnectionStore({ home, env: {} });
    const settings = {
      place: 'there',
      found: () => true,
      read: async () => text,
      async write(after: string | undefined) {
        if (refuses) throw new Error('read-only');
        text = after;
      },
    };
    connecting = createConnecting({ home, connections, env: {}, settings: () => settings });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const memory = (assistant: string): string => join(home, 'state', 'connected', `${assistant}.json`);

  it('leaves nothing behind when its settings cannot be written', async () => {
    refuses = true;
    const plan = await connecting.planConnect('claude-code');
    await assert.rejects(connecting.apply(plan), /read-only/);
    assert.deepEqual(connections.connected(), []);
    assert.equal(existsSync(join(home, 'telemetry', 'assistants')), false);
    assert.equal(existsSync(memory('claude-code')), false);
    refuses = false;
    await connecting.apply(await connecting.planConnect('claude-code'));
    assert.deepEqual(connections.connected(), ['claude-code']);
    assert.equal(connections.since('claude-code') === undefined, false);
  });

  it('keeps an earlier connection, and what it added, when it cannot be renewed', async () => {
    await connecting.apply(await connecting.planConnect('claude-code'));
    const connected = text ?? '';
    text = connected.replace('"OTEL_METRICS_EXPORTER": "otlp",', '');
    refuses = true;
    await assert.rejects(connecting.apply(await connecting.planConnect('claude-code')), /read-only/);
    assert.deepEqual(connections.connected(), ['claude-code']);
    refuses = false;
    await connecting.apply(await connecting.planDisconnect('claude-code'));
    assert.equal(text, undefined, 'all of it was ours');
  });
});
