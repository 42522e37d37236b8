import assert from 'node:assert/strict';
import { neighbour, ReviewBoard, shownEntries } from '../../../src/vscode/review/reviewBoard.ts';
import type { ReviewSummary } from '../../../src/vscode/review/reviewBoard.ts';
import { finding } from './support.ts';

const summary: ReviewSummary = { reviewer: { name: 'builtin' }, because: '', coverage: [], redactions: [], notices: [] };
const running = { reviewer: { name: 'reviewer', model: 'm' }, subject: '', message: '', done: 0, total: 0, outputTokens: 0, found: 0 };
const insertAbove = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: '\n' };

describe('ReviewBoard', () => {
  it('keeps the place of a finding that a second review repeats unchanged', () => {
    const board = new ReviewBoard();
    board.add(finding());
    board.edited('src/login.ts', [insertAbove]);
    board.finish([finding()], summary, [], new Map());
    assert.equal(board.entry('f1')?.span?.startLine, 3);
    board.finish([finding({ startLine: 9, endLine: 9 })], summary, [], new Map());
    assert.equal(board.entry('f1')?.span?.startLine, 9);
  });

  it('drops what a later review no longer says', () => {
    const board = new ReviewBoard();
    board.add(finding());
    board.finish([finding({ id: 'f2' })], summary, [], new Map());
    assert.deepEqual(
      board.entries.map((entry) => entry.finding.id),
      ['f2'],
    );
  });

  it('remembers the title of a dismissed finding, also when a review names only its identifier', () => {
    const board = new ReviewBoard();
    board.add(finding());
    board.dismiss('f1', 'intended');
    board.finish([], summary, [{ id: 'f1', reason: 'intended' }], new Map());
    assert.deepEqual(board.dismissed, [{ id: 'f1', reason: 'intended', title: 'The promise is dropped', file: 'src/login.ts' }]);
    assert.equal(board.entries.length, 0);
  });

  it('does not bring back what was mended or dismissed while the review still ran', async () => {
    const board = new ReviewBoard();
    board.begin(running);
    board.add(finding());
    board.add(finding({ id: 'f2' }));
    board.add(finding({ id: 'f3' }));
    await board.mend('f1', () => Promise.resolve(true));
    board.dismiss('f2', 'intended');
    // The review says them once more, in other words.
    board.add(finding({ message: 'Said anew.' }));
    board.finish([finding(), finding({ id: 'f2', message: 'Said anew.' }), finding({ id: 'f3' })], summary, [], new Map());
    board.end();
    assert.deepEqual(
      shownEntries(board).map((entry) => entry.finding.id),
      ['f3'],
    );
    // The next review read the text as it is now: what it still finds is open.
    board.begin(running);
    board.finish([finding()], summary, [], new Map());
    board.end();
    assert.equal(board.entry('f1')?.state, 'open');
  });

  it('leaves a finding alone while its fix is being made, whoever compares it with the text meanwhile', async () => {
    const board = new ReviewBoard();
    board.add(finding());
    const quotes = { verify: (_: unknown, text: string) => text === 'before', locate: () => undefined };
    const mended = await board.mend('f1', () => {
      board.compared('src/login.ts', 'before', quotes);
      return Promise.resolve(true);
    });
    board.compared('src/login.ts', 'after', quotes);
    assert.deepEqual([mended, board.entry('f1')?.state], [true, 'resolved']);
  });

  it('does not bring back what was mended after a review was asked for, while it still asked the person', async () => {
    const board = new ReviewBoard();
    board.add(finding());
    board.ask();
    await board.mend('f1', () => Promise.resolve(true));
    board.begin(running);
    board.add(finding());
    board.end();
    assert.equal(board.entry('f1')?.state, 'resolved');
  });

  it('opens a finding again whose fix was not made', async () => {
    const board = new ReviewBoard();
    board.add(finding());
    const quotes = { verify: () => true, locate: () => undefined };
    assert.equal(await board.mend('f1', () => Promise.resolve(false)), false);
    board.compared('src/login.ts', 'before', quotes);
    assert.equal(board.entry('f1')?.state, 'open');
  });

  it('tells its listeners of changes, and of nothing when nothing changed', () => {
    const board = new ReviewBoard();
    board.add(finding());
    let calls = 0;
    board.onDidChange(() => (calls += 1));
    board.edited('src/other.ts', [insertAbove]);
    assert.equal(calls, 0);
    board.edited('src/login.ts', [insertAbove]);
    assert.equal(calls, 1);
  });

  it('names the reviewer of each finding', () => {
    const board = new ReviewBoard();
    board.begin(running);
    board.add(finding());
    board.end();
    assert.deepEqual(board.entry('f1')?.reviewer, { name: 'reviewer', model: 'm' });
  });
});

describe('neighbour', () => {
  const board = new ReviewBoard();
  board.add(finding({ id: 'b9', file: 'b.ts', startLine: 9, endLine: 9 }));
  board.add(finding({ id: 'a7', file: 'a.ts', startLine: 7, endLine: 7 }));
  board.add(finding({ id: 'a2', file: 'a.ts', startLine: 2, endLine: 2 }));
  const entries = shownEntries(board);
  const go = (from: { file: string; line: number } | undefined, direction: 'next' | 'previous'): string | undefined =>
    neighbour(entries, from, direction)?.finding.id;

  it('goes through files in order and wraps at both ends', () => {
    assert.equal(go({ file: 'a.ts', line: 2 }, 'next'), 'a7');
    assert.equal(go({ file: 'a.ts', line: 7 }, 'next'), 'b9');
    assert.equal(go({ file: 'b.ts', line: 9 }, 'next'), 'a2');
    assert.equal(go({ file: 'a.ts', line: 2 }, 'previous'), 'b9');
    assert.equal(go({ file: 'b.ts', line: 9 }, 'previous'), 'a7');
  });

  it('starts somewhere without a place, and from a file without findings', () => {
    assert.equal(go(undefined, 'next'), 'a2');
    assert.equal(go(undefined, 'previous'), 'b9');
    assert.equal(go({ file: 'aa.ts', line: 1 }, 'next'), 'b9');
    assert.equal(neighbour([], undefined, 'next'), undefined);
  });
});
