import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const FILE = '.handrail/workflows/feature.yml';
const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: intent
    kind: manual
    title: State the problem
    why: Most rejected changes had the wrong intent, not wrong code.
    expect:
      - file: "docs/notes/\${branch}.md"
        sections: [Problem]
  - id: tests
    kind: command
    title: Run the tests
    needs: [intent]
    run: git --version
    inputs: ["src/**"]
    expect: [{ exit: 0 }]
  - id: self-check
    kind: manual
    title: Read the change once more
    needs: [tests]
    expect: [{ attest: I have read every changed line }]
  - id: threats
    kind: manual
    title: Threat notes
    when: changes.exists(f, glob(f, "src/auth/**"))
    expect: [{ attest: Abuse cases listed }]
`;
const BROKEN = WORKFLOW.replace('    run: git --version', '    run: git --version\n    whi: nobody knows');
const BROKEN_LINE = BROKEN.slice(0, BROKEN.indexOf('whi:')).split('\n').length;
const FILES = {
  [FILE]: WORKFLOW,
  'src/login.ts': 'export const attempts = 3;\n',
  'README.md': '# Project\n',
};

function git(workbench: Workbench, ...args: string[]): void {
  execFileSync('git', args, { cwd: workbench.folder, stdio: 'pipe' });
}

const checkbox = (row: Locator): Locator => row.locator('.custom-view-tree-node-item-checkbox');
const statusBar = (workbench: Workbench): Locator => workbench.page.locator('.statusbar-item[id$="handrail.workflow"]');

test.describe('a workflow', () => {
  test.use({ files: FILES });

  test('goes from the first step to done', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/login');
    await workbench.openHandrail();
    await expect(workbench.row('State the problem')).toContainText('ready');
    await expect(workbench.row('Run the tests')).toContainText('waits for State the problem');
    await expect(workbench.row('Threat notes')).toContainText('not needed: no file under src/auth/ changed');
    await expect(workbench.row('There is no file docs/notes/feat-login.md')).toBeVisible();
    await expect(statusBar(workbench)).toContainText('0/3 · next: State the problem');
    await expect(workbench.page.locator('.pane-header', { hasText: 'Workflow' })).toContainText('0/3 · Feature or fix · feat/login');

    workbench.write('docs/notes/feat-login.md', '# Login\n\n## Problem\n\nThree attempts are too many.\n');
    await expect(workbench.row('State the problem')).toContainText('checked here');

    await workbench.pressOn(workbench.row('Run the tests'), 'Run Step');
    await expect(workbench.row('Run the tests')).toContainText('checked here');
    await expect(workbench.page.locator('.terminal-outer-container')).toBeVisible();

    await workbench.tick(workbench.row('Read the change once more'), workbench.dialog('I have read every changed line'));
    await workbench.screenshot('workflow-confirm');
    await workbench.dialog('I have read every changed line').getByRole('button', { name: 'Confirm' }).click();
    await expect(workbench.row('Read the change once more')).toContainText("someone's word");
    await expect(statusBar(workbench)).toContainText('3/3 · done');
    await expect(workbench.page.locator('.pane-body', { hasText: 'Everything is done.' }).first()).toBeVisible();
    await workbench.screenshot('workflow-done');

    workbench.write('src/login.ts', 'export const attempts = 2;\n');
    await expect(workbench.row('Run the tests')).toContainText('stale: src/login.ts changed');
    await expect(statusBar(workbench)).toContainText('next: Run the tests');
  });

  test('is called off without a trace when the statement is not confirmed', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/login');
    workbench.write('docs/notes/feat-login.md', '# Login\n\n## Problem\n\nThree attempts are too many.\n');
    await workbench.openHandrail();
    await workbench.pressOn(workbench.row('Run the tests'), 'Run Step');
    const row = workbench.row('Read the change once more');
    await workbench.tick(row, workbench.dialog('I have read every changed line'));
    await workbench.dialog('I have read every changed line').getByRole('button', { name: 'Cancel' }).click();
    await expect(checkbox(row)).toHaveAttribute('aria-checked', 'false');
    await expect(row).toContainText('ready');
  });

  test('is the same after a reload', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/login');
    workbench.write('docs/notes/feat-login.md', '# Login\n\n## Problem\n\nThree attempts are too many.\n');
    await workbench.openHandrail();
    await workbench.pressOn(workbench.row('Run the tests'), 'Run Step');
    await expect(workbench.row('Run the tests')).toContainText('checked here');
    await workbench.reload();
    await workbench.openHandrail();
    await expect(workbench.row('Run the tests')).toContainText('checked here');
    await expect(statusBar(workbench)).toContainText('2/3 · next: Read the change once more');
  });

  test('explains a step', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/login');
    await workbench.openHandrail();
    await workbench.pressOn(workbench.row('Run the tests'), 'Explain Step');
    await expect(workbench.page.locator('.tab.active')).toContainText('tests.md');
    const page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await expect(page.getByRole('heading', { name: 'Run the tests' })).toBeVisible();
    await workbench.screenshot('workflow-explain');
  });

  test('a broken workflow file is said, located and recovered from', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/login');
    await workbench.openHandrail();
    await expect(workbench.row('State the problem')).toBeVisible();
    workbench.write(FILE, BROKEN);
    await expect(
      workbench.page.locator('.pane-body', { hasText: `feature.yml cannot be used. Line ${BROKEN_LINE}:` }).first(),
    ).toBeVisible();
    await expect(statusBar(workbench)).toContainText('workflow file has problems');
    const tab = workbench.page.locator('.tab.active', { hasText: 'feature.yml' });
    await workbench.click(workbench.row(`feature.yml, line ${BROKEN_LINE}`), tab);
    await expect(statusBar(workbench).page().locator('#status\\.editor\\.selection')).toContainText(`Ln ${BROKEN_LINE}`);
    await workbench.screenshot('workflow-broken');
    workbench.write(FILE, WORKFLOW);
    await expect(workbench.row('State the problem')).toBeVisible();
  });
});

test.describe('without a workflow', () => {
  test.use({
    files: {
      'package.json': '{ "name": "project", "scripts": { "test": "node --test" } }\n',
      '.github/pull_request_template.md': '## Before merging\n\n- [x] Tests written\n- [ ] Notes updated\n  - [ ] Changelog\n',
    },
  });

  test('a template gets a folder going', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/first');
    await workbench.openHandrail();
    const view = workbench.page.locator('.pane-body', { hasText: 'This folder has no workflow yet' }).first();
    await expect(view).toBeVisible();
    await workbench.screenshot('workflow-none');
    await view.getByRole('button', { name: 'Choose a Template' }).click();
    await expect(workbench.page.locator('.quick-input-widget .monaco-list-row').first()).toBeVisible();
    await workbench.screenshot('workflow-templates');
    await workbench.page.keyboard.press('Enter');
    await expect(workbench.page.locator('.tab.active')).toContainText('.yml');
    await expect(statusBar(workbench)).toContainText('next:');
  });

  test('a checklist becomes steps, ticks kept', async ({ workbench }) => {
    git(workbench, 'switch', '-q', '-c', 'feat/first');
    await workbench.openHandrail();
    await workbench.page.getByRole('button', { name: 'Import from a Checklist…' }).first().click();
    await expect(workbench.page.locator('.quick-input-widget')).toContainText('3 boxes, 1 ticked');
    await workbench.quickPick('.github/pull_request_template.md');
    await expect(workbench.row('Tests written')).toContainText("someone's word");
    await expect(workbench.row('Notes updated')).toBeVisible();
    await expect(workbench.row('Changelog')).toBeVisible();
    await workbench.screenshot('workflow-imported');
  });
});

test.describe('where there is nothing to follow', () => {
  test('a branch without a workflow says why and offers one', async ({ workbench }) => {
    git(workbench, 'switch', '-q', 'main');
    await workbench.openHandrail();
    await expect(workbench.page.locator('.pane-body', { hasText: 'main is the branch that work is merged into' }).first()).toBeVisible();
    await workbench.screenshot('workflow-unmatched');
    await workbench.click(workbench.row('Choose a Template'), workbench.page.locator('.quick-input-widget .monaco-list-row').first());
  });

  test('a folder without git becomes a repository from here', async ({ workbench }) => {
    fs.rmSync(path.join(workbench.folder, '.git'), { recursive: true });
    await workbench.openHandrail();
    await expect(workbench.row('Initialize Repository')).toBeVisible();
    await workbench.screenshot('workflow-no-git');
    // Git's own question.
    const question = workbench.page.locator('.quick-input-widget .monaco-list-row').first();
    await workbench.click(workbench.row('Initialize Repository'), question);
    await workbench.quickPick(path.basename(workbench.folder));
    await expect(workbench.row('Initialize Repository')).toHaveCount(0, { timeout: 60_000 });
    expect(fs.existsSync(path.join(workbench.folder, '.git'))).toBe(true);
  });
});

test.describe('an untrusted workspace', () => {
  test.use({ files: FILES, trust: 'restricted' });

  test('says why nothing is shown and offers trust', async ({ workbench }) => {
    await workbench.openHandrail();
    const view = workbench.page.locator('.pane-body', { hasText: 'Restricted Mode' }).first();
    await expect(view).toBeVisible();
    await expect(view.getByRole('button', { name: 'Manage Workspace Trust' })).toBeVisible();
    await workbench.screenshot('workflow-restricted');
  });
});

test('the example shows its branch in progress', async ({ workbench }) => {
  await workbench.openHandrail();
  await expect(statusBar(workbench)).toContainText('next:');
  await expect(workbench.page.locator('.pane-body .monaco-list-row').first()).toBeVisible();
  await workbench.screenshotInThemes('workflow-example');
});
