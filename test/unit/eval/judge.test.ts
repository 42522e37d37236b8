import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EvalCase } from '../../../src/core/ai/eval/case.ts';
import { judge, mentions, type Verdict } from '../../../src/core/ai/eval/judge.ts';
import { failedOutcome, outcomeOf } from '../../../src/core/ai/eval/outcome.ts';
import type { Finding, ReviewResult } from '../../../src/core/ai/finding.ts';

const AFTER = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n');

const CASE: EvalCase = {
  id: 'ts-lines',
  language: 'typescript',
  title: 'Write lines',
  path: 'src/lines.ts',
  before: 'line 1\n',
  after: AFTER,
  bug: { category: 'reliability', severity: 'high', quote: 'line 8\nline 9\n', also: ['line 15'], about: ['leak', 'close'] },
};
const { bug: BUG, ...CLEAN } = CASE;

function finding(extra: Partial<Finding> = {}): Finding {
  return {
    id: '1',
    file: CASE.path,
    startLine: 8,
    endLine: 8,
    severity: 'high',
    category: 'bug',
    title: 'The handle leaks',
    message: 'Nobody closes it.',
    quote: 'line 8',
    source: 'model',
    anchor: { status: 'exact', confidence: 0.99 },
    ...extra,
  };
}

const verdict = (extra: Partial<Finding>, of: EvalCase = CASE): Verdict | undefined => judge(of, [finding(extra)])[0]?.verdict;
const at = (startLine: number, endLine = startLine): Partial<Finding> => ({ startLine, endLine });
const unplaced = (extra: Partial<Finding> = {}): Finding => {
  const { startLine: _, endLine: __, ...rest } = finding(extra);
  return { ...rest, anchor: { status: 'unanchored', confidence: 0 } };
};
const withCategory = (category: 'bug' | 'security' | 'performance'): EvalCase => ({ ...CASE, bug: { ...BUG!, category } });

function result(findings: Finding[], extra: Partial<ReviewResult> = {}): ReviewResult {
  return {
    model: 'reviewer',
    findings,
    dismissed: [],
    coverage: [{ file: CASE.path, status: 'full' }],
    usage: { requests: 1, inputTokens: 10, outputTokens: 5, cachedTokens: 0, cacheHits: 0 },
    redactions: [],
    notices: [],
    ...extra,
  };
}

describe('the verdict on a finding', () => {
  it('is a hit on the lines of the bug, at any of its places, and one line around them', () => {
    for (const [start, end] of [
      [8, 8],
      [9, 9],
      [8, 9],
      [7, 7],
      [10, 10],
      [15, 15],
      [14, 14],
      [16, 16],
      [1, 7],
      [6, 15],
      [10, 13],
    ] as const)
      assert.equal(verdict(at(start, end)), 'hit', `${start}-${end}`);
  });

  it('is wrong two lines away', () => {
    for (const [start, end] of [
      [6, 6],
      [11, 13],
      [17, 20],
      [1, 6],
    ] as const)
      assert.equal(verdict(at(start, end)), 'wrong', `${start}-${end}`);
  });

  it('is no hit when it points at everything', () => {
    assert.equal(verdict(at(5, 15)), 'beside');
    assert.equal(verdict({ ...at(1, 20), title: 'x', message: 'y' }), 'wrong');
  });

  it('is beside when it speaks of something else there', () => {
    assert.equal(verdict({ title: 'The name is long', message: 'Shorten it.' }), 'beside');
  });

  it('takes the word from the title or the message, whatever its case and ending', () => {
    assert.equal(verdict({ title: 'LEAKING', message: 'x' }), 'hit');
    assert.equal(verdict({ title: 'x', message: 'It is never closed.' }), 'hit');
    assert.equal(verdict({ title: 'Bleak', message: 'The enclosed text.' }), 'beside');
  });

  it('takes the category for the word where it tells defects apart', () => {
    const words = { title: 'x', message: 'y' };
    assert.equal(verdict({ ...words, category: 'security' }, withCategory('security')), 'hit');
    assert.equal(verdict({ ...words, category: 'secret' }, withCategory('security')), 'hit');
    assert.equal(verdict({ ...words, category: 'performance' }, withCategory('performance')), 'hit');
    assert.equal(verdict({ ...words, category: 'performance' }, withCategory('security')), 'beside');
    assert.equal(verdict({ ...words, category: 'bug' }, withCategory('bug')), 'beside');
    assert.equal(verdict({ ...words, category: 'reliability' }), 'beside');
    assert.equal(verdict({ ...words, ...at(2), category: 'security' }, withCategory('security')), 'wrong');
  });

  it('does not count a finding without a place for or against when it names the bug', () => {
    assert.equal(judge(CASE, [unplaced()])[0]?.verdict, 'beside');
    assert.equal(judge(CASE, [unplaced({ title: 'x', message: 'y' })])[0]?.verdict, 'wrong');
  });

  it('is wrong on a clean change, wherever and whatever', () => {
    assert.equal(verdict({}, CLEAN), 'wrong');
    assert.equal(verdict({ severity: 'info' }, CLEAN), 'wrong');
    assert.equal(judge(CLEAN, [unplaced()])[0]?.verdict, 'wrong');
  });

  it('never gets better farther away from the bug', () => {
    const rank: Record<Verdict, number> = { hit: 2, beside: 1, wrong: 0 };
    const far = (line: number): number => Math.min(Math.max(0, 8 - line, line - 9), Math.abs(line - 15));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (a, b) => {
        const [near, away] = far(a) <= far(b) ? [a, b] : [b, a];
        assert.ok(rank[verdict(at(near)) ?? 'wrong'] >= rank[verdict(at(away)) ?? 'wrong']);
      }),
    );
  });
});

