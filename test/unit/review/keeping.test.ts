import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/ai/finding.ts';
import { dismissalFor, type Dismissal } from '../../../src/core/ai/review/dismissals.ts';
import { isExpired, parseExpiry } from '../../../src/core/expiry.ts';
import { FindingFilter } from '../../../src/core/ai/review/filter.ts';
import { fingerprintOf, identityOf } from '../../../src/core/ai/review/fingerprint.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { finding } from './support.ts';

const LINES = ['function pay(a) {', '  if (a = 0) return;', '  charge(a);', '}', 'const token = "s1";'];
const NOW = Date.parse('2026-06-15T12:00:00Z');

const question = (one: Finding, lines = LINES) => {
  const identity = identityOf(one, lines);
  return { finding: one, symbol: identity.symbol, fingerprint: fingerprintOf(identity) };
};

function dismissalOf(one: Finding, extra: Partial<Dismissal> = {}): Dismissal {
  const { symbol, fingerprint } = question(one);
  return {
    fingerprint,
    file: one.file,
    rule: one.rule ?? one.category,
    symbol,
    quote: one.quote,
    title: one.title,
    reason: 'fine',
    ...extra,
  };
}

const applies = (one: Finding, dismissal: Dismissal, lines = LINES, gone = false): boolean =>
  dismissalFor(question(one, lines), [dismissal], { now: NOW, isGone: () => gone }) !== undefined;

describe('dismissals', () => {
  it('hold for reworded, moved and reindented findings', () => {
    const dismissal = dismissalOf(finding());
    assert.ok(applies(finding({ title: 'Other', message: 'Other words', severity: 'low' }), dismissal));
    assert.ok(applies(finding({ startLine: 3, endLine: 3 }), dismissal, ['', ...LINES]));
    assert.ok(applies(finding({ quote: '\tif (a = 0)  return;' }), dismissal));
    assert.ok(applies(finding({ quote: '  if (a = 0) return;\n  charge(a);', endLine: 3 }), dismissal), 'a line more quoted');
    assert.ok(applies(finding({ category: 'reliability' }), dismissal), 'another category, the same title');
  });

  it('do not hold for other code, rules, places', () => {
    const dismissal = dismissalOf(finding());
    assert.ok(!applies(finding({ quote: '  charge(a);', startLine: 3, endLine: 3 }), dismissal));
    assert.ok(!applies(finding({ category: 'security', title: 'Timing leak' }), dismissal));
    assert.ok(!applies(finding(), dismissal, ['function refund(a) {', ...LINES.slice(1)]));
    assert.ok(!applies(finding({ file: 'src/other.js' }), dismissal));
    assert.ok(applies(finding({ file: 'src/renamed.js' }), dismissal, LINES, true), 'the file went elsewhere');
  });

  it('never hide another secret behind the same marker', () => {
    const secret = finding({
      category: 'secret',
      rule: 'secret/token',
      startLine: 5,
      endLine: 5,
      quote: 'const token = "[redacted:token]";',
    });
    const dismissal = dismissalOf(secret);
    assert.ok(applies(secret, dismissal));
    assert.ok(!applies(secret, dismissal, [...LINES.slice(0, 4), 'const token = "s2";']));
  });

  it('end after their last day, and with a date that is none', () => {
    const dated = (expires: string): boolean => applies(finding(), dismissalOf(finding(), { expires }));
    assert.ok(dated('2026-06-15'));
    assert.ok(!dated('2026-06-14'));
    assert.ok(!dated('whenever'));
    assert.equal(isExpired(undefined, NOW), false);
  });

  it('take spans and dates', () => {
    assert.equal(parseExpiry('14d', NOW), '2026-06-29');
    assert.equal(parseExpiry('2w', NOW), '2026-06-29');
    assert.equal(parseExpiry('2026-12-31', NOW), '2026-12-31');
    for (const text of ['', '14', 'tomorrow', '2026-02-30', '2026-06-14', '-3d']) {
      assert.throws(
        () => parseExpiry(text, NOW),
        (error) => failureOf(error)?.reason === 'usage',
        text,
      );
    }
  });

  it('written by people hold with a fingerprint alone, in any file', () => {
    const bare = { fingerprint: question(finding()).fingerprint, reason: 'fine' };
    assert.ok(applies(finding({ file: 'elsewhere.js' }), bare));
    assert.ok(!applies(finding({ quote: 'x' }), bare));
  });
});

describe('filter', () => {
  const admitted = (...findings: Finding[]): boolean[] => {
    const filter = new FindingFilter([]);
    return findings.map((one) => filter.admit(one));
  };

  it('merges what says the same about the same lines, and only that', () => {
    const near = finding({ startLine: 3, endLine: 3, quote: 'x', title: 'Condition is an assignment' });
    assert.deepEqual(admitted(finding(), finding({ message: 'Reworded.' }), near), [true, false, false]);
    assert.deepEqual(admitted(finding(), finding({ title: 'Missing currency', message: 'Amounts of several currencies mix.' })), [
      true,
      true,
    ]);
    assert.deepEqual(admitted(finding(), finding({ startLine: 90, endLine: 90 }), finding({ file: 'b' })), [true, true, true]);
  });

  it('does not let the model repeat an engine', () => {
    const engine = finding({ source: 'builtin', rule: 'r', title: 'An assignment stands in a condition.' });
    const secret = finding({
      source: 'builtin',
      rule: 's',
      category: 'secret',
      title: 'A secret is in the file.',
      message: 'Whoever reads it can use it.',
    });
    assert.deepEqual(admitted(engine, finding()), [true, false]);
    assert.deepEqual(admitted(secret, finding({ title: 'Hardcoded API key', message: 'Put the credential elsewhere.' })), [true, false]);
    assert.deepEqual(admitted(engine, finding({ title: 'Race', message: 'Two payments interleave.' })), [true, true]);
  });

  it('does not repeat what the editor reports for the line, except a secret', () => {
    const filter = new FindingFilter([
      { file: 'src/pay.js', line: 2, message: 'Expected a conditional expression, saw an assignment in the condition.' },
    ]);
    assert.equal(filter.admit(finding({ source: 'builtin', rule: 'r' })), false);
    assert.equal(filter.admit(finding({ source: 'builtin', rule: 's', category: 'secret' })), true);
    assert.equal(filter.admit(finding({ title: 'Refunds are lost', message: 'Nobody is told about it.' })), true);
    assert.equal(filter.admit(finding({ source: 'builtin', rule: 'r', startLine: 3, endLine: 3 })), true);
  });
});
