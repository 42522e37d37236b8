import type { Locator } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const row = (workbench: Workbench, text: string): Locator => workbench.viewRow('Telemetry', text);

/** The view is folded until somebody wants to know. */
async function unfold(workbench: Workbench): Promise<Locator> {
  await workbench.openHandrail();
  const view = workbench.view('Telemetry');
  const header = view.locator('.pane-header');
  await expect(header).toHaveAttribute('aria-expanded', 'false');
  await header.click();
  return view;
}

const folderOf = (workbench: Workbench): string => path.join(workbench.home, 'telemetry');

test.use({ telemetryLevel: 'all' });

test.describe('forbidden by the editor', () => {
  test.use({ settings: { 'telemetry.telemetryLevel': 'error' } });

  test('the view says so and leads to the setting', async ({ workbench }) => {
    const view = await unfold(workbench);
    await expect(view).toContainText('the telemetry level of the editor is not “all”');
    await workbench.fold('Workflow', 'Findings');
    await workbench.screenshot('telemetry-vetoed');
    await workbench.click(row(workbench, "Open the editor's setting"), workbench.page.locator('.settings-editor'));
    await expect(workbench.page.locator('.settings-editor')).toContainText('Telemetry Level');
    expect(fs.existsSync(folderOf(workbench))).toBe(false);
  });
});

test.describe('allowed by the editor', () => {
  test('is off, turned on after one question, read, and deleted', async ({ workbench }) => {
    test.setTimeout(240_000);
    const view = await unfold(workbench);
    await workbench.fold('Workflow', 'Findings');
    await expect(view).toContainText('Nothing is recorded: no file, no timer, no request.');
    await workbench.screenshotInThemes('telemetry-off');
    const question = workbench.dialog('on this machine only?');
    for (const theme of ['high contrast', 'dark', 'light'] as const) {
      await workbench.chooseTheme(theme);
      await view.getByRole('button', { name: 'Turn On…' }).click();
      await expect(question).toContainText('Nothing is sent');
      await workbench.screenshot(`telemetry-question-${theme.replace(' ', '-')}`);
      if (theme !== 'light') await question.getByRole('button', { name: 'Cancel' }).click();
    }
    expect(fs.existsSync(folderOf(workbench))).toBe(false);
    await question.getByRole('button', { name: 'Turn On' }).click();
    await expect(row(workbench, 'Recording')).toBeVisible();

    await workbench.openFile('src/payments/giftCards.ts');
    await workbench.command('Handrail: Review Current File');
    await expect(row(workbench, 'Reviews')).toContainText('1 completed', { timeout: 60_000 });
    await workbench.screenshotInThemes('telemetry-on');

    const page = workbench.page.locator('.tab.active', { hasText: 'Everything recorded' });
    await workbench.click(row(workbench, 'Show everything recorded'), page);
    await expect(workbench.page.locator('.editor-instance .view-lines').first()).toContainText('operation: review');
    await workbench.screenshotInThemes('telemetry-recorded');

    const warning = workbench.dialog('Delete everything recorded?');
    await workbench.click(row(workbench, 'Delete everything'), warning);
    await expect(warning).toContainText('This cannot be undone');
    await warning.getByRole('button', { name: 'Delete Everything' }).click();
    await expect(view).toContainText('Nothing is recorded: no file, no timer, no request.');
    expect(fs.existsSync(folderOf(workbench))).toBe(false);
  });

  test('shows the catalogue as a page', async ({ workbench }) => {
    await workbench.command('Handrail: Open the Telemetry Catalogue');
    const page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await expect(page.getByRole('heading').first()).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('body')).toContainText('findingsBySeverity');
    await workbench.screenshot('telemetry-catalogue');
  });

  test('a damaged consent is off, said, and mended by a button', async ({ workbench }) => {
    fs.mkdirSync(folderOf(workbench), { recursive: true });
    fs.writeFileSync(path.join(folderOf(workbench), 'consent.json'), '{"version":1,');
    const view = await unfold(workbench);
    await expect(view).toContainText('is damaged');
    await workbench.fold('Workflow', 'Findings');
    await workbench.screenshot('telemetry-damaged');
    const warning = workbench.dialog('Delete everything recorded?');
    await workbench.click(row(workbench, 'Delete everything'), warning);
    await warning.getByRole('button', { name: 'Delete Everything' }).click();
    await expect(view).toContainText('Nothing is recorded: no file, no timer, no request.');
  });
});
