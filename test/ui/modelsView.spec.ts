import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

/** The *Models* view: what each model is for, how it does, and what can be done about it. */

const row = (workbench: Workbench, text: string | RegExp): Locator => workbench.viewRow('Models', text);

/** Not the row that says what another model falls back to. */
const SPARE = /^\s*spare/;

async function unfold(workbench: Workbench): Promise<void> {
  await workbench.openHandrail();
  await workbench.fold('Workflow', 'Findings');
  const header = workbench.view('Models').locator('.pane-header');
  await expect(header).toHaveAttribute('aria-expanded', 'false');
  await header.click();
}

test('models are tested, agreed to, switched, and shown with what they did', async ({ workbench, modelServer }) => {
  test.setTimeout(240_000);
  const ours = await modelServer({ replies: [{ text: '{"answer":"ok"}' }] });
  const spare = await modelServer({ replies: [{ status: 500 }] });
  workbench.write(
    '.handrail/models.yml',
    `version: 1
models:
  reviewer:
    provider: openai
    model: big-1
    baseURL: "${ours.baseURL}"
    fallback: [spare]
    price: { input: 1.25, output: 10, currency: USD, per: 1M }
    budget: { perRun: 0.25, perDay: 5 }
    slo: { p95: 20s, errors: 2% }
  spare: { provider: openai, model: small-1, baseURL: "${spare.baseURL}", limits: { retries: 0 } }
roles: { review: reviewer, generate: spare }
`,
  );
  await unfold(workbench);
  await expect(row(workbench, /^\s*reviewer/)).toBeVisible({ timeout: 60_000 });
  await expect(row(workbench, SPARE)).toBeVisible();
  await workbench.screenshot('models-view-unconfirmed');

  await workbench.pressOn(row(workbench, /^\s*reviewer/), 'Test');
  await (await workbench.notified(/Nobody has agreed yet/)).getByRole('button', { name: /^Confirm/ }).click();
  await workbench
    .dialog(/May code of this workspace go to/)
    .getByRole('button', { name: 'Agree' })
    .click();
  await workbench.notified(/^\s*reviewer answers/);
  expect(JSON.stringify(ours.requests[0]?.body)).not.toContain('giftCard');
  await workbench.screenshot('models-view-tested');
  await workbench.page.keyboard.press('Escape');

  await workbench.pressOn(row(workbench, SPARE), 'Confirm');
  await workbench
    .dialog(/May code of this workspace go to/)
    .getByRole('button', { name: 'Agree' })
    .click();
  await workbench.pressOn(row(workbench, SPARE), 'Test');
  await workbench.notified(/500/);
  await workbench.screenshotInThemes('models-view');
});
