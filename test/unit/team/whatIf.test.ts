import assert from 'node:assert/strict';
import fc from 'fast-check';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { ENDS, waitAt, waitsOf } from '../../../src/core/team/insight/dwell.ts';
import { chancesOf, leadTimes, luckOf } from '../../../src/core/team/insight/leadTimes.ts';
import { measuredWork, STEP_KINDS, sumOf } from '../../../src/core/team/insight/measuredWork.ts';
import { simulate, USUAL_ASSUMPTIONS, whatIf } from '../../../src/core/team/insight/whatIf.ts';
import { type Change, chainOf, changedSteps, type SimulatedStep } from '../../../src/core/team/insight/workflowChange.ts';
import { REMAINDER } from '../../../src/core/team/release/release.ts';
import { releaseOf, TRUTH, working } from '../../support/madeReleases.ts';

const steps = chainOf(STEP_KINDS);
const releases = working('what-if', 9, 200);
const near = (actual: number | undefined, expected: number, by: number, what = ''): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= by, `${what} ${actual} is not within ${by} of ${expected}`);
const shape = (given: readonly SimulatedStep[]): string => given.map(({ id, needs }) => `${id}(${needs.join(' ')})`).join(' ');

describe('a changed workflow', () => {
  const change = (...changes: Change[]): string => shape(changedSteps(chainOf(['manual', 'command', 'review']), changes));

  it('has steps left out, moved, or beside others', () => {
    assert.equal(change(), 'manual() command(manual) review(command)');
    assert.equal(change({ type: 'drop', step: 'command' }), 'manual() review(manual)');
    assert.equal(change({ type: 'move', step: 'review', before: 'manual' }), 'review() manual(review) command(manual)');
    assert.equal(change({ type: 'beside', step: 'review', other: 'command' }), 'manual() command(manual) review(manual)');
  });

  it('is spoken of by ids and by kinds', () => {
    const twice = chainOf(['command', 'manual', 'command']);
    assert.deepEqual(
      changedSteps(twice, [{ type: 'drop', step: 'command' }]).map(({ id }) => id),
      ['manual'],
    );
    assert.deepEqual(
      changedSteps(twice, [{ type: 'drop', step: 'command-3' }]).map(({ id }) => id),
      ['command-1', 'manual'],
    );
    assert.equal(
      shape(changedSteps(twice, [{ type: 'move', step: 'manual', before: 'command' }])),
      'manual() command-1(manual) command-3(manual command-1)',
    );
  });

  it('is refused with the next action where a step is not there, or steps would wait for each other', () => {
    assert.throws(() => change({ type: 'drop', step: 'approval' }), { reason: 'usage', hint: 'It has manual, command, review.' });
    assert.throws(() => change({ type: 'beside', step: 'manual', other: 'review' }), { reason: 'usage', message: /wait for each other/ });
  });
});

