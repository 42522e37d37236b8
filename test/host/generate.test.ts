import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import type { ProposedChange } from '../../src/core/ai/generate/generation.ts';
import { answerGenerate } from '../../src/vscode/chat/generateAnswer.ts';
import { ChangedMeanwhile } from '../../src/vscode/generate/changedMeanwhile.ts';
import { startModelServer } from '../support/modelServer.ts';
import type { ModelServer, Reply } from '../support/modelServer.ts';
import { Person, until } from '../support/person.ts';

/** Generation in a real extension host, with a scripted model server. */

const FILE = 'src/hostGenerate.ts';
const TEXT = ['export function add(a: number, b: number): number {', '  return a - b;', '}', ''].join('\n');
const MENDED = TEXT.replace('a - b', 'a + b');
const OTHER = 'src/hostOther.ts';
const OTHER_TEXT = 'export const limit = 10;\n';
const NEW = 'src/hostNew/helper.ts';
const NEW_TEXT = 'export const helper = 1;';

const block = (file: string, search: string, replacement: string): string =>
  [file, '<<<<<<< SEARCH', ...(search === '' ? [] : [search]), '=======', replacement, '>>>>>>> REPLACE', ''].join('\n');
const MEND = block(FILE, '  return a - b;', '  return a + b;');
const answer = (...blocks: string[]): Reply => ({ text: `I did what was asked.\n\n${blocks.join('\n')}` });

const folder = (): vscode.WorkspaceFolder => vscode.workspace.workspaceFolders?.[0] ?? assert.fail('a folder is open');
const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, file);
const pathOf = (file: string): string => uriOf(file).fsPath;
const onDisk = (file: string): string => fs.readFileSync(pathOf(file), 'utf8');
const inEditor = async (file: string): Promise<string> => (await vscode.workspace.openTextDocument(uriOf(file))).getText();
const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(`handrail.${command}`, ...args);

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(pathOf(file)), { recursive: true });
  fs.writeFileSync(pathOf(file), text);
}

async function setText({ document }: vscode.TextEditor, text: string): Promise<void> {
  // An edit is not taken while the editor itself catches up with the file.
  for (let attempt = 0; attempt < 20 && document.getText() !== text; attempt++) {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
  }
  assert.equal(document.getText(), text);
}

/** Opens the file with this text, saved, at its second line. */
async function openEditor(file: string, text: string): Promise<vscode.TextEditor> {
  write(file, text);
  const editor = await vscode.window.showTextDocument(uriOf(file), { preview: false });
  // The editor may not have noticed yet that the file changed.
  await setText(editor, text);
  if (editor.document.isDirty) await editor.document.save();
  // The editor saves by itself too; where that crosses the save, it answers that nothing was saved.
  await until('the file to be saved', () => !editor.document.isDirty);
  editor.selection = new vscode.Selection(1, 0, 1, 0);
  return editor;
}

const tabs = (): vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => [...group.tabs]);
const proposalTab = (): vscode.Tab | undefined => tabs().find((tab) => tab.label.startsWith('Proposal: '));
const proposalTexts = (): vscode.TextDocument[] =>
  vscode.workspace.textDocuments.filter((document) => document.uri.scheme === 'handrail-proposal');

