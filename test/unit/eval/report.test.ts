import assert from 'node:assert/strict';
import { figuresOf } from '../../../src/core/ai/eval/figures.ts';
import { reportOf } from '../../../src/core/ai/eval/report.ts';
import { parseReport } from '../../../src/core/ai/eval/reportFile.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { judged, MEASURED, outcome } from './outcomes.ts';

describe('the figures of outcomes', () => {
  const OUTCOMES = [
    outcome('go-a', 'found', { latency: 300, findings: [judged('hit'), judged('hit', { anchor: 'moved' }), judged('wrong')] }),
    outcome('go-b', 'found', { latency: 100, findings: [judged('hit', { source: 'builtin' })] }),
    outcome('go-c', 'missed', { latency: 200, findings: [judged('beside', { anchor: 'unanchored' })] }),
    outcome('go-d', 'failed', { latency: 9000, findings: [judged('hit')] }),
    outcome('go-e', 'left-alone', { latency: 50 }),
    outcome('go-f', 'flagged', { latency: 60, findings: [judged('wrong'), judged('wrong', { source: 'builtin' })] }),
    outcome('go-g', 'failed', { kind: 'clean', latency: 9000 }),
  ];
  const figures = figuresOf(OUTCOMES);

  it('count a failed review as neither found nor left alone', () => {
    assert.partialDeepStrictEqual(figures.bugs, { recall: { count: 2, of: 4, share: 0.5 }, failed: 1 });
    assert.partialDeepStrictEqual(figures.clean, { leftAlone: { count: 1, of: 3 }, failed: 1 });
  });

  it('tell what the engines found', () => assert.equal(figures.bugs.byEngines, 1));

  it('leave what a failed review had found out of the findings', () => {
    assert.deepEqual(figures.findings, { hit: 3, beside: 1, wrong: 3, precision: 0.5 });
    assert.equal(figures.clean.findingsPerChange, 1);
  });

  it('count places of the model only', () => assert.deepEqual(figures.anchors, { exact: 3, moved: 1, fuzzy: 0, unanchored: 1 }));

  it('take times of reviews that ended', () => assert.deepEqual(figures.latency, { p50: 100, p95: 300 }));

  it('add up usage, and cost in one currency only', () => {
    assert.deepEqual(figures.usage, { requests: 7, inputTokens: 7000, outputTokens: 350, cachedTokens: 70, cacheHits: 0 });
    const costing = (amount: number, currency: string) =>
      outcome(`go-${amount}`, 'found', { usage: { ...outcome('x', 'found').usage, cost: { amount, currency } } });
    assert.deepEqual(figuresOf([costing(0.5, 'USD'), costing(0.25, 'USD'), outcome('go-x', 'found')]).usage.cost, {
      amount: 0.75,
      currency: 'USD',
    });
    assert.equal(figuresOf([costing(0.5, 'USD'), costing(0.25, 'EUR')]).usage.cost, undefined);
  });

  it('say nothing where there is nothing', () => {
    const none = figuresOf([]);
    assert.deepEqual(none.findings, { hit: 0, beside: 0, wrong: 0 });
    assert.deepEqual(none.latency, {});
    assert.equal(none.clean.findingsPerChange, undefined);
    assert.deepEqual(none.bugs.recall, { count: 0, of: 0, share: 0, low: 0, high: 1 });
  });
});

describe('a report', () => {
  const planned = [outcome('rs-b', 'missed'), outcome('go-a', 'missed'), outcome('go-c', 'left-alone')];

  it('has its cases in the order of the set, and figures by language', () => {
    const report = reportOf(MEASURED, planned, [outcome('go-c', 'left-alone'), outcome('rs-b', 'found'), outcome('go-a', 'missed')]);
    assert.deepEqual(
      report.cases.map(({ id }) => id),
      ['rs-b', 'go-a', 'go-c'],
    );
    assert.deepEqual(Object.keys(report.languages), ['go', 'rust']);
    assert.equal(report.languages.go?.bugs.recall.of, 1);
    assert.partialDeepStrictEqual(report, { ...MEASURED, schema: 'handrail.eval/1', complete: true, caseSet: { bugs: 2, clean: 1 } });
    assert.equal(report.all.bugs.recall.count, 1);
  });

  it('says when it ended early, and still what was to be measured', () => {
    const report = reportOf(MEASURED, planned, [outcome('go-a', 'found')]);
    assert.equal(report.complete, false);
    assert.deepEqual(report.caseSet, reportOf(MEASURED, planned, []).caseSet);
  });

  it('can be read again', () => {
    const costing = outcome('go-a', 'found', {
      usage: { ...outcome('x', 'found').usage, cost: { amount: 0.1, currency: 'USD' } },
      partial: 'cut off',
      findings: [judged('hit', { rule: 'biome/x', source: 'builtin' })],
    });
    for (const outcomes of [[costing, outcome('rs-b', 'failed'), outcome('go-c', 'flagged')], [costing], []]) {
      const report = reportOf(MEASURED, planned, outcomes);
      assert.deepEqual(parseReport(JSON.stringify(report), 'a.json'), report);
    }
  });

  it('may have keys of a later version, and figures that somebody changed count for nothing', () => {
    const report = reportOf(MEASURED, planned, [outcome('go-a', 'found')]);
    const changed = { ...report, later: 1, all: {}, cases: report.cases.map((one) => ({ ...one, later: true })) };
    assert.deepEqual(parseReport(JSON.stringify(changed), 'a.json'), report);
  });

  const wrong: [what: string, text: string][] = [
    ['no JSON', '{'],
    ['another document', '{"findings":[]}'],
    ['another version', JSON.stringify({ ...reportOf(MEASURED, planned, []), schema: 'handrail.eval/2' })],
    ['a case without a result', JSON.stringify({ ...reportOf(MEASURED, planned, []), cases: [{ id: 'a' }] })],
  ];
  for (const [what, text] of wrong) {
    it(`is not ${what}`, () => {
      assert.throws(
        () => parseReport(text, 'reports/a.json'),
        (error) => {
          const failure = failureOf(error);
          assert.equal(failure?.reason, 'config');
          assert.match(failure.message, /reports\/a\.json is no report of handrail eval/);
          return true;
        },
      );
    });
  }
});
