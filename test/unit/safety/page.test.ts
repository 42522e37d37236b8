import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanSecrets } from '../../../src/node/ai/builtin/secretScan.ts';
import { injectionGroups, obedientAnswers } from '../../support/injectionCorpus.ts';
import { measure } from '../../support/secretsCorpus.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'safety.md'), 'utf8');

describe('the page about safety', function () {
  this.timeout(60_000);

  it('counts the cases as they are', () => {
    const groups = injectionGroups('MARKER').map(({ title, cases }) => ({ title, count: cases.length }));
    const all = groups.reduce((sum, { count }) => sum + count, 0);
    const rows = [...groups.map(({ title, count }) => `| ${title} | ${count} | ${count} |`), `| **all** | **${all}** | **${all}** |`];
    assert.ok(PAGE.includes(`| group of the injection corpus | cases | held |\n|---|---|---|\n${rows.join('\n')}\n\n`), rows.join('\n'));
    assert.match(PAGE, new RegExp(`^${obedientAnswers({}).length} answers of an obedient model`, 'm'));
  });

  it('gives the figures of the secrets corpus as they are', async () => {
    const { kinds, positives, negatives } = await measure(scanSecrets);
    const share = (part: number, whole: number): string => {
      const percent = Math.round((1_000 * part) / whole) / 10;
      return `${percent} %`;
    };
    for (const row of [
      `| ${kinds.all} kinds hidden whole in every context | ${share(kinds.whole, kinds.all)} |`,
      `| ${kinds.all} kinds hidden whole in some context | ${share(kinds.somewhere, kinds.all)} |`,
      `| ${positives.all} texts with a secret hidden whole | ${share(positives.hidden, positives.all)} |`,
      `| ${negatives.all} texts without one taken for one | ${share(negatives.flagged, negatives.all)} |`,
    ])
      assert.ok(PAGE.includes(row), row);
  });
});
