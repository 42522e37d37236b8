import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { build } from 'esbuild';
import { createTelemetryStore, type TelemetryStore } from '../../src/node/telemetry/consentStore.ts';

const KILLS = 100;
const AT_ONCE = 4;

/** A recording process; see test/support/telemetryWriter.ts. */
interface Writer {
  child: ChildProcess & { pid: number };
  /** The next line it says. */
  next(): Promise<string>;
  /** Sends a line and returns the answer. */
  ask(): Promise<string>;
}

describe('several processes that record', function () {
  this.timeout(300_000);
  let place: string;
  let script: string;
  const children = new Set<ChildProcess>();

  before(async () => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'handrail telemetry-')));
    script = join(place, 'writer.cjs');
    // Bundled once: a hundred processes start in a third of the time.
    await build({
      entryPoints: [join(import.meta.dirname, '../support/telemetryWriter.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  after(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

  function newHome(): { home: string; store: TelemetryStore } {
    const home = mkdtempSync(join(place, 'home-'));
    return { home, store: createTelemetryStore({ home, env: {} }) };
  }

  function launch(command: string, args: string[]): ChildProcess & { pid: number } {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.add(child);
    assert.ok(child.pid !== undefined, `${command} did not start`);
    return child as ChildProcess & { pid: number };
  }

  async function writer(args: string[], [command, ...before]: [string, ...string[]] = [process.execPath]): Promise<Writer> {
    const child = launch(command, [...before, script, ...args]);
    const lines: Interface = createInterface({ input: child.stdout ?? assert.fail() });
    const queue = lines[Symbol.asyncIterator]();
    const next = async (): Promise<string> => {
      const { value, done } = await queue.next();
      assert.ok(done !== true, 'the writer ended');
      return value;
    };
    assert.equal(await next(), 'ready');
    return {
      child,
      next,
      ask: () => {
        child.stdin?.write('\n');
        return next();
      },
    };
  }

  /** What the files of this home that the process has open hold. */
  function openContent({ child }: Writer, home: string): string[] {
    const folder = `/proc/${child.pid}/fd`;
    return readdirSync(folder).flatMap((fd) => {
      const path = join(folder, fd);
      return readlinkSync(path).startsWith(home) ? [readFileSync(path, 'utf8')] : [];
    });
  }

  it('lose nothing: 8 processes, 5,000 events each', async () => {
    const { home, store } = newHome();
    await store.turnOn();
    const writers = await Promise.all(Array.from({ length: 8 }, () => writer([home, 'burst', '5000'])));
    assert.deepEqual(await Promise.all(writers.map((one) => one.ask())), Array(8).fill('done 0'));
    const { events, torn, foreign } = store.events();
    assert.deepEqual({ events: events.length, torn, foreign }, { events: 40_000, torn: 0, foreign: 0 });
  });

  it(`lose no acknowledged event in ${KILLS} kills in the middle`, async () => {
    let acknowledgedInAll = 0;
    const one = async (index: number): Promise<void> => {
      const { home, store } = newHome();
      await store.turnOn();
      const child = launch(process.execPath, [script, home, 'acknowledge']);
      let acknowledged = -1; // The line that says it has begun.
      const enough = 1 + ((index * 37) % 400);
      child.stdout?.on('data', (chunk: Buffer) => {
        acknowledged += chunk.length;
        if (acknowledged >= enough) child.kill('SIGKILL');
      });
      assert.deepEqual(await once(child, 'close'), [null, 'SIGKILL']);
      const { events, torn, foreign } = store.events();
      // Those of one flush may have been written, or a part of them, and not yet been acknowledged.
      assert.ok(events.length >= acknowledged && events.length <= acknowledged + 3, `${events.length} of ${acknowledged}`);
      assert.ok(torn <= 1);
      assert.equal(foreign, 0);
      acknowledgedInAll += acknowledged;
      rmSync(home, { recursive: true });
    };
    const indices = Array.from({ length: KILLS }, (_, index) => index).values();
    const worker = async (): Promise<void> => {
      for (const index of indices) await one(index);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    assert.ok(acknowledgedInAll > KILLS);
  });

  for (const [way, code] of Object.entries({ return: 0, exit: 3, throw: 1 })) {
    it(`lose nothing when they end by ${way} before the turn is over`, async () => {
      const { home, store } = newHome();
      await store.turnOn();
      const { status, stderr } = spawnSync(process.execPath, [script, home, 'end', way], { encoding: 'utf8' });
      assert.equal(status, code, stderr);
      assert.equal(store.events().events.length, 3);
    });
  }

  it('end together, at once, when one of them turns it off or the editor forbids it', async () => {
    const { home, store } = newHome();
    await store.turnOn();
    const writers = await Promise.all([writer([home, 'each']), writer([home, 'each'])]);
    const count = async (): Promise<number> => {
      for (const one of writers) assert.equal(await one.ask(), '0');
      return store.events().events.length;
    };
    assert.equal(await count(), 2);
    await store.setVeto(true);
    assert.equal(await count(), 2);
    await store.setVeto(false);
    assert.equal(await count(), 4);
    await store.turnOff();
    assert.equal(await count(), 4);
    await store.turnOn();
    assert.equal(await count(), 6);
  });

  it('leave nothing when everything is deleted under the descriptors of two of them', async function () {
    if (process.platform !== 'linux') this.skip();
    const { home, store } = newHome();
    await store.turnOn();
    const writers = await Promise.all([writer([home, 'each']), writer([home, 'each'])]);
    for (const one of writers) await one.ask();
    for (const one of writers) assert.ok(openContent(one, home).some((text) => text.includes('"operation":"review"')));
    store.deleteEverything();
    assert.deepEqual(readdirSync(home), []);
    // They did not look yet, and still hold what they had open: empty, or the consent, which names the fields and holds no event.
    for (const one of writers)
      assert.ok(openContent(one, home).every((text) => text === '' || (JSON.parse(text) as { recording?: boolean }).recording === true));
    for (const one of writers) await one.ask();
    for (const one of writers) assert.deepEqual(openContent(one, home), []);
    assert.deepEqual(readdirSync(home), []);
  });

  it('leave nothing when everything is deleted while they write, again and again', async function () {
    if (process.platform !== 'linux') this.skip();
    const { home, store } = newHome();
    const writers = await Promise.all([writer([home, 'stream']), writer([home, 'stream'])]);
    for (let round = 0; round < 25; round += 1) {
      await store.turnOn();
      for (const one of writers) await one.ask();
      store.deleteEverything();
      // One more turn of each, in which it may have finished what it was at.
      for (const one of writers) await one.ask();
      for (const one of writers) assert.deepEqual(openContent(one, home), [], `round ${round}`);
      assert.deepEqual(readdirSync(home), [], `round ${round}`);
    }
  });

  const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

  it('drop and count what does not fit any more, and go on when there is room again', async function () {
    if (!canLimit) this.skip();
    const { home, store } = newHome();
    await store.turnOn();
    const limited = await writer([home, 'each'], ['prlimit', '--fsize=8192:', process.execPath]);
    const answers: number[] = [];
    while ((answers.at(-1) ?? 0) < 5) answers.push(Number(await limited.ask()));
    const kept = answers.filter((dropped) => dropped === 0).length;
    assert.ok(kept > 10);
    assert.deepEqual(store.events(), { events: store.events().events, torn: 0, foreign: 0 });
    assert.equal(store.events().events.length, kept);
    assert.equal(spawnSync('prlimit', ['--pid', String(limited.child.pid), '--fsize=unlimited']).status, 0);
    assert.equal(await limited.ask(), '5');
    assert.equal(store.events().events.length, kept + 1);
    assert.equal(store.events().torn, 0);
  });

  it('keep the whole events of a flush that does not fit any more, and count the others', async function () {
    if (!canLimit) this.skip();
    const { home, store } = newHome();
    await store.turnOn();
    const limited = await writer([home, 'burst', '100'], ['prlimit', '--fsize=8192:', process.execPath]);
    const dropped = Number((await limited.ask()).replace('done ', ''));
    const { events, torn } = store.events();
    assert.ok(dropped > 0 && events.length > 10);
    assert.deepEqual({ sum: events.length + dropped, torn }, { sum: 100, torn: 0 });
    assert.equal(await limited.ask(), `done ${dropped + 100}`);
    assert.deepEqual({ now: store.events().events.length, torn: store.events().torn }, { now: events.length, torn: 0 });
  });

  it('make no empty files where nothing can be written at all', async function () {
    if (!canLimit) this.skip();
    const { home, store } = newHome();
    await store.turnOn();
    const limited = await writer([home, 'each'], ['prlimit', '--fsize=0:', process.execPath]);
    for (let i = 1; i <= 3; i += 1) assert.equal(await limited.ask(), String(i));
    assert.deepEqual(readdirSync(join(home, 'telemetry/events')), []);
    assert.ok(statSync(join(home, 'telemetry/consent.json')).size > 0);
  });
});
