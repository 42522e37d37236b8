import { execFileSync } from 'node:child_process';
import type { FrameLocator, Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const FILE = '.handrail/workflows/feature.yml';
const BASE = '.handrail/workflows/base.yml';
const BASE_TEXT = `version: 1
id: base
title: Base
on: { branches: ["none"] }
steps:
  - id: tests
    kind: command
    title: Run the tests
    run: git --version
    expect: [{ exit: 0 }]
`;
const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
extends: [./base.yml]
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
steps:
  - id: threats
    kind: manual
    title: Threat notes
    why: Two incidents skipped this page.
    needs: [tests]
    when: vars.risky
    expect: [{ attest: Abuse cases listed }]
`;
const FILES = { [FILE]: WORKFLOW, [BASE]: BASE_TEXT, 'src/auth/login.ts': 'export const attempts = 3;\n', 'README.md': '# Project\n' };

/** Line and column, from 1, where a text of the workflow begins. */
function placeOf(text: string): { line: number; column: number } {
  const before = WORKFLOW.slice(0, WORKFLOW.indexOf(text));
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

async function goTo(workbench: Workbench, text: string, within = 0): Promise<void> {
  const { line, column } = placeOf(text);
  await workbench.page.keyboard.press('Control+1');
  await expect(workbench.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
  await workbench.page.keyboard.press('Control+G');
  await workbench.input(`:${line}:${column + within}`);
  await expect(workbench.page.locator('#status\\.editor\\.selection')).toContainText(`Ln ${line}, Col ${column + within}`);
}

async function editorText(workbench: Workbench): Promise<string> {
  const lines = workbench.page.locator('.editor-instance .view-lines').first();
  return (await lines.innerText()).replaceAll('\u00a0', ' ');
}

const suggestions = (workbench: Workbench): Locator => workbench.page.locator('.suggest-widget.visible .monaco-list-row');
const page = (workbench: Workbench): FrameLocator => workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
const titleAction = (workbench: Workbench, label: string): Locator =>
  workbench.page.locator(`.editor-group-container .editor-actions .action-label[aria-label^="${label}"]`).first();

test.describe('authoring a workflow', () => {
  // What is typed stays unsaved, as on the desktop.
  test.use({ files: FILES, settings: { 'files.autoSave': 'off' } });
  test.describe.configure({ timeout: 180_000 });

  test.beforeEach(async ({ workbench }) => {
    execFileSync('git', ['switch', '-q', '-c', 'feat/login'], { cwd: workbench.folder, stdio: 'pipe' });
    workbench.write('src/auth/login.ts', 'export const attempts = 2;\n');
    await workbench.openFile(FILE);
    await expect(workbench.page.locator('.codelens-decoration', { hasText: 'Dry Run on This Branch' }).first()).toBeVisible();
  });

  test('completes a step while it is typed', async ({ workbench }) => {
    const { page: window } = workbench;
    await goTo(workbench, '    when: vars.risky');
    await window.keyboard.press('End');
    await window.keyboard.press('Enter');
    await window.keyboard.type('le', { delay: 80 });
    await expect(suggestions(workbench).first()).toContainText('learn');
    await workbench.screenshot('authoring-keys');
    await window.keyboard.press('Enter');
    await expect.poll(() => editorText(workbench)).toContain('learn: docs/practice.md');
    await window.keyboard.press('Escape');

    await goTo(workbench, 'when: vars.risky', 'when: vars.risky'.length);
    await window.keyboard.type(' && lines.', { delay: 80 });
    await expect(suggestions(workbench).first()).toContainText('added');
    await workbench.screenshot('authoring-expression');
    await window.keyboard.press('Enter');
    await expect.poll(() => editorText(workbench)).toContain('vars.risky && lines.added');
  });

  test('puts a whole step in', async ({ workbench }) => {
    const { page: window } = workbench;
    await goTo(workbench, '    expect: [{ attest');
    await window.keyboard.press('Control+End');
    await window.keyboard.type('  - ', { delay: 80 });
    await expect(async () => {
      await window.keyboard.press('Control+Space');
      await expect(suggestions(workbench).filter({ hasText: 'review step' }).first()).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await suggestions(workbench).filter({ hasText: 'review step' }).first().click();
    await expect.poll(() => editorText(workbench)).toContain('- id: ai-review');
    await expect.poll(() => editorText(workbench)).toContain('    kind: review');
    await workbench.screenshot('authoring-step');
  });

  test('tells under the mouse what an expression gives on this branch', async ({ workbench }) => {
    await goTo(workbench, 'when: vars.risky', 'when: vars.ri'.length);
    await workbench.command('Show or Focus Hover');
    const hover = workbench.page.locator('.monaco-hover').filter({ hasText: 'vars.risky' }).first();
    await expect(hover).toContainText('is true');
    await expect(hover).toContainText('src/auth/login.ts');
    await workbench.screenshot('authoring-hover');
  });

  test('says what is wrong and mends it', async ({ workbench }) => {
    await goTo(workbench, 'needs: [tests]', 'needs: [tests'.length);
    await workbench.page.keyboard.type('z');
    await expect(workbench.page.locator('.squiggly-error').first()).toBeVisible();
    await expect(async () => {
      await workbench.page.keyboard.press('Escape');
      await workbench.page.keyboard.press('Control+.');
      await expect(workbench.page.locator('.action-widget').getByText('Change to “tests”')).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await workbench.screenshot('authoring-fix');
    await workbench.page.locator('.action-widget').getByText('Change to “tests”').click();
    await expect.poll(() => editorText(workbench)).toContain('needs: [tests]');
    await expect(workbench.page.locator('.squiggly-error')).toHaveCount(0);
  });

  test('renames a step in both files that share it', async ({ workbench }) => {
    await goTo(workbench, 'needs: [tests]', 'needs: [te'.length);
    await workbench.page.keyboard.press('F2');
    const box = workbench.page.locator('.rename-box input');
    await expect(box).toBeVisible();
    await expect(box).toHaveValue('tests');
    await box.fill('unit-tests');
    await workbench.screenshot('authoring-rename');
    await box.press('Enter');
    await expect.poll(() => editorText(workbench)).toContain('needs: [unit-tests]');
    await workbench.notified(/Evidence that was recorded for “tests” does not count/);
    await workbench.saveAll();
    await expect.poll(() => workbench.read(BASE)).toContain('- id: unit-tests');
    expect(workbench.read(BASE).replace('unit-tests', 'tests')).toBe(BASE_TEXT);
  });

  test('shows what the text in front would mean here, and leads back to its steps', async ({ workbench }) => {
    await goTo(workbench, 'Threat notes', 'Threat notes'.length);
    await workbench.page.keyboard.type(', not saved');
    await titleAction(workbench, 'Dry Run on This Branch').click();
    const shown = page(workbench);
    await expect(shown.getByRole('heading', { name: 'Dry run: Feature or fix' })).toBeVisible({ timeout: 60_000 });
    await expect(shown.getByRole('heading', { name: /Threat notes, not saved/ })).toBeVisible();
    await expect(shown.locator('body')).toContainText('holds because of src/auth/login.ts');
    await expect(shown.locator('body')).toContainText('Nothing was run, and nothing was recorded.');
    await workbench.screenshot('authoring-dry-run');
    expect(workbench.read(FILE)).toBe(WORKFLOW);
    await shown.getByRole('link', { name: /Threat notes/ }).click();
    await expect(workbench.page.locator('.tab.active', { hasText: 'feature.yml' }).first()).toBeVisible();
    await expect(workbench.page.locator('#status\\.editor\\.selection')).toContainText(`Ln ${placeOf('- id: threats').line}`);
  });

  test('shows the steps of a template before it is taken', async ({ workbench }) => {
    await workbench.command('Handrail: New Workflow from Template');
    const row = workbench.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Incident' }).first();
    await expect(row).toContainText('5 steps');
    await row.hover();
    await row.locator('.action-label[aria-label="Show the Steps"]').click();
    const steps = workbench.page.locator('.quick-input-widget .monaco-list-row');
    await expect(steps.first()).toContainText('1. Write down what happened, hour by hour');
    await expect(steps.first()).toContainText('Memory mends itself within days');
    await workbench.screenshot('authoring-template');
    await workbench.page.keyboard.press('Enter');
    await expect(workbench.page.locator('.tab.active', { hasText: 'incident.yml' })).toBeVisible();
  });
});

test.describe('authoring in an untrusted folder', () => {
  test.use({ files: FILES, trust: 'restricted', settings: { 'files.autoSave': 'off' } });

  test('completes and checks without git', async ({ workbench }) => {
    await workbench.openFile(FILE);
    await goTo(workbench, 'needs: [tests]', 'needs: [tests'.length);
    await workbench.page.keyboard.type('z');
    await expect(workbench.page.locator('.squiggly-error').first()).toBeVisible();
    await expect(titleAction(workbench, 'Dry Run on This Branch')).toHaveCount(0);
  });
});
