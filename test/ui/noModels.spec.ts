import { expect, test } from './fixtures.ts';

test('without a language model in the editor, choosing one says what to do', async ({ workbench }) => {
  await workbench.openHandrail();
  await workbench.command('Handrail: Choose Model…');
  const row = workbench.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'No language model found' });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await workbench.screenshot('models-none');
  await row.click();
  await expect(workbench.page.locator('.extensions-viewlet')).toBeVisible();
});

test('without a language model in the editor, asking in its chat says what to do', async ({ workbench }) => {
  await workbench.command('Handrail: Ask in Chat');
  const message = await workbench.notified(/The editor has no chat model/);
  const choose = message.getByRole('button', { name: 'Choose Model…' });
  // Stands still, so the picture shows it whole.
  await choose.click({ trial: true });
  await workbench.screenshot('chat-none');
  await choose.click();
  await expect(workbench.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'No language model found' })).toBeVisible();
});
