import assert from 'node:assert/strict';
import { caseList, comparisonText, outlookText, reportText } from '../../../src/cli/text/eval.ts';
import { compareReports } from '../../../src/core/ai/eval/compare.ts';
import type { CaseOutcome } from '../../../src/core/ai/eval/outcome.ts';
import { reportOf } from '../../../src/core/ai/eval/report.ts';
import type { ModelChoice } from '../../../src/core/ai/service.ts';
import { judged, MEASURED, outcome } from './outcomes.ts';

const plain = (_: unknown, text: string): string => text;
const OUTCOMES = [outcome('go-a', 'found'), outcome('go-b', 'missed'), outcome('rs-c', 'flagged', { findings: [judged('wrong')] })];
const text = (outcomes: CaseOutcome[], planned = outcomes, extra: Partial<typeof MEASURED> = {}): string =>
  reportText(reportOf({ ...MEASURED, ...extra }, planned, outcomes), plain).join('\n');

const CHOICE: ModelChoice = {
  kind: 'model',
  name: 'reviewer',
  model: 'test-model',
  because: 'the role asks for it.',
  confirmed: true,
  needsKey: false,
  offers: [],
};

describe('what people read of an evaluation', () => {
  it('says before the start who is asked, and what sending costs where that is known', () => {
    const outlook = { choice: CHOICE, cases: 133, inputTokens: 190_000, cost: { amount: 0.2375, currency: 'USD' } };
    assert.deepEqual(outlookText(outlook), [
      'Reviewer: reviewer (test-model) – the role asks for it.',
      '133 cases, about 190000 tokens to send, 0.2375 USD before any answer.',
    ]);
    assert.equal(outlookText({ ...outlook, cost: undefined })[1], '133 cases, about 190000 tokens to send.');
    const builtin = { ...CHOICE, kind: 'builtin' as const, name: 'builtin' };
    assert.match(
      outlookText({ choice: builtin, cases: 1, inputTokens: undefined, cost: undefined })[1] ?? '',
      /^1 case\. No model is measured/,
    );
  });

  it('is a table by language and in all, with what the table does not say', () => {
    const lines = text(OUTCOMES).split('\n');
    assert.match(lines[0] ?? '', /^reviewer \(test-model\), prompt review\/1, Handrail 1\.2\.3, 2026-11-20 10:00 UTC$/);
    const row = (name: string): string => lines.find((line) => line.startsWith(name)) ?? assert.fail(name);
    assert.match(row('go '), /1\/2 50 % {2,}9 % – 91 % {2,}– {2,}– {2,}– {2,}100 % {2,}100 ms {2,}100 ms/);
    assert.match(row('rust '), /– {2,}– {2,}0\/1 0 % {2,}0 % – 79 % {2,}1\.00 {2,}0 %/);
    assert.match(row('all '), /1\/2 50 %/);
    assert.match(row('Findings'), /1 on the bug, 1 wrong, 0 beside/);
    assert.match(row('Places'), /2 findings: 100 % exact, 0 % moved, 0 % fuzzy, 0 % unanchored/);
    assert.match(row('3 requests'), /3000 tokens in, 150 out/);
    assert.match(row('missed'), /go-b/);
    assert.match(row('flagged'), /rs-c/);
  });

  it('names what the built-in engines would have found alone, and failed reviews', () => {
    const said = text([...OUTCOMES, outcome('go-d', 'failed')]);
    assert.match(said, /engines alone would have found 0 of the 1 bugs/);
    assert.match(said, /1 review failed and counts as neither/);
    assert.match(said, /^failed: go-d$/m);
    assert.doesNotMatch(text([outcome('go-a', 'found', { findings: [judged('hit', { source: 'builtin' })] })]), /engines alone|Places/);
  });

  it('says when it ended early, also before the first case', () => {
    assert.match(text(OUTCOMES.slice(0, 1), OUTCOMES), /Ended early: 1 of 3 cases were measured/);
    const none = text([], OUTCOMES, { model: 'builtin' });
    assert.match(none, /^the built-in reviewer/);
    assert.match(none, /Ended early: 0 of 3/);
    assert.doesNotMatch(none, /language/);
  });

  it('compares two reports, with what changed and how sure that is', () => {
    const before = reportOf(MEASURED, OUTCOMES, OUTCOMES);
    const now = [outcome('go-a', 'found'), outcome('go-b', 'found'), outcome('rs-c', 'flagged')];
    const after = reportOf({ ...MEASURED, model: 'other', parallel: 4 }, now, now);
    const said = comparisonText(compareReports(before, after, { common: false }), plain).join('\n');
    assert.match(said, /bugs found {2,}1\/2 {2,}2\/2 {2,}0 {2,}1 {2,}1\.000/);
    assert.match(said, /go-b \(go\): missed → found/);
    assert.match(said, /A ran 2 cases at a time, B 4: compare no times/);
    assert.doesNotMatch(said, /left out/);
    const same = comparisonText(compareReports(before, before, { common: false }), plain).join('\n');
    assert.match(same, /Every case came out the same/);
    const part = reportOf(MEASURED, now, now.slice(0, 1));
    assert.match(
      comparisonText(compareReports(before, part, { common: true }), plain).join('\n'),
      /2 cases left out: 2 only in A, 0 only in B/,
    );
  });

  it('lists the cases', () => {
    const base = { title: 'Write it', path: 'a.go', before: '', after: 'a' };
    const bug = { category: 'security' as const, severity: 'high' as const, quote: 'a', also: [], about: ['x'] };
    const lines = caseList([
      { ...base, id: 'go-long-name', language: 'go', bug },
      { ...base, id: 'go-b', language: 'go' },
    ]);
    assert.equal(lines[0], 'go-long-name  go          security     Write it');
    assert.equal(lines[1], 'go-b          go          clean        Write it');
    assert.equal(lines.at(-1), '1 seeded bug, 1 clean change.');
  });
});
