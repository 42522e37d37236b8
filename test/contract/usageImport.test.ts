import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { expireEvents } from '../../src/node/telemetry/eventFiles.ts';
import { telemetryPaths } from '../../src/node/telemetry/paths.ts';
import { createConnectionStore, type ConnectionStore } from '../../src/node/usage/connectionStore.ts';
import { importUsage, type ImportedUsage } from '../../src/node/usage/importUsage.ts';
import { openReceiver } from '../../src/node/usage/openReceiver.ts';

describe('importing usage', () => {
  let home: string;
  let person: string;
  let now: number;
  let connections: ConnectionStore;
  const clock = { now: () => now };

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'handrail-home-'));
    person = mkdtempSync(join(tmpdir(), 'handrail-person-'));
    now = Date.parse('2026-11-20T12:00:00Z');
    await createTelemetryStore({ home, env: {}, clock }).turnOn();
    connections = createConnectionStore({ home, env: {}, clock });
  });
  afterEach(() => {
    for (const folder of [home, person]) rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, ...calls: [id: string, day: string][]): void {
    const path = join(person, '.claude', 'projects', 'x', `${name}.jsonl`);
    mkdirSync(join(path, '..'), { recursive: true });
    const lines = calls.map(([id, day]) => ({
      type: 'assistant',
      timestamp: `${day}T10:00:00Z`,
      requestId: `req_${id}`,
      message: { id, model: 'claude-opus-5', usage: { input_tokens: 3_000, output_tokens: 5 } },
    }));
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  async function imported(): Promise<Pick<ImportedUsage, 'calls' | 'told'>> {
    const env = { HOME: person };
    const found = await importUsage({ home, env, clock, connections, dryRun: false, signal: new AbortController().signal });
    const { calls, told } = found.find(({ assistant }) => assistant === 'claude-code') ?? assert.fail();
    return { calls, told };
  }

  /** Connects, takes one report of Claude Code, and disconnects. */
  async function report(): Promise<void> {
    const endpoint = connections.prepare();
    await connections.connect('claude-code', endpoint);
    const receiver = await openReceiver({ home, env: {}, clock, port: 0 });
    const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
    const time = String(BigInt(now) * 1_000_000n);
    const point = {
      attributes: [attribute('type', 'input'), attribute('model', 'claude-opus-5')],
      startTimeUnixNano: time,
      timeUnixNano: time,
      asDouble: 700_000,
    };
    const metric = { name: 'claude_code.token.usage', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] } };
    const resource = { attributes: [attribute('service.name', 'claude-code')] };
    const answer = await fetch(`http://127.0.0.1:${receiver.port}/${endpoint.secret}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] }),
    });
    assert.equal(answer.status, 200);
    assert.equal(receiver.counts.reports, 1);
    await receiver.close();
    await connections.disconnect('claude-code');
  }

  it('counts a day that the receiver counted no second time, also after disconnecting', async () => {
    write('a', ['m1', '2026-11-20']);
    assert.deepEqual(await imported(), { calls: 1, told: 0 });
    await report();
    write('b', ['m2', '2026-11-20'], ['m3', '2026-11-19']);
    assert.deepEqual(await imported(), { calls: 1, told: 2 }, 'the day before was not told');
    const folder = telemetryPaths(home).imported;
    for (const name of readdirSync(folder)) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
      assert.equal(statSync(join(folder, name)).mtimeMs % 86_400_000, 0, `${name} tells no time of day`);
    }
  });

  it('knows a call again that is told with another day', async () => {
    write('a', ['m1', '2026-11-20']);
    assert.deepEqual(await imported(), { calls: 1, told: 0 });
    write('a', ['m1', '2026-11-19'], ['m2', '2026-11-19']);
    assert.deepEqual(await imported(), { calls: 1, told: 0 });
  });

  it('takes nothing that is there for ahead of the days that it imports', async () => {
    await report();
    write('a', ['m1', '2026-09-01'], ['m2', '2026-09-15'], ['m3', '2026-10-20']);
    assert.deepEqual(await imported(), { calls: 3, told: 0 });
    const { events } = createTelemetryStore({ home, env: {}, clock }).events();
    assert.deepEqual([...new Set(events.map(({ day }) => day))], ['2026-09-01', '2026-09-15', '2026-10-20', '2026-11-20']);
    assert.deepEqual(
      readdirSync(telemetryPaths(home).folder).filter((name) => name.endsWith('since')),
      [],
    );
  });

  it('forgets what it knows of a day when the events of that day expire', async () => {
    write('a', ['m1', '2026-11-20']);
    await imported();
    await report();
    const kept = (): string[] => readdirSync(telemetryPaths(home).imported).filter((name) => name.includes('2026'));
    assert.deepEqual(kept().toSorted(), ['claude-code-2026-11-20', 'told-claude-code-2026-11-20']);
    expireEvents(telemetryPaths(home), { now: Date.parse('2026-11-25T12:00:00Z'), days: 5 });
    assert.equal(kept().length, 2);
    // Two days have to say so.
    for (const day of [26, 27]) {
      assert.equal(kept().length, 2);
      expireEvents(telemetryPaths(home), { now: Date.parse(`2026-11-${day}T12:00:00Z`), days: 5 });
    }
    assert.deepEqual(kept(), []);
  });
});
