import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Moment } from '../../../src/core/workflow/moment.ts';
import { Refresher } from '../../../src/vscode/workflow/refresher.ts';

/** A refresher whose readings end when the test says so. */
class Scene {
  readonly asked: (readonly string[] | undefined)[] = [];
  readonly shown: number[] = [];
  moment: Moment = { head: 'begin', workingFor: undefined };
  #end: (() => void) | undefined;
  readonly refresher = new Refresher<number>({
    read: async (touched) => {
      this.asked.push(touched);
      const count = this.asked.length;
      await new Promise<void>((resolve) => {
        this.#end = resolve;
      });
      return count;
    },
    show: (read) => void this.shown.push(read),
    moment: () => this.moment,
  });

  async endReading(): Promise<void> {
    this.#end?.();
    await settle();
  }

  async pass(milliseconds: number): Promise<void> {
    mock.timers.tick(milliseconds);
    await settle();
  }
}

/** Lets everything go on that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

describe('Refresher', () => {
  let scene: Scene;
  let now: number;
  const realNow = performance.now.bind(performance);
  beforeEach(() => {
    now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
    performance.now = () => now;
    scene = new Scene();
  });
  afterEach(() => {
    scene.refresher.dispose();
    performance.now = realNow;
    mock.timers.reset();
  });
  const pass = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
    await scene.pass(milliseconds);
  };

  it('reads what a save touched at once', async () => {
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    assert.deepEqual(scene.asked, [['a.ts']]);
    await scene.endReading();
    assert.deepEqual(scene.shown, [1]);
  });

  it('reads once for all that is touched during a reading, and shows only what is newest', async () => {
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    scene.refresher.touched(['b.ts'], 0);
    scene.refresher.touched(['c.ts'], 0);
    await pass(0);
    await scene.endReading();
    await scene.endReading();
    assert.deepEqual(scene.asked, [['a.ts'], ['b.ts', 'c.ts']]);
    assert.deepEqual(scene.shown, [2]);
  });

  it('looks at everything once after looks at parts', async () => {
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    await scene.endReading();
    await pass(5000);
    assert.deepEqual(scene.asked, [['a.ts'], undefined]);
    await scene.endReading();
    await pass(60_000);
    assert.equal(scene.asked.length, 2);
  });

  it('takes a checkout of thousands of files for one reason to look at everything', async () => {
    for (let i = 0; i < 5000; i += 1) scene.refresher.touched([`f${i}`], 500);
    await pass(500);
    assert.deepEqual(scene.asked, [undefined]);
  });

  it('waits while git is at work, but not for ever', async () => {
    scene.moment = { head: 'begin', workingFor: 500 };
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    await pass(50);
    assert.deepEqual(scene.asked, []);
    scene.moment = { head: 'switched', workingFor: undefined };
    await pass(50);
    assert.equal(scene.asked.length, 1);
    await scene.endReading();
    scene.moment = { head: 'switched', workingFor: 500 };
    scene.refresher.touched(['b.ts'], 0);
    for (let i = 0; i < 62; i += 1) await pass(50);
    assert.equal(scene.asked.length, 2);
    await scene.endReading();
    assert.deepEqual(scene.shown, [1, 2]);
  });

  it('never shows what was read while the branch was switched', async () => {
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    scene.moment = { head: 'another branch', workingFor: undefined };
    await scene.endReading();
    assert.deepEqual(scene.shown, []);
    await scene.endReading();
    assert.deepEqual(scene.asked, [['a.ts'], undefined]);
    assert.deepEqual(scene.shown, [2]);
  });

  it('lets a passing lock, as of a status, neither begin late nor read twice', async () => {
    scene.moment = { head: 'begin', workingFor: 10 };
    scene.refresher.touched(['a.ts'], 0);
    await pass(0);
    assert.equal(scene.asked.length, 1);
    await scene.endReading();
    assert.deepEqual(scene.shown, []);
    scene.moment = { head: 'begin', workingFor: undefined };
    await pass(20);
    assert.deepEqual(scene.shown, [1]);
    assert.equal(scene.asked.length, 1);
  });

  it('shows something in the end, however often it is asked', async () => {
    void scene.refresher.refresh();
    for (let i = 0; i < 5; i += 1) {
      await settle();
      now += 1000;
      void scene.refresher.refresh();
      await scene.endReading();
    }
    assert.ok(scene.shown.length > 0);
  });

  it('reads nothing any more once it is disposed', async () => {
    scene.refresher.touched(['a.ts'], 100);
    scene.refresher.dispose();
    await pass(10_000);
    await scene.refresher.refresh();
    assert.deepEqual(scene.asked, []);
  });
});
