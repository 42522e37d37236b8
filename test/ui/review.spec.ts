import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const FILE = 'src/payments/giftCards.ts';
const DROPPED = '  store.save({ ...card, balance: card.balance - paid });';
const MENDED = '  await store.save({ ...card, balance: card.balance - paid });';
const FINDINGS = [
  {
    file: FILE,
    line: 54,
    severity: 'high',
    category: 'bug',
    title: 'The promise from `store.save()` is dropped',
    message:
      'Nobody waits for the new balance to be written, so a failed write looks like success and the card can be spent twice.\n\nWait for it before the amount is returned.',
    quote: DROPPED,
    replacement: MENDED,
  },
  {
    file: FILE,
    line: 51,
    severity: 'medium',
    category: 'bug',
    title: 'A card is refused on its last day',
    message: '`expires` is the last day the card is good, but `<=` refuses it on that day.',
    quote: '  if (card === undefined || card.expires <= today) return 0;',
    replacement: '  if (card === undefined || card.expires < today) return 0;',
  },
  {
    file: FILE,
    line: 12,
    severity: 'low',
    category: 'maintainability',
    title: 'Cards are never removed from the store',
    message: 'A removed card should not be found any more.',
    quote: '  removeExpired(before: string): Promise<number>;',
  },
];
const ANSWER = FINDINGS.map((finding) => `${JSON.stringify(finding)}\n`).join('');

const findingsRow = (workbench: Workbench, text: string | RegExp): Locator => workbench.viewRow('Findings', text);
const squiggles = (workbench: Workbench): Locator =>
  workbench.page.locator('.editor-instance .squiggly-error, .editor-instance .squiggly-warning');

async function editorText(workbench: Workbench): Promise<string> {
  const lines = workbench.page.locator('.editor-instance .view-lines').first();
  return (await lines.innerText()).replaceAll('\u00a0', ' ');
}

