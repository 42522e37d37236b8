import assert from 'node:assert/strict';
import { contextOf, countsText, toItems } from '../../../src/vscode/review/findingsItems.ts';
import type { FindingsItem, FindingsState } from '../../../src/vscode/review/findingsItems.ts';
import type { ReviewSummary } from '../../../src/vscode/review/reviewBoard.ts';
import { track } from '../../../src/vscode/review/trackedFinding.ts';
import type { TrackedFinding } from '../../../src/vscode/review/trackedFinding.ts';
import { finding, l10n } from './support.ts';

const summary: ReviewSummary = {
  reviewer: { name: 'reviewer', model: 'gpt-5.2' },
  because: 'models.yml says so',
  coverage: [
    { file: 'src/login.ts', status: 'full' },
    { file: 'src/big.ts', status: 'partial', reason: 'too long for one request' },
    { file: 'dist/a.js', status: 'skipped', reason: 'generated' },
  ],
  redactions: [],
  notices: [],
};

function state(part: Partial<FindingsState> = {}): FindingsState {
  return { entries: [], dismissed: [], showDismissed: false, summary: undefined, running: undefined, ...part };
}
const outline = (items: readonly FindingsItem[] | undefined): string[] =>
  (items ?? []).map((item) => `${item.label} | ${item.description ?? ''}`);
const child = (items: readonly FindingsItem[], id: string): FindingsItem => {
  const found = items.find((item) => item.id === id);
  assert.ok(found, `no row ${id} among ${items.map((item) => item.id).join(', ')}`);
  return found;
};
function unplaced(): TrackedFinding {
  const { startLine: _start, endLine: _end, ...rest } = finding({ id: 'u', quote: 'was\n  here' });
  return track({ ...rest, anchor: { status: 'unanchored', confidence: 0 } });
}