describe('generation', () => {
  const person = new Person();
  let server: ModelServer;
  const said = (pattern: RegExp): void =>
    assert.ok(
      person.said.some((text) => pattern.test(text)),
      `${String(pattern)} is not in: ${person.said.join(' / ')}`,
    );
  const saidLater = (pattern: RegExp): Promise<unknown> =>
    until(`${String(pattern)} in ${person.said.join(' / ')}`, () => person.said.some((text) => pattern.test(text)));
  const lastBody = (): string => JSON.stringify(server.requests.at(-1)?.body);

  /** Asks for something at the second line of the file and waits until the answer is offered. */
  async function generate(...blocks: string[]): Promise<vscode.TextEditor> {
    server.setScript({ replies: [answer(...blocks)] });
    const editor = await openEditor(FILE, TEXT);
    person.types('add instead of subtracting');
    await run('generate');
    return editor;
  }

  before(async () => {
    server = await startModelServer();
  });
  beforeEach(() => {
    person.forget();
    server.requests.length = 0;
  });
  afterEach(async () => {
    // What a test left undecided must not ask the next one. Without a proposal this only says so.
    await run('discardProposal');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
  after(async () => {
    person.restore();
    await server.close();
  });

  it('needs a model, and offers to choose one before anything is typed', async () => {
    await openEditor(FILE, TEXT);
    await run('generate');
    await saidLater(/Generating needs a model.*Choose Model/);
    assert.ok(!person.said.some((text) => text.startsWith('Generate in')));
  });

  it('says why it does nothing in a file that was never saved', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'x' }));
    await run('generate');
    await saidLater(/never saved.*Save it into the workspace/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  describe('with a model', () => {
    before(() => {
      const entry = `{ provider: openai, baseURL: "${server.baseURL}", model: test-model, limits: { retries: 0 } }`;
      write('.handrail/models.yml', `version: 1\nmodels:\n  writer: ${entry}\nroles: { review: writer, generate: writer }\n`);
    });
    after(() => fs.rmSync(pathOf('.handrail/models.yml')));

    it('leaves quietly when the instruction is not given', async () => {
      await openEditor(FILE, TEXT);
      person.types(undefined);
      await run('generate');
      assert.deepEqual(person.said, ['Generate in hostGenerate.ts, at line 2']);
      assert.deepEqual(server.requests, []);
    });

    it('sends nothing when the question is closed', async () => {
      await generate(MEND);
      said(/Send code of this workspace/);
      assert.deepEqual(server.requests, []);
      assert.equal(proposalTab(), undefined);
    });

    it('shows the change beside the file, writes it when accepted, and one undo takes it back', async () => {
      person.answers(/Send code/, /^Send/);
      const editor = await generate(MEND);
      await saidLater(/^Proposal for hostGenerate\.ts: 1 file, \+1 −1\. Nothing is written yet\./);
      assert.match(lastBody(), /add instead of subtracting/);
      const tab = proposalTab();
      assert.ok(tab?.input instanceof vscode.TabInputTextDiff);
      assert.equal(tab.input.original.toString(), uriOf(FILE).toString());
      assert.deepEqual(
        proposalTexts().map((document) => document.getText()),
        [MENDED],
      );
      assert.equal(onDisk(FILE), TEXT);
      assert.equal(editor.document.getText(), TEXT);

      await run('acceptProposal');
      assert.equal(editor.document.getText(), MENDED);
      assert.equal(onDisk(FILE), TEXT, 'saving is up to the person');
      assert.equal(proposalTab(), undefined);
      assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uriOf(FILE).toString());
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), TEXT);
    });

    it('is written once, however often it is accepted', async () => {
      const twice = TEXT.replace('  return a - b;', '  return a + b;\n  // done');
      const editor = await generate(block(FILE, '  return a - b;', '  return a + b;\n  // done'));
      await Promise.all([run('acceptProposal'), run('acceptProposal'), run('discardProposal'), run('acceptProposal')]);
      assert.equal(editor.document.getText(), twice);
      assert.equal(proposalTab(), undefined);
      assert.ok(!person.said.some((text) => /nothing was written/.test(text)), person.said.join(' / '));
    });

    it('is accepted from the message too', async () => {
      person.answers(/^Proposal for/, /^Accept$/);
      const editor = await generate(MEND);
      await until('the change', () => editor.document.getText() === MENDED);
      await until('the diff to close', () => proposalTab() === undefined);
    });

    it('leaves no trace when it is discarded', async () => {
      const editor = await generate(MEND);
      assert.ok(proposalTab());
      await run('discardProposal');
      assert.equal(proposalTab(), undefined);
      assert.equal(editor.document.isDirty, false);
      assert.equal(onDisk(FILE), TEXT);
      await run('acceptProposal');
      await saidLater(/There is no proposal to decide about/);
      assert.equal(editor.document.getText(), TEXT);
    });

    it('stays when its tab is closed, and is shown again', async () => {
      await generate(MEND);
      const tab = proposalTab() ?? assert.fail('no diff');
      await vscode.window.tabGroups.close(tab);
      assert.equal(proposalTab(), undefined);
      await run('showProposal');
      await until('the diff', proposalTab);
    });

    it('is for the selection when there is one, and reads unsaved text', async () => {
      server.setScript({ replies: [answer(MEND)] });
      const editor = await openEditor(FILE, TEXT);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// only in the editor\n'));
      editor.selection = new vscode.Selection(2, 0, 3, 0);
      person.types('mend it');
      await run('generate');
      said(/^Generate in hostGenerate\.ts, line 3$/);
      assert.match(lastBody(), /only in the editor/);
      await run('acceptProposal');
      assert.equal(editor.document.getText(), `// only in the editor\n${MENDED}`);
    });

    it('writes nothing when the file has changed meanwhile, and stays', async () => {
      const editor = await generate(MEND);
      await setText(editor, `// meanwhile\n${TEXT}`);
      await run('acceptProposal');
      await saidLater(/src\/hostGenerate\.ts has changed since the proposal was made, so nothing was written/);
      assert.equal(editor.document.getText(), `// meanwhile\n${TEXT}`);
      assert.ok(proposalTab());
      await setText(editor, TEXT);
      await run('acceptProposal');
      assert.equal(editor.document.getText(), MENDED);
    });

    it('writes nothing when another program changed the file on disk', async () => {
      write(OTHER, OTHER_TEXT);
      await generate(MEND, block(NEW, '', NEW_TEXT));
      write(NEW, 'mine\n');
      await run('acceptProposal');
      await saidLater(/src\/hostNew\/helper\.ts has changed since/);
      assert.equal(onDisk(NEW), 'mine\n');
      assert.equal(await inEditor(FILE), TEXT);
      fs.rmSync(path.dirname(pathOf(NEW)), { recursive: true });
    });

    it('refuses a read-only file by name', async () => {
      const editor = await generate(MEND);
      fs.chmodSync(pathOf(FILE), 0o444);
      try {
        await run('acceptProposal');
        await saidLater(/Nothing was written, because of src\/hostGenerate\.ts\. It is read-only/);
        assert.equal(editor.document.getText(), TEXT);
      } finally {
        fs.chmodSync(pathOf(FILE), 0o644);
      }
    });

    it('follows no link that leads out of the folder', async () => {
      await generate(block(NEW, '', NEW_TEXT));
      const outside = fs.mkdtempSync(path.join(path.dirname(folder().uri.fsPath), 'outside-'));
      fs.symlinkSync(outside, path.dirname(pathOf(NEW)));
      try {
        await run('acceptProposal');
        await saidLater(/Nothing was written, because of src\/hostNew\/helper\.ts\. It leads out of the workspace/);
        assert.deepEqual(fs.readdirSync(outside), []);
      } finally {
        fs.rmSync(path.dirname(pathOf(NEW)));
        fs.rmSync(outside, { recursive: true });
      }
    });

    it('follows no link that was put in the way to what is never written', async () => {
      await generate(block(NEW, '', NEW_TEXT));
      const evidence = pathOf('.handrail/evidence/host');
      fs.mkdirSync(evidence, { recursive: true });
      fs.symlinkSync(evidence, path.dirname(pathOf(NEW)));
      try {
        await run('acceptProposal');
        await saidLater(/Nothing was written, because of src\/hostNew\/helper\.ts\. It leads to .*Evidence is recorded/);
        assert.deepEqual(fs.readdirSync(evidence), []);
      } finally {
        fs.rmSync(path.dirname(pathOf(NEW)));
        fs.rmSync(evidence, { recursive: true });
      }
    });

    it('writes no file that git ignores by now', async () => {
      await generate(block(NEW, '', NEW_TEXT));
      const rules = pathOf('.git/info/exclude');
      fs.mkdirSync(path.dirname(rules), { recursive: true });
      fs.writeFileSync(rules, '/src/hostNew/\n');
      try {
        await run('acceptProposal');
        await saidLater(/Nothing was written, because of src\/hostNew\/helper\.ts\. It is ignored by git/);
        assert.equal(fs.existsSync(pathOf(NEW)), false);
        assert.ok(proposalTab());
      } finally {
        fs.rmSync(rules);
      }
    });

    it('notices which files have changed meanwhile, in the editor and on disk, and which are as they were again', async () => {
      const editor = await openEditor(FILE, TEXT);
      fs.rmSync(pathOf(OTHER), { force: true });
      const changes: ProposedChange[] = [
        { file: FILE, kind: 'edit', before: TEXT, after: MENDED, edits: [] },
        { file: OTHER, kind: 'create', before: '', after: OTHER_TEXT, edits: [] },
      ];
      const meanwhile = new ChangedMeanwhile(folder(), changes, () => undefined);
      try {
        await setText(editor, `// mine\n${TEXT}`);
        await until('the change in the editor', () => meanwhile.has(FILE));
        write(OTHER, 'mine\n');
        await until('the new file', () => meanwhile.has(OTHER));
        await setText(editor, TEXT);
        fs.rmSync(pathOf(OTHER));
        await until('both as they were', () => !meanwhile.has(FILE) && !meanwhile.has(OTHER));
      } finally {
        meanwhile.dispose();
      }
    });

    it('is made for the chat, which says where it is and writes nothing before it is accepted', async () => {
      server.setScript({ replies: [answer(MEND)] });
      const editor = await openEditor(FILE, TEXT);
      const shown = { text: '', buttons: [] as string[] };
      const stream = {
        markdown: (text: string) => (shown.text += text),
        button: ({ command }: vscode.Command) => shown.buttons.push(command),
        progress() {},
      };
      await answerGenerate(
        { prompt: 'add instead of subtracting' } as vscode.ChatRequest,
        stream as unknown as vscode.ChatResponseStream,
        new vscode.CancellationTokenSource().token,
      );
      assert.match(shown.text, /Nothing is written before you accept it[\s\S]*hostGenerate/);
      assert.deepEqual(shown.buttons, ['handrail.showProposal', 'handrail.acceptProposal', 'handrail.discardProposal']);
      assert.match(lastBody(), /add instead of subtracting/);
      assert.equal(editor.document.getText(), TEXT);
      assert.ok(proposalTab());
      await run('acceptProposal');
      assert.equal(editor.document.getText(), MENDED);
    });

    it('leaves no tab of a proposal that only makes a file', async () => {
      await generate(block(NEW, '', NEW_TEXT));
      await until('the diff', proposalTab);
      await run('discardProposal');
      await until('the diff to close', () => proposalTab() === undefined);
      assert.equal(fs.existsSync(pathOf(NEW)), false);
    });

    it('shows several files in one editor, and writes them together', async () => {
      await openEditor(OTHER, OTHER_TEXT);
      server.setScript({ replies: [answer(MEND, block(NEW, '', NEW_TEXT))] });
      const editor = await openEditor(FILE, TEXT);
      person.types('both');
      await run('generate');
      said(/^Proposal for hostGenerate\.ts: 2 files, \+2 −1\./);
      assert.equal((await until('the diff', proposalTab)).label, 'Proposal: hostGenerate.ts (2 files)');
      assert.equal(fs.existsSync(pathOf(NEW)), false);
      await run('acceptProposal');
      assert.equal(proposalTab(), undefined);
      assert.equal(editor.document.getText(), MENDED);
      assert.equal((await inEditor(NEW)).trim(), NEW_TEXT);
      await (await vscode.workspace.openTextDocument(uriOf(NEW))).save();
      fs.rmSync(path.dirname(pathOf(NEW)), { recursive: true });
    });

    describe('of several changes', () => {
      const LONG = ['const a = 1;', '', 'const b = 2;', 'const c = 3;', '', 'const d = 4;', ''].join('\n');
      const FIRST = block(FILE, 'const a = 1;', 'const a = 10;');
      const LAST = block(FILE, 'const d = 4;', 'const d = 40;\nconst e = 50;');
      const shownText = (): string | undefined =>
        proposalTexts()
          .find(({ uri }) => uri.path.endsWith(FILE))
          ?.getText();

      async function generateIn(text: string, ...blocks: string[]): Promise<vscode.TextEditor> {
        server.setScript({ replies: [answer(...blocks)] });
        const editor = await openEditor(FILE, text);
        person.types('larger numbers');
        await run('generate');
        return editor;
      }

      it('leaves out the one at the cursor of the diff, writes the others, and one undo takes them back', async () => {
        const editor = await generateIn(LONG, FIRST, LAST);
        said(/1 file, \+3 −2/);
        await run('showProposedChange', { file: FILE, hunk: 0 });
        await until('the diff to be active', () => vscode.window.activeTextEditor?.document.uri.scheme === 'handrail-proposal');
        await until('the cursor at the change', () => vscode.window.activeTextEditor?.selection.active.line === 0);
        await run('toggleProposedChange');
        const part = LONG.replace('const d = 4;', 'const d = 40;\nconst e = 50;');
        await until('the diff to follow', () => shownText() === part);
        assert.equal(editor.document.getText(), LONG);
        await run('acceptProposal');
        assert.equal(editor.document.getText(), part);
        assert.equal(proposalTab(), undefined);
        await vscode.commands.executeCommand('undo');
        assert.equal(editor.document.getText(), LONG);
        await run('acceptProposal');
        await saidLater(/There is no proposal to decide about/);
      });

      it('writes the taken parts of several files, which one undo takes back', async () => {
        const other = await openEditor(OTHER, OTHER_TEXT);
        const importing = `import './hostOther.ts';\n${LONG}`;
        const editor = await generateIn(importing, FIRST, LAST, block(OTHER, 'export const limit = 10;', 'export const limit = 100;'));
        said(/2 files, \+4 −3/);
        await run('showProposedChange', { file: FILE, hunk: 0 });
        await until('the cursor at the change', () => {
          const shown = vscode.window.activeTextEditor;
          return shown?.document.uri.scheme === 'handrail-proposal' && shown.selection.active.line === 1;
        });
        await run('toggleProposedChange');
        await run('acceptProposal');
        assert.equal(editor.document.getText(), importing.replace('const d = 4;', 'const d = 40;\nconst e = 50;'));
        assert.equal(other.document.getText(), OTHER_TEXT.replace('10', '100'));
        await vscode.window.showTextDocument(editor.document);
        await vscode.commands.executeCommand('undo');
        await until('both to be as before', () => editor.document.getText() === importing && other.document.getText() === OTHER_TEXT);
      });

      it('takes a change back in at the same place, and says when there is none', async () => {
        const editor = await generateIn(LONG, FIRST, LAST);
        await run('showProposedChange', { file: FILE, hunk: 1 });
        const atChange = (): boolean =>
          vscode.window.activeTextEditor?.document.uri.scheme === 'handrail-proposal' &&
          vscode.window.activeTextEditor.selection.active.line === 5;
        await until('the cursor at the change', atChange);
        await run('toggleProposedChange');
        await until('the diff to follow', () => shownText() === LONG.replace('a = 1;', 'a = 10;'));
        await run('toggleProposedChange');
        await until('the diff to follow', () => shownText()?.includes('const e = 50;'));
        const shown = vscode.window.activeTextEditor ?? assert.fail('no editor');
        shown.selection = new vscode.Selection(2, 0, 2, 0);
        await run('toggleProposedChange');
        await saidLater(/There is no change at the cursor/);
        await run('acceptProposal');
        assert.match(editor.document.getText(), /a = 10;[\s\S]*e = 50;/);
      });

      it('writes the other file when one has changed meanwhile and is left out', async () => {
        write(OTHER, OTHER_TEXT);
        const editor = await generateIn(LONG, FIRST, block(NEW, '', NEW_TEXT));
        write(NEW, 'mine\n');
        await run('acceptProposal');
        await saidLater(/src\/hostNew\/helper\.ts has changed since.*untick that file/);
        assert.equal(editor.document.getText(), LONG);
        assert.ok(proposalTab());
        await run('takeOnlyChange', { file: FILE });
        await run('acceptProposal');
        assert.equal(editor.document.getText(), LONG.replace('a = 1;', 'a = 10;'));
        assert.equal(onDisk(NEW), 'mine\n');
        assert.equal(proposalTab(), undefined);
        fs.rmSync(path.dirname(pathOf(NEW)), { recursive: true });
      });

      it('writes nothing when everything is left out, and stays', async () => {
        const editor = await generateIn(LONG, FIRST);
        await run('showProposedChange', { file: FILE, hunk: 0 });
        await until('the diff to be active', () => vscode.window.activeTextEditor?.document.uri.scheme === 'handrail-proposal');
        await run('toggleProposedChange');
        await run('acceptProposal');
        await saidLater(/Every change is left out, so nothing was written/);
        assert.equal(editor.document.getText(), LONG);
        assert.ok(proposalTab());
      });
    });

    it('shows what could not be placed, with the model’s words made harmless', async () => {
      const lost = block(FILE, '  return maybeSometimes;', '  return [a](command:workbench.action.quit);');
      person.answers(/could be placed/, /^How It Was Made$/);
      await generate(lost);
      await saidLater(/Nothing of the proposal for hostGenerate\.ts could be placed/);
      assert.equal(proposalTab(), undefined);
      const page = await until('the page', () => proposalTexts().find((document) => document.uri.query.startsWith('made=')));
      assert.match(page.getText(), /What could not be placed[\s\S]*maybeSometimes[\s\S]*What was read[\s\S]*hostGenerate/);
    });

    it('gives way to another one only when the person says so', async () => {
      await generate(MEND);
      const before = server.requests.length;
      person.types('something else');
      await vscode.window.showTextDocument(uriOf(FILE));
      await run('generate');
      said(/The proposal for hostGenerate\.ts is not decided yet/);
      assert.equal(server.requests.length, before);
      person.answers(/not decided yet/, /^Discard It/);
      await generate(block(FILE, '  return a - b;', '  return b + a;'));
      await run('acceptProposal');
      assert.match(await inEditor(FILE), /return b \+ a;/);
    });

    it('can be cancelled while the model writes; nothing is left', async () => {
      server.setScript({ replies: [{ ...answer(MEND), hang: 'body' }] });
      await openEditor(FILE, TEXT);
      person.types('endless');
      const running = run('generate');
      await until('the request', () => server.requests.length === 1);
      person.types('meanwhile');
      await run('generate');
      await saidLater(/A generation is running already/);
      await run('cancelGeneration');
      await running;
      await until('the connection to close', () => server.requests.at(-1)?.aborted);
      assert.equal(proposalTab(), undefined);
    });

    it('says what is wrong with an endpoint, and offers another model', async () => {
      server.setScript({ replies: [{ status: 500, error: { message: 'broken' } }] });
      await openEditor(FILE, TEXT);
      person.types('anything');
      person.answers(/./, /^Choose Model/);
      await run('generate');
      await until('the list of models', () => person.offered.length > 0);
    });

    describe('for a step', () => {
      const WORKFLOW = '.handrail/workflows/feature.yml';
      const PROMPT = '.github/prompts/host.prompt.md';
      let usual: string;

      before(() => {
        usual = onDisk(WORKFLOW);
        write(
          PROMPT,
          '---\ndescription: Mend the sum\n---\n\nMend the sum in [the file](../../src/hostGenerate.ts). Tone: ${input:tone:friendly}. See ${fileBasename}.\n',
        );
        write(
          WORKFLOW,
          `version: 1
id: feature
title: Feature
steps:
  - id: draft
    kind: generate
    title: Mend the sum
    why: It subtracts.
    prompt: ${PROMPT}
    inputs: ["src/hostGenerate.ts"]
    expect: [{ changed: "src/hostGenerate.ts" }]
`,
        );
      });
      after(() => {
        write(WORKFLOW, usual);
        fs.rmSync(pathOf(PROMPT));
      });
      const state = async (): Promise<string | undefined> => {
        const service = createWorkflowService({ root: folder().uri.fsPath });
        return (await service.status()).steps.find((step) => step.id === 'draft')?.evidence?.model;
      };

      it('asks for saved files first', async () => {
        const editor = await openEditor(FILE, TEXT);
        await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// new\n'));
        await run('runGenerateStep', { stepId: 'draft' });
        await saidLater(/Not saved yet: src\/hostGenerate\.ts.*Save/);
        assert.deepEqual(server.requests, []);
      });

      it('takes the prompt file, and records what was accepted', async () => {
        await openEditor(FILE, TEXT);
        server.setScript({ replies: [answer(MEND)] });
        person.types('stern');
        await run('runGenerateStep', { stepId: 'draft' });
        said(/^Proposal for Mend the sum: 1 file/);
        assert.match(lastBody(), /Mend the sum in/);
        assert.match(lastBody(), /It subtracts/);
        assert.match(lastBody(), /Tone: stern\. See hostGenerate\.ts/);
        assert.equal(await state(), undefined);
        await run('acceptProposal');
        assert.equal(onDisk(FILE), MENDED, 'evidence is about saved files');
        assert.equal(await state(), 'writer');
      });

      it('waits in a run of the workflow for the decision, and goes on when it is accepted', async () => {
        const service = createWorkflowService({ root: folder().uri.fsPath });
        await service.uncheck('draft', { actor: 'human' });
        await openEditor(FILE, TEXT);
        server.setScript({ replies: [answer(MEND), answer(MEND)] });
        person.types('stern');
        const discarded = run('runWorkflowUntil', { stepId: 'draft' });
        await saidLater(/^Proposal for Mend the sum: 1 file/);
        await run('discardProposal');
        await discarded;
        await saidLater(/“Mend the sum” failed: it was not performed/);
        assert.equal(onDisk(FILE), TEXT);
        person.forget();
        person.types('stern');
        const accepted = run('runWorkflowUntil', { stepId: 'draft' });
        await saidLater(/^Proposal for Mend the sum: 1 file/);
        await run('acceptProposal');
        await accepted;
        await saidLater(/“Mend the sum” is done\. 1 step was performed\./);
        assert.equal(onDisk(FILE), MENDED);
        assert.equal(await state(), 'writer');
      });

      it('is settled with the part that was accepted', async () => {
        await openEditor(FILE, TEXT.replace('a - b', 'b - a'));
        server.setScript({ replies: [answer(block(FILE, '  return b - a;', '  return a + b;'), block(NEW, '', NEW_TEXT))] });
        person.types('stern');
        await run('runGenerateStep', { stepId: 'draft' });
        said(/^Proposal for Mend the sum: 2 files/);
        await run('takeOnlyChange', { file: FILE });
        await run('acceptProposal');
        assert.equal(onDisk(FILE), MENDED);
        assert.equal(fs.existsSync(pathOf(NEW)), false);
        assert.equal(await state(), 'writer');
      });

      it('records nothing for what was discarded, and knows steps that are gone', async () => {
        await run('runGenerateStep', { stepId: 'gone' });
        await saidLater(/no such step any more/);
      });
    });
  });
});
