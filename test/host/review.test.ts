import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { Person, until } from '../support/person.ts';
import { startModelServer } from '../support/modelServer.ts';
import type { ModelServer, Reply } from '../support/modelServer.ts';

/** Reviews in a real extension host: with the engines of the built-in reviewer, and with a scripted model server. */

const BUILTIN = 'src/hostBuiltin.ts';
const BUILTIN_TEXT = [
  'export function same(a: number): boolean {',
  '  if (a === a) {',
  '    return true;',
  '  }',
  '  return false;',
  '}',
  '',
].join('\n');

const MODEL = 'src/hostModel.ts';
const MODEL_TEXT = [
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
  file: MODEL,
  line: 2,
  severity: 'high',
  category: 'bug',
  title: 'The promise is dropped',
  message: 'A failed write looks like success. ![x](https://evil.example/x.png) [run](command:workbench.action.quit)',
  quote: '  rememberTheUser(name);',
  replacement: '  await rememberTheUser(name);',
};
const ESCAPING = {
  file: MODEL,
  line: 7,
  severity: 'medium',
  category: 'security',
  title: 'The name is not escaped',
  message: 'A slash in the name changes the address.',
  quote: '  await fetch(`/users/${name}`);',
};
const LOST = { ...ESCAPING, line: 3, severity: 'low', title: 'About a line that is not there', quote: '  return maybeSometimes;' };
const answerOf = (...findings: object[]): Reply => ({ text: findings.map((one) => `${JSON.stringify(one)}\n`).join('') });
const NOTHING: Reply = { text: '{"findings":[]}' };

const folder = (): vscode.WorkspaceFolder => {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first);
  return first;
};
const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, file);
const problemsOf = (file: string): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uriOf(file)).filter((problem) => problem.source?.startsWith('Handrail') === true);
const titled = (file: string, title: string): vscode.Diagnostic | undefined =>
  problemsOf(file).find((problem) => problem.message.startsWith(title));

async function openEditor(file: string, text: string): Promise<vscode.TextEditor> {
  fs.mkdirSync(path.dirname(uriOf(file).fsPath), { recursive: true });
  fs.writeFileSync(uriOf(file).fsPath, text);
  const editor = await vscode.window.showTextDocument(uriOf(file));
  if (editor.document.getText() !== text) await setText(editor, text);
  return editor;
}

async function setText(editor: vscode.TextEditor, text: string): Promise<void> {
  const whole = new vscode.Range(0, 0, editor.document.lineCount, 0);
  assert.ok(await editor.edit((edit) => edit.replace(whole, text)));
}

async function quickFix(file: string, problem: vscode.Diagnostic, label: string): Promise<vscode.CodeAction> {
  // The provider may be cancelled once while the host starts up.
  for (let attempt = 0; ; attempt++) {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uriOf(file),
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const found = actions.find((action) => action.title.startsWith(label));
    if (found !== undefined) return found;
    assert.ok(attempt < 5, `no quick fix "${label}" among ${actions.map((action) => action.title).join(', ')}`);
  }
}