describe('toItems', () => {
  it('shows nothing before the first review, so that the welcome text appears', () => {
    assert.deepEqual(toItems(state(), l10n), []);
  });

  it('groups findings by file with their counts', () => {
    const entries = [track(finding()), track(finding({ id: 'f2', severity: 'low' })), track(finding({ id: 'f3', file: 'readme.md' }))];
    const items = toItems(state({ entries }), l10n);
    assert.deepEqual(outline(items), ['login.ts | src · 1 high · 1 low', 'readme.md | 1 high']);
    assert.deepEqual(outline(items[0]?.children), ['The promise is dropped | line 2 · bug', 'The promise is dropped | line 2 · bug']);
    assert.equal(items[0]?.children?.[0]?.spoken, 'high, The promise is dropped, line 2, bug');
  });

  it('moves no finding when the review ends: its progress stands where the summary will be', () => {
    const running = { reviewer: summary.reviewer, subject: 'login.ts', message: '', done: 0, total: 1, outputTokens: 0, found: 1 };
    const ids = (part: Partial<FindingsState>): string[] =>
      toItems(state({ entries: [track(finding())], ...part }), l10n).map(({ id }) => id);
    assert.deepEqual(ids({ running, summary }), ['file:src/login.ts', 'running']);
    assert.equal(ids({ summary })[0], 'file:src/login.ts');
  });

  it('says that a finding is stale and leaves resolved ones out', () => {
    const entries = [
      { ...track(finding()), state: 'stale' as const },
      { ...track(finding({ id: 'f2' })), state: 'resolved' as const },
    ];
    const [file] = toItems(state({ entries }), l10n);
    assert.deepEqual(outline(file?.children), ['The promise is dropped | stale: the lines have changed · line 2 · bug']);
  });

  it('shows openly what could not be placed, with its quote', () => {
    const items = toItems(state({ entries: [unplaced()] }), l10n);
    assert.deepEqual(outline(items), ['Could not be placed | 1']);
    assert.deepEqual(outline(items[0]?.children), ['The promise is dropped | src/login.ts · “was here”']);
  });

  it('tells what was read in full, in part and not at all, with reasons', () => {
    const read = child(toItems(state({ summary }), l10n), 'read');
    assert.equal(read.description, 'by reviewer (gpt-5.2)');
    assert.deepEqual(outline(read.children), ['Read in full | 1', 'Read in part | 1', 'Not read | 1']);
    assert.deepEqual(outline(read.children?.[2]?.children), ['dist/a.js | generated']);
  });

  it('does not call a file without a read clean', () => {
    const nothing = { ...summary, coverage: [{ file: 'a.bin', status: 'skipped' as const, reason: 'binary' }] };
    assert.equal(child(toItems(state({ summary: nothing }), l10n), 'nothing').label, 'Nothing was read');
    assert.equal(child(toItems(state({ summary }), l10n), 'nothing').label, 'No open findings');
  });

  it('does not call a review that ended early clean', () => {
    const items = toItems(state({ summary: { ...summary, stopped: 'The review was cancelled.' } }), l10n);
    assert.equal(
      items.some((item) => item.id === 'nothing'),
      false,
    );
    assert.equal(child(items, 'stopped').label, 'The review was cancelled.');
  });

  it('says that a review runs where it will tell what was read, so that nothing moves at its end', () => {
    const running = { reviewer: { name: 'reviewer' }, subject: 'the branch', message: '', done: 1, total: 3, outputTokens: 0, found: 1 };
    const entries = [track(finding()), unplaced()];
    const before = toItems(state({ entries, summary, running }), l10n).map(({ id }) => id);
    const after = toItems(state({ entries, summary }), l10n).map(({ id }) => id);
    assert.deepEqual(before, ['file:src/login.ts', 'unplaced', 'running']);
    assert.deepEqual(after, ['file:src/login.ts', 'unplaced', 'read']);
  });

  it('counts replaced secrets', () => {
    const redactions = [
      { file: 'a.ts', line: 3, kind: 'aws-access-key' },
      { file: 'a.ts', line: 9, kind: 'private-key' },
    ];
    const row = child(toItems(state({ summary: { ...summary, redactions } }), l10n), 'redactions');
    assert.equal(row.label, '2 secrets were replaced before anything was sent');
    assert.deepEqual(outline(row.children), ['aws-access-key | a.ts:3', 'private-key | a.ts:9']);
  });

  it('shows dismissed findings on request only', () => {
    const dismissed = [{ id: 'x', reason: 'intended', title: 'Old one', file: 'a.ts' }];
    assert.equal(toItems(state({ dismissed }), l10n).length, 0);
    assert.deepEqual(outline(toItems(state({ dismissed, showDismissed: true }), l10n)[0]?.children), ['Old one | a.ts · intended']);
  });

  it('escapes what a model wrote in tooltips', () => {
    const [file] = toItems(state({ entries: [track(finding({ message: '[x](command:evil)' }))] }), l10n);
    assert.ok(file?.children?.[0]?.tooltip?.includes('\\[x\\]\\(command\\:evil\\)'));
  });

  it('gives every row its own identifier', () => {
    const entries = [track(finding()), track(finding({ id: 'f2' })), unplaced()];
    const ids: string[] = [];
    const walk = (items: readonly FindingsItem[]): void => items.forEach((item) => (ids.push(item.id), walk(item.children ?? [])));
    walk(toItems(state({ entries, summary }), l10n));
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('contextOf', () => {
  it('offers a fix only where there is one that may be applied', () => {
    const fix = { edits: [{ file: 'src/login.ts', startLine: 2, endLine: 2, newText: 'x' }] };
    assert.equal(contextOf(track(finding())), 'finding');
    assert.equal(contextOf(track(finding({ fix }))), 'finding.fix');
    assert.equal(contextOf({ ...track(finding({ fix })), state: 'stale' }), 'finding.stale');
    assert.equal(contextOf(unplaced()), 'finding.unplaced');
  });
});

describe('countsText', () => {
  it('counts by severity, worst first', () => {
    const entries = [track(finding({ severity: 'low' })), track(finding({ severity: 'critical' })), track(finding({ severity: 'low' }))];
    assert.equal(countsText(entries, l10n), '1 critical · 2 low');
  });
});
