import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const STEPS = ['workflow', 'model', 'review', 'telemetry'] as const;
type Step = (typeof STEPS)[number];

const step = (workbench: Workbench, id: Step): Locator =>
  workbench.page.locator(`.getting-started-step[data-step-id="handrail.handrail#handrail.start#${id}"]`);
const ticked = (workbench: Workbench, id: Step): Locator =>
  workbench.page.locator(`.getting-started-step[data-step-id="handrail.handrail#handrail.start#${id}"][aria-checked="true"]`);

async function open(workbench: Workbench): Promise<void> {
  await workbench.command('Handrail: Open Walkthrough');
  await expect(step(workbench, 'workflow')).toBeVisible();
}

async function select(workbench: Workbench, id: Step): Promise<Locator> {
  const one = step(workbench, id);
  await expect(async () => {
    await one.locator('.step-title').click({ timeout: 2_000 });
    await expect(one).toHaveClass(/expanded/, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  return one;
}

test.describe('the walkthrough', () => {
  test('shows its four steps', async ({ workbench }) => {
    await open(workbench);
    for (const [index, id] of STEPS.entries()) {
      const one = await select(workbench, id);
      await expect(one.locator('.step-description-container')).toBeVisible();
      const picture = workbench.page.locator('.getting-started-media iframe').first();
      await expect(picture).toBeVisible();
      await expect(picture.contentFrame().frameLocator('#active-frame').locator('svg')).toBeVisible();
      await workbench.screenshotInThemes(`walkthrough-${index + 1}`);
    }
  });

  test('ticks what was done: a workflow that is there, a review that ended, telemetry that was read about', async ({ workbench }) => {
    await open(workbench);
    await expect(ticked(workbench, 'workflow')).toBeVisible({ timeout: 60_000 });
    await expect(ticked(workbench, 'review')).toHaveCount(0);
    const review = await select(workbench, 'review');
    await review.getByRole('button', { name: 'Review Changes of This Branch' }).click();
    await expect(workbench.row(/\bcase\b/i)).toBeVisible({ timeout: 60_000 });
    await expect(ticked(workbench, 'review')).toBeVisible();
    await expect(ticked(workbench, 'model')).toBeVisible();
    await expect(ticked(workbench, 'telemetry')).toHaveCount(0);
    await select(workbench, 'telemetry');
    await expect(ticked(workbench, 'telemetry')).toBeVisible();
    await workbench.screenshot('walkthrough-done');
  });
});

test.describe('in a folder without a workflow', () => {
  test.use({ files: { 'README.md': '# Project\n' } });

  test('is linked from the empty view', async ({ workbench }) => {
    await workbench.openHandrail();
    await workbench.page.locator('.welcome-view a', { hasText: 'walkthrough' }).click();
    await expect(step(workbench, 'workflow')).toBeVisible();
    await expect(ticked(workbench, 'workflow')).toHaveCount(0);
    await step(workbench, 'workflow').getByRole('button', { name: 'Choose a Template' }).click();
    await expect(workbench.page.locator('.quick-input-widget .monaco-list-row').first()).toBeVisible();
    await workbench.page.keyboard.press('Enter');
    await expect(workbench.page.locator('.tab.active')).toContainText('.yml');
    await open(workbench);
    await expect(ticked(workbench, 'workflow')).toBeVisible();
  });
});