describe('a word that is mentioned', () => {
  it('begins like a word of the text', () => {
    assert.ok(mentions('A race, and a Deadlock.', ['deadlock']));
    assert.ok(mentions('awaited', ['await']));
    assert.ok(!mentions('unawaited and trace', ['await', 'race']));
    assert.ok(mentions('trace, then a race', ['race']));
  });

  it('may be signs, and several words', () => {
    assert.ok(mentions('compares with ==', ['==']));
    assert.ok(mentions('a==b', ['==']));
    assert.ok(mentions('an off-by-one error', ['off-by-one']));
    assert.ok(!mentions('', ['x']));
  });
});

describe('the outcome of a case', () => {
  it('is found when one finding hits, however many are wrong', () => {
    const outcome = outcomeOf(CASE, result([finding(at(2)), finding()]), 12);
    assert.equal(outcome.result, 'found');
    assert.deepEqual(
      outcome.findings.map(({ verdict: one }) => one),
      ['wrong', 'hit'],
    );
    assert.partialDeepStrictEqual(outcome, { id: 'ts-lines', language: 'typescript', kind: 'bug', latency: 12 });
  });

  it('is missed without a hit, left alone without a finding, flagged with one', () => {
    assert.equal(outcomeOf(CASE, result([]), 1).result, 'missed');
    assert.equal(outcomeOf(CASE, result([finding(at(2))]), 1).result, 'missed');
    assert.equal(outcomeOf(CLEAN, result([]), 1).result, 'left-alone');
    assert.equal(outcomeOf(CLEAN, result([finding()]), 1).result, 'flagged');
    assert.equal(outcomeOf(CLEAN, result([]), 1).kind, 'clean');
  });

  it('says what was read in part only', () => {
    const coverage = [{ file: CASE.path, status: 'partial' as const, reason: 'the answer was cut off' }];
    assert.partialDeepStrictEqual(outcomeOf(CLEAN, result([], { coverage }), 1), {
      result: 'left-alone',
      partial: 'the answer was cut off',
    });
  });

  it('has failed when the change was not read at all: nobody left it alone', () => {
    const coverage = [{ file: CASE.path, status: 'skipped' as const, reason: 'the built-in engine failed' }];
    const outcome = outcomeOf(CLEAN, result([], { coverage }), 1);
    assert.equal(outcome.result, 'failed');
    assert.match(outcome.failure?.message ?? '', /the built-in engine failed/);
    assert.equal(outcome.usage.requests, 1);
  });

  it('keeps what a failed review had found', () => {
    const failure = { reason: 'bad-response', message: 'It said nothing.' } as const;
    const outcome = failedOutcome(CASE, failure, { findings: [finding()], latency: 3 });
    assert.equal(outcome.result, 'failed');
    assert.equal(outcome.findings[0]?.verdict, 'hit');
    assert.deepEqual(outcome.failure, failure);
  });
});
