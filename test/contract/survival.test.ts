import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TelemetryEvent } from '../../src/core/telemetry/catalogue.ts';
import type { Observation } from '../../src/core/telemetry/observation.ts';
import type { SurvivalPort } from '../../src/core/telemetry/recorded.ts';
import { createTelemetryStore, type TelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { survivalIn } from '../../src/node/telemetry/survivalIn.ts';
import { createCliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer } from '../support/modelServer.ts';

const DAY = 24 * 3600 * 1000;
const START = Date.parse('2026-11-02T10:00:00Z');
const BEFORE = 'export const a = 1;\n';
const ADDED = ['export const second = 2;', 'export const third = 3;', 'export const fourth = 4;', 'export const fifth = 5;'];
const AFTER = `${BEFORE}${ADDED.join('\n')}\n`;
const PATH = 'src/canaryPath.ts';

describe('what is left of an accepted proposal', function () {
  this.timeout(120_000);
  let home: string;
  let repo: TestRepo;
  let now: number;
  let store: TelemetryStore;
  let seen: Observation[];
  let survival: SurvivalPort;
  const clock = { now: () => now };

  beforeEach(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'handrail survival-')));
    repo = createTestRepo({ files: { [PATH]: BEFORE, 'README.md': '# Test\n' }, branch: 'feat/canaryBranch' });
    now = START;
    seen = [];
    store = createTelemetryStore({ home, env: {}, clock });
    survival = inThisProcess();
    await store.turnOn();
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    repo.remove();
  });

  const inThisProcess = (): SurvivalPort =>
    survivalIn(repo.root, { home, env: {}, clock, usage: { record: (observation) => void seen.push(observation) } });
  const accept = async (): Promise<void> => {
    repo.write({ [PATH]: AFTER });
    await survival.remember({
      changes: [{ file: PATH, before: BEFORE, after: AFTER }],
      provider: 'openai',
      model: 'gpt-5-mini',
    });
  };
  const kept = (): string[] => files(join(home, 'telemetry', 'accepted'));
  const files = (folder: string): string[] =>
    existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')) : [];
  const measured = async (): Promise<(number | undefined)[]> => {
    await survival.measure();
    return seen.map((observation) => observation.survival);
  };

  it('is measured once, a week later, and never before', async () => {
    await accept();
    assert.equal(kept().length, 1);
    now = START + 6 * DAY;
    assert.deepEqual(await measured(), []);
    assert.equal(kept().length, 1);
    now = START + 8 * DAY;
    assert.deepEqual(await measured(), [1]);
    assert.deepEqual(seen, [{ operation: 'generate', outcome: 'measured', survival: 1, provider: 'openai', model: 'gpt' }]);
    assert.deepEqual(kept(), []);
    assert.deepEqual(await measured(), [1], 'not again');
  });

  it('is the part of the lines that is there, wherever in the file, however indented', async () => {
    await accept();
    repo.write({ [PATH]: `// new\n\t${ADDED[2]}\n${ADDED[0]}\n${BEFORE}` });
    now = START + 8 * DAY;
    assert.deepEqual(await measured(), [0.5]);
  });

  it('is followed through a rename, and nothing where the file is deleted', async () => {
    await accept();
    repo.commit('Add');
    repo.git('mv', PATH, 'src/moved.ts');
    repo.git('-c', 'user.name=A', 'commit', '--quiet', '-m', 'Move', '--date', '2026-11-05T00:00:00Z');
    now = START + 8 * DAY;
    // The commit's own time is of the test's git environment, before the acceptance: so it counts as deleted.
    assert.deepEqual(await measured(), [0]);
    seen = [];
    now = Date.parse('2026-01-01T00:00:00Z');
    await survival.remember({ changes: [{ file: PATH, before: BEFORE, after: AFTER }] });
    now += 8 * DAY;
    assert.deepEqual(await measured(), [1], 'renamed after the acceptance');
  });

  it('is looked for on its own branch while that lies aside', async () => {
    await accept();
    repo.commit('Add');
    repo.git('switch', '--quiet', 'main');
    now = START + 8 * DAY;
    assert.deepEqual(await measured(), [1]);
  });

  it('counts what is there once the branch is merged and gone', async () => {
    await accept();
    repo.commit('Add');
    repo.git('switch', '--quiet', 'main');
    repo.git('merge', '--quiet', '--squash', 'feat/canaryBranch');
    repo.git('branch', '-D', 'feat/canaryBranch');
    now = START + 8 * DAY;
    assert.deepEqual(await measured(), [1]);
  });

  it('keeps nothing that could be read, and forgets after four weeks', async () => {
    await accept();
    const [name = ''] = kept();
    const text = readFileSync(join(home, 'telemetry', 'accepted', name), 'utf8');
    assert.doesNotMatch(`${name}${text}`, /canary|second|fourth|src|feat|gpt-5/i);
    // Two days have to say so.
    for (const days of [29, 30]) {
      now = START + days * DAY;
      store.expire();
      assert.equal(kept().length, 30 - days);
    }
    assert.deepEqual(files(join(home, 'telemetry', 'accepted')), []);
    assert.ok(!existsSync(join(home, 'telemetry', 'accepted')));
    assert.deepEqual(await measured(), []);
  });

  for (const [what, end] of Object.entries<(at: TelemetryStore) => Promise<unknown> | void>({
    'turned off': (at) => at.turnOff(),
    'deleted, with everything': (at) => at.deleteEverything(),
    "forbidden by the editor's level": (at) => at.setVeto(true),
  })) {
    it(`is gone at once when telemetry is ${what}, and nothing comes back`, async () => {
      await accept();
      await end(store);
      assert.deepEqual(kept(), []);
      await accept();
      assert.deepEqual(kept(), []);
      now = START + 8 * DAY;
      assert.deepEqual(await measured(), []);
    });
  }

  it('is not even looked at while telemetry was never on', async () => {
    store.deleteEverything();
    await accept();
    await survival.measure();
    assert.ok(!existsSync(join(home, 'telemetry')));
  });

  it('is handed to one of several that ask at the same time', async () => {
    await accept();
    now = START + 8 * DAY;
    await Promise.all([survival, ...Array.from({ length: 5 }, inThisProcess)].map((one) => one.measure()));
    assert.equal(seen.length, 1);
  });

  it('is recorded by the command line: one event, of two processes at once, with a range and nothing else', async () => {
    const cli = createCliRunner();
    const server = await startModelServer({ replies: [{ text: 'Nothing to do.' }] });
    try {
      const own = createTelemetryStore({ home: cli.home, env: {}, clock });
      await own.turnOn();
      const run = async (date: string, ...args: string[]): Promise<void> => {
        const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'gpt-5-mini', HANDRAIL_NOW: date };
        const child = cli.start(['generate', '--instruction', 'x', ...args], { cwd: repo.root, env });
        child.stdout?.resume();
        await once(child, 'close');
      };
      const block = `src/made.ts\n<<<<<<< SEARCH\n=======\n${ADDED.join('\n')}\n>>>>>>> REPLACE\n`;
      server.setScript({ replies: [{ text: block }] });
      await run('2026-11-02', '--apply');
      assert.ok(existsSync(join(repo.root, 'src/made.ts')));
      repo.write({ 'src/made.ts': `${ADDED[0]}\n` });
      server.setScript({ replies: [{ text: 'Nothing to do.' }] });
      await Promise.all([run('2026-11-10'), run('2026-11-10')]);
      now = Date.parse('2026-11-10T12:00:00Z');
      const events = own.events().events.filter(({ outcome }) => outcome === 'measured');
      const expected: TelemetryEvent = {
        schema: 1,
        day: '2026-11-10',
        operation: 'generate',
        outcome: 'measured',
        source: 'handrail',
        provider: 'openai',
        modelFamily: 'gpt',
        survivalBucket: 'some',
      };
      assert.deepEqual(events, [expected]);
    } finally {
      await server.close();
      cli.remove();
    }
  });
});
