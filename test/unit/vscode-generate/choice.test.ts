import assert from 'node:assert/strict';
import type { ProposedChange } from '../../../src/core/ai/generate/generation.ts';
import { ProposalChoice } from '../../../src/vscode/generate/choice.ts';
import { choiceText, proposalRows } from '../../../src/vscode/generate/proposalRows.ts';
import { textEditsOf } from '../../../src/vscode/generate/textEdits.ts';
import { CREATE, l10n, proposalWith } from './samples.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const TWO: ProposedChange = { file: 'src/a.ts', kind: 'edit', before: BEFORE, after: 'ONE\ntwo\nthree\nfour\nFIVE\nsix\n', edits: [] };

describe('what is taken of a proposal', () => {
  it('is all of it to begin with, unchanged', () => {
    const choice = new ProposalChoice([TWO, CREATE]);
    assert.deepEqual(choice.changes, [TWO, CREATE]);
    assert.deepEqual(choice.size, { taken: 3, all: 3, files: 2, added: 5, removed: 2 });
    assert.equal(choiceText(choice.size, l10n), '3 changes in 2 files');
  });

  it('follows what is left out: the text, the change and the size', () => {
    const choice = new ProposalChoice([TWO, CREATE]);
    assert.equal(choice.set({ file: 'src/a.ts', hunk: 0 }, false), true);
    assert.equal(choice.set({ file: 'src/a.ts', hunk: 0 }, false), false);
    assert.equal(choice.textOf('src/a.ts'), 'one\ntwo\nthree\nfour\nFIVE\nsix\n');
    assert.equal(choice.set({ file: CREATE.file }, false), true);
    assert.equal(choice.textOf(CREATE.file), '');
    const [part, ...others] = choice.changes;
    assert.deepEqual(others, []);
    assert.ok(part);
    assert.equal(part.after, 'one\ntwo\nthree\nfour\nFIVE\nsix\n');
    assert.deepEqual(textEditsOf(part), [{ start: { line: 4, character: 0 }, end: { line: 4, character: 4 }, newText: 'FIVE\nsix' }]);
    assert.equal(choiceText(choice.size, l10n), '1 of 3 changes in 1 file');
  });

  it('can be one change only, and comes back as a whole', () => {
    const choice = new ProposalChoice([TWO, CREATE]);
    assert.deepEqual(choice.setOnly({ file: 'src/a.ts', hunk: 1 }), ['src/a.ts', CREATE.file]);
    assert.deepEqual(choice.size, { taken: 1, all: 3, files: 1, added: 2, removed: 1 });
    choice.set({ file: 'src/a.ts' }, true);
    choice.set({ file: CREATE.file }, true);
    assert.deepEqual(choice.changes, [TWO, CREATE]);
  });

  it('knows no file and no part that is not there', () => {
    const choice = new ProposalChoice([TWO]);
    assert.equal(choice.set({ file: 'other' }, false), false);
    choice.set({ file: 'src/a.ts', hunk: 0 }, false);
    assert.equal(choice.set({ file: 'src/a.ts', hunk: 9 }, true), false);
    assert.equal(choice.textOf('other'), undefined);
  });

  it('is told by the line of the diff, also of what is left out', () => {
    const choice = new ProposalChoice([TWO]);
    assert.deepEqual(choice.at('src/a.ts', 6), { file: 'src/a.ts', hunk: 1 });
    assert.equal(choice.at('src/a.ts', 3), undefined);
    choice.set({ file: 'src/a.ts', hunk: 1 }, false);
    assert.deepEqual(choice.at('src/a.ts', 5), { file: 'src/a.ts', hunk: 1 });
    assert.equal(choice.lineOf({ file: 'src/a.ts', hunk: 1 }), 5);
  });
});

describe('the view of proposed changes', () => {
  it('has files with their parts, what was not placed, and what was read', () => {
    const proposal = proposalWith({
      changes: [TWO, CREATE],
      unplaced: [{ file: '../x', search: 'gone();', replacement: '', because: 'It leads out.' }],
      coverage: [{ file: 'src/a.ts', status: 'partial', reason: 'too long' }],
    });
    const choice = new ProposalChoice(proposal.result.changes);
    choice.set({ file: 'src/a.ts', hunk: 0 }, false);
    const rows = proposalRows(proposal, choice, new Set(), l10n);
    assert.deepEqual(
      rows.map(({ label, description, isTaken }) => [label, description, isTaken]),
      [
        ['a.ts', '+2 −1 · 1 of 2 · src', true],
        ['new.ts', '+2 −0 · new file · src', true],
        ['Could not be placed', '1', undefined],
        ['What was read', '1', undefined],
      ],
    );
    assert.deepEqual(
      rows[0]?.children?.map(({ label, description, isTaken }) => [label, description, isTaken]),
      [
        ['ONE', 'line 1 · +1 −1', false],
        ['FIVE', 'line 5 · +2 −1', true],
      ],
    );
    assert.deepEqual(rows[2]?.children?.[0]?.description, 'It leads out.');
    assert.deepEqual(rows[3]?.children?.[0]?.description, 'in part, too long');
    assert.equal(rows[3]?.isFolded, true);
  });

  it('warns of a file that has changed meanwhile, before anybody accepts', () => {
    const proposal = proposalWith({ changes: [TWO, CREATE] });
    const [row, other] = proposalRows(proposal, new ProposalChoice(proposal.result.changes), new Set(['src/a.ts']), l10n);
    assert.equal(row?.description, 'changed meanwhile · +3 −2 · src');
    assert.equal(row.icon, 'warning');
    assert.match(row.tooltip ?? '', /src\/a\.ts[\s\S]*untick it/);
    assert.match(row.spoken, /changed meanwhile, \+3 −2/);
    assert.equal(other?.icon, undefined);
  });

  it('says of a file that nothing of it is taken, and hides nothing in what it shows', () => {
    const hidden: ProposedChange = { ...TWO, after: 'one\u202e\u200b x\ntwo\nthree\nfour\nfive\n' };
    const proposal = proposalWith({ changes: [hidden] });
    const choice = new ProposalChoice([hidden]);
    choice.set({ file: hidden.file }, false);
    const [row] = proposalRows(proposal, choice, new Set(), l10n);
    assert.equal(row?.description, 'left out · src');
    assert.equal(row?.isTaken, false);
    assert.equal(row?.children?.[0]?.label, 'one x');
  });
});