describe('a simulated workflow', () => {
  it('waits as was measured: the same distribution comes back', () => {
    const windows = measuredWork(working('recover', 20, 2000));
    const chances = chancesOf(sumOf(windows)).manual;
    near(chances.skipped, TRUTH.waived, 0.01, 'skipped');
    near(chances.failed, TRUTH.failed, 0.01, 'failed');
    let below = 0;
    for (const [range, part] of TRUTH.dwell.entries()) {
      below += part;
      near(Math.log(waitAt(chances.waits ?? assert.fail(), below - 1e-9)), Math.log(ENDS[range]?.high ?? 0), 0.15, `range ${range}`);
    }
  });

  it('has the lead time that can be calculated by hand', () => {
    // One step, never skipped, always within one range: log-uniform, so the median is the root of the ends' product; failing half the
    // time doubles the mean.
    const dwell = Float64Array.of(0, 0, 0, 1, 0, 0, 0);
    const { low = 0, high = 0 } = ENDS[3] ?? {};
    const waits = waitsOf(dwell);
    const kind = { waits, medianWait: undefined, skipped: 0, failed: 0 };
    const one = chainOf(['manual']);
    const run = (more: Partial<typeof kind>): Float64Array => {
      const own = { ...kind, ...more };
      const chances = { manual: own, command: own, generate: own, review: own, approval: own };
      const [runs, today] = [20_000, changedSteps(one, [])];
      return leadTimes({ today, changed: today, chances, assumptions: USUAL_ASSUMPTIONS, runs, luck: luckOf(one, runs, 'hand') }).today;
    };
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const expected = (high - low) / Math.log(high / low) / 3_600_000;
    near(run({}).toSorted()[10_000], Math.sqrt(low * high) / 3_600_000, 0.15, 'median');
    near(mean(run({})), expected, 0.1, 'mean');
    near(mean(run({ skipped: 0.25 })), 0.75 * expected, 0.15, 'skipped');
    near(mean(run({ failed: 0.5 })), 2 * expected, 0.3, 'failed');
  });

  it('is never slower without a step, or with one that waits less or is automated: in no single run', () => {
    const random = seededRandom('graphs');
    const windows = measuredWork(releases);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(1000), (count, seed) => {
        const graph = Array.from({ length: count }, (_, at): SimulatedStep => ({
          id: `s${at}`,
          kind: STEP_KINDS[(at + seed) % 5] ?? 'manual',
          needs: Array.from({ length: at }, (_one, before) => `s${before}`).filter(() => random() < 0.4),
        }));
        const step = `s${seed % count}`;
        const chances = chancesOf(sumOf(windows));
        const never = { ...chances };
        for (const kind of STEP_KINDS) never[kind] = { ...chances[kind], skipped: 0 };
        const luck = luckOf(graph, 50, `${seed}`);
        const today = changedSteps(graph, []);
        for (const change of [
          { type: 'drop', step },
          { type: 'shorten', step, by: 0.4 },
          { type: 'automate', step },
        ] as const) {
          const changed = changedSteps(graph, [change]);
          // What is automated is not skipped any more, and so takes its minutes.
          const given = change.type === 'automate' ? never : chances;
          const times = leadTimes({ today, changed, chances: given, assumptions: USUAL_ASSUMPTIONS, runs: 50, luck });
          for (const [run, hours] of times.today.entries()) {
            assert.ok((times.changed[run] ?? Infinity) <= hours + 1e-9, `${change.type} of ${step}: ${shape(graph)}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('answers today and changed, with intervals around them, the same ones each time', () => {
    const question = { releases, steps, changes: [{ type: 'drop', step: 'approval' } as const] };
    const answer = whatIf(question);
    assert.ok(answer.enough);
    for (const { value, low, high } of [answer.today.median, answer.changed.median, answer.difference]) {
      assert.ok(low < value && value < high);
    }
    assert.ok(answer.difference.high < 0 && answer.faster > 0.8);
    assert.ok(answer.today.within80.low < answer.today.median.value && answer.today.median.value < answer.today.within80.high);
    assert.deepEqual(whatIf({ ...question, releases: releases.toReversed() }), answer);
    assert.notDeepEqual(whatIf({ ...question, seed: 'another' }), answer);
    assert.deepEqual(simulate(measuredWork(releases), question), answer);
  });

  it('has intervals of the median that hold about as often as they say', function () {
    this.timeout(60_000);
    const one = chainOf(['manual', 'review']);
    const exact = simulate(measuredWork(working('truth', 12, 20_000)), { steps: one, changes: [], runs: 40_000 });
    assert.ok(exact.enough);
    const [runs, truth] = [80, exact.today.median.value];
    let held = 0;
    for (let run = 0; run < runs; run += 1) {
      const answer = simulate(measuredWork(working(`coverage ${run}`, 10, 60)), { steps: one, changes: [], seed: `${run}` });
      if (answer.enough && answer.today.median.low <= truth && truth <= answer.today.median.high) held += 1;
    }
    assert.ok(held / runs >= 0.65 && held / runs <= 0.95, `${held} of ${runs}`);
  });

  it('is quick enough for a slider', () => {
    const windows = measuredWork(releases);
    const question = { steps, changes: [{ type: 'shorten', step: 'review', by: 0.5 } as const] };
    simulate(windows, question);
    const before = process.cpuUsage();
    for (let run = 0; run < 10; run += 1) simulate(windows, question);
    const { user } = process.cpuUsage(before);
    assert.ok(user / 10_000 < 100, `${user / 10_000} ms`);
  });

  it('is not made of too few people, windows or steps, and says which', () => {
    const reason = (given: typeof releases, kinds = steps): string => {
      const answer = whatIf({ releases: given, steps: kinds, changes: [] });
      return answer.enough ? 'enough' : `${answer.reason} ${answer.have} of ${answer.need}`;
    };
    assert.equal(reason([]), 'contributors 0 of 50');
    assert.equal(reason(releases.map((release) => ({ ...release, participation: { from: 10, to: 14 } }))), 'contributors 10 of 50');
    assert.equal(reason(releases.slice(2)), 'windows 7 of 8');
    assert.equal(reason(releases, []), 'steps 0 of 30');
    assert.match(reason(working('little', 9, 2)), /^steps \d+ of 30$/);
    assert.equal(reason(releases), 'enough');
  });
});

describe('what releases say of steps', () => {
  it('gives kinds that are not named their share of the remainder, and says what is sure', () => {
    const cell = (counter: string, dims: Record<string, string>, value: number) => ({ counter, dims, value });
    const [counts] = measuredWork([
      releaseOf(0, {
        cells: [
          cell('steps.completed', { kind: 'manual' }, 100),
          cell('steps.completed', { kind: 'review' }, 60),
          cell('steps.completed', { kind: 'command' }, 20),
          cell('steps.failed', { kind: 'manual' }, 30),
          cell('steps.failed', REMAINDER, 20),
        ],
      }),
    ]);
    const { manual, review, command, approval } = counts ?? assert.fail();
    assert.deepEqual([manual.failed, manual.failedAtLeast, manual.failedAtMost], [30, 30, 30]);
    assert.deepEqual([review.failed, review.failedAtLeast, review.failedAtMost], [15, 0, 20]);
    assert.equal(command.failed, 5);
    assert.deepEqual([approval.done, approval.failed], [0, 0]);
    // Of waivers nothing is published: they are not compared with anything.
    assert.equal(manual.doneBesideWaived, 0);
    assert.equal(manual.doneBesideFailed, 100);
  });

  it('counts steps that a team tells apart as of the kind that its workflow says', () => {
    const cells = [
      { counter: 'steps.waits', dims: { step: 'write-tests', dwell: '1h-4h' }, value: 40 },
      { counter: 'steps.waits', dims: { step: 'gone', dwell: '1h-4h' }, value: 9 },
    ];
    const [counts] = measuredWork([releaseOf(0, { cells })], [{ id: 'write-tests', kind: 'manual' }]);
    assert.equal(counts?.manual.done, 40);
    assert.equal(counts.manual.dwell[2], 40);
    assert.equal(measuredWork([releaseOf(0, { cells })])[0]?.manual.done, 0);
  });

  it('never fails on what is missing, made up, or the remainder only, and never gives a figure that is none', () => {
    const value = fc.oneof(fc.nat(1e6), fc.constantFrom(-5, Number.NaN, Infinity, 0.5));
    const text = fc.constantFrom('manual', 'review', 'other', '__proto__', 'under-10m', '1w-or-more', 'unknown', '');
    const cell = fc.record({
      counter: fc.constantFrom('steps.dwell', 'steps.completed', 'steps.waived', 'steps.failed', 'steps.waits', 'made.up'),
      dims: fc.oneof(fc.constant({ '*': 'other' }), fc.record({ kind: text, dwell: text }, { requiredKeys: [] })),
      value,
    });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 20 }), { minLength: 8, maxLength: 9 }), (windows) => {
        const given = windows.map((cells, window) => releaseOf(window, { cells }));
        const answer = whatIf({ releases: given, steps: chainOf(['manual']), changes: [], runs: 50 });
        if (!answer.enough) return;
        const figures = [...Object.values(answer.today.median), ...Object.values(answer.today.within80), answer.faster];
        for (const figure of figures) assert.ok(Number.isFinite(figure) && figure >= 0);
      }),
      { numRuns: 60 },
    );
  });
});
