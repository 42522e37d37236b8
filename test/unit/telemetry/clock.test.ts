import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weekOf } from '../../../src/core/telemetry/week.ts';
import { createAcceptedNotes } from '../../../src/node/telemetry/acceptedNotes.ts';
import { createTelemetryStore, type TelemetryStore } from '../../../src/node/telemetry/consentStore.ts';
import { telemetryPaths, type TelemetryPaths } from '../../../src/node/telemetry/paths.ts';
import { createRecorder } from '../../../src/node/telemetry/recorder.ts';

const DAY = 24 * 3600 * 1000;
const START = Date.UTC(2026, 10, 22, 13, 14, 15);
const env = {};

describe('a clock that is wrong', () => {
  let home: string;
  let paths: TelemetryPaths;
  let now: number;
  let store: TelemetryStore;
  const clock = { now: () => now };
  const names = (path: string) => {
    try {
      return readdirSync(path).toSorted();
    } catch {
      return [];
    }
  };
  const kept = () => names(paths.events).map((name) => name.slice(0, 8));
  const shown = () => store.events().events.map(({ day }) => day);

  /** A process of its own that records one event. */
  function work(at: number): void {
    now = at;
    const recorder = createRecorder({ home, env, clock });
    recorder.record({ operation: 'review', outcome: 'completed' });
    recorder.close();
  }

  beforeEach(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'handrail clock-')));
    paths = telemetryPaths(home);
    now = START - 14 * DAY;
    store = createTelemetryStore({ home, env, clock });
    await store.turnOn();
    for (const days of [14, 7, 0]) work(START - days * DAY);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

  it('deletes nothing by a day far ahead, however often that day looks', () => {
    for (let i = 0; i < 3; i += 1) work(Date.UTC(2028, 0, 5));
    assert.deepEqual(shown(), ['2028-01-05', '2028-01-05', '2028-01-05'], 'what is shown goes by the clock there is');
    now = START + DAY;
    assert.deepEqual(shown(), ['2026-11-08', '2026-11-15', '2026-11-22']);
    work(START + DAY);
    work(START + 2 * DAY);
    assert.deepEqual(shown().length, 5);
  });

  it('deletes nothing by another such day, with a right one in between', () => {
    for (let day = 1; day < 6; day += 1) {
      work(Date.UTC(2028, 0, 5 + day));
      work(START + day * DAY);
    }
    assert.deepEqual(shown().slice(0, 3), ['2026-11-08', '2026-11-15', '2026-11-22']);
  });

  it('deletes nothing by a day far back, however long it stays there', () => {
    for (let day = 0; day < 6; day += 1) work(Date.UTC(2024, 0, 1 + day));
    now = START;
    assert.deepEqual(shown().slice(-3), ['2026-11-08', '2026-11-15', '2026-11-22']);
    assert.deepEqual(
      names(paths.folder).filter((name) => name === 'ahead-since'),
      [],
      'it is forgotten that they were ahead of it',
    );
  });

  it('shows and counts nothing of a day that has not come, and deletes it once a week has said so', () => {
    work(Date.UTC(2028, 2, 1));
    work(START + DAY);
    assert.deepEqual(shown(), ['2026-11-08', '2026-11-15', '2026-11-22', '2026-11-23']);
    assert.deepEqual([store.events().foreign, store.events().torn], [0, 0]);
    work(START + 7 * DAY);
    assert.ok(kept().includes(weekOf(Date.UTC(2028, 2, 1))));
    work(START + 8 * DAY);
    assert.deepEqual(kept().includes(weekOf(Date.UTC(2028, 2, 1))), false);
    assert.deepEqual(names(paths.folder), ['consent.json', 'events']);
  });

  it('shows what is of later in the week once its day has come', () => {
    work(START + DAY + 2 * DAY);
    now = START + DAY;
    assert.equal(shown().length, 3);
    now = START + 3 * DAY;
    assert.deepEqual(shown().at(-1), '2026-11-25');
  });

  it('forgets neither what was accepted nor what was contributed', () => {
    const notes = createAcceptedNotes({ home, env, clock });
    const changes = [{ file: 'a.ts', before: '', after: 'const somethingLongEnough = 1;\n' }];
    notes.remember('/project', { changes, branch: null });
    mkdirSync(paths.contributions);
    writeFileSync(join(paths.contributions, '2026-W47-payments.json'), '{}');
    work(Date.UTC(2028, 0, 5));
    assert.deepEqual([names(paths.accepted).length, names(paths.contributions).length], [1, 1]);
    assert.deepEqual(notes.takeDue('/project'), []);
    work(START + 8 * DAY);
    assert.equal(notes.takeDue('/project').length, 1);
  });

  it('lets all of it expire on the second day that says so, and keeps no day after that', () => {
    const notes = createAcceptedNotes({ home, env, clock });
    const changes = [{ file: 'a.ts', before: '', after: 'const somethingLongEnough = 1;\n' }];
    notes.remember('/project', { changes, branch: null });
    mkdirSync(paths.contributions);
    writeFileSync(join(paths.contributions, '2026-W47-payments.json'), '{}');
    now = START + 200 * DAY;
    store.expire();
    assert.deepEqual([kept().length, shown().length], [3, 0]);
    // Much later: the day that is kept is the earlier one, and both say that these are over.
    now = START + 300 * DAY;
    store.expire();
    assert.deepEqual(
      names(paths.folder).filter((name) => name !== 'events'),
      ['consent.json'],
    );
    assert.deepEqual(kept(), []);
  });

  it('is believed where what is kept of an earlier day cannot be read, only after another one', () => {
    now = START + 200 * DAY;
    writeFileSync(join(paths.folder, 'over-since'), 'damaged');
    store.expire();
    assert.equal(kept().length, 3);
    now += DAY;
    store.expire();
    assert.deepEqual(kept(), []);
  });

  it('brings nothing back where everything is deleted', () => {
    now = Date.UTC(2028, 0, 5);
    store.expire();
    assert.ok(names(paths.folder).includes('over-since'));
    store.deleteEverything();
    store.expire();
    assert.deepEqual(readdirSync(home), []);
  });
});
