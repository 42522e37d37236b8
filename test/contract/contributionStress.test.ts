import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { failureOf } from '../../src/core/errors.ts';
import { dayOf, weekOf } from '../../src/core/telemetry/week.ts';
import { Contributor } from '../../src/node/team/contributor.ts';
import { asEnvelope, open } from '../../src/node/team/envelope.ts';
import { newTeamKey, type TeamKey } from '../../src/node/team/keys.ts';
import { linkFiles, linkFirst } from '../../src/node/team/link.ts';
import { createTelemetryStore, type TelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../src/node/telemetry/paths.ts';
import { createRecorder } from '../../src/node/telemetry/recorder.ts';

const NOW = Date.UTC(2026, 10, 27);
const WEEK = 7 * 24 * 3600 * 1000;
const WEEKS = 30;
const KILLS = 12;
const clock = { now: () => NOW };
const signal = new AbortController().signal;

/** What leaves survives being killed and a disk that is full or read-only: nothing is lost, and nothing counts twice. */
describe('contributions under stress', function () {
  this.timeout(120_000);
  let place: string;
  let root: string;
  let share: string;
  let key: TeamKey;

  before(async () => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'handrail stress-')));
    [root, share] = [join(place, 'work'), join(place, 'share')];
    key = await newTeamKey();
    mkdirSync(join(root, '.handrail'), { recursive: true });
    const team = [
      'version: 1',
      'team: payments',
      'k: 5',
      'window: 52w',
      `publicKey: "${key.publicKey}"`,
      `transport: { folder: ${JSON.stringify(share)} }`,
      'counters: [review.runs]',
    ];
    writeFileSync(join(root, '.handrail/telemetry.yml'), `${team.join('\n')}\n`);
    await build({
      entryPoints: [join(import.meta.dirname, '../support/contributionSender.ts')],
      outfile: join(place, 'sender.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    });
  });
  beforeEach(() => mkdirSync(share));
  afterEach(() => rmSync(share, { recursive: true, force: true }));
  after(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

  /** Somebody who agreed, with a review in each of the last weeks. */
  async function person(home: string): Promise<{ telemetry: TelemetryStore; contributor: Contributor }> {
    const telemetry = createTelemetryStore({ home, env: {}, clock });
    await telemetry.turnOn({ days: 365 });
    const paths = telemetryPaths(home);
    await linkFirst(linkFiles(paths));
    const contributor = new Contributor({ home, root, env: {}, clock, telemetry });
    await contributor.agree({ automatic: false, assistants: false });
    mkdirSync(paths.events, { recursive: true });
    for (let back = 1; back <= WEEKS; back += 1) {
      const time = NOW - back * WEEK;
      const event = { schema: 1, day: dayOf(time), operation: 'review', outcome: 'completed', source: 'handrail', team: 'payments' };
      writeFileSync(join(paths.events, `${weekOf(time)}-${'0'.repeat(16)}.ndjson`), `${JSON.stringify(event)}\n`);
    }
    return { telemetry, contributor };
  }

  async function received(): Promise<string[]> {
    const opened = readdirSync(share)
      .filter((name) => /^[0-9a-f]{16}\.json$/.test(name))
      .map(async (name) => {
        const envelope = asEnvelope(JSON.parse(readFileSync(join(share, name), 'utf8')));
        assert.ok(envelope, name);
        const result = await open(envelope, key);
        assert.ok('contribution' in result);
        return `${result.contribution.week} ${result.contribution.revision}`;
      });
    return (await Promise.all(opened)).toSorted();
  }

  const all = Array.from({ length: WEEKS }, (_, index) => `${weekOf(NOW - (WEEKS - index) * WEEK)} 1`);

  it(`arrive once each, though ${KILLS} senders were killed on the way`, async () => {
    const home = join(place, 'killed');
    const { contributor } = await person(home);
    let killed = 0;
    for (let round = 1; round <= KILLS; round += 1) {
      const child = spawn(process.execPath, [join(place, 'sender.mjs'), home, root, String(NOW)], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      child.stdin.write('go\n');
      // Killed once some more of them have arrived, wherever it is then.
      const enough = Math.min(WEEKS, 2 * round);
      while (readdirSync(share).length < enough && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      if (child.signalCode === 'SIGKILL') killed += 1;
    }
    assert.ok(killed > KILLS / 2, `${killed} were killed in the middle`);
    assert.deepEqual((await contributor.send({ due: false, signal })).queued, []);
    assert.deepEqual(await received(), all);
    assert.deepEqual(await contributor.send({ due: false, signal }), { sent: [], queued: [] });
    assert.deepEqual(await received(), all);
  });

  it('wait, are neither lost nor torn, and leave later, where the disk is full or read-only', async function () {
    const disk = join(place, 'disk');
    mkdirSync(disk);
    const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' });
    try {
      mount('-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk);
    } catch {
      // Only an administrator has a disk to fill.
      this.skip();
    }
    try {
      const home = join(disk, 'home');
      const { telemetry, contributor } = await person(home);
      const recorder = createRecorder({ home, env: {}, clock });
      const record = (times: number): void => {
        for (let i = 0; i < times; i += 1) recorder.record({ operation: 'review', outcome: 'completed' });
        recorder.flush();
      };
      const counted = (): number => telemetry.events().events.length + recorder.dropped;
      const filler = join(disk, 'filler');
      fill(filler);

      record(500);
      assert.ok(recorder.dropped > 0);
      assert.equal(counted(), WEEKS + 500, 'each is stored or counted as dropped');
      assert.deepEqual([telemetry.events().torn, telemetry.events().foreign], [0, 0]);
      await assert.rejects(contributor.send({ due: false, signal }), (error) => failureOf(error)?.reason === 'read-only');
      await assert.rejects(contributor.agree({ automatic: true, assistants: false }), (error) => failureOf(error)?.reason === 'read-only');
      const left = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp-'));
      assert.deepEqual(left, [], 'what could not be written whole is not left behind');
      for (const entry of await received()) assert.ok(all.includes(entry), 'what left before the disk was full is whole');

      mount('-o', 'remount,ro', disk);
      const before = recorder.dropped;
      record(3);
      assert.equal(recorder.dropped, before + 3);
      assert.equal((await contributor.preview()).weeks.length, WEEKS);
      await assert.rejects(telemetry.turnOff(), (error) => failureOf(error)?.reason === 'read-only');
      mount('-o', 'remount,rw', disk);

      rmSync(filler);
      record(1);
      assert.equal(counted(), WEEKS + 504);
      assert.deepEqual((await contributor.send({ due: false, signal })).queued, []);
      assert.deepEqual(await received(), all);
      fill(filler);
      await telemetry.turnOff();
      assert.equal(telemetry.state().recording, false, 'a full disk keeps nobody from ending it');
      telemetry.deleteEverything();
      assert.deepEqual(readdirSync(home), []);
      recorder.close();
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});

/** Writes until there is no room for another byte. */
function fill(path: string): void {
  for (let size = 64 * 1024; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
}
