import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createGitServer, type GitServer } from '../support/gitServer.ts';
import { Person, until } from '../support/person.ts';

const FILE = '.handrail/workflows/feature.yml';
const OWN = `version: 1
id: feature
title: Feature
on: { branches: ["feat/**"] }
extends: ["acme/workflows//base.yml@v1"]
steps: []
`;
const BASE = 'version: 1\nid: base\ntitle: Base\nsteps:\n  - { id: note, kind: manual, title: Shared note }\n';

describe('shared workflows in the editor', () => {
  let root: string;
  let server: GitServer;
  let person: Person;
  const before_ = { ...process.env };

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    server = createGitServer();
    process.env['HOME'] = server.env['HOME'];
    const shared = server.repository('acme/workflows');
    shared.write({ 'base.yml': BASE });
    shared.commit('Base');
    shared.git('tag', 'v1');
    fs.rmSync(path.join(root, '.handrail'), { recursive: true, force: true });
    fs.mkdirSync(path.join(root, '.handrail/workflows'), { recursive: true });
    fs.writeFileSync(path.join(root, FILE), OWN);
    execFileSync('git', ['switch', '-q', '-c', 'feat/shared'], { cwd: root, stdio: 'pipe' });
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
    person = new Person();
  });

  after(() => {
    person.restore();
    server.remove();
    process.env = before_;
  });

  const service = () => createWorkflowService({ root, env: process.env });

  it('offer on the item that is not locked to lock and fetch it, ask what from where, and do nothing on a no', async () => {
    const uri = vscode.Uri.file(path.join(root, FILE));
    await vscode.window.showTextDocument(uri);
    const [problem] = await until('the diagnostic', () => {
      const found = vscode.languages.getDiagnostics(uri).filter(({ code }) => code === 'missing-file');
      return found.length > 0 && found;
    });
    assert.match(problem?.message ?? '', /not locked yet/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem?.range ?? new vscode.Range(0, 0, 0, 0),
    );
    assert.ok(
      actions.some(({ command }) => command?.command === 'handrail.updateShared'),
      JSON.stringify(actions.map(({ title }) => title)),
    );
    await vscode.commands.executeCommand('handrail.updateShared');
    assert.match(person.said.join('\n'), /https:\/\/github\.com\/acme\/workflows\.git\n {4}base\.yml at v1/);
    assert.deepEqual(server.requests(), []);
    assert.equal(fs.existsSync(path.join(root, '.handrail/lock.yml')), false);
  });

  it('are fetched on a yes, written to the lock, and followed', async () => {
    person.forget();
    person.answers(/Fetch shared workflows/, /^Fetch$/);
    await vscode.commands.executeCommand('handrail.updateShared');
    assert.match(person.said.join('\n'), /lock of shared workflows was written/);
    assert.ok(server.requests().length > 0);
    const status = await service().status();
    assert.deepEqual(
      status.steps.map(({ title }) => title),
      ['Shared note'],
    );
  });

  it('are opened to be read from where they are named', async () => {
    const uri = vscode.Uri.file(path.join(root, FILE));
    const [link] = await vscode.commands.executeCommand<vscode.LocationLink[]>(
      'vscode.executeDefinitionProvider',
      uri,
      new vscode.Position(4, 14),
    );
    assert.equal(link?.targetUri.scheme, 'handrail-shared');
    assert.equal((await vscode.workspace.openTextDocument(link.targetUri)).getText(), BASE);
  });

  it('say when a version moved, and follow it only then', async () => {
    const shared = server.repository('acme/workflows');
    shared.write({ 'base.yml': BASE.replace('Shared note', 'Moved note') });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    assert.equal((await service().status()).steps[0]?.title, 'Shared note');
    person.forget();
    person.answers(/Look for newer versions/, /^Fetch$/);
    await vscode.commands.executeCommand('handrail.updateShared');
    assert.match(person.said.join('\n'), /base\.yml@v1 moved from [0-9a-f]{12} to [0-9a-f]{12}/);
    assert.equal((await service().status()).steps[0]?.title, 'Moved note');
  });
});
