import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { Person, until } from '../support/person.ts';

/** Reviews with the editor's own language models, which a test extension registers as any extension does. */

const FILE = 'src/hostEditorModel.ts';
const TEXT = [
  'export async function login(name: string): Promise<boolean> {',
  '  rememberTheUser(name);',
  '  return true;',
  '}',
  '',
  'async function rememberTheUser(name: string): Promise<void> {',
  '  await fetch(`/users/${name}`);',
  '}',
  '',
].join('\n');
const DROPPED = {
  file: FILE,
  line: 2,
  severity: 'high',
  category: 'bug',
  title: 'The promise is dropped',
  message: 'A failed write looks like success.',
  quote: '  rememberTheUser(name);',
  replacement: '  await rememberTheUser(name);',
};

interface TestModel {
  id: string;
  name: string;
  family: string;
  version: string;
  maxInputTokens: number;
  maxOutputTokens: number;
}

/** What test/host/modelExtension hands out. */
interface ScriptedModels {
  readonly models: TestModel[];
  reply: {
    text?: string;
    pieces?: number;
    hang?: 'start' | 'end';
    deaf?: boolean;
    until?: Promise<void>;
    fails?: { code?: 'NoPermissions' | 'NotFound' | 'Blocked'; message: string };
    binary?: boolean;
    charactersPerToken?: number;
  };
  readonly requests: { model: string; text: string; cancelled: boolean }[];
  setModels(models: TestModel[]): void;
}

const folder = (): vscode.WorkspaceFolder => {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first);
  return first;
};
const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, file);
const found = (title: string): vscode.Diagnostic | undefined =>
  vscode.languages.getDiagnostics(uriOf(FILE)).find((problem) => problem.message.startsWith(title));
const answerOf = (...findings: object[]): string => JSON.stringify({ findings });

async function review(): Promise<void> {
  fs.mkdirSync(path.dirname(uriOf(FILE).fsPath), { recursive: true });
  fs.writeFileSync(uriOf(FILE).fsPath, TEXT);
  await vscode.window.showTextDocument(uriOf(FILE));
  await vscode.commands.executeCommand('handrail.reviewFile');
}

