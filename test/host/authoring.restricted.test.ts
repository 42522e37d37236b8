import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

describe('authoring in an untrusted workspace', () => {
  const text =
    'version: 1\nid: w\ntitle: W\nvars:\n  some: size(changes) > 0\nsteps:\n  - id: a\n    kind: manual\n    title: A\n    when: vars.some\n';
  let document: vscode.TextDocument;

  before(async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    const file = path.join(folder, '.handrail/workflows/w.yml');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
  });

  async function until<T>(what: string, ask: () => T | Thenable<T>, fits: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const answer = await ask();
      if (fits(answer)) return answer;
      if (Date.now() > deadline) assert.fail(`never came: ${what}; it is ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('completes and explains without asking git', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const position = document.positionAt(text.indexOf('vars.some') + 5);
    const list = await until(
      'completions',
      () => vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position),
      (answer) => answer.items.some(({ label }) => label === 'some'),
    );
    assert.ok(list.items.length > 0);
    const hovers = await until(
      'a hover',
      () => vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position),
      (answer) => answer.length > 0,
    );
    const words = hovers
      .flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : '')))
      .join('\n');
    assert.match(words, /known only in a trusted folder with git/);
  });

  it('checks what is typed', async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(text.length), '    whi: nobody knows\n');
    await vscode.workspace.applyEdit(edit);
    const found = await until(
      'the problem',
      () => vscode.languages.getDiagnostics(document.uri),
      (problems) => problems.some(({ code }) => code === 'unknown-key'),
    );
    assert.equal(found.length, 1);
  });

  it('refuses a dry run, since that would ask git', async () => {
    await vscode.commands.executeCommand('handrail.dryRun');
    assert.ok(!vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === 'handrail-dry-run'));
  });
});
