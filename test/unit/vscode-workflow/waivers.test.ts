import assert from 'node:assert/strict';
import { endChoices, habitsOf, isWaivable, reasonChoices, withHabit } from '../../../src/vscode/workflow/waiverChoices.ts';
import { WaiverAlarm } from '../../../src/vscode/workflow/waiverAlarm.ts';
import { toItem } from '../../../src/vscode/workflow/stepItem.ts';
import { tooltipOf } from '../../../src/vscode/workflow/stepText.ts';
import type { StepState, StepStatus } from '../../../src/core/workflow/run.ts';
import { english, run, step } from './samples.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const waived = (fields: Partial<StepStatus> = {}): StepStatus =>
  step({
    id: 'threats',
    title: 'Threat notes',
    state: 'waived',
    assurance: 'waived',
    because: 'a person skipped it until 2026-03-08: one word',
    waiver: { reason: 'one word', expires: '2026-03-08', actor: 'human', provenBy: ['@lead'] },
    expect: [{ kind: 'attest', met: false, detail: 'Nobody has confirmed yet: done' }],
    ...fields,
  });

describe('a step that is skipped with a reason, in the Workflow view', () => {
  it('says why and until when, quietly, and offers to take it back', () => {
    const item = toItem(english, waived(), run([waived()]));
    assert.equal(item.description, 'skipped until 2026-03-08: one word');
    assert.equal(item.tone, 'quiet');
    assert.equal(item.expand, 'none', 'what it expects is not asked for');
    assert.equal(item.checkbox, undefined);
    assert.match(item.contextValue, /\bwaived\b/);
    assert.doesNotMatch(item.contextValue, /\bwaivable\b/);
    assert.match(tooltipOf(english, waived(), item.description ?? ''), /CI counts it once approved by \\@lead/);
  });

  it('can be any that is open, and no other', () => {
    const states: StepState[] = ['blocked', 'ready', 'running', 'done', 'stale', 'failed', 'skipped', 'waived'];
    assert.deepEqual(
      states.filter((state) => isWaivable({ state })),
      ['blocked', 'ready', 'stale', 'failed'],
    );
    for (const state of states) {
      const one = step({ id: 'a', state });
      assert.equal(/\bwaivable\b/.test(toItem(english, one, run([one])).contextValue), isWaivable(one), state);
    }
  });

  it('shows its reason letter by letter', () => {
    const one = waived({ because: 'a person skipped it: $(error) [x](command:y)' });
    assert.doesNotMatch(tooltipOf(english, one, 'x'), /\$\(error\)|\[x\]\(command/);
  });
});

describe('what is offered when a step is skipped', () => {
  it('offers what was said before, then the usual reasons, each once', () => {
    const usual = reasonChoices(english, { reasons: [] });
    assert.equal(usual.length, 3);
    assert.deepEqual(reasonChoices(english, { reasons: ['Mine', usual[1] ?? ''] }), ['Mine', usual[1], usual[0], usual[2]]);
  });

  it('offers no day beyond what the workflow allows, and the last choice or the usual one first', () => {
    const days = (waivers: { usual: number; longest: number } | undefined, last?: number) =>
      endChoices(english, waivers, { reasons: [], ...(last === undefined ? {} : { days: last }) }, NOW).map((choice) => choice.days);
    assert.deepEqual(days({ usual: 7, longest: 7 }), [7, 1, 3, undefined]);
    assert.deepEqual(days({ usual: 14, longest: 90 }, 3), [3, 1, 7, 14, 30, 90, undefined]);
    assert.deepEqual(days({ usual: 5, longest: 5 }, 30), [5, 1, 3, undefined], 'a habit of another workflow does not fit');
    assert.deepEqual(days(undefined), [14, 1, 3, 7, 30, 90, undefined]);
    assert.equal(endChoices(english, { usual: 7, longest: 7 }, { reasons: [] }, NOW)[0]?.description, 'until 2026-03-08');
  });

  it('remembers a few reasons and the last number of days, and forgets what is no memory of ours', () => {
    let habits = habitsOf(undefined);
    for (const reason of ['a', 'b', 'c', 'd', 'e', 'b']) habits = withHabit(habits, reason, reason === 'e' ? 3 : undefined);
    assert.deepEqual(habits, { reasons: ['b', 'e', 'd', 'c'], days: 3 });
    for (const stored of [null, 'x', { reasons: 'x', days: -1 }, { reasons: [1, 'a'], days: 1.5 }]) {
      assert.deepEqual(habitsOf(stored), { reasons: habitsOf(stored).reasons });
    }
    assert.deepEqual(habitsOf({ reasons: [1, 'a'] }).reasons, ['a']);
  });
});

describe('the end of a waiver', () => {
  /** Timers that fire when they are told. */
  function fakeTimers(): { waits: number[]; fire(): void; restore(): void } {
    const { setTimeout: real, clearTimeout: clear } = globalThis;
    const waits: number[] = [];
    let pending: (() => void) | undefined;
    globalThis.setTimeout = ((work: () => void, wait: number) => {
      waits.push(wait);
      pending = work;
      return 1;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = () => void (pending = undefined);
    return { waits, fire: () => pending?.(), restore: () => Object.assign(globalThis, { setTimeout: real, clearTimeout: clear }) };
  }

  it('has the run read again at once, and a far one once a day', () => {
    const timers = fakeTimers();
    try {
      let rung = 0;
      const alarm = new WaiverAlarm(
        () => (rung += 1),
        () => Date.parse('2026-03-08T23:00:00Z'),
      );
      alarm.follow(run([waived(), waived({ id: 'b', waiver: { reason: 'x', expires: '2026-06-01', actor: 'human' } })]));
      assert.deepEqual(timers.waits, [3_600_000]);
      timers.fire();
      assert.equal(rung, 1);
      alarm.follow(run([waived({ waiver: { reason: 'x', expires: '2026-06-01', actor: 'human' } })]));
      assert.equal(timers.waits[1], 86_400_000);
      alarm.follow(run([step({ id: 'a' })]));
      timers.fire();
      assert.deepEqual([rung, timers.waits.length], [1, 2], 'without a waiver nothing waits');
      alarm.dispose();
    } finally {
      timers.restore();
    }
  });
});
