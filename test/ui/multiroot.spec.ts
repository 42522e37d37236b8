import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';

const workflow = (title: string): string => `version: 1
id: feature
title: ${title}
on: { branches: ["feat/**"] }
steps:
  - id: code
    kind: manual
    title: Change the code of ${title}
    expect: [{ changed: "src/**" }]
  - id: read
    kind: manual
    title: Read it once more
    needs: [code]
    expect: [{ attest: I have read every changed line }]
`;
const FILE = '.handrail/workflows/feature.yml';

test.describe('two folders', () => {
  test.use({
    files: { [FILE]: workflow('Shop'), 'src/shop.ts': 'export const shop = 1;\n' },
    filesBeside: { [FILE]: workflow('Tools'), 'src/tools.ts': 'export const tools = 1;\n' },
  });

  test('each have a run of their own, and the view follows the editor', async ({ workbench, folder, folderBeside }) => {
    const git = (at: string, ...args: string[]): void => void execFileSync('git', args, { cwd: at, stdio: 'pipe' });
    git(folder, 'switch', '-q', '-c', 'feat/shop');
    git(folderBeside, 'switch', '-q', '-c', 'feat/tools');
    await workbench.openHandrail();
    const view = workbench.page
      .locator('.pane-header')
      .filter({ hasText: /Workflow/i })
      .first();
    await expect(workbench.row('Change the code of Shop')).toContainText('ready');
    await expect(view).toContainText('shop · Shop · feat/shop');
    // Work in the other folder is none of this one's.
    fs.writeFileSync(path.join(folderBeside, 'src/tools.ts'), 'export const tools = 2;\n');
    await workbench.openFile('tools.ts');
    await expect(view).toContainText('tools · Tools · feat/tools');
    await expect(workbench.row('Change the code of Tools')).toContainText('checked here');
    await workbench.screenshot('workflow-multiroot');
    await workbench.openFile('shop.ts');
    await expect(view).toContainText('shop · Shop · feat/shop');
    await expect(workbench.row('Change the code of Shop')).toContainText('ready');
  });
});
