import type { Locator } from '@playwright/test';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

/** `@handrail` in the editor's own chat. The chat hands a question on only when there is a model; a test extension brings one. */

const FILE = 'src/payments/giftCards.ts';

/** The last answer; the list of the chat draws only what is in sight. */
const answer = (workbench: Workbench): Locator => workbench.page.locator('.interactive-session .chat-most-recent-response');

/** Sends a question as a person does. */
async function ask(workbench: Workbench, question: string): Promise<void> {
  const input = workbench.page.locator('.interactive-session .interactive-input-part .monaco-editor').first();
  const typed = input.locator('.view-lines');
  // Suggestions that come while somebody types may take a key for themselves; a person clears the line and types again.
  await expect(async () => {
    await input.click({ timeout: 2_000 });
    await workbench.page.keyboard.press('Control+A');
    await workbench.page.keyboard.press('Delete');
    await workbench.page.keyboard.type(question, { delay: 10 });
    await expect(typed).toHaveText(question, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  // Closes the suggestions, for which Enter would be a choice.
  await workbench.page.keyboard.press('Escape');
  await workbench.page.keyboard.press('Enter');
}

test.use({ extensions: [path.resolve(import.meta.dirname, '../host/modelExtension')] });

test('in chat, a model’s call of a tool is asked about before anything runs, and a step is explained', async ({ workbench }) => {
  test.setTimeout(240_000);
  await workbench.command('Handrail: Ask in Chat');
  await expect(answer(workbench)).toContainText('1 of 6 steps done', { timeout: 60_000 });
  await ask(workbench, '@handrail /explain money');
  await expect(answer(workbench)).toContainText('In March a rounding error went out with a green build', { timeout: 60_000 });
  await workbench.screenshot('chat-explain');

  await ask(workbench, '@caller handrail_next {}');
  await expect(answer(workbench)).toContainText('handrail_next said:', { timeout: 60_000 });
  await ask(workbench, '@caller handrail_check {"step":"tests"}');
  const question = workbench.page.getByRole('group', { name: 'Tool confirmation carousel' });
  await expect(question).toContainText('Say that a step is done?', { timeout: 60_000 });
  await expect(question).toContainText('A model wants to record that it did the step');
  await expect(answer(workbench)).not.toContainText('handrail_check said:');
  await workbench.screenshot('chat-tool');
  // The person allows it; the lead of this workflow did not mark the step for agents.
  await question.getByRole('button', { name: /^Allow/ }).click();
  await expect(answer(workbench)).toContainText('handrail_check said:', { timeout: 60_000 });
  await expect(answer(workbench)).toContainText('no lead marked it');
  await expect(workbench.page.locator('.statusbar')).toContainText('1/6');
});

test('in chat, @handrail says what is next with buttons, and lists what a review finds', async ({ workbench }) => {
  test.setTimeout(240_000);
  await workbench.openFile(FILE);
  await workbench.command('Handrail: Ask in Chat');
  const next = answer(workbench);
  await expect(next).toContainText('1 of 6 steps done', { timeout: 60_000 });
  await expect(next).toContainText('Write the tests first (tests)');
  await expect(next.getByRole('button', { name: 'Mark “Check the money by hand” as Done' })).toBeVisible();
  await workbench.screenshot('chat-next');
  await next.getByRole('button', { name: 'Explain', exact: true }).click();
  await expect(workbench.page.locator('.tab.active', { hasText: 'Preview tests.md' })).toBeVisible();

  await workbench.openFile(FILE);
  await ask(workbench, '@handrail /review');
  const review = answer(workbench);
  await expect(review).toContainText('Findings of the built-in reviewer', { timeout: 60_000 });
  await expect(review).toContainText('This case runs on into the next one.');
  await expect(review).toContainText('Read: 1 in full');
  await workbench.screenshot('chat-review');
  // What the answer says is not said once more in the corner, beside the offer of the model that was found.
  const bell = workbench.page.locator('[id="status.notifications"]');
  await bell.click();
  const messages = workbench.page.locator('.notifications-center .notification-list-item');
  await expect(messages.filter({ hasText: 'A model was found too' })).toBeVisible();
  await expect(messages).toHaveCount(1);
  await bell.click();
  await review.getByText('giftCards.ts:36').click();
  await expect(workbench.page.locator('.statusbar').getByText(/^Ln 36,/)).toBeVisible();

  // Both findings of the file stay open beside what the next review is about, and are not told as if it had found them.
  await ask(workbench, '@handrail /review working');
  const working = answer(workbench);
  await expect(working).toContainText('gift_cards.py:19', { timeout: 60_000 });
  await expect(working).toContainText('Read: 2 in full');
  await expect(working).not.toContainText('giftCards.ts:36');
  await workbench.screenshot('chat-review-working');
  await expect(workbench.viewRow('Findings', 'giftCards.ts')).toBeVisible();
});
