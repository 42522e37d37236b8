import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';

const FILES = {
  '.handrail/workflows/feature.yml': `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
evidence: tracked
waive: { expires: 7d, by: { any-of: [codeowners] } }
steps:
  - id: intent
    kind: manual
    title: State the problem
  - id: threats
    kind: manual
    title: Threat notes
    why: Two incidents skipped this page.
    expect: [{ attest: Abuse cases listed }]
  - id: notes
    kind: manual
    title: Write the notes
    needs: [threats]
`,
  'src/login.ts': 'export const attempts = 3;\n',
};

test.describe('what is recorded', () => {
  test.use({ files: FILES });

  test('is committed once the person said so, and a step is skipped with a reason that everybody sees', async ({ workbench }) => {
    execFileSync('git', ['switch', '-q', '-c', 'feat/login'], { cwd: workbench.folder, stdio: 'pipe' });
    const shared = (): string[] => {
      const folder = path.join(workbench.folder, '.handrail/evidence');
      const names = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }).map(String) : [];
      return names.filter((name) => name.endsWith('.json'));
    };
    await workbench.openHandrail();
    const problem = workbench.row('State the problem');
    await workbench.tick(problem, problem.getByText("someone's word"));
    expect(shared()).toEqual([]);

    const question = workbench.dialog('Have what you record committed in this repository?');
    await workbench.click(workbench.row('Say whether what you record is committed'), question);
    await workbench.screenshot('evidence-question');
    await question.getByRole('button', { name: 'Commit Mine' }).click();
    await expect(workbench.row('Say whether what you record is committed')).toHaveCount(0);
    await expect.poll(() => shared().length).toBe(1);

    await workbench.pressOn(workbench.row('Threat notes'), 'Skip Step with a Reason…');
    await workbench.quickPick('Another reason…');
    await workbench.input('Only words were changed');
    await workbench.screenshot('evidence-skip-until');
    await workbench.quickPick(/For 3 days/);
    await expect(workbench.row('Threat notes')).toContainText('skipped');
    await expect(workbench.row('Write the notes')).toContainText('ready');
    await expect.poll(() => shared().length).toBe(2);
    await workbench.screenshotInThemes('evidence-skipped');

    await (await workbench.notified(/is skipped until/)).getByRole('button', { name: 'Undo' }).click();
    await expect(workbench.row('Threat notes')).toContainText('ready');
    await expect(workbench.row('Write the notes')).toContainText('waits for Threat notes');
  });
});
