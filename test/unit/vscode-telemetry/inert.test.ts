import assert from 'node:assert/strict';
import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { memorySecrets } from '../../support/memorySecrets.ts';
import type { ReviewService } from '../../../src/core/ai/service.ts';
import type { Log } from '../../../src/core/ports.ts';
import type { WorkflowService } from '../../../src/core/workflow/service.ts';
import type { EnvironmentVariableCollection } from 'vscode';
import type { EditorUsage } from '../../../src/vscode/telemetry/editorUsage.ts';
import { seen } from '../../support/vscodeStub.ts';

/** What a window does for somebody who never turned telemetry on: nothing but one look for the consent at each would-be event. */

const STUB = new URL('../../support/vscodeStub.ts', import.meta.url).href;
const TELEMETRY = /\/src\/(?:core|node)\/telemetry\//;

describe('telemetry in the editor, never turned on', () => {
  const looks: string[] = [];
  const loaded: string[] = [];
  const warnings: string[] = [];
  const log: Log = { info() {}, warn: (text) => void warnings.push(text), error: (text) => void warnings.push(text) };
  const environment = { ...process.env };
  const { existsSync } = fs;
  let home: string;
  let usage: EditorUsage;
  let reviews: ReviewService;
  let workflow: WorkflowService;
  let unhook: () => void;

  before(async () => {
    const hooks = registerHooks({
      resolve(specifier, context, next) {
        if (specifier === 'vscode') return { url: STUB, shortCircuit: true };
        const found = next(specifier, context);
        loaded.push(found.url);
        return found;
      },
    });
    unhook = () => hooks.deregister();
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-inert-'));
    process.env['HANDRAIL_HOME'] = home;
    // Inherited from another window's terminal; this one knows its own level.
    process.env['HANDRAIL_EDITOR_TELEMETRY'] = 'off';
    fs.existsSync = (file) => {
      looks.push(String(file));
      return existsSync(file);
    };
    syncBuiltinESMExports();
    const [{ EditorUsage: Usage }, { notedReviews, notedWorkflow }] = await Promise.all([
      import('../../../src/vscode/telemetry/editorUsage.ts'),
      import('../../../src/vscode/telemetry/noted.ts'),
    ]);
    usage = new Usage(log, memorySecrets());
    reviews = notedReviews(fake as ReviewService, usage);
    workflow = notedWorkflow(fake as WorkflowService, usage);
  });

  after(() => {
    unhook();
    fs.existsSync = existsSync;
    syncBuiltinESMExports();
    usage.dispose();
    process.env = environment;
    fs.rmSync(home, { recursive: true, force: true });
  });

  it('looks once for the consent at each event, loads nothing, listens to nothing, and leaves nothing', async () => {
    const timers = countTimers();
    usage.begin();
    await usage.isConsentThere();
    looks.length = 0;
    const calls: [string, () => Promise<unknown>][] = [
      ['review', () => reviews.review({ scope: 'file', paths: ['a.ts'] }, { signal: new AbortController().signal, onEvent() {} })],
      ['dismiss', () => reviews.dismiss('f-1', { reason: 'intended' })],
      ['check', () => workflow.check('intent', { actor: 'human' })],
      ['settleGenerate', () => workflow.settleGenerate('tests', { model: 'm', promptDigest: 'd' }, { actor: 'human' })],
    ];
    for (const [name, call] of calls) {
      assert.equal(await call(), name, 'the service answers as it is');
      assert.deepEqual(looks.splice(0), [path.join(home, 'telemetry', 'consent.json')], name);
    }
    usage.record({ operation: 'generate', outcome: 'accepted' });
    await usage.isConsentThere();
    assert.equal(looks.splice(0).length, 2, 'the event and the question of this test');

    await workflow.status();
    await reviews.findings();
    assert.deepEqual(looks, [], 'what is no event is not even looked for');

    assert.deepEqual(
      loaded.filter((url) => TELEMETRY.test(url)),
      [],
    );
    assert.equal(seen.listeners, 0);
    assert.equal(timers.started(), 0);
    assert.deepEqual(fs.readdirSync(home), []);
    assert.deepEqual(warnings, []);
  });

  it('tells the terminals of a level that forbids recording, without a file or a listener', async () => {
    const { tellTerminals, VARIABLE } = await import('../../../src/vscode/telemetry/terminalVeto.ts');
    const { EDITOR_VETO_VARIABLE } = await import('../../../src/core/telemetry/consent.ts');
    assert.equal(VARIABLE, EDITOR_VETO_VARIABLE);
    const terminals = new Map<string, string>();
    const environment = {
      replace: (name: string, value: string) => void terminals.set(name, value),
      delete: (name: string) => void terminals.delete(name),
    } as Partial<EnvironmentVariableCollection> as EnvironmentVariableCollection;
    seen.allowed = false;
    tellTerminals(environment);
    assert.deepEqual([...terminals], [[VARIABLE, 'off']]);
    seen.allowed = true;
    tellTerminals(environment);
    assert.deepEqual([...terminals], []);
    assert.equal(seen.listeners, 0);
    assert.deepEqual(fs.readdirSync(home), []);
  });

  it('lets what was recorded before expire, and begins nothing, in a window where it was turned off', async () => {
    const folder = path.join(home, 'telemetry');
    fs.mkdirSync(path.join(folder, 'events'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'consent.json'), '{"version":1,"recording":false,"day":"2024-05-01","catalogue":"-"}\n');
    fs.writeFileSync(path.join(folder, 'events', '2024-W18-0123456789abcdef.ndjson'), '{}\n');
    // An earlier day said so already; one alone deletes nothing.
    fs.writeFileSync(path.join(folder, 'over-since'), '2024-12-01\n');
    usage.begin();
    await until(() => fs.readdirSync(path.join(folder, 'events')).length === 0);
    assert.equal(usage.isFollowed, false);
    assert.equal(seen.listeners, 0);
    fs.rmSync(folder, { recursive: true });
  });

  it('notes, once there is a consent, and lets go of everything when it is taken back', async () => {
    const { store } = await usage.load();
    assert.ok(
      loaded.some((url) => TELEMETRY.test(url)),
      'what is loaded is seen here',
    );
    await store.turnOn();
    await usage.decided();
    assert.equal(usage.isFollowed, true);
    assert.equal(seen.listeners, 3, 'the level of the editor, the setting and the folders');
    await workflow.check('intent', { actor: 'human' });
    await until(() => store.events().events.length === 1);
    assert.deepEqual(warnings, []);

    seen.allowed = false;
    usage.record({ operation: 'generate', outcome: 'accepted' });
    await usage.isConsentThere();
    store.deleteEverything();
    await usage.decided();
    assert.equal(seen.listeners, 0);
    assert.equal(usage.isFollowed, false);
    assert.deepEqual(fs.readdirSync(home), []);
  });
});

/** A service whose methods answer with their own names. */
const fake: unknown = new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : async () => name) });

/** Counts the timers that are started until it is asked. */
function countTimers(): { started(): number } {
  const { setTimeout: timeout, setInterval: interval } = globalThis;
  let started = 0;
  const counted = <F extends (...args: never[]) => unknown>(start: F): F =>
    ((...args: Parameters<F>) => {
      started += 1;
      return start(...args);
    }) as F;
  Object.assign(globalThis, { setTimeout: counted(timeout), setInterval: counted(interval) });
  return {
    started: () => {
      Object.assign(globalThis, { setTimeout: timeout, setInterval: interval });
      return started;
    },
  };
}

/** Waits for what is noted behind the caller's back. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
