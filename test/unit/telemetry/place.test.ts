import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAcceptedNotes } from '../../../src/node/telemetry/acceptedNotes.ts';
import { createTelemetryStore } from '../../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../../src/node/telemetry/paths.ts';
import { createRecorder } from '../../../src/node/telemetry/recorder.ts';
import { createConnectionStore } from '../../../src/node/usage/connectionStore.ts';
import { openReceiver } from '../../../src/node/usage/openReceiver.ts';

const NOW = Date.UTC(2026, 10, 22, 13, 14, 15);
const DAY = '2026-11-22';
const clock = { now: () => NOW };
const env = {};
const somebodyElse = 4321;

describe('where a consent lies', () => {
  let folder: string;
  let own: string;
  let workspace: string;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail place-')));
    own = join(folder, 'own');
    workspace = join(folder, 'workspace');
    mkdirSync(workspace);
    await createTelemetryStore({ home: own, env, clock }).turnOn();
    const connections = createConnectionStore({ home: own, env, clock });
    await connections.connect('codex', connections.prepare());
    mkdirSync(telemetryPaths(own).sharing);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** Everything that a consent allows, tried; returns what the store says of it. */
  async function tried(home: string, roots: readonly string[] = []) {
    const paths = telemetryPaths(home);
    const recorder = createRecorder({ home, env, clock, roots: () => roots });
    recorder.record({ operation: 'review', outcome: 'completed' });
    recorder.close();
    const notes = createAcceptedNotes({ home, env, clock });
    const changes = [{ file: 'a.ts', before: '', after: 'const somethingLongEnough = 1;\n' }];
    notes.remember(roots[0] ?? join(folder, 'elsewhere'), { changes, branch: null });
    const receives = async (): Promise<boolean> => {
      const receiver = await openReceiver({ home, env, clock, port: 0, roots: () => roots }).catch(() => undefined);
      await receiver?.close();
      return receiver !== undefined;
    };
    return {
      recorded: existsSync(paths.events),
      noted: existsSync(paths.accepted),
      received: await receives(),
      connected: createConnectionStore({ home, env, clock, roots: () => roots }).connected(),
      state: createTelemetryStore({ home, env, clock, roots: () => roots }).state(),
    };
  }

  const refused = (forbidden: 'workspace' | 'owner') => ({
    recorded: false,
    noted: false,
    received: false,
    connected: [],
    state: { recording: false, because: 'forbidden', forbidden, since: DAY },
  });

  it('counts in a folder of the person’s own, also while they work beside it', async () => {
    assert.deepEqual(await tried(own, [workspace]), {
      recorded: true,
      noted: true,
      received: true,
      connected: ['codex'],
      state: { recording: true, since: DAY },
    });
  });

  for (const [what, mark] of Object.entries({
    'a work tree': () => mkdirSync(join(workspace, '.git')),
    'a linked work tree': () => writeFileSync(join(workspace, '.git'), 'gitdir: elsewhere\n'),
    'a folder with a workflow': () => mkdirSync(join(workspace, '.handrail')),
  })) {
    it(`never counts in ${what}, whoever works there`, async () => {
      mark();
      const home = join(workspace, 'deep', '.hh');
      mkdirSync(join(workspace, 'deep'));
      renameSync(own, home);
      assert.deepEqual(await tried(home), refused('workspace'));
    });
  }

  it('never counts in the workspace folder, whatever that is', async () => {
    const home = join(workspace, '.hh');
    renameSync(own, home);
    assert.deepEqual(await tried(home, [workspace]), refused('workspace'));
  });

  it('never counts behind a link of the repository, nor through a link into it', async function () {
    if (process.platform === 'win32') return this.skip();
    mkdirSync(join(workspace, '.git'));
    const link = join(workspace, '.hh');
    symlinkSync(own, link);
    assert.deepEqual(await tried(link), refused('workspace'));
    rmSync(link);
    renameSync(own, link);
    symlinkSync(link, own);
    assert.deepEqual(await tried(own), refused('workspace'));
  });

  it('cannot be given in a repository, and leaves nothing there', async () => {
    mkdirSync(join(workspace, '.git'));
    const store = createTelemetryStore({ home: join(workspace, '.hh'), env, clock });
    assert.deepEqual(store.state(), { recording: false, because: 'never-on', forbidden: 'workspace' });
    await assert.rejects(store.turnOn(), { reason: 'config', message: /lies in a workspace or repository/ });
    assert.deepEqual(readdirSync(workspace), ['.git']);
  });

  for (const name of ['telemetry', 'telemetry/consent.json']) {
    it(`never counts where another user of the machine owns ${name}`, async function () {
      if (process.geteuid?.() !== 0) return this.skip();
      chownSync(join(own, name), somebodyElse, somebodyElse);
      assert.deepEqual(await tried(own), refused('owner'));
      await assert.rejects(createTelemetryStore({ home: own, env, clock }).turnOn(), { reason: 'config', message: /another user/ });
    });
  }

  it('is not given in the name of a person by an administrator in their folder', async function () {
    if (process.geteuid?.() !== 0) return this.skip();
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, somebodyElse, somebodyElse);
    const store = createTelemetryStore({ home: join(theirs, '.local', 'share', 'handrail'), env, clock });
    assert.deepEqual(store.state(), { recording: false, because: 'never-on', forbidden: 'owner' });
    await assert.rejects(store.turnOn(), { reason: 'config', message: /another user/ });
    assert.deepEqual(readdirSync(theirs), []);
  });

  it('can be ended and deleted wherever it lies', async () => {
    mkdirSync(join(workspace, '.git'));
    const home = join(workspace, '.hh');
    renameSync(own, home);
    const store = createTelemetryStore({ home, env, clock });
    await store.turnOff();
    assert.equal(existsSync(telemetryPaths(home).sharing), false);
    store.deleteEverything();
    assert.equal(existsSync(store.folder), false);
  });
});
