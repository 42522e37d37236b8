import assert from 'node:assert/strict';
import { Receipt } from '../../../src/core/ai/review/receipt.ts';

describe('receipt', () => {
  it('tells the first thing that limited the reading of a file, by path', () => {
    const receipt = new Receipt([{ file: 'b', status: 'skipped', reason: 'binary' }], ['c', 'a'], []);
    receipt.cover('a', 'partial', 'first');
    receipt.cover('a', 'skipped', 'second');
    receipt.cover('b', 'partial', 'never read anyway');
    receipt.cover('unknown', 'partial', 'not part of the review');
    assert.deepEqual(receipt.coverage, [
      { file: 'a', status: 'partial', reason: 'first' },
      { file: 'b', status: 'skipped', reason: 'binary' },
      { file: 'c', status: 'full' },
    ]);
  });

  it('says each sentence once', () => {
    const receipt = new Receipt([], [], []);
    assert.equal([...receipt.notice('a'), ...receipt.notice('b'), ...receipt.notice('a')].length, 2);
    assert.deepEqual(receipt.notices, ['a', 'b']);
  });
});
