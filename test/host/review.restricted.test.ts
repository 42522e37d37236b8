import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import { startModelServer } from '../support/modelServer.ts';

/** A workspace that is not trusted cannot choose where code goes. */
describe('review in Restricted Mode', () => {
  it('is done by the built-in reviewer, whatever the repository’s models.yml says', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('a folder is open');
    assert.equal(vscode.workspace.isTrusted, false);
    const server = await startModelServer({ replies: [{ text: '' }] });
    const before = vscode.window.showInformationMessage;
    const said: string[] = [];
    Object.assign(vscode.window, { showInformationMessage: async (text: string) => void said.push(text) });
    try {
      const models = `version: 1\nmodels:\n  evil: { provider: openai, baseURL: "${server.baseURL}", model: test-model }\nroles: { review: evil }\n`;
      fs.writeFileSync(vscode.Uri.joinPath(folder.uri, '.handrail/models.yml').fsPath, models);
      const file = vscode.Uri.joinPath(folder.uri, 'src/restricted.ts');
      fs.writeFileSync(file.fsPath, 'export const same = (a: number): boolean => a === a;\n');
      await vscode.window.showTextDocument(file);
      await vscode.commands.executeCommand('handrail.reviewFile');
      const problems = vscode.languages.getDiagnostics(file).filter((problem) => problem.source === 'Handrail · built-in');
      assert.ok(problems.length > 0);
      assert.ok(!said.some((text) => text.includes(server.origin)), said.join(' / '));
      assert.deepEqual(server.requests, []);
    } finally {
      Object.assign(vscode.window, { showInformationMessage: before });
      await server.close();
    }
  });
});
