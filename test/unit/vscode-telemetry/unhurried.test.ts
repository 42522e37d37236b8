import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { FIRST_LOOK, NEXT_LOOK, unhurried } from '../../../src/vscode/telemetry/unhurried.ts';

const MINUTE = 60_000;

describe('what leaves by itself', () => {
  let done: number;
  beforeEach(() => {
    done = 0;
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-23T08:59:00Z') });
  });
  afterEach(() => mock.timers.reset());

  const start = (random: () => number): { dispose(): void } => unhurried(() => (done += 1), random);

  it('does not leave when somebody begins to work, but a random while after', () => {
    const early = start(() => 0);
    mock.timers.tick(FIRST_LOOK.least - 1);
    assert.equal(done, 0);
    mock.timers.tick(1);
    assert.equal(done, 1);
    early.dispose();
    const late = start(() => 0.999_999);
    mock.timers.tick(FIRST_LOOK.most - MINUTE);
    assert.equal(done, 1);
    mock.timers.tick(MINUTE);
    assert.equal(done, 2);
    late.dispose();
    assert.ok(FIRST_LOOK.least >= 5 * MINUTE && FIRST_LOOK.most >= 2 * 60 * MINUTE, 'minutes to hours');
  });

  it('is looked for again at no fixed time, until it is ended', () => {
    const looking = start(() => 0);
    mock.timers.tick(FIRST_LOOK.least);
    mock.timers.tick(NEXT_LOOK.least);
    assert.equal(done, 2);
    looking.dispose();
    mock.timers.tick(10 * NEXT_LOOK.most);
    assert.equal(done, 2);
  });

  it('waits anew after the machine slept, because somebody woke it to work', () => {
    const looking = start(() => 0);
    // Timers stand still while a machine sleeps, and the clock does not.
    mock.timers.tick(FIRST_LOOK.least - 1);
    mock.timers.setTime(Date.now() + 10 * 60 * MINUTE);
    mock.timers.tick(1);
    assert.equal(done, 0);
    mock.timers.tick(FIRST_LOOK.least);
    assert.equal(done, 1);
    looking.dispose();
  });
});
