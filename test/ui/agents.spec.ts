import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import type { Workbench } from './fixtures.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: intent
    kind: manual
    title: State the <problem>
  - id: sign-off
    kind: approval
    title: An owner approves
    needs: [intent]
    by: { any-of: [codeowners] }
`;

const rows = (workbench: Workbench) => workbench.page.locator('.quick-input-widget .monaco-list-row');
const here = (workbench: Workbench, file: string): boolean => fs.existsSync(path.join(workbench.folder, file));

test.describe('agents and readers of the pull request', () => {
  test.use({
    files: {
      '.handrail/workflows/feature.yml': WORKFLOW,
      'AGENTS.md': '# Ours\n\nBe nice.\n',
      'CLAUDE.md': '@AGENTS.md\n',
      '.claude/settings.json': '{\n  "permissions": { "allow": ["Read"] }\n}\n',
    },
  });

  test.beforeEach(async ({ workbench }) => {
    execFileSync('git', ['switch', '-q', '-c', 'feat/login'], { cwd: workbench.folder });
    await workbench.openHandrail();
    await expect(workbench.row('State the <problem>')).toBeVisible();
  });

  test('are told after every change was shown, and only then', async ({ workbench }) => {
    await workbench.command('Handrail: Tell Agents About the Workflow…');
    await expect(rows(workbench).nth(1)).toContainText('.claude/settings.json · in use here');
    await workbench.screenshot('agents-choose');
    await rows(workbench).nth(1).locator('.monaco-checkbox, .quick-input-list-checkbox').first().click();
    await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();

    const question = await workbench.notified('Write these 3 files as shown?');
    await expect(workbench.page.locator('.tab.active')).toContainText('What agents would be told');
    await expect(workbench.page.locator('.multiDiffEntry').first()).toContainText('AGENTS.md');
    await expect(workbench.page.locator('.multiDiffEntry').first()).toContainText('The workflow of a branch');
    await workbench.screenshot('agents-preview');
    expect(here(workbench, '.handrail/hooks/stop.mjs')).toBe(false);
    await question.getByRole('button', { name: 'Discard' }).click();
    await expect(workbench.page.locator('.tab', { hasText: 'What agents would be told' })).toHaveCount(0);
    expect(workbench.read('AGENTS.md')).toBe('# Ours\n\nBe nice.\n');

    await workbench.command('Handrail: Tell Agents About the Workflow…');
    await rows(workbench).nth(1).locator('.monaco-checkbox, .quick-input-list-checkbox').first().click();
    await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await (await workbench.notified('Write these 3 files as shown?')).getByRole('button', { name: 'Write' }).click();
    await workbench.notified('Written: AGENTS.md, .handrail/hooks/stop.mjs, .claude/settings.json.');
    await workbench.screenshot('agents-written');
    expect(workbench.read('AGENTS.md')).toContain('# Ours\n\nBe nice.\n\n<!-- handrail:start -->\n');
    expect(workbench.read('.claude/settings.json')).toContain('"permissions": { "allow": ["Read"] },\n  "hooks"');
    expect(here(workbench, '.handrail/hooks/stop.mjs')).toBe(true);
  });

  test('get the summary from the menu of the view', async ({ workbench }) => {
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.viewMenu('Workflow', 'Copy Pull-Request Summary');
    await workbench.notified('Copied the summary of feat/login: 0 of 2 steps done.');
    await workbench.screenshot('summary-copied');
    const text: string = await workbench.page.evaluate('navigator.clipboard.readText()');
    expect(text).toContain('| State the &lt;problem&gt; | ○ not done: tick it when it is done |  |');
  });
});
