import type { Locator } from '@playwright/test';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

/** The editor's own language models, from the first choice to the findings; a test extension brings them. */

const FILE = 'src/payments/giftCards.ts';
const ANSWER = JSON.stringify({
  findings: [
    {
      file: FILE,
      line: 54,
      severity: 'high',
      category: 'bug',
      title: 'The promise from `store.save()` is dropped',
      message: 'Nobody waits for the new balance to be written, so a failed write looks like success.',
      quote: '  store.save({ ...card, balance: card.balance - paid });',
      replacement: '  await store.save({ ...card, balance: card.balance - paid });',
    },
  ],
});

const finding = (workbench: Workbench): Locator => workbench.row('is dropped');

async function choose(workbench: Workbench, model: RegExp): Promise<void> {
  await workbench.command('Handrail: Choose Model…');
  await workbench.quickPick(model);
  await workbench.notified(/Chosen for this workspace/);
}

async function review(workbench: Workbench): Promise<void> {
  await workbench.openFile(FILE);
  await workbench.command('Handrail: Review Current File');
}

test.use({
  extensions: [path.resolve(import.meta.dirname, '../host/modelExtension')],
  serverEnv: { HANDRAIL_TEST_MODEL_REPLY: JSON.stringify({ text: ANSWER }) },
});

test.describe('with language models in the editor', () => {
  test.describe.configure({ timeout: 240_000 });

  test('one is chosen, agreed to, and reviews', async ({ workbench }) => {
    await workbench.openHandrail();
    await workbench.command('Handrail: Choose Model…');
    await expect(workbench.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Careful One (scripted)' })).toBeVisible({
      timeout: 60_000,
    });
    await workbench.screenshot('models-choose');
    await workbench.quickPick(/Careful One \(scripted\)/);
    await workbench.notified(/Chosen for this workspace/);
    await review(workbench);
    const question = workbench.dialog(/Send code of this workspace for review to Careful One/);
    await expect(question).toBeVisible({ timeout: 60_000 });
    await expect(question).toContainText('The editor itself may ask once more');
    await workbench.screenshot('models-agree');
    await question.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(finding(workbench)).toBeVisible({ timeout: 60_000 });
    await finding(workbench).click();
    await expect(workbench.thread()).toContainText('Nobody waits');
    await workbench.screenshot('models-review');
  });

  test('the editor’s own question is answered no, then yes', async ({ workbench }) => {
    await workbench.openHandrail();
    await choose(workbench, /Careful One \(asking\)/);
    await review(workbench);
    await workbench
      .dialog(/Send code of this workspace/)
      .getByRole('button', { name: 'Send', exact: true })
      .click({ timeout: 60_000 });
    const editorAsks = workbench.dialog(/Handrail.*wants to access the language models/);
    await expect(editorAsks).toBeVisible({ timeout: 60_000 });
    await workbench.screenshot('models-editor-asks');
    await editorAsks.getByRole('button', { name: 'Cancel' }).click();
    const refusal = await workbench.notified(/did not let Handrail use the language models/);
    await expect(refusal.getByRole('button', { name: 'Choose Model…' })).toBeVisible();
    await workbench.screenshot('models-editor-refused');
    await review(workbench);
    await editorAsks.getByRole('button', { name: 'Allow' }).click({ timeout: 60_000 });
    await expect(finding(workbench)).toBeVisible({ timeout: 60_000 });
  });
});
