import fs from 'node:fs';
import path from 'node:path';
import { orgTeams, releaseOrgTeam } from '../../scripts/orgDataFiles.mjs';
import { expectAccessible, webviewBody } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

interface OrgTeam {
  team: string;
  k: number;
  roster: number;
  steps: readonly string[];
  registry: { counters: readonly { name: string }[] };
}

/** Releases of teams that do not exist, enough of them for a simulation. */
async function writeReleases(workbench: Workbench): Promise<void> {
  const measured = (orgTeams() as OrgTeam[]).filter(({ registry }) => registry.counters.some(({ name }) => name === 'steps.dwell'));
  const out = path.join(workbench.folder, '.handrail/releases');
  for (const team of measured.slice(0, 8)) {
    const input = path.join(workbench.home, 'contributions', team.team);
    await releaseOrgTeam(team, { input, out: path.join(out, team.team) });
  }
}

test.use({ files: { 'README.md': '# A project without a workflow\n' } });

test('a lead opens the report, tries a change of the workflow, and exports what they read', async ({ workbench }) => {
  test.setTimeout(300_000);
  const page = webviewBody(workbench);
  await workbench.command('Handrail: Open Team Report…');
  await expect(page).toContainText('There are no releases in .handrail/releases yet.');
  await expectAccessible(workbench);
  await workbench.screenshot('report-empty');

  await writeReleases(workbench);
  await page.getByRole('button', { name: 'Look Again' }).click();
  await expect(page.getByRole('heading', { name: 'How we work with AI: 8 teams' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Method and limits' })).toBeAttached();
  await expect(page.locator('svg[role=img]').first()).toBeAttached();
  for (const theme of ['dark', 'high contrast', 'light'] as const) {
    await workbench.chooseTheme(theme);
    await expectAccessible(workbench);
    await workbench.screenshot(`report-${theme.replace(' ', '-')}`);
    await page.getByRole('img').first().scrollIntoViewIfNeeded();
    await workbench.screenshot(`report-charts-${theme.replace(' ', '-')}`);
  }

  await page.getByRole('button', { name: 'What If…' }).click();
  await expect(page).toContainText('Choose what to try with each kind of step');
  await page.getByRole('slider', { name: 'by hand: waits less, by' }).fill('50');
  await expect(page).toContainText('Shorter by');
  await expect(page.getByRole('slider', { name: 'by hand: waits less, by' })).toBeFocused();
  await expectAccessible(workbench);
  await page.getByRole('link', { name: 'by hand: left out' }).click();
  await expect(page).toContainText('With what you try');
  await expect(page).toContainText('Shorter by');
  await expectAccessible(workbench);
  await workbench.screenshot('report-what-if');
  await page.getByRole('button', { name: 'Back to the Report' }).click();

  await page.getByRole('button', { name: 'Export…' }).click();
  await workbench.quickPick('Markdown');
  const file = path.join(workbench.folder, 'figures.md');
  // The list of forms has an input box of the same place; what is typed before the dialog names its file is lost.
  await expect(workbench.page.locator('.quick-input-widget input')).toHaveValue(/report\.md$/);
  await workbench.input(file);
  await workbench.notified('The report is in');
  expect(fs.readFileSync(file, 'utf8')).toContain('How we work with AI: 8 teams');
});
