import { execFileSync } from 'node:child_process';
import { expect, test } from './fixtures.ts';

const FILES = {
  '.handrail/workflows/feature.yml':
    'version: 1\nid: feature\ntitle: Feature\nsteps:\n  - { id: note, kind: manual, title: State what is wrong }\n',
  '.github/pull_request_template.md': '## Summary\n\n## Checks\n\n- [ ] tests pass\n',
  'src/cart.ts': 'export function total(prices: number[]): number {\n  return prices.length;\n}\n',
};
const MENDED = FILES['src/cart.ts'].replace('prices.length', 'prices.reduce((sum, price) => sum + price, 0)');
const MESSAGE = 'Add the prices instead of counting them\n\nIt said how many there were, which nobody asked.';

const TESTS = "src/cart.test.ts\n<<<<<<< SEARCH\n=======\nimport { total } from './cart.ts';\n\ntotal([1, 2]);\n>>>>>>> REPLACE\n";

test.describe('drafts', () => {
  test.describe.configure({ timeout: 240_000 });
  test.use({ files: FILES });

  test('a commit message in the input of Source Control, taken back, and a description of the branch', async ({
    workbench,
    modelServer,
  }) => {
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: workbench.folder, stdio: 'pipe' });
    const server = await modelServer({
      answers: [
        { when: 'description of a pull request', reply: { text: '## Summary\n\n- `total` adds now.\n\n## Checks\n' } },
        { when: 'Write tests for', reply: { text: TESTS } },
      ],
      replies: [{ text: `\`\`\`\n${MESSAGE}\n\`\`\`` }],
    });
    git('switch', '-q', '-c', 'feat/prices');
    const entry = `{ provider: openai, baseURL: "${server.baseURL}", model: test-model }`;
    workbench.write('.handrail/models.yml', `version: 1\nmodels:\n  writer: ${entry}\nroles: { review: writer, generate: writer }\n`);
    git('add', '.');
    git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'Name a model');
    workbench.write('src/cart.ts', MENDED);
    git('add', 'src/cart.ts');

    await workbench.page
      .locator('.activitybar .action-item')
      .filter({ has: workbench.page.locator('[aria-label^="Source Control"]') })
      .first()
      .click();
    const input = workbench.page.locator('.scm-editor .view-lines');
    await expect(input).toBeVisible({ timeout: 60_000 });
    await workbench.page.locator('.scm-editor').click();
    await workbench.page.keyboard.type('prices');
    const header = workbench.page.locator('.pane-header', { hasText: /^Changes/ }).first();
    const button = header.locator('.action-label[aria-label^="Generate Commit Message"]');
    // The input wraps its lines.
    const text = async (): Promise<string> => (await input.innerText()).replaceAll(/[\s\u00a0\u00b7]+/gu, ' ').trim();
    await expect(async () => {
      await header.hover({ timeout: 2_000 });
      await button.click({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await workbench
      .dialog(/Send code of this workspace/)
      .getByRole('button', { name: /^Send/ })
      .click();
    const done = await workbench.notified(/Written from what is staged: 1 file read/);
    await expect.poll(text).toContain('Add the prices instead of counting them');
    await expect.poll(text).toContain('which nobody asked');
    await workbench.screenshot('draft-commit-message');
    await done.getByRole('button', { name: 'Restore Former Text' }).click();
    await expect.poll(text).toBe('prices');

    await workbench.command('Handrail: Generate Pull-Request Description');
    await workbench.notified(/Written from what the branch changes/);
    const page = workbench.page.locator('.editor-instance .view-lines').first();
    await expect(page).toContainText('total');
    await expect(page).toContainText('handrail:summary:start');
    await expect(page).toContainText('[ ] tests pass');
    await workbench.screenshot('draft-pull-request');

    await workbench.openFile('src/cart.ts');
    await workbench.command('Handrail: Generate Tests for This File');
    await workbench.notified(/Proposal for tests of cart\.ts: 1 file, \+3 −0\. Nothing is written yet/);
    await expect(workbench.page.locator('.tab', { hasText: /^Proposal: / })).toBeVisible();
    await workbench.screenshot('draft-tests');
  });
});
