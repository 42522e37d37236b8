import type { Locator } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const FILE = 'src/payments/giftCards.ts';
const OLD = '  store.save({ ...card, balance: card.balance - paid });';
const MENDED = '  await store.save({ ...card, balance: card.balance - paid });';
const NEW = 'test/giftCardsSaved.test.ts';
const NEW_TEXT = "import test from 'node:test';\n\ntest('the balance is written before the amount is returned', () => {});";
const TESTS = 'test/giftCards.test.ts';

const block = (file: string, search: string, replacement: string): string =>
  [file, '<<<<<<< SEARCH', ...(search === '' ? [] : [search]), '=======', replacement, '>>>>>>> REPLACE', ''].join('\n');
const MEND = block(FILE, OLD, MENDED);
const LOST = block(FILE, '  return maybeSometimes;', '  return never;');

const titleAction = (workbench: Workbench, label: string): Locator =>
  workbench.page.locator(`.editor-group-container .editor-actions .action-label[aria-label^="${label}"]`).first();
const proposalTab = (workbench: Workbench): Locator => workbench.page.locator('.tab', { hasText: /^Proposal: / });

function modelsFile(workbench: Workbench, baseURL: string): void {
  const entry = `{ provider: openai, baseURL: "${baseURL}", model: test-model }`;
  workbench.write('.handrail/models.yml', `version: 1\nmodels:\n  writer: ${entry}\nroles: { review: writer, generate: writer }\n`);
}

async function editorText(workbench: Workbench): Promise<string> {
  const lines = workbench.page.locator('.editor-instance .view-lines').first();
  return (await lines.innerText()).replaceAll('\u00a0', ' ');
}