describe('the editor’s language models', () => {
  const person = new Person();
  let scripted: ScriptedModels;
  let models: TestModel[];

  const said = (pattern: RegExp): boolean => person.said.some((text) => pattern.test(text));
  const hasSaid = (pattern: RegExp): void => assert.ok(said(pattern), `${String(pattern)} is not in: ${person.said.join(' / ')}`);
  const lastRequest = (): ScriptedModels['requests'][number] | undefined => scripted.requests.at(-1);
  async function choose(label: RegExp): Promise<void> {
    person.picks(label);
    await vscode.commands.executeCommand('handrail.chooseModel');
  }

  before(async () => {
    const extension = vscode.extensions.getExtension<ScriptedModels>('handrail-tests.scripted-models');
    assert.ok(extension, 'the test extension is not there');
    scripted = await extension.activate();
    models = [...scripted.models];
  });
  beforeEach(() => {
    // What a model said is remembered, and each test has words of its own for it.
    fs.rmSync(path.join(folder().uri.fsPath, '.git/handrail/cache/answers'), { recursive: true, force: true });
    person.forget();
    scripted.requests.length = 0;
    scripted.reply = { text: answerOf(DROPPED) };
  });
  after(() => person.restore());

  it('are offered once after a review without a model, all of a vendor together', async () => {
    const [model] = models;
    assert.ok(model);
    scripted.setModels([model, { ...model, id: 'careful-2', name: 'Careful Two' }]);
    person.answers(/were found too/, /^Choose Model/);
    await review();
    await until('the offer', () => said(/2 language models of the editor were found too, such as Careful One \(scripted\)/));
    await until('the list', () => person.offered.some((text) => text.includes('Careful Two (scripted)')));
    assert.deepEqual(scripted.requests, []);
    scripted.setModels(models);
  });

  it('says what to do when the editor has none', async () => {
    scripted.setModels([]);
    await choose(/matches nothing/);
    assert.match(person.offered.join(' / '), /No language model found Sign in to GitHub Copilot or find an extension/);
    scripted.setModels(models);
  });

  it('are offered, and chosen without asking for a key', async () => {
    await choose(/Careful One \(scripted\)/);
    hasSaid(/Chosen for this workspace: Careful One \(scripted\).*asked before anything is sent/);
    assert.deepEqual(scripted.requests, []);
  });

  it('get nothing while the question is closed', async () => {
    await review();
    hasSaid(/Send code of this workspace for review to Careful One \(scripted\)/);
    hasSaid(/editor itself may ask once more/);
    assert.deepEqual(scripted.requests, []);
    assert.ok(!said(/key for/));
  });

  it('review after one question for the workspace, with instructions in front of the code', async () => {
    person.answers(/Send code/, /^Send$/);
    await review();
    const problem = await until('the problem', () => found(DROPPED.title));
    assert.equal(problem.source, 'Handrail · careful-1');
    assert.equal(problem.range.start.line, 1);
    assert.match(lastRequest()?.text ?? '', /^You review code[\s\S]*rememberTheUser/);
    person.forget();
    await review();
    assert.ok(!said(/Send code/), person.said.join(' / '));
    assert.equal(scripted.requests.length, 1, 'nothing changed, so the answer is remembered');
  });

  it('is marked as the one in use', async () => {
    await choose(/matches nothing/);
    assert.match(person.offered.join(' / '), /Careful One \(scripted\), a language model of the editor \(in use\)/);
  });

  it('have their findings shown while they still write, and hear of a cancellation', async () => {
    const first = { ...DROPPED, title: 'The first of an endless answer' };
    scripted.reply = { text: `{"findings":[${JSON.stringify(first)},`, hang: 'end' };
    const running = review();
    await until('the first finding', () => found(first.title));
    await vscode.commands.executeCommand('handrail.cancelReview');
    await running;
    assert.ok(found(first.title), 'what was found stays');
    await until('the model to hear of it', () => lastRequest()?.cancelled);
  });

  it('that never answer and heed no cancellation are left behind at once', async () => {
    scripted.reply = { hang: 'start', deaf: true };
    const running = review();
    await until('the request', () => lastRequest());
    await vscode.commands.executeCommand('handrail.cancelReview');
    await running;
    await until('the model to hear of it', () => lastRequest()?.cancelled);
  });

  it('that never answer are given up after the time that models.yml allows', async () => {
    const yml = 'version: 1\nmodels:\n  editor: { provider: vscode, model: careful, limits: { timeout: 1s } }\nroles: { review: editor }\n';
    fs.mkdirSync(uriOf('.handrail').fsPath, { recursive: true });
    fs.writeFileSync(uriOf('.handrail/models.yml').fsPath, yml);
    try {
      await choose(/^\$\(hubot\) editor of \.handrail\/models\.yml/);
      scripted.reply = { hang: 'start' };
      person.offered.length = 0;
      person.answers(/stopped answering/, /^Choose Model/);
      await review();
      await until('the message', () => said(/Careful One \(scripted\) stopped answering\. Try again, or choose another model/));
      // Else its list would take what is picked for the next one.
      await until('the list', () => person.offered.some((text) => text.includes('Careful One')));
      await until('the model to hear of it', () => lastRequest()?.cancelled);
    } finally {
      fs.rmSync(uriOf('.handrail/models.yml').fsPath);
    }
    await choose(/Careful One \(scripted\)/);
  });

  it('that fail are quoted, with a way to another model', async () => {
    scripted.reply = { fails: { message: 'upstream said\n\u0007no: key-1234567890abc' } };
    person.answers(/upstream said/, /^Choose Model/);
    await review();
    await until('the message', () => said(/Careful One \(scripted\) failed: upstream said no: … Try again, or choose another model\./));
    await until('the list', () => person.offered.some((text) => text.includes('Careful One')));
  });

  for (const [code, pattern] of [
    ['NoPermissions', /did not let Handrail use the language models of scripted.*Run the command again and allow it/],
    ['Blocked', /Careful One \(scripted\) refused the request: no more today\. Its quota may be used up/],
    ['NotFound', /does not offer Careful One \(scripted\) any more.*choose another/],
  ] as const) {
    it(`that fail with ${code} say what to do, with a way to another model`, async () => {
      scripted.reply = { fails: { code, message: 'no more today' } };
      person.answers(pattern, /^Choose Model/);
      await review();
      await until('the message', () => said(pattern));
      await until('the list', () => person.offered.length > 0);
    });
  }

  it('that break off in the middle lose nothing that was found', async () => {
    const first = { ...DROPPED, title: 'Found before the answer broke off' };
    const { promise, resolve } = Promise.withResolvers<void>();
    scripted.reply = { text: `{"findings":[${JSON.stringify(first)},{"file":`, until: promise, fails: { message: 'connection reset' } };
    const running = review();
    await until('the first finding', () => found(first.title));
    resolve();
    await running;
    assert.ok(found(first.title));
    assert.ok(!said(/connection reset/), 'a part of an answer is no failure');
  });

  it('that send no text at all are said to be empty', async () => {
    scripted.reply = { binary: true };
    await review();
    await until('the message', () => said(/Careful One \(scripted\) sent an empty answer/));
  });

  it('that went away are named, with a way to another model', async () => {
    scripted.setModels([]);
    person.answers(/language model/, /^Choose Model/);
    await review();
    await until('the message', () => said(/The editor offers no language model/));
    await until('the list', () => person.offered.length > 0);
    scripted.setModels(models);
  });

  it('with a smaller context than the estimate says get less at a time, never more than they take', async () => {
    const [model] = models;
    assert.ok(model);
    scripted.setModels([{ ...model, maxInputTokens: 12_000 }]);
    scripted.reply = { text: answerOf(), charactersPerToken: 1 };
    const lines = Array.from({ length: 300 }, (_, index) => `export const value${index} = ${index};`);
    fs.writeFileSync(uriOf('src/hostLong.ts').fsPath, `${lines.join('\n')}\n`);
    await vscode.window.showTextDocument(uriOf('src/hostLong.ts'));
    await vscode.commands.executeCommand('handrail.reviewFile');
    await until('several requests', () => scripted.requests.length > 1);
    for (const { text } of scripted.requests) assert.ok(text.length <= 12_000, `${text.length} tokens`);
    assert.match(scripted.requests.map(({ text }) => text).join('\n'), /value0 [\s\S]*value299 /);
    scripted.setModels(models);
  });

  // A window of the desktop would keep the question, which nobody answers here, in front of everything.
  if (vscode.env.uiKind === vscode.UIKind.Web) {
    it('are let go while the editor still asks whether Handrail may use them', async () => {
      await choose(/Careful One \(asking\)/);
      person.answers(/Send code/, /^Send$/);
      const { selectChatModels } = vscode.lm;
      let asked = false;
      const watched = (chat: vscode.LanguageModelChat): vscode.LanguageModelChat => ({
        ...chat,
        sendRequest: (...request) => {
          asked = true;
          return chat.sendRequest(...request);
        },
      });
      Object.assign(vscode.lm, {
        selectChatModels: async (selector?: vscode.LanguageModelChatSelector) => (await selectChatModels(selector)).map(watched),
      });
      try {
        const running = review();
        await until('the editor to be asked', () => asked);
        await vscode.commands.executeCommand('handrail.cancelReview');
        await running;
      } finally {
        Object.assign(vscode.lm, { selectChatModels });
      }
      assert.deepEqual(scripted.requests, []);
    });
  }
});