/** By the keyboard: a click would scroll the editor to where the pointer is. */
async function focusEditor(workbench: Workbench): Promise<void> {
  await workbench.page.keyboard.press('Control+1');
  await expect(workbench.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
}

async function reviewWithKey(workbench: Workbench): Promise<void> {
  await focusEditor(workbench);
  await workbench.page.keyboard.press('Control+Alt+R');
}

async function modelsFile(workbench: Workbench, baseURL: string): Promise<void> {
  workbench.write(
    '.handrail/models.yml',
    `version: 1\nmodels:\n  reviewer: { provider: openai, baseURL: "${baseURL}", model: test-model }\nroles: { review: reviewer }\n`,
  );
}

test.describe('a review', () => {
  // Two reviews and a reload each; twice the usual time on a machine that does other things besides.
  test.describe.configure({ timeout: 240_000 });
  // An undo while the editor saves by itself leaves the file behind what the editor shows, and the next window reads the file.
  test.use({ settings: { 'files.autoSave': 'off' } });

  test('with the built-in reviewer: found, dismissed, and still dismissed next time', async ({ workbench }) => {
    await workbench.openFile(FILE);
    await reviewWithKey(workbench);
    await workbench.notified(/built-in reviewer\): \d+ findings/);
    await workbench.openHandrail();
    const row = findingsRow(workbench, /case/i);
    await expect(row).toBeVisible();
    await expect(squiggles(workbench).first()).toBeVisible();
    await workbench.screenshot('review-builtin');
    await workbench.pressOn(row, 'Dismiss');
    await workbench.quickPick(/^Intended/);
    await workbench.quickPick(/^For me$/);
    const text = (await row.textContent()) ?? '';
    await expect(row).toHaveCount(0);
    await reviewWithKey(workbench);
    await expect(findingsRow(workbench, 'What was read')).toBeVisible();
    await expect(findingsRow(workbench, /case/i)).toHaveCount(0);
    expect(text).not.toBe('');
    await workbench.command('Handrail: Show Dismissed Findings');
    await expect(findingsRow(workbench, 'Dismissed')).toBeVisible();
    await workbench.screenshot('review-dismissed');
  });

  test('with a model: agreed to once, streamed, applied, undone, kept across a reload', async ({ workbench, modelServer }) => {
    const server = await modelServer({ replies: [{ text: ANSWER, interval: 20 }] });
    await modelsFile(workbench, server.baseURL);
    await workbench.openFile(FILE);
    await reviewWithKey(workbench);
    const question = workbench.dialog(/Send code of this workspace/);
    await expect(question).toBeVisible({ timeout: 60_000 });
    await workbench.screenshot('review-consent');
    expect(server.requests).toEqual([]);
    await question.getByRole('button', { name: /^Send to/ }).click();
    await workbench.notified(/reviewer\): \d+ findings/);
    await (await workbench.notified(/findings/)).getByRole('button', { name: 'Show Findings' }).click();
    await expect(findingsRow(workbench, 'Could not be placed')).toBeVisible();

    const row = findingsRow(workbench, 'is dropped');
    await workbench.click(row, workbench.thread());
    await expect(workbench.thread()).toContainText('Nobody waits');
    await expect(workbench.thread()).toContainText('HIGH');
    await workbench.screenshot('review-model');
    await workbench.thread().locator('.action-label[aria-label^="Apply"]').click();
    await expect.poll(() => editorText(workbench)).toContain(MENDED.trim());
    await expect(row).toHaveCount(0);
    await focusEditor(workbench);
    await workbench.page.keyboard.press('Control+Z');
    await expect.poll(() => editorText(workbench)).not.toContain('await store.save({ ...card, balance');
    await expect(row).toBeVisible();

    await workbench.reload();
    await workbench.openHandrail();
    await expect(findingsRow(workbench, 'is dropped')).toBeVisible({ timeout: 30_000 });
    await expect(findingsRow(workbench, 'What was read')).toBeVisible();
  });

  test('shows findings while the model still writes, and can be cancelled', async ({ workbench, modelServer }) => {
    const server = await modelServer({ replies: [{ text: ANSWER, hang: 'body' }] });
    await modelsFile(workbench, server.baseURL);
    await workbench.openHandrail();
    await workbench.openFile(FILE);
    await reviewWithKey(workbench);
    await workbench
      .dialog(/Send code of this workspace/)
      .getByRole('button', { name: /^Send to/ })
      .click();
    await expect(findingsRow(workbench, 'is dropped')).toBeVisible({ timeout: 60_000 });
    await expect(workbench.page.locator('.statusbar-item', { hasText: 'Reviewing giftCards.ts' })).toBeVisible();
    await workbench.screenshot('review-running');
    await (await workbench.notified(/Reviewing giftCards.ts/)).getByRole('button', { name: 'Cancel' }).click();
    await expect(findingsRow(workbench, /was cancelled/)).toBeVisible();
    await expect(findingsRow(workbench, 'is dropped')).toBeVisible();
  });

  test('looks right', async ({ workbench, modelServer }) => {
    const server = await modelServer({ replies: [{ text: ANSWER }] });
    await modelsFile(workbench, server.baseURL);
    await workbench.openHandrail();
    await workbench.openFile(FILE);
    await reviewWithKey(workbench);
    await workbench
      .dialog(/Send code of this workspace/)
      .getByRole('button', { name: /^Send to/ })
      .click();
    await findingsRow(workbench, 'is dropped').click({ timeout: 60_000 });
    await expect(workbench.thread()).toContainText('Nobody waits');
    await workbench.screenshotInThemes('review');
    await workbench.thread().locator('.action-label[aria-label^="Explain"]').click();
    const page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await expect(page.getByRole('heading', { name: 'Where it comes from' })).toBeVisible({ timeout: 60_000 });
    await workbench.screenshotInThemes('review-explain');
  });
});
