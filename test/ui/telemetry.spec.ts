import type { Locator } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { dayOf, weekOf } from '../../src/core/telemetry/week.ts';
import { SHARING_VERSION } from '../../src/core/team/sharing.ts';
import { newTeamKey } from '../../src/node/team/keys.ts';
import { writeSharing } from '../../src/node/team/sharingFiles.ts';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../src/node/telemetry/paths.ts';
import { expectAccessible, webviewBody } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const row = (workbench: Workbench, text: string): Locator => workbench.viewRow('Telemetry', text);

/** Nine weeks of reviews and generations, as they would have been recorded. */
function writeWeeks(home: string): void {
  const { events } = telemetryPaths(home);
  fs.mkdirSync(events, { recursive: true });
  for (let back = 0; back < 9; back += 1) {
    const time = Date.now() - back * 7 * 24 * 3600 * 1000;
    const frame = { schema: 1, day: dayOf(time), source: 'handrail', team: 'payments', modelFamily: 'gpt' };
    const cost = { inputTokensBucket: '4k-16k', outputTokensBucket: '1k-4k', costBucket: '0.01-0.1' };
    const lines = [
      ...Array.from({ length: 9 - back }, () => ({ ...frame, operation: 'review', outcome: 'completed', ...cost })),
      ...Array.from({ length: 3 }, () => ({ ...frame, operation: 'generate', outcome: 'accepted', ...cost })),
      { ...frame, operation: 'generate', outcome: 'rejected', ...cost },
      { ...frame, operation: 'generate', outcome: 'measured', survivalBucket: 'most' },
    ];
    fs.writeFileSync(
      path.join(events, `${weekOf(time)}-${'0'.repeat(16)}.ndjson`),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
  }
}

/**
 * Opens a page of ours by its row. Once in a while, on a busy machine, the editor leaves the second webview of a window empty and never
 * loads it, whatever it is given; a person closes the tab and opens it again.
 */
async function openPage(workbench: Workbench, text: string, page: Locator): Promise<void> {
  await expect(async () => {
    await row(workbench, text).click({ timeout: 2_000 });
    const isThere = await page.waitFor({ timeout: 15_000 }).then(
      () => true,
      () => false,
    );
    if (!isThere)
      await workbench.page
        .locator('.tab.active')
        .getByRole('button', { name: /^Close/ })
        .click({ timeout: 2_000 });
    expect(isThere).toBe(true);
  }).toPass({ timeout: 90_000 });
}

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
    expect(fs.existsSync(folderOf(workbench))).toBe(false);

    // What the command line began is ended here as well, though nothing is recorded.
    await createTelemetryStore({ home: workbench.home, env: {} }).turnOn();
    const agreement = { version: SHARING_VERSION, team: 'payments', day: dayOf(Date.now()), automatic: true, assistants: false } as const;
    await writeSharing(path.join(folderOf(workbench), 'sharing'), { ...agreement, config: 'sha256:0' });
    const header = view.locator('.pane-header');
    await header.click();
    await header.click();
    await expect(view).toContainText('You turned recording on');
    await workbench.viewMenu('Telemetry', 'Stop Sharing…');
    await workbench.dialog('Stop sharing weekly figures?').getByRole('button', { name: 'Stop Sharing' }).click();
    await workbench.notified('This device shares nothing any more.');
    expect(fs.existsSync(path.join(folderOf(workbench), 'sharing'))).toBe(false);
    await workbench.viewMenu('Telemetry', 'Delete Everything Recorded…');
    await workbench.dialog('Delete everything recorded?').getByRole('button', { name: 'Delete Everything' }).click();
    await expect.poll(() => fs.existsSync(folderOf(workbench))).toBe(false);

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
    // A careless Enter reads, and decides nothing.
    await expect(question.getByRole('button', { name: 'Read What Is Recorded' })).toBeFocused();
    await workbench.page.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await expect(workbench.page.locator('.tab', { hasText: 'Preview telemetry.md' })).toBeVisible({ timeout: 60_000 });
    const again = await workbench.notified('Nothing is recorded before you turn it on');
    await workbench.screenshot('telemetry-read-first');
    expect(fs.existsSync(folderOf(workbench))).toBe(false);
    await again.getByRole('button', { name: 'Turn On…' }).click();
    await question.getByRole('button', { name: 'Turn On', exact: true }).click();
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

  test('shows a person their weeks, what a lead would see, shares it when told, and takes it back', async ({ workbench }) => {
    test.setTimeout(300_000);
    const share = path.join(workbench.home, 'share');
    fs.mkdirSync(share, { recursive: true });
    const { publicKey } = await newTeamKey();
    const way = JSON.stringify({ folder: share });
    workbench.write(
      '.handrail/telemetry.yml',
      `version: 1\nteam: payments\nk: 5\nroster: 14\npublicKey: "${publicKey}"\ntransport: ${way}\ncounters: [review.runs, generate.outcomes, models.cost]\n`,
    );
    await createTelemetryStore({ home: workbench.home, env: {} }).turnOn();
    writeWeeks(workbench.home);
    await workbench.reload();

    const view = await unfold(workbench);
    await workbench.fold('Workflow', 'Findings');
    const page = webviewBody(workbench);
    await openPage(workbench, 'My weeks', page.filter({ hasText: 'What worked for you' }));
    await expect(page.locator('svg[role=img]').first()).toBeVisible();
    await page.getByText('As a table').first().click();
    await expect(page.getByRole('table').first()).toBeVisible();
    for (const theme of ['dark', 'high contrast', 'light'] as const) {
      await workbench.chooseTheme(theme);
      await expectAccessible(workbench);
      await workbench.screenshot(`telemetry-weeks-${theme.replace(' ', '-')}`);
    }

    await openPage(workbench, 'Preview what my lead sees', page.filter({ hasText: 'You share nothing' }));
    await expect(page).toContainText('review.runs');
    await expect(page).toContainText(share);
    for (const theme of ['dark', 'high contrast', 'light'] as const) {
      await workbench.chooseTheme(theme);
      await expectAccessible(workbench);
      await workbench.screenshot(`telemetry-shared-${theme.replace(' ', '-')}`);
    }
    expect(fs.readdirSync(share)).toEqual([]);

    await page.getByRole('button', { name: 'Share…' }).click();
    await workbench.quickPick('This is my first device');
    const question = workbench.dialog('Share weekly figures with payments?');
    await expect(question).toContainText('Whoever has its private half can open it');
    await workbench.screenshot('telemetry-share-question');
    await expect(question.getByRole('button', { name: 'Look at the Figures' })).toBeFocused();
    await workbench.page.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await expect(page).toContainText('You share nothing');
    expect([fs.readdirSync(share), fs.existsSync(path.join(folderOf(workbench), 'sharing'))]).toEqual([[], false]);
    await page.getByRole('button', { name: 'Share…' }).click();
    await question.getByRole('button', { name: 'Share Now' }).click();
    await workbench.notified('Sent: ');
    await expect(row(workbench, 'Weekly figures shared with payments')).toBeVisible();
    await expect(page).toContainText('each time when you say so');
    await workbench.screenshot('telemetry-sharing');
    const sent = fs.readdirSync(share);
    expect(sent.length).toBeGreaterThan(0);
    expect(fs.readFileSync(path.join(share, sent[0] ?? ''), 'utf8')).not.toContain('review.runs');

    await page.getByRole('button', { name: 'Stop Sharing…' }).click();
    await workbench.dialog('Stop sharing weekly figures?').getByRole('button', { name: 'Stop Sharing' }).click();
    await workbench.notified('Taken back: ');
    expect(fs.readdirSync(share)).toEqual([]);
    await expect(view).not.toContainText('Weekly figures shared with payments');

    await workbench.click(row(workbench, 'Delete everything'), workbench.dialog('Delete everything recorded?'));
    await workbench.dialog('Delete everything recorded?').getByRole('button', { name: 'Delete Everything' }).click();
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
