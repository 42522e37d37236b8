import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { createTelemetryStore, type TelemetryStore } from '../../../src/node/telemetry/consentStore.ts';
import { createRecorder, type Recorder } from '../../../src/node/telemetry/recorder.ts';
import { unprivileged } from '../../support/unprivileged.ts';

const REVIEW: Observation = { operation: 'review', outcome: 'completed' };
const START = Date.UTC(2026, 10, 22, 13, 14, 15);
const DAY = 24 * 3600 * 1000;

describe('the recorder', () => {
  let home: string;
  let now: number;
  let store: TelemetryStore;
  let recorder: Recorder;
  const clock = { now: () => now };
  const folder = (...names: string[]) => join(home, 'telemetry', ...names);
  const files = () => readdirSync(folder('events')).toSorted();
  const recorded = () => store.events().events.length;
  /** Notes an event, and ends the turn. */
  const record = (observation = REVIEW) => {
    recorder.record(observation);
    recorder.flush();
  };
  /** Files of ours that this process has open. */
  const open = () =>
    readdirSync('/proc/self/fd')
      .map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      })
      .filter((target) => target.startsWith(home));

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'handrail telemetry-')));
    now = START;
    store = createTelemetryStore({ home, env: {}, clock });
    recorder = createRecorder({ home, env: {}, clock });
  });
  afterEach(() => {
    recorder.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('does nothing at all while telemetry is off', () => {
    const before = process.getActiveResourcesInfo().toSorted();
    for (let i = 0; i < 100; i += 1) recorder.record(REVIEW);
    assert.deepEqual(readdirSync(home), []);
    assert.deepEqual(process.getActiveResourcesInfo().toSorted(), before);
    assert.equal(recorder.dropped, 0);
    if (process.platform === 'linux') assert.deepEqual(open(), []);
  });

  it('lets what was recorded expire also after it was turned off, or while something forbids it', async () => {
    for (const end of ['off', 'level', 'environment'] as const) {
      now = START;
      await store.turnOn({ days: 7 });
      record();
      recorder.close();
      if (end === 'off') assert.deepEqual(await store.turnOff(), { kept: true });
      const env = end === 'environment' ? { DO_NOT_TRACK: '1' } : {};
      // One day may be a wrong one, so a second has to say that they are over.
      for (const [days, left] of [
        [30, 1],
        [31, 0],
      ] as const) {
        now = START + days * DAY;
        createRecorder({ home, env, clock, allowed: () => end !== 'level' }).record(REVIEW);
        assert.equal(files().length, left, end);
      }
    }
  });

  it('is turned off by a clock that is wrong, with the decision still there by which the rest expires', async () => {
    await store.turnOn({ days: 7 });
    record();
    recorder.close();
    now = 0;
    assert.deepEqual(await store.turnOff(), { kept: true });
    assert.deepEqual(store.state(), { recording: false, because: 'off', since: '2026-11-22' });
    for (const days of [30, 31]) {
      now = START + days * DAY;
      record();
      // Off, a process looks once a day; each of these is one of its own.
      recorder.close();
    }
    assert.deepEqual(files(), []);
  });

  it('is turned off where no file can be added, in place and not through a link', async function () {
    const could = await unprivileged(home, turnedOff);
    if (!could) this.skip();
  });

  async function turnedOff(): Promise<void> {
    await store.turnOn();
    record();
    const consent = folder('consent.json');
    const elsewhere = join(home, 'elsewhere.json');
    for (const isLink of [false, true]) {
      await store.turnOn();
      const text = readFileSync(consent, 'utf8');
      writeFileSync(elsewhere, text);
      if (isLink) {
        rmSync(consent);
        symlinkSync(elsewhere, consent);
      }
      chmodSync(folder(), 0o500);
      try {
        const off = store.turnOff();
        if (isLink) await assert.rejects(off, { reason: 'read-only' });
        else {
          assert.deepEqual(await off, { kept: true });
          assert.deepEqual(store.state(), { recording: false, because: 'off', since: '2026-11-22' });
        }
        assert.equal(readFileSync(elsewhere, 'utf8'), text);
      } finally {
        chmodSync(folder(), 0o700);
      }
    }
  }

  it('leaves alone what is called like a file of events and is none', async function () {
    if (process.platform === 'win32') return this.skip();
    await store.turnOn();
    record();
    const other = join(home, 'other.txt');
    writeFileSync(other, 'mine\n');
    symlinkSync(other, folder('events', '2026-W46-0123456789abcdef.ndjson'));
    // Reading a pipe that nobody writes to would never end.
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', folder('events', '2026-W46-0123456789abcde0.ndjson')]);
    mkdirSync(folder('events', '2026-W46-0123456789abcde1.ndjson'));
    assert.equal(recorded(), 1);
    store.deleteEverything();
    assert.deepEqual(readdirSync(home), ['other.txt']);
    assert.equal(readFileSync(other, 'utf8'), 'mine\n');
  });

  it('appends a line an event to a file of its own, for its owner only, whose time is a midnight', async () => {
    await store.turnOn();
    record();
    record({ ...REVIEW, model: 'secret-qwen' });
    assert.equal(files().length, 1);
    const [name = ''] = files();
    assert.match(name, /^2026-W47-[0-9a-f]{16}\.ndjson$/);
    assert.equal(
      readFileSync(folder('events', name), 'utf8'),
      '{"schema":1,"day":"2026-11-22","operation":"review","outcome":"completed","source":"handrail"}\n' +
        '{"schema":1,"day":"2026-11-22","operation":"review","outcome":"completed","source":"handrail","modelFamily":"qwen"}\n',
    );
    recorder.close();
    const { mode, mtimeMs } = statSync(folder('events', name));
    assert.equal(mtimeMs, Date.UTC(2026, 10, 22));
    if (process.platform !== 'win32') {
      assert.equal(mode & 0o777, 0o600);
      assert.equal(statSync(folder('events')).mode & 0o777, 0o700);
      assert.equal(statSync(folder()).mode & 0o777, 0o700);
    }
    const other = createRecorder({ home, env: {}, clock });
    other.record(REVIEW);
    other.close();
    assert.equal(files().length, 2);
    assert.equal(recorded(), 3);
  });

  it('takes the time off what a killed process left, also when nobody looked for months and the clock was ahead once', async () => {
    await store.turnOn();
    const times = new Map<string, number>();
    for (const [week, day] of [
      ['2026-W25', '2026-06-15'],
      ['2026-W27', '2026-06-30'],
      ['2026-W28', '2026-07-06'],
      ['2027-W20', '2027-05-20'],
    ] as const) {
      mkdirSync(folder('events'), { recursive: true });
      const path = folder('events', `${week}-${'0'.repeat(16)}.ndjson`);
      writeFileSync(path, '');
      const time = Date.parse(`${day}T13:14:15Z`) / 1000;
      utimesSync(path, time, time);
      times.set(path, Date.parse(day));
    }
    now = Date.UTC(2026, 7, 31);
    record();
    const [first, ...others] = [...times].map(([path, midnight]) => statSync(path).mtimeMs === midnight);
    // Long before those, somebody has looked; to look at each again at every start would be felt.
    assert.deepEqual([first, others], [false, [true, true, true]]);
  });

  describe('between an event and the end of its turn', () => {
    const exits = () => process.listenerCount('exit');

    it('only takes note, stores all with one write, and leaves neither a listener nor anything that is open for it', async () => {
      await store.turnOn();
      const before = exits();
      for (let i = 0; i < 3; i += 1) recorder.record(REVIEW);
      assert.equal(recorded(), 0);
      assert.equal(exits(), before + 1);
      await turn();
      assert.equal(recorded(), 3);
      assert.equal(files().length, 1);
      assert.equal(exits(), before);
      recorder.flush();
      recorder.close();
      await turn();
      assert.equal(recorded(), 3);
    });

    it('takes what it needs, so that the caller may go on with its own', async () => {
      await store.turnOn();
      const findings = { critical: 1, high: 0, medium: 0, low: 0, info: 0 };
      const cost = { amount: 0.02, currency: 'USD' };
      const observation: Observation = { ...REVIEW, findings, cost };
      recorder.record(observation);
      observation.outcome = 'error';
      findings.critical = 5;
      cost.currency = 'EUR';
      const { 0: event } = (recorder.flush(), store.events().events);
      assert.partialDeepStrictEqual(event, { outcome: 'completed', findingsBySeverity: { critical: 1 } });
      assert.notEqual(event?.costBucket, 'other');
    });

    it('keeps an event for the day and week in which it happened', async () => {
      now = Date.UTC(2026, 10, 22, 23, 59, 59);
      await store.turnOn();
      recorder.record(REVIEW);
      recorder.record(REVIEW);
      now += 2000;
      recorder.record(REVIEW);
      recorder.flush();
      assert.deepEqual(
        files().map((name) => name.slice(0, 8)),
        ['2026-W47', '2026-W48'],
      );
      assert.deepEqual(
        store.events().events.map(({ day }) => day),
        ['2026-11-22', '2026-11-22', '2026-11-23'],
      );
    });

    it('lets no more wait than a thousand', async () => {
      await store.turnOn();
      for (let i = 0; i < 1001; i += 1) recorder.record(REVIEW);
      assert.equal(recorded(), 1000);
      recorder.close();
      assert.equal(recorded(), 1001);
    });

    it('drops what is not what its type says, and nothing else', async () => {
      await store.turnOn();
      for (const model of ['gpt', 7 as unknown as string, 'qwen']) recorder.record({ ...REVIEW, model });
      recorder.flush();
      assert.equal(recorded(), 2);
      assert.equal(recorder.dropped, 1);
    });

    /** Without a turn in between. */
    const put = (text: string) => {
      mkdirSync(folder(), { recursive: true });
      rmSync(folder('consent.json'), { force: true });
      writeFileSync(folder('consent.json'), text);
    };
    for (const [what, withdraw] of Object.entries<(on: string, off: string) => void>({
      off: (_on, off) => put(off),
      'off and on again': (on, off) => {
        put(off);
        put(on);
      },
      'everything deleted': () => store.deleteEverything(),
      'everything deleted and on again': (on) => {
        store.deleteEverything();
        put(on);
      },
      'the veto of an editor': () => {
        writeFileSync(folder('editor-veto'), '');
        utimesSync(folder('consent.json'), 1, 1);
      },
    })) {
      it(`stores nothing after ${what}`, async () => {
        await store.turnOn();
        const on = readFileSync(folder('consent.json'), 'utf8');
        const off = on.replace('"recording":true', '"recording":false');
        assert.notEqual(on, off);
        recorder.record(REVIEW);
        const before = exits();
        withdraw(on, off);
        await turn();
        assert.equal(exits(), before - 1);
        assert.equal(recorded(), 0);
        assert.equal(recorder.dropped, 0, 'what was withdrawn is not counted either');
        if (what === 'everything deleted') assert.deepEqual(readdirSync(home), []);
        recorder.record(REVIEW);
        recorder.flush();
        assert.equal(recorded(), what.endsWith('on again') ? 1 : 0);
      });
    }

    it('stores nothing where the level of the editor changed meanwhile', async () => {
      await store.turnOn();
      let allowed = true;
      const inEditor = createRecorder({ home, env: {}, clock, allowed: () => allowed });
      inEditor.record(REVIEW);
      allowed = false;
      await turn();
      assert.equal(recorded(), 0);
      assert.equal(inEditor.dropped, 0);
    });
  });

  it('obeys another process at once: off, on again, a veto', async () => {
    await store.turnOn();
    record();
    assert.deepEqual(await store.turnOff(), { kept: true });
    record();
    assert.equal(recorded(), 1);
    await store.turnOn();
    record();
    assert.equal(recorded(), 2);
    await store.setVeto(true);
    record();
    assert.equal(recorded(), 2);
    assert.deepEqual(store.state(), { recording: false, because: 'forbidden', forbidden: 'editor', since: '2026-11-22' });
    await store.setVeto(false);
    record();
    assert.equal(recorded(), 3);
    assert.equal(recorder.dropped, 0);
  });

  it('closes what it has open once recording ends', async function () {
    if (process.platform !== 'linux') this.skip();
    await store.turnOn();
    record();
    assert.equal(open().length, 2);
    await store.turnOff();
    record();
    assert.deepEqual(open(), []);
  });

  it('asks the editor besides, and obeys the environment', async () => {
    await store.turnOn();
    let allowed = false;
    const inEditor = createRecorder({ home, env: {}, clock, allowed: () => allowed });
    inEditor.record(REVIEW);
    inEditor.flush();
    assert.equal(recorded(), 0);
    allowed = true;
    inEditor.record(REVIEW);
    inEditor.close();
    assert.equal(recorded(), 1);
    createRecorder({ home, env: { HANDRAIL_TELEMETRY: 'off' }, clock }).record(REVIEW);
    createRecorder({ home, env: { DO_NOT_TRACK: '1' }, clock }).record(REVIEW);
    assert.equal(recorded(), 1);
  });

  for (const [what, damage] of Object.entries<(path: string) => void>({
    'damaged in place': (path) => writeFileSync(path, 'yes please'),
    emptied: (path) => writeFileSync(path, ''),
    'of a later version': (path) => writeFileSync(path, '{"version":2,"recording":true}'),
    'replaced by a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    deleted: (path) => rmSync(path),
  })) {
    it(`counts a consent that is ${what} as off, and leaves it alone`, async () => {
      await store.turnOn();
      record();
      damage(folder('consent.json'));
      record();
      record();
      assert.equal(recorded(), 1);
      assert.equal(store.state().recording, false);
      if (what === 'damaged in place') assert.equal(readFileSync(folder('consent.json'), 'utf8'), 'yes please');
    });
  }

  it('does not bring back a folder that somebody deleted', async () => {
    await store.turnOn();
    record();
    rmSync(folder(), { recursive: true });
    record();
    assert.deepEqual(readdirSync(home), []);
  });

  for (const [what, lose] of Object.entries({
    'the folder of events was deleted': () => rmSync(folder('events'), { recursive: true }),
    'its file was deleted': () => rmSync(folder('events', files()[0] ?? '')),
    'the folder of events was moved away': () => renameSync(folder('events'), join(home, 'elsewhere')),
    'another folder took its place': () => {
      renameSync(folder('events'), join(home, 'elsewhere'));
      mkdirSync(folder('events'));
    },
  })) {
    it(`loses nothing of what comes after ${what} alone`, async () => {
      await store.turnOn();
      record();
      lose();
      record();
      record();
      assert.equal(recorded(), 2);
      assert.equal(recorder.dropped, 0);
      for (const name of existsSync(join(home, 'elsewhere')) ? readdirSync(join(home, 'elsewhere')) : []) {
        assert.equal(readFileSync(join(home, 'elsewhere', name), 'utf8').split('\n').length, 2, 'what was moved stays as it was');
      }
    });
  }

  it('counts what it cannot write where the folder of events became a file', async () => {
    await store.turnOn();
    record();
    rmSync(folder('events'), { recursive: true });
    writeFileSync(folder('events'), 'not ours');
    record();
    record();
    assert.equal(recorder.dropped, 2);
    assert.equal(readFileSync(folder('events'), 'utf8'), 'not ours');
  });

  it('records nothing under a consent that was moved away, also where another one forbids it now', async () => {
    await store.turnOn();
    record();
    const moved = join(home, 'moved');
    renameSync(folder(), moved);
    const before = readFileSync(join(moved, 'events', readdirSync(join(moved, 'events'))[0] ?? ''), 'utf8');
    record();
    assert.deepEqual(readdirSync(home), ['moved']);
    mkdirSync(folder());
    writeFileSync(
      folder('consent.json'),
      readFileSync(join(moved, 'consent.json'), 'utf8').replace('"recording":true', '"recording":false'),
    );
    record();
    assert.deepEqual(readdirSync(folder()), ['consent.json']);
    assert.equal(readFileSync(join(moved, 'events', readdirSync(join(moved, 'events'))[0] ?? ''), 'utf8'), before);
  });

  it('deletes everything, also what is open, and records nothing after it', async () => {
    await store.turnOn();
    record();
    store.deleteEverything();
    assert.deepEqual(readdirSync(home), []);
    record();
    assert.deepEqual(readdirSync(home), []);
    if (process.platform === 'linux') assert.deepEqual(open(), []);
    store.deleteEverything();
    await store.turnOn();
    record();
    assert.equal(recorded(), 1);
  });

  it('leaves nothing behind when it is turned off before anything was recorded', async () => {
    await store.turnOn();
    writeFileSync(folder('.tmp-consent.json-1-aa'), 'left by a process that was killed');
    assert.deepEqual(await store.turnOff(), { kept: false });
    assert.deepEqual(readdirSync(home), []);
    assert.deepEqual(await store.turnOff(), { kept: false });
    await store.setVeto(true);
    await store.setRetention(30);
    assert.deepEqual(readdirSync(home), [], 'nothing is kept where nothing was turned on');
  });

  it('begins a new file with a new week, over the turn of a year of 53 weeks, and when the clock is set back', async () => {
    now = Date.UTC(2026, 11, 27, 23, 59);
    await store.turnOn();
    const weeks = () => [...new Set(files().map((name) => name.slice(0, 8)))];
    for (const time of [now, Date.UTC(2026, 11, 28), Date.UTC(2027, 0, 3, 23, 59), Date.UTC(2027, 0, 4), Date.UTC(2026, 11, 31)]) {
      now = time;
      record();
    }
    assert.deepEqual(weeks(), ['2026-W52', '2026-W53', '2027-W01']);
    assert.equal(files().length, 4, 'set back, it goes on in a new file of the old week');
    now = Date.UTC(2027, 0, 5);
    assert.deepEqual(
      store.events().events.map(({ day }) => day),
      ['2026-12-27', '2026-12-28', '2026-12-31', '2027-01-03', '2027-01-04'],
    );
  });

  it('drops and counts events of a clock that cannot be believed, and deletes nothing by it', async () => {
    await store.turnOn();
    record();
    for (const time of [0, Date.UTC(1999, 0), Date.UTC(9999, 11, 31), Number.NaN]) {
      now = time;
      record();
      assert.equal(recorded(), 1);
      await assert.rejects(createTelemetryStore({ home: join(home, 'other'), env: {}, clock }).turnOn(), { reason: 'io' });
    }
    assert.equal(recorder.dropped, 4);
    now = START;
    record();
    assert.equal(recorded(), 2);
  });

  it('shows nothing that is older than it is kept, and deletes a week once its last day is, on the second day that says so', async () => {
    now = Date.UTC(2026, 7, 24); // Monday of week 35
    await store.turnOn();
    record();
    now += 6 * DAY;
    record();
    now = Date.UTC(2026, 7, 24) + 90 * DAY;
    assert.equal(recorded(), 2);
    now += DAY;
    assert.equal(recorded(), 1, 'the older day has expired');
    assert.equal(files().length, 1);
    now += 5 * DAY;
    assert.equal(recorded(), 1);
    // The first event of a day looks as well, so that nobody has to ask; of two days, so that a wrong one deletes nothing.
    for (let day = 0; day < 2; day += 1) {
      now += DAY;
      record();
    }
    assert.deepEqual(
      files().map((name) => name.slice(0, 8)),
      ['2026-W48', '2026-W49'],
    );
  });

  it('keeps events for as long as the person says', async () => {
    await store.turnOn({ days: 7 });
    assert.equal(store.retention(), 7);
    record();
    now += 8 * DAY;
    assert.equal(recorded(), 0);
    await store.setRetention(30);
    assert.equal(store.retention(), 30);
    for (const days of [0, 366, 1.5, Number.NaN]) await assert.rejects(store.setRetention(days), { reason: 'usage' });
    writeFileSync(folder('retention.json'), '{"days":100000}');
    assert.equal(store.retention(), 90, 'what is no choice is none');
  });

  it('counts lines that were cut off or are none of ours, and reads the others', async () => {
    await store.turnOn();
    record();
    const [name = ''] = files();
    appendFileSync(folder('events', name), '{"schema":1,"day":"2026-11-22","path":"src/secret.ts"}\n{"schema":1,"day":"20');
    writeFileSync(folder('events', 'notes.txt'), 'not ours');
    assert.deepEqual({ ...store.events(), events: recorded() }, { events: 1, torn: 1, foreign: 1 });
    store.deleteEverything();
    assert.deepEqual(readdirSync(home), []);
  });

  it('turns on anew over a damaged consent, never over one of a later version, and off over both', async () => {
    await store.turnOn();
    record();
    writeFileSync(folder('consent.json'), '{"version":7}');
    await assert.rejects(store.turnOn(), { reason: 'config' });
    assert.equal(readFileSync(folder('consent.json'), 'utf8'), '{"version":7}');
    await store.turnOff();
    assert.equal(store.state().recording, false);
    rmSync(folder('consent.json'));
    mkdirSync(folder('consent.json'));
    await store.turnOn();
    assert.equal(store.state().recording, true);
  });

  it('is not turned on where the environment or the editor forbids it', async () => {
    for (const env of [{ HANDRAIL_TELEMETRY: 'off' }, { DO_NOT_TRACK: '1' }]) {
      await assert.rejects(createTelemetryStore({ home, env, clock }).turnOn(), { reason: 'config' });
    }
    assert.equal(existsSync(folder()), false);
    await store.turnOn();
    record();
    await store.setVeto(true);
    await store.turnOff();
    await assert.rejects(store.turnOn(), { reason: 'config' });
  });
});
