import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { Person, until } from '../support/person.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** The *Models* view's commands in a real extension host, over scripted model servers. What its rows say is tested without the editor. */

const OK = { text: '{"answer":"ok"}' };
const FILE = 'src/hostModels.ts';

describe('the Models view', () => {
  const person = new Person();
  const home = process.env['HANDRAIL_HOME'] ?? assert.fail('the tests have a home of their own');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('a folder is open');
  const pathOf = (file: string): string => vscode.Uri.joinPath(folder, file).fsPath;
  const said = (pattern: RegExp): boolean => person.said.some((text) => pattern.test(text));
  const hasSaid = (pattern: RegExp): Promise<boolean> => until(`${String(pattern)} in: ${person.said.join(' / ')}`, () => said(pattern));
  let ours: ModelServer;
  let spare: ModelServer;

  function models(text: string): void {
    fs.mkdirSync(pathOf('.handrail'), { recursive: true });
    fs.writeFileSync(pathOf('.handrail/models.yml'), text);
  }
  const target = (name: string, server: ModelServer) => ({ modelName: name, origin: server.origin });
  const test = (name: string, server: ModelServer): Thenable<unknown> =>
    vscode.commands.executeCommand('handrail.testModel', target(name, server));

  before(async () => {
    [ours, spare] = await Promise.all([startModelServer({ replies: [OK] }), startModelServer({ replies: [OK] })]);
    models(`version: 1
models:
  ours: { provider: openai, model: m, baseURL: "${ours.baseURL}", fallback: [spare], limits: { retries: 0 } }
  spare: { provider: openai, model: q, baseURL: "${spare.baseURL}" }
roles: { review: ours }
`);
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
  });
  beforeEach(() => {
    person.forget();
    for (const server of [ours, spare]) server.requests.length = 0;
  });
  after(async () => {
    person.restore();
    fs.rmSync(pathOf('.handrail/models.yml'), { force: true });
    await Promise.all([ours.close(), spare.close()]);
  });

  it('is there, and can be shown and read again', async () => {
    await vscode.commands.executeCommand('handrail.models.focus');
    await vscode.commands.executeCommand('handrail.refreshModels');
    assert.deepEqual(person.said, []);
    assert.deepEqual([ours.requests, spare.requests], [[], []], 'to look asks no model');
  });

  it('tests nothing before the person agreed, and then at once', async () => {
    person.answers(/Nobody has agreed yet/, /^Confirm/);
    await test('ours', ours);
    await hasSaid(/May code of this workspace go to http:\/\/127\.0\.0\.1/);
    assert.equal(ours.requests.length, 0, 'the question was closed');
    person.forget();
    person.answers(/Nobody has agreed yet/, /^Confirm/);
    person.answers(/^May code of this workspace go to/, /^Agree$/);
    await test('ours', ours);
    await hasSaid(/^ours answers: .*keeps to a JSON schema, 8192 tokens of context\.$/);
    assert.equal(ours.requests.length, 1);
    assert.doesNotMatch(JSON.stringify(ours.requests[0]?.body), /checkout|giftCard/);
  });

  it('agrees to a fallback without choosing it', async () => {
    person.answers(/^May code of this workspace go to/, /^Agree$/);
    await vscode.commands.executeCommand('handrail.confirmModel', target('spare', spare));
    assert.ok(said(/What leaves: the text of the files/));
    fs.writeFileSync(pathOf(FILE), 'export const one = 1;\n');
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, FILE));
    ours.setScript({ replies: [{ status: 503 }] });
    spare.setScript({ replies: [{ text: '{"findings":[]}' }] });
    await vscode.commands.executeCommand('handrail.reviewFile');
    assert.deepEqual([ours.requests.length, spare.requests.length], [1, 1]);
    assert.ok(!said(/Send code of this workspace/), person.said.join(' / '));
  });

  it('says why a test failed, with the button that mends it', async () => {
    ours.setScript({ key: 'sk-right', replies: [OK] });
    person.answers(/wants a key/, /^Set Key/);
    person.types('sk-right');
    await test('ours', ours);
    await hasSaid(/^ours answers/);
    assert.ok(said(new RegExp(`Set the key for ${ours.origin} again`)));
    assert.deepEqual(
      ours.requests.map(({ headers }) => headers.authorization),
      [undefined, 'Bearer sk-right'],
    );
  });

  it('sets the key of a row without asking for its address', async () => {
    person.types('sk-other');
    await vscode.commands.executeCommand('handrail.setApiKey', target('ours', ours));
    assert.deepEqual(person.offered, []);
    ours.setScript({ key: 'sk-other', replies: [OK] });
    await test('ours', ours);
    await hasSaid(/^ours answers/);
  });

  it('lets a test be picked where no row was meant, and a model be switched', async () => {
    person.picks(/^spare$/);
    spare.setScript({ replies: [OK] });
    await vscode.commands.executeCommand('handrail.testModel');
    assert.deepEqual(
      person.offered.map((text) => text.split(' ')[0]),
      ['ours', 'spare'],
    );
    await hasSaid(/^spare answers/);
    person.forget();
    person.picks(/spare of \.handrail\/models\.yml/);
    await vscode.commands.executeCommand('handrail.switchModel');
    await hasSaid(/Chosen for this workspace: spare/);
    person.picks(/ours of \.handrail\/models\.yml/);
    await vscode.commands.executeCommand('handrail.switchModel');
  });

  it('opens the file, also where it is broken, and a test says what is wrong with it', async () => {
    await vscode.commands.executeCommand('handrail.openModelsFile');
    await until('the file', () => vscode.window.activeTextEditor?.document.uri.path.endsWith('.handrail/models.yml'));
    models('version: 1\nmodels: {\n');
    await vscode.commands.executeCommand('handrail.refreshModels');
    await test('ours', ours);
    await until('the problem', () => person.said.length > 0);
    fs.rmSync(pathOf('.handrail/models.yml'));
    await vscode.commands.executeCommand('handrail.openModelsFile');
    await hasSaid(/has no \.handrail\/models\.yml/);
  });

  it('leaves no key in the files of the person', () => {
    const files = fs
      .readdirSync(path.join(home, 'state'), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(home, 'state', file));
    for (const file of files.filter((one) => fs.statSync(one).isFile()))
      assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /sk-(?:right|other)/);
  });
});