/** By the keyboard: a click would scroll the editor to where the pointer is. */
async function focusEditor(workbench: Workbench): Promise<void> {
  await workbench.page.keyboard.press('Control+1');
  await expect(workbench.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
}

/** Asks at the cursor for something, and agrees to send it. */
async function generate(workbench: Workbench, instruction: string): Promise<void> {
  const box = workbench.page.locator('.quick-input-widget', { hasText: 'Generate in' });
  await expect(async () => {
    await focusEditor(workbench);
    await workbench.page.keyboard.press('Control+Alt+G');
    await expect(box).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 60_000 });
  await workbench.input(instruction);
  await workbench
    .dialog(/Send code of this workspace/)
    .getByRole('button', { name: /^Send/ })
    .click();
}

test.describe('generation', () => {
  test.describe.configure({ timeout: 240_000 });
  // An undo while the editor saves by itself leaves its file behind what it shows; saving is not what these are about.
  test.use({ settings: { 'files.autoSave': 'off' } });

  test('at the cursor: shown beside the file, accepted from the title, one undo', async ({ workbench, modelServer }) => {
    const server = await modelServer({ replies: [{ text: `The balance is waited for.\n\n${MEND}` }] });
    modelsFile(workbench, server.baseURL);
    await workbench.openFile(FILE);
    await generate(workbench, 'wait for the balance to be written');
    await workbench.notified(/Nothing is written yet/);
    await expect(proposalTab(workbench)).toBeVisible();
    await workbench.screenshot('generate-diff');
    expect(workbench.read(FILE)).toContain(OLD);
    await titleAction(workbench, 'Accept Proposal').click();
    await expect(proposalTab(workbench)).toHaveCount(0);
    await expect.poll(() => editorText(workbench)).toContain(MENDED.trim());
    await workbench.screenshot('generate-accepted');
    // Accepting leaves it to the person to save.
    expect(workbench.read(FILE)).toContain(OLD);
    await focusEditor(workbench);
    await workbench.page.keyboard.press('Control+Z');
    await expect.poll(() => editorText(workbench)).not.toContain(MENDED.trim());
    await expect.poll(() => editorText(workbench)).toContain(OLD.trim());
  });

  test('of a step, for several files: one editor, evidence when accepted, one undo', async ({ workbench, modelServer }) => {
    const tests = workbench.read(TESTS);
    const first = tests.split('\n')[0] ?? '';
    const blocks = [MEND, block(TESTS, first, `// Written before the code.\n${first}`), block(NEW, '', NEW_TEXT), LOST];
    const server = await modelServer({ replies: [{ text: `The tests come first.\n\n${blocks.join('\n')}`, interval: 5 }] });
    modelsFile(workbench, server.baseURL);
    await workbench.openHandrail();
    const row = workbench.row('Write the tests first');
    await workbench.pressOn(row, 'Run Step');
    await workbench
      .dialog(/Send code of this workspace/)
      .getByRole('button', { name: /^Send/ })
      .click({ timeout: 60_000 });
    await workbench.notified(/Proposal for Write the tests first: 3 files.*1 block could not be placed/);
    await expect(proposalTab(workbench)).toContainText('3 files');
    await workbench.screenshot('generate-several');
    await titleAction(workbench, 'Explain How').click();
    const page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await expect(page.getByRole('heading', { name: 'What could not be placed' })).toBeVisible({ timeout: 60_000 });
    await workbench.screenshot('generate-made');
    await workbench.command('Handrail: Accept Proposal');
    await expect(proposalTab(workbench)).toHaveCount(0);
    await expect(row).toContainText('writer', { timeout: 60_000 });
    expect(workbench.read(NEW).trim()).toBe(NEW_TEXT);
    expect(workbench.read(FILE)).toContain(MENDED);
    await workbench.screenshot('generate-step-done');

    await workbench.openFile(FILE);
    await focusEditor(workbench);
    await workbench.page.keyboard.press('Control+Z');
    await expect.poll(() => fs.existsSync(path.join(workbench.folder, NEW))).toBe(false);
    // The file goes before both texts are taken back.
    await expect(workbench.page.locator('.tab.dirty')).toHaveCount(2);
    await workbench.saveAll();
    await expect.poll(() => workbench.read(FILE)).toContain(OLD);
    await expect.poll(() => workbench.read(TESTS)).toBe(tests);
  });

  test('by change: what is unticked leaves the diff, the rest is written, one undo', async ({ workbench, modelServer }) => {
    const before = workbench.read(FILE);
    const top = before.split('\n')[0] ?? '';
    const blocks = [block(FILE, top, `// Cards that a shop gives.\n${top}`), MEND, block(NEW, '', NEW_TEXT), LOST];
    const server = await modelServer({ replies: [{ text: `The balance is waited for.\n\n${blocks.join('\n')}` }] });
    modelsFile(workbench, server.baseURL);
    await workbench.openHandrail();
    await workbench.openFile(FILE);
    await generate(workbench, 'wait for the balance to be written');
    await workbench.notified(/Nothing is written yet/);
    const row = (text: string): Locator => workbench.viewRow('Proposed Changes', text);
    await expect(row('Cards that a shop gives')).toBeVisible();
    await expect(row('Could not be placed')).toBeVisible();
    await workbench.screenshot('generate-changes');
    // A change is shown where it is; the diff follows its box.
    const modified = workbench.page.locator('.editor-instance .modified .view-lines').filter({ visible: true }).first();
    await workbench.click(row('Cards that a shop gives'), modified.getByText('shop gives').first());
    const waits = (text: string): Locator => workbench.page.locator('.statusbar-item', { hasText: text });
    await workbench.tick(row('Cards that a shop gives'), waits('2 of 3 changes'));
    await expect(modified).not.toContainText('shop gives');
    await workbench.tick(row('giftCardsSaved.test.ts'), waits('1 of 3 changes, 1 file, +1 −1'));
    await workbench.screenshotInThemes('generate-changes-part');
    expect(workbench.read(FILE)).toBe(before);
    await workbench.command('Handrail: Accept Proposal');
    await expect(proposalTab(workbench)).toHaveCount(0);
    await workbench.saveAll();
    await expect.poll(() => workbench.read(FILE)).toBe(before.replace(OLD, MENDED));
    expect(fs.existsSync(path.join(workbench.folder, NEW))).toBe(false);
    await focusEditor(workbench);
    await workbench.page.keyboard.press('Control+Z');
    await expect(workbench.page.locator('.tab.dirty')).toHaveCount(1);
    await workbench.saveAll();
    await expect.poll(() => workbench.read(FILE)).toBe(before);
  });

  test('looks right, and stays when its tab is closed', async ({ workbench, modelServer }) => {
    const server = await modelServer({ replies: [{ text: `The balance is waited for.\n\n${MEND}` }] });
    modelsFile(workbench, server.baseURL);
    await workbench.openHandrail();
    await workbench.openFile(FILE);
    await generate(workbench, 'wait for the balance to be written');
    await workbench.notified(/Nothing is written yet/);
    await workbench.screenshotInThemes('generate');
    await proposalTab(workbench).locator('.tab-actions .action-label').click();
    await expect(proposalTab(workbench)).toHaveCount(0);
    await workbench.page.locator('.statusbar-item', { hasText: 'Proposal: 1 file' }).click();
    await expect(proposalTab(workbench)).toBeVisible();
    await workbench.command('Handrail: Discard Proposal');
    await expect(proposalTab(workbench)).toHaveCount(0);
    await expect(workbench.page.locator('.statusbar-item', { hasText: 'Proposal: ' })).toHaveCount(0);
    expect(workbench.read(FILE)).toContain(OLD);
  });
});
