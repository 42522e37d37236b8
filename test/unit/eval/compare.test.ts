import assert from 'node:assert/strict';
import { compareReports, requireSameCases } from '../../../src/core/ai/eval/compare.ts';
import type { CaseOutcome } from '../../../src/core/ai/eval/outcome.ts';
import { reportOf, type EvalReport } from '../../../src/core/ai/eval/report.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { MEASURED, outcome } from './outcomes.ts';

const report = (outcomes: CaseOutcome[], model = 'reviewer'): EvalReport => reportOf({ ...MEASURED, model }, outcomes, outcomes);

const BEFORE = report([
  outcome('go-a', 'found'),
  outcome('go-b', 'missed'),
  outcome('go-c', 'missed'),
  outcome('rs-d', 'found'),
  outcome('go-e', 'left-alone'),
  outcome('go-f', 'flagged'),
]);
const AFTER = report(
  [
    outcome('go-a', 'found'),
    outcome('go-b', 'found'),
    outcome('go-c', 'found'),
    outcome('rs-d', 'failed'),
    outcome('go-e', 'flagged'),
    outcome('go-f', 'flagged'),
  ],
  'other',
);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const failure = failureOf(error);
    assert.equal(failure?.reason, 'usage');
    return `${failure.message} ${failure.hint}`;
  }
  return assert.fail('nothing was refused');
}

describe('the comparison of two reports', () => {
  const comparison = compareReports(BEFORE, AFTER, { common: false });

  it('pairs the cases', () => {
    assert.deepEqual(comparison.bugs, { cases: 4, before: 2, after: 3, gained: 2, lost: 1, p: 1 });
    assert.deepEqual(comparison.clean, { cases: 2, before: 1, after: 0, gained: 0, lost: 1, p: 1 });
  });

  it('names what changed, in either direction', () => {
    assert.deepEqual(
      comparison.changed.map(({ id, before, after }) => `${id} ${before} ${after}`),
      ['go-b missed found', 'go-c missed found', 'rs-d found failed', 'go-e left-alone flagged'],
    );
  });

  it('says who was measured, with figures of the compared cases', () => {
    assert.equal(comparison.before.model, 'reviewer');
    assert.equal(comparison.after.model, 'other');
    assert.equal(comparison.after.figures.bugs.recall.count, 3);
  });

  it('tells a difference that is no chance', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `go-${index}`);
    const worse = report(ids.map((id) => outcome(id, 'missed')));
    const better = report(ids.map((id, index) => outcome(id, index < 8 ? 'found' : 'missed')));
    assert.ok(Math.abs(compareReports(worse, better, { common: false }).bugs.p - 2 / 256) < 1e-12);
  });
});

describe('reports on different cases', () => {
  const fewer = report([outcome('go-a', 'missed'), outcome('go-z', 'found')]);
  const edited = report([outcome('go-a', 'found', { digest: 'sha256:new' }), outcome('go-b', 'missed')]);
  const two = report([outcome('go-a', 'found'), outcome('go-b', 'found')]);

  it('are refused, with what is different', () => {
    const said = refusal(() => compareReports(BEFORE, fewer, { common: false }));
    assert.match(said, /5 cases are only in the first, go-z is only in the second/);
    assert.match(said, /--common/);
    assert.match(
      refusal(() => compareReports(two, edited, { common: false })),
      /go-a is edited in between/,
    );
  });

  it('are compared on the cases that both measured, when told', () => {
    const comparison = compareReports(BEFORE, fewer, { common: true });
    assert.equal(comparison.bugs.cases, 1);
    assert.equal(comparison.before.figures.bugs.recall.of, 1);
    assert.deepEqual(comparison.leftOut.onlyAfter, ['go-z']);
    const others = compareReports(two, edited, { common: true });
    assert.deepEqual(others.leftOut.edited, ['go-a']);
    assert.equal(others.bugs.cases, 1);
  });

  it('are refused also when told, when there is no common case', () => {
    const others = report([outcome('rs-x', 'found')]);
    assert.match(
      refusal(() => compareReports(BEFORE, others, { common: true })),
      /no case in common/,
    );
    assert.match(
      refusal(() => compareReports(report([]), report([]), { common: false })),
      /no case in common/,
    );
  });

  it('are refused before anything is measured', () => {
    requireSameCases(two.cases, two.cases, { common: false });
    assert.match(
      refusal(() => requireSameCases(two.cases, fewer.cases, { common: false })),
      /same cases/,
    );
  });

  it('do not differ because one was to measure more and ended early', () => {
    const planned = BEFORE.cases;
    const cut = reportOf(MEASURED, planned, [outcome('go-a', 'found'), outcome('go-b', 'found')]);
    assert.equal(compareReports(cut, two, { common: false }).bugs.cases, 2);
  });
});