async function runQuickFix(file: string, problem: vscode.Diagnostic, label: string): Promise<void> {
  const { command } = await quickFix(file, problem, label);
  assert.ok(command);
  await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

describe('review', () => {
  const person = new Person();
  beforeEach(() => person.forget());
  after(() => person.restore());

  describe('with the built-in reviewer', () => {
    it('turns findings into problems that name engine and rule', async () => {
      await openEditor(BUILTIN, BUILTIN_TEXT);
      await vscode.commands.executeCommand('handrail.reviewFile');
      const problem = await until('a problem', () => problemsOf(BUILTIN)[0]);
      assert.equal(problem.source, 'Handrail · built-in');
      assert.equal(problem.range.start.line, 1);
      assert.match(String(problem.code), /noSelfCompare/);
      assert.ok(
        person.said.some((text) => /built-in reviewer\): \d+ finding/.test(text)),
        person.said.join(' / '),
      );
    });

    it('leaves it to the chat to say how it ended, where that has asked', async () => {
      const toldOfEnd = (): boolean => person.said.some((text) => /built-in reviewer\): \d+ finding/.test(text));
      await vscode.commands.executeCommand('handrail.reviewFile', undefined, { toldBy: 'chat' });
      assert.equal(toldOfEnd(), false, person.said.join(' / '));
      await vscode.commands.executeCommand('handrail.reviewAnew');
      assert.ok(toldOfEnd());
    });

    it('keeps a dismissed finding away from the next review', async () => {
      const problem = await until('a problem', () => problemsOf(BUILTIN)[0]);
      person.picks(/^Intended/, /^For me$/);
      await runQuickFix(BUILTIN, problem, 'Dismiss');
      await until('the problem to go', () => problemsOf(BUILTIN).length === 0);
      await vscode.window.showTextDocument(uriOf(BUILTIN));
      await vscode.commands.executeCommand('handrail.reviewFile');
      assert.ok(
        person.said.some((text) => /no findings/.test(text)),
        person.said.join(' / '),
      );
      assert.deepEqual(problemsOf(BUILTIN), []);
    });

    it('says why it does not review an unsaved new file, and offers to save it', async () => {
      const document = await vscode.workspace.openTextDocument({ content: 'x', language: 'typescript' });
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('handrail.reviewFile');
      assert.ok(
        person.said.some((text) => /never saved.*Save it/.test(text)),
        person.said.join(' / '),
      );
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
  });

  describe('with a model', () => {
    let server: ModelServer;

    before(async () => {
      server = await startModelServer();
      const yml = [
        'version: 1',
        'models:',
        '  scripted:',
        '    provider: openai',
        `    baseURL: "${server.baseURL}"`,
        '    model: test-model',
        '    limits: { retries: 0 }',
      ];
      fs.mkdirSync(uriOf('.handrail').fsPath, { recursive: true });
      fs.writeFileSync(uriOf('.handrail/models.yml').fsPath, `${[...yml, 'roles: { review: scripted }'].join('\n')}\n`);
    });
    after(async () => {
      await server.close();
      fs.rmSync(uriOf('.handrail/models.yml').fsPath);
    });

    // What the model said is remembered, and each test has words of its own for it.
    const forgetAnswers = (): void =>
      fs.rmSync(path.join(folder().uri.fsPath, '.git/handrail/cache/answers'), { recursive: true, force: true });
    beforeEach(forgetAnswers);

    async function review(...findings: object[]): Promise<vscode.TextEditor> {
      server.setScript({ replies: [answerOf(...findings)] });
      const editor = await openEditor(MODEL, MODEL_TEXT);
      await vscode.commands.executeCommand('handrail.reviewFile');
      return editor;
    }

    it('sends nothing when the question is closed', async () => {
      await review(DROPPED);
      assert.ok(
        person.said.some((text) => text.includes(server.origin)),
        person.said.join(' / '),
      );
      assert.deepEqual(server.requests, []);
    });

    it('asks once for this workspace and origin, then shows what the model found', async () => {
      person.answers(/Send code/, /^Send to/);
      await review(DROPPED, ESCAPING, LOST);
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      assert.equal(problem.source, 'Handrail · scripted (test-model)');
      assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
      assert.deepEqual([problem.range.start.line, problem.range.end.line], [1, 1]);
      assert.equal(titled(MODEL, ESCAPING.title)?.range.start.line, 6);
      assert.equal(titled(MODEL, LOST.title), undefined, 'what cannot be placed is no problem at some line');
      person.forget();
      await review(DROPPED);
      assert.ok(!person.said.some((text) => /Send code/.test(text)), person.said.join(' / '));
    });

    it('follows edits above and inside, and lets a finding go when its lines are gone', async () => {
      const editor = await review(DROPPED, ESCAPING);
      await until('the problem', () => titled(MODEL, DROPPED.title));
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// one\n// two\n'));
      await until('the problem to move', () => titled(MODEL, DROPPED.title)?.range.start.line === 3);
      assert.equal(titled(MODEL, ESCAPING.title)?.range.start.line, 8);
      await editor.edit((edit) => edit.replace(editor.document.lineAt(3).range, '  other();'));
      await until('the problem to go', () => titled(MODEL, DROPPED.title) === undefined);
      assert.ok(titled(MODEL, ESCAPING.title));
      await vscode.commands.executeCommand('undo');
      await until('the problem to come back', () => titled(MODEL, DROPPED.title));
    });

    it('applies a fix that one undo takes back', async () => {
      const editor = await review(DROPPED);
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      await runQuickFix(MODEL, problem, 'Apply fix');
      assert.equal(
        editor.document.getText(),
        MODEL_TEXT.replace('  rememberTheUser(name);\n  ret', '  await rememberTheUser(name);\n  ret'),
      );
      await until('the problem to go', () => titled(MODEL, DROPPED.title) === undefined);
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), MODEL_TEXT);
      await until('the problem to come back', () => titled(MODEL, DROPPED.title));
    });

    it('refuses a fix when the quoted lines have changed', async () => {
      const editor = await review(DROPPED);
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      const action = await quickFix(MODEL, problem, 'Apply fix');
      const changed = MODEL_TEXT.replace('  rememberTheUser(name);', '  forgetTheUser(name);');
      await setText(editor, changed);
      await vscode.commands.executeCommand('handrail.applyFix', ...(action.command?.arguments ?? []));
      await until('the refusal', () => person.said.some((text) => /have changed.*not applied/.test(text)));
      assert.equal(editor.document.getText(), changed);
    });

    it('refuses a fix in a read-only file', async () => {
      const editor = await review(DROPPED);
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      await editor.document.save();
      fs.chmodSync(uriOf(MODEL).fsPath, 0o444);
      try {
        await runQuickFix(MODEL, problem, 'Apply fix');
        await until('the refusal', () => person.said.some((text) => /read-only/.test(text)));
        assert.equal(editor.document.getText(), MODEL_TEXT);
      } finally {
        fs.chmodSync(uriOf(MODEL).fsPath, 0o644);
      }
    });

    it('reviews unsaved text, not the file', async () => {
      const editor = await openEditor(MODEL, MODEL_TEXT);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// only in the editor\n'));
      server.setScript({ replies: [answerOf(DROPPED)] });
      await vscode.commands.executeCommand('handrail.reviewFile');
      assert.match(JSON.stringify(server.requests.at(-1)?.body), /only in the editor/);
      await until('the problem', () => titled(MODEL, DROPPED.title)?.range.start.line === 2);
    });

    it('shows findings while the model still writes, and keeps them when cancelled', async () => {
      const first = { ...DROPPED, title: 'The first of an endless answer' };
      server.setScript({ replies: [{ ...answerOf(first), hang: 'body' }] });
      await openEditor(MODEL, MODEL_TEXT);
      const running = vscode.commands.executeCommand('handrail.reviewFile');
      await until('the first finding', () => titled(MODEL, first.title));
      await vscode.commands.executeCommand('handrail.cancelReview');
      await running;
      assert.ok(titled(MODEL, first.title));
      await until('the connection to close', () => server.requests.at(-1)?.aborted);
    });

    it('mends a finding while the model still writes, and does not bring it back at the end', async () => {
      const answer = answerOf(DROPPED);
      server.setScript({ replies: [{ ...answer, text: answer.text + ' '.repeat(300), pieceLength: 100, interval: 300 }] });
      await openEditor(MODEL, MODEL_TEXT);
      const running = vscode.commands.executeCommand('handrail.reviewFile');
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      await runQuickFix(MODEL, problem, 'Apply fix');
      await until('the problem to go', () => titled(MODEL, DROPPED.title) === undefined);
      await running;
      assert.equal(titled(MODEL, DROPPED.title), undefined);
    });

    it('asks for the key again when it is refused, and sends the new one to that origin', async () => {
      const found = { ...ESCAPING, title: 'Found with the right key' };
      server.setScript({ key: 'right-key', replies: [answerOf(found)] });
      await openEditor(MODEL, MODEL_TEXT);
      person.answers(/key/i, /^Set Key/);
      person.types('right-key');
      await vscode.commands.executeCommand('handrail.reviewFile');
      await until('the question', () => person.said.some((text) => text.includes(`Set the key for ${server.origin}`)));
      // With the key given, the review runs again by itself.
      await until('the problem', () => titled(MODEL, found.title));
      assert.equal(server.requests.at(-1)?.headers['authorization'], 'Bearer right-key');
      // Nobody waits for that second review but this: the next test must not start one beside it.
      await until('its end', () => person.said.some((text) => /\d+ finding/.test(text)));
    });

    it('goes to the next finding and wraps', async () => {
      const editor = await review(DROPPED, ESCAPING);
      await until('both problems', () => problemsOf(MODEL).length >= 2);
      editor.selection = new vscode.Selection(0, 0, 0, 0);
      const lineAfter = async (command: string): Promise<number | undefined> => {
        await vscode.commands.executeCommand(command);
        return vscode.window.activeTextEditor?.selection.active.line;
      };
      assert.equal(await lineAfter('handrail.nextFinding'), 1);
      assert.equal(await lineAfter('handrail.nextFinding'), 6);
      assert.equal(await lineAfter('handrail.previousFinding'), 1);
    });

    const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder().uri.fsPath, encoding: 'utf8' });
    const asked = (): string => JSON.stringify(server.requests.at(-1)?.body);

    it('asks about what did not change once, and again only from scratch', async () => {
      await review(DROPPED);
      const editor = await review(ESCAPING);
      const before = server.requests.length;
      await until('the problem', () => titled(MODEL, DROPPED.title));
      assert.equal(titled(MODEL, ESCAPING.title), undefined, 'the first answer is remembered');
      await vscode.commands.executeCommand('handrail.reviewAnew');
      assert.equal(server.requests.length, before + 1);
      await until('the other problem alone', () => titled(MODEL, ESCAPING.title) && !titled(MODEL, DROPPED.title));
      await setText(editor, MODEL_TEXT.replace('/users/', '/people/'));
      await vscode.commands.executeCommand('handrail.reviewFile');
      assert.equal(server.requests.length, before + 2);
    });

    it('reviews the selected lines, and leaves what was found elsewhere', async () => {
      const editor = await review(DROPPED, ESCAPING);
      await until('both problems', () => titled(MODEL, DROPPED.title) && titled(MODEL, ESCAPING.title));
      server.setScript({ replies: [NOTHING] });
      editor.selection = new vscode.Selection(5, 0, 8, 0);
      await vscode.commands.executeCommand('handrail.reviewSelection');
      assert.match(asked(), /Review lines 6 to 8 and report on nothing else/);
      await until('the problem in the selection to go', () => titled(MODEL, ESCAPING.title) === undefined);
      assert.ok(titled(MODEL, DROPPED.title));
      editor.selection = new vscode.Selection(0, 0, 0, 0);
      person.forget();
      await vscode.commands.executeCommand('handrail.reviewSelection');
      await until('the refusal', () => person.said.some((text) => /Nothing is selected.*Select the lines/.test(text)));
    });

    it('reviews what is staged, and shows it where it stands in the file, or as stale', async () => {
      const editor = await openEditor(MODEL, MODEL_TEXT);
      await editor.document.save();
      git('add', '--', MODEL);
      try {
        await setText(editor, `// only in the file\n\n${MODEL_TEXT.replace('  await fetch', '  await get')}`);
        await editor.document.save();
        server.setScript({ replies: [answerOf(DROPPED, ESCAPING)] });
        await vscode.commands.executeCommand('handrail.reviewStaged');
        assert.doesNotMatch(asked(), /only in the file/);
        const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
        assert.equal(problem.range.start.line, 3, 'two lines below its line in the index');
        assert.equal(titled(MODEL, ESCAPING.title), undefined, 'its line is not in the file');
      } finally {
        git('reset', '--quiet', '--', MODEL);
        await setText(editor, MODEL_TEXT);
        await editor.document.save();
      }
    });

    it('sends the conventions of the repository with whatever is reviewed', async () => {
      fs.writeFileSync(uriOf('AGENTS.md').fsPath, 'Ask Ada about users.\n');
      fs.mkdirSync(uriOf('.github/instructions').fsPath, { recursive: true });
      fs.writeFileSync(uriOf('.github/instructions/ts.instructions.md').fsPath, '---\napplyTo: "**/*.ts"\n---\nTyped only.\n');
      fs.writeFileSync(uriOf('.github/instructions/go.instructions.md').fsPath, '---\napplyTo: "**/*.go"\n---\nTabs only.\n');
      try {
        server.setScript({ replies: [NOTHING] });
        const editor = await openEditor(MODEL, MODEL_TEXT);
        await editor.document.save();
        editor.selection = new vscode.Selection(0, 0, 3, 1);
        for (const command of ['reviewFile', 'reviewSelection', 'reviewWorkingTree', 'reviewChanges']) {
          forgetAnswers();
          const before = server.requests.length;
          await vscode.commands.executeCommand(`handrail.${command}`);
          const sent = server.requests.slice(before).map(({ body }) => JSON.stringify(body));
          const about = sent.find((text) => text.includes('rememberTheUser')) ?? '';
          assert.match(about, /From AGENTS\.md:[^]*Ask Ada about users[^]*From \.github\/instructions\/ts[^]*Typed only/, command);
          assert.doesNotMatch(about, /From \.github\/instructions\/go/, command);
        }
      } finally {
        fs.rmSync(uriOf('AGENTS.md').fsPath);
        fs.rmSync(uriOf('.github/instructions').fsPath, { recursive: true });
      }
    });

    it('shows what would be sent, and sends nothing', async () => {
      await openEditor(MODEL, MODEL_TEXT);
      const before = server.requests.length;
      person.picks(/^Current file$/);
      await vscode.commands.executeCommand('handrail.previewReview');
      const page = await until('the page', () => vscode.workspace.textDocuments.find((one) => one.uri.scheme === 'handrail-preview'));
      assert.match(page.getText(), /Requests: 1, about/);
      assert.match(page.getText(), /rememberTheUser\(name\);/);
      assert.equal(server.requests.length, before);
    });

    it('explains a finding with the model’s words made harmless', async () => {
      await review(DROPPED);
      const problem = await until('the problem', () => titled(MODEL, DROPPED.title));
      await runQuickFix(MODEL, problem, 'Explain');
      const page = await until('the page', () => vscode.workspace.textDocuments.find((one) => one.uri.scheme === 'handrail-finding'));
      const text = page.getText();
      assert.match(text, /Written by a model: scripted \\\(test\\-model\\\)/);
      assert.doesNotMatch(text, /https:\/\/|\]\(command/);
    });
  });
});
