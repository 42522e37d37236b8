import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

/** A review of everything that a branch changed, by a model, over several files and several rounds. */

const CARDS = 'src/payments/giftCards.ts';
const DROPPED = '  store.save({ ...card, balance: card.balance - paid });';
const MENDED = '  await store.save({ ...card, balance: card.balance - paid });';
const LAST_DAY = '  if (card === undefined || card.expires <= today) return 0;';

const dropped = {
  file: CARDS,
  line: 54,
  severity: 'high',
  category: 'bug',
  title: 'The promise from `store.save()` is dropped',
  message: 'Nobody waits for the new balance to be written, so a failed write looks like success.',
  quote: DROPPED,
  replacement: MENDED,
};
const lastDay = {
  file: CARDS,
  line: 51,
  severity: 'medium',
  category: 'bug',
  title: 'A card is refused on its last day',
  message: '`expires` is the last day the card is good, but `<=` refuses it on that day.',
  quote: LAST_DAY,
};
/** What another run of the same model says about the same line. */
const lastDayReworded = {
  ...lastDay,
  line: 49,
  severity: 'high',
  title: 'Off by one when a card expires',
  message: 'Cards stop working a day too early: compare with `<` so that the final day still counts.',
};

const answer = (...findings: object[]): string => findings.map((finding) => `${JSON.stringify(finding)}\n`).join('');
const row = (workbench: Workbench, text: string | RegExp): Locator => workbench.viewRow('Findings', text);

async function reviewBranch(workbench: Workbench): Promise<void> {
  await workbench.command('Handrail: Review Changes of This Branch');
}

test('a branch review streams, mends, and does not bring back what was dismissed', async ({ workbench, modelServer }) => {
  test.setTimeout(300_000);
  const server = await modelServer({ replies: [{ text: answer(dropped, lastDay), hang: 'body' }] });
  workbench.write(
    '.handrail/models.yml',
    `version: 1\nmodels:\n  reviewer: { provider: openai, baseURL: "${server.baseURL}", model: test-model }\nroles: { review: reviewer }\n`,
  );
  await workbench.openHandrail();
  await workbench.fold('Workflow');
  await reviewBranch(workbench);
  await workbench
    .dialog(/Send code of this workspace/)
    .getByRole('button', { name: /^Send to/ })
    .click({ timeout: 60_000 });

  // The model has not ended, and what it found can be worked with already.
  await expect(row(workbench, 'is dropped')).toBeVisible({ timeout: 60_000 });
  await expect(row(workbench, 'on its last day')).toBeVisible();
  await expect(row(workbench, 'Reviewing')).toBeVisible();
  await workbench.screenshot('branch-review-streaming');
  await workbench.click(row(workbench, 'is dropped'), workbench.thread());
  await expect(workbench.thread()).toContainText('Nobody waits');
  await (await workbench.notified(/Reviewing the branch/)).getByRole('button', { name: 'Cancel' }).click();
  await expect(row(workbench, /was cancelled/)).toBeVisible();

  // The whole answer this time: one request for what the first run did not end.
  server.setScript({ replies: [{ text: answer(dropped, lastDay), interval: 5 }] });
  await reviewBranch(workbench);
  await expect(row(workbench, /was cancelled/)).toHaveCount(0, { timeout: 60_000 });
  await workbench.click(row(workbench, 'is dropped'), workbench.thread());
  await workbench.thread().locator('.action-label[aria-label^="Apply"]').click();
  await expect(row(workbench, 'is dropped')).toHaveCount(0);
  await workbench.saveAll();
  await expect.poll(() => workbench.read(CARDS)).toContain(MENDED);

  await workbench.pressOn(row(workbench, 'on its last day'), 'Dismiss');
  await workbench.quickPick(/^Intended/);
  await workbench.quickPick(/^For the Team$/i);
  await expect(row(workbench, 'on its last day')).toHaveCount(0);
  await expect.poll(() => workbench.read('.handrail/dismissals.yml')).toContain('A card is refused on its last day');

  await workbench.reload();
  await workbench.openHandrail();
  await expect(row(workbench, 'What was read')).toBeVisible({ timeout: 60_000 });
  await expect(row(workbench, 'on its last day')).toHaveCount(0);

  const asked = server.requests.length;
  server.setScript({ replies: [{ text: answer(lastDayReworded) }] });
  await reviewBranch(workbench);
  await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBeGreaterThan(asked);
  await expect(row(workbench, 'Reviewing')).toHaveCount(0, { timeout: 60_000 });
  await expect(row(workbench, 'What was read')).toBeVisible();
  await expect(row(workbench, 'Off by one')).toHaveCount(0);
  await expect(row(workbench, 'is dropped')).toHaveCount(0);
  await workbench.command('Handrail: Show Dismissed Findings');
  await expect(row(workbench, 'Dismissed')).toBeVisible();
  await workbench.screenshotInThemes('branch-review');
});
