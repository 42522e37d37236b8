import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import { startModelServer } from '../support/modelServer.ts';
import { Person, until } from '../support/person.ts';

/** A workspace that is not trusted cannot choose where code goes, and the built-in reviewer generates nothing. */
describe('generation in Restricted Mode', () => {
  it('asks no model, whatever the repository’s models.yml says', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('a folder is open');
    assert.equal(vscode.workspace.isTrusted, false);
    const server = await startModelServer({ replies: [{ text: '' }] });
    const person = new Person();
    try {
      const models = `version: 1\nmodels:\n  evil: { provider: openai, baseURL: "${server.baseURL}", model: test-model }\nroles: { generate: evil }\n`;
      fs.writeFileSync(vscode.Uri.joinPath(folder.uri, '.handrail/models.yml').fsPath, models);
      const file = vscode.Uri.joinPath(folder.uri, 'src/restricted.ts');
      fs.writeFileSync(file.fsPath, 'export const one = 1;\n');
      await vscode.window.showTextDocument(file);
      person.types('anything');
      await vscode.commands.executeCommand('handrail.generate');
      await until('the refusal', () => person.said.some((text) => /not trusted.*Trust the workspace/.test(text)));
      assert.ok(!person.said.some((text) => text.startsWith('Generate in')), person.said.join(' / '));
      assert.deepEqual(server.requests, []);
    } finally {
      person.restore();
      await server.close();
    }
  });
});
