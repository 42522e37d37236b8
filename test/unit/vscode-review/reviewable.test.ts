import assert from 'node:assert/strict';
import { refusalOf, REVIEW_LIMIT } from '../../../src/vscode/review/reviewable.ts';
import type { Candidate } from '../../../src/vscode/review/reviewable.ts';
import { l10n } from './support.ts';

const good: Candidate = {
  scheme: 'file',
  untitled: false,
  notebook: false,
  inFolder: true,
  length: 10,
  hasNulCharacter: false,
  name: 'a.ts',
};
const refusal = (part: Partial<Candidate>) => refusalOf({ ...good, ...part }, l10n);

describe('refusalOf', () => {
  it('takes a file of the workspace, up to the limit', () => {
    assert.equal(refusal({}), undefined);
    assert.equal(refusal({ length: REVIEW_LIMIT }), undefined);
  });

  it('refuses everything else with a message and a next action', () => {
    const cases: [Partial<Candidate>, RegExp][] = [
      [{ scheme: undefined }, /no text file/],
      [{ notebook: true, scheme: 'vscode-notebook-cell' }, /notebook/],
      [{ untitled: true, scheme: 'untitled', inFolder: false }, /never saved/],
      [{ scheme: 'git', inFolder: false }, /not a file on this machine \(git\)/],
      [{ inFolder: false }, /outside the folders/],
      [{ hasNulCharacter: true }, /binary/],
      [{ length: REVIEW_LIMIT + 1 }, /1,000,001 characters/],
    ];
    for (const [part, message] of cases) {
      const refused = refusal(part);
      assert.match(refused?.message ?? '', message);
      assert.notEqual(refused?.hint ?? '', '');
    }
  });
});
