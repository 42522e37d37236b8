import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { StepStatus } from '../../src/core/workflow/run.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { SUMMARY_MARKS } from '../../src/core/workflow/summaryMarkdown.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: clean
    kind: manual
    title: No problem in sight
    expect: [{ diagnostics: { error: 0, warning: 1 } }]
  - id: notes
    kind: manual
    title: Write the notes
`;

describe('what a pull request and a step are told of the editor', () => {
  let folder: string;
  let problems: vscode.DiagnosticCollection;
  const at = (file: string): string => path.join(folder, file);
  const step = async (id: string): Promise<StepStatus> => {
    const status = await createWorkflowService({ root: folder }).status();
    return status.steps.find((one) => one.id === id) ?? assert.fail(`no step ${id}`);
  };
  const problem = (severity: vscode.DiagnosticSeverity, source: string): vscode.Diagnostic => {
    const one = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), 'Something is wrong.', severity);
    one.source = source;
    return one;
  };
  /** Problems travel to the extension's own view of the editor; an event says that they are there. */
  const show = async (file: string, shown: vscode.Diagnostic[]): Promise<void> => {
    const uri = vscode.Uri.file(at(file));
    const seen = new Promise<void>((resolve) => {
      const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (!uris.some((changed) => changed.toString() === uri.toString())) return;
        listener.dispose();
        resolve();
      });
    });
    problems.set(uri, shown);
    await seen;
  };

  before(async () => {
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    execFileSync('git', ['switch', '-q', '-c', 'feat/host-test'], { cwd: folder });
    fs.rmSync(at('.handrail'), { recursive: true, force: true });
    fs.mkdirSync(at('.handrail/workflows'), { recursive: true });
    fs.writeFileSync(at('.handrail/workflows/feature.yml'), WORKFLOW);
    problems = vscode.languages.createDiagnosticCollection('host-test');
    const extension = vscode.extensions.getExtension('handrail.handrail') ?? assert.fail('the extension is installed');
    await extension.activate();
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
  });
  after(() => problems.dispose());

  it('does not settle a step while the editor shows more problems than it allows', async () => {
    await show('src/cart.ts', [problem(vscode.DiagnosticSeverity.Error, 'host-test')]);
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'clean' });
    assert.equal((await step('clean')).state, 'ready');
  });

  it('settles it once they are few enough; what a review found does not count', async () => {
    await show('src/cart.ts', [
      problem(vscode.DiagnosticSeverity.Warning, 'host-test'),
      problem(vscode.DiagnosticSeverity.Error, 'Handrail · built-in reviewer'),
      problem(vscode.DiagnosticSeverity.Hint, 'host-test'),
    ]);
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'clean' });
    const { state, evidence } = await step('clean');
    assert.deepEqual([state, evidence?.actor], ['done', 'human']);
    const records = path.join(folder, '.git', 'handrail', 'runs');
    const texts = fs
      .readdirSync(records, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => fs.readFileSync(path.join(records, name), 'utf8'));
    const counted = texts
      .flatMap((text) => /"diagnostics":\s*(\{[^}]*\})/.exec(text)?.[1] ?? [])
      .map((text) => JSON.parse(text) as unknown);
    assert.deepEqual(counted, [{ error: 0, warning: 1, info: 0, hint: 1 }]);
  });

  it('leaves problems of files outside the folder out', async () => {
    problems.set(vscode.Uri.file('/elsewhere/a.ts'), [problem(vscode.DiagnosticSeverity.Error, 'host-test')]);
    await show('src/cart.ts', []);
    await vscode.commands.executeCommand('handrail.uncheckStep', { stepId: 'clean' });
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'clean' });
    assert.equal((await step('clean')).state, 'done');
  });

  it('copies the summary of the branch for its pull request', async () => {
    await vscode.env.clipboard.writeText('before');
    await vscode.commands.executeCommand('handrail.copySummary');
    const text = await vscode.env.clipboard.readText();
    assert.ok(
      text.startsWith(`${SUMMARY_MARKS.start}\n**Handrail · Feature or fix: 1 of 2 steps done** on \`feat/host-test\` against \`main\`\n`),
      text,
    );
    assert.match(
      text,
      /\| No problem in sight \| ✓ done \| someone's word \|\n\| Write the notes \| ○ not done: tick it when it is done \| {2}\|/,
    );
    assert.ok(text.endsWith(`${SUMMARY_MARKS.end}\n`));
  });

  it('copies nothing where no workflow follows the branch', async () => {
    execFileSync('git', ['switch', '-q', '-c', 'elsewhere'], { cwd: folder });
    await vscode.env.clipboard.writeText('before');
    await vscode.commands.executeCommand('handrail.copySummary');
    assert.equal(await vscode.env.clipboard.readText(), 'before');
  });
});
