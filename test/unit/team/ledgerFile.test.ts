import assert from 'node:assert/strict';
import { appended, emptyLedger, type Ledger } from '../../../src/core/team/release/ledger.ts';
import { parseLedger, parseRelease } from '../../../src/core/team/release/ledgerFile.ts';
import { proofProblems } from '../../../src/core/team/release/prove.ts';
import { releaseText } from '../../../src/core/team/release/release.ts';
import { releaseOf } from '../../support/madeReleases.ts';

describe('the weeks of a ledger and of a release', () => {
  const windows: readonly [from: string, to: string, isOne: boolean][] = [
    ['2026-W01', '2026-W04', true],
    // 2026 has 53 weeks, 2027 has 52.
    ['2026-W50', '2026-W53', true],
    ['2027-W49', '2027-W52', true],
    ['2027-W50', '2027-W53', false],
    ['2026-W00', '2026-W03', false],
    ['2026-W52', '2026-W54', false],
    ['2026-W96', '2026-W99', false],
    ['0000-W01', '0000-W04', false],
    ['2026-W48', '2026-W45', false],
  ];
  for (const [from, to, isOne] of windows) {
    it(`${isOne ? 'can' : 'cannot'} be ${from} to ${to}`, async () => {
      const release = releaseOf(0, { window: { from, to } });
      const ledger: Ledger = appended(emptyLedger('payments'), release);
      assert.equal(parseLedger(JSON.stringify(ledger)) !== undefined, isOne);
      assert.equal(parseRelease(releaseText(release)) !== undefined, isOne);
      const problems = await proofProblems(release, { before: [], contributions: [], counters: [], k: 5 });
      assert.equal(problems.includes('Its window is none of whole weeks.'), !isOne);
    });
  }
});
