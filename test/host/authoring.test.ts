import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

const FILE = '.handrail/workflows/feature.yml';
const BASE = '.handrail/workflows/base.yml';
const MODELS = '.handrail/models.yml';
const BASE_TEXT = `version: 1
id: base
title: Base
on: { branches: ["never"] }
steps:
  - id: tests
    kind: command
    title: Run the tests
    run: git --version
    expect: [{ exit: 0 }]
`;
const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ["feat/**"] }
extends: [./base.yml]
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
steps:
  - id: intent
    kind: manual
    title: State the problem
  - id: ai-review
    kind: review
    title: AI review
    needs: [tests]
    role: review
  - id: threats
    kind: manual
    title: Threat notes
    needs: [ai-review]
    when: vars.risky
    expect: [{ attest: Abuse cases listed }]
  - id: docs
    kind: manual
    title: Write the docs
    when: changes.exists(f, glob(f, "nowhere/**"))
`;
const MODELS_TEXT = 'version: 1\nmodels:\n  local: { provider: builtin }\nroles:\n  review: local\n';

describe('authoring in the editor', () => {
  let folder: string;
  const at = (file: string): string => path.join(folder, file);
  const uri = (file: string): vscode.Uri => vscode.Uri.file(at(file));
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text);
  };

  /** Asks again until the answer fits: the editor may cancel a question while it starts. */
  async function until<T>(what: string, ask: () => T | Thenable<T>, fits: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const answer = await ask();
      if (fits(answer)) return answer;
      if (Date.now() > deadline) assert.fail(`never came: ${what}; it is ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const positionOf = (document: vscode.TextDocument, text: string, within = 0): vscode.Position =>
    document.positionAt(document.getText().indexOf(text) + within);

  /** Puts a text into the editor without saving it. */
  async function type(document: vscode.TextDocument, text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }

  /** Labels that are offered at the mark, with the text put into the editor. */
  async function offered(document: vscode.TextDocument, marked: string): Promise<vscode.CompletionItem[]> {
    const offset = marked.indexOf('|');
    await type(document, marked.slice(0, offset) + marked.slice(offset + 1));
    const list = await until(
      'completions',
      () =>
        vscode.commands.executeCommand<vscode.CompletionList>(
          'vscode.executeCompletionItemProvider',
          document.uri,
          document.positionAt(offset),
        ),
      (answer) => answer.items.some(({ kind }) => kind !== vscode.CompletionItemKind.Text),
    );
    return list.items;
  }
  const labels = (items: readonly vscode.CompletionItem[]): string[] =>
    items.map(({ label }) => (typeof label === 'string' ? label : label.label));

  const problems = (file: string): string[] =>
    vscode.languages.getDiagnostics(uri(file)).map(({ code, message }) => `${String(code)}: ${message.split('\n')[0]}`);

  before(async () => {
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    fs.rmSync(at('.handrail'), { recursive: true, force: true });
    git('switch', '-q', '-c', 'feat/authoring');
    write(BASE, BASE_TEXT);
    write(FILE, WORKFLOW);
    write(MODELS, MODELS_TEXT);
    write('src/auth/login.ts', 'export const attempts = 3;\n');
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
    // The web workbench saves by itself after a while; what is typed here is to stay unsaved.
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
  });

  after(async () => await vscode.workspace.getConfiguration('files').update('autoSave', undefined, vscode.ConfigurationTarget.Global));

  /** What was typed is taken back, so that each test begins with the files as they were. */
  afterEach(async () => {
    for (const [file, text] of [
      [FILE, WORKFLOW],
      [BASE, BASE_TEXT],
      [MODELS, MODELS_TEXT],
    ] as const) {
      const document = await vscode.workspace.openTextDocument(uri(file));
      if (document.getText() !== text) await type(document, text);
      if (document.isDirty) await document.save();
      assert.equal(fs.readFileSync(at(file), 'utf8'), text);
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const open = async (file: string): Promise<vscode.TextDocument> => {
    const document = await vscode.workspace.openTextDocument(uri(file));
    await vscode.window.showTextDocument(document);
    return document;
  };

  it('completes keys, kinds, steps, roles and paths while a step is typed', async () => {
    const document = await open(FILE);
    assert.ok(labels(await offered(document, `${WORKFLOW}  - |`)).includes('command step'));
    const keys = labels(await offered(document, `${WORKFLOW}  - id: x\n    kind: command\n    title: X\n    |`));
    assert.ok(keys.includes('run') && !keys.includes('prompt') && !keys.includes('title'), keys.join());
    assert.deepEqual(labels(await offered(document, `${WORKFLOW}  - id: x\n    needs: [|]`)).slice(0, 5), [
      'tests',
      'intent',
      'ai-review',
      'threats',
      'docs',
    ]);
    assert.deepEqual(labels(await offered(document, `${WORKFLOW}  - id: x\n    role: |`)), ['review']);
    assert.ok(labels(await offered(document, `${WORKFLOW}  - id: x\n    inputs: [src/|]`)).includes('src/auth/**'));
    assert.deepEqual(labels(await offered(document, `${WORKFLOW}  - id: x\n    when: vars.|`)), ['risky']);
  });

  it('completes models.yml by the same machinery', async () => {
    const document = await open(MODELS);
    const keys = labels(await offered(document, 'version: 1\nmodels:\n  local:\n    |'));
    assert.ok(keys.includes('provider') && keys.includes('baseURL'), keys.join());
    assert.deepEqual(labels(await offered(document, `${MODELS_TEXT}  generate: |`)), ['local']);
  });

  it('puts a completion in as it says', async () => {
    const document = await open(FILE);
    await type(document, `${WORKFLOW}  - id: x\n    nee`);
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(document.positionAt(document.getText().length), document.positionAt(document.getText().length));
    const [item] = (await offered(document, `${WORKFLOW}  - id: x\n    nee|`)).filter(({ label }) => label === 'needs');
    assert.ok(item?.insertText instanceof vscode.SnippetString);
    const range = item.range instanceof vscode.Range ? item.range : item.range?.replacing;
    assert.ok(await editor.insertSnippet(item.insertText, range));
    assert.ok(document.getText().endsWith('  - id: x\n    needs: []'), document.getText().slice(-60));
  });

  const hovered = async (document: vscode.TextDocument, position: vscode.Position): Promise<string> => {
    const hovers = await until(
      'a hover',
      () => vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position),
      (answer) => answer.length > 0,
    );
    return hovers
      .flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : '')))
      .join('\n');
  };

  it('tells under the mouse what a key means and what an expression gives on this branch', async () => {
    const document = await open(FILE);
    assert.match(await hovered(document, positionOf(document, 'needs:')), /Ids of the steps that come before/);
    const text = await hovered(document, positionOf(document, 'vars.risky', 6));
    assert.match(text, /`vars\.risky` is `true`/);
    assert.match(text, /src\/auth\/login\.ts/);
    assert.match(await hovered(document, positionOf(document, '[ai-review]', 2)), /\*\*AI review\*\* · AI review/);
    assert.match(await hovered(document, positionOf(document, 'role: review', 7)), /`local`/);
  });

  const definition = async (document: vscode.TextDocument, position: vscode.Position): Promise<string> => {
    const found = await until(
      'a definition',
      () =>
        vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
          'vscode.executeDefinitionProvider',
          document.uri,
          position,
        ),
      (answer) => answer.length > 0,
    );
    const [first] = found;
    assert.ok(first);
    const [target, range] = 'targetUri' in first ? [first.targetUri, first.targetRange] : [first.uri, first.range];
    return `${vscode.workspace.asRelativePath(target, false)}:${range.start.line + 1}`;
  };

  it('goes to steps, also in the file that it builds on, to files, variables and roles', async () => {
    const document = await open(FILE);
    assert.equal(await definition(document, positionOf(document, '[tests]', 2)), `${BASE}:6`);
    assert.equal(await definition(document, positionOf(document, '[ai-review]', 2)), `${FILE}:12`);
    assert.equal(await definition(document, positionOf(document, './base.yml', 3)), `${BASE}:1`);
    assert.equal(await definition(document, positionOf(document, 'when: vars.risky', 12)), `${FILE}:7`);
    assert.equal(await definition(document, positionOf(document, 'role: review', 7)), `${MODELS}:5`);
  });

  it('renames a step in every file that shares it, and says what an id may be', async () => {
    const document = await open(FILE);
    const rename = (to: string): Thenable<vscode.WorkspaceEdit> =>
      vscode.commands.executeCommand<vscode.WorkspaceEdit>(
        'vscode.executeDocumentRenameProvider',
        document.uri,
        positionOf(document, '[tests]', 2),
        to,
      );
    const edit = await until(
      'the edits',
      () => rename('unit-tests'),
      (answer) => answer.size > 0,
    );
    const edits = edit
      .entries()
      .flatMap(([target, one]) =>
        one.map(({ range, newText }) => `${vscode.workspace.asRelativePath(target, false)}:${range.start.line + 1} ${newText}`),
      );
    assert.deepEqual(edits.sort(), [`${BASE}:6 unit-tests`, `${FILE}:15 unit-tests`]);
    await assert.rejects(async () => await rename('intent'), /There is a step "intent" already/);
    await assert.rejects(async () => await rename('Not An Id'), /cannot be the id of a step/);
  });

  it('finds references and shows an outline', async () => {
    const document = await open(FILE);
    const references = await until(
      'references',
      () =>
        vscode.commands.executeCommand<vscode.Location[]>(
          'vscode.executeReferenceProvider',
          document.uri,
          positionOf(document, '[tests]', 2),
        ),
      (answer) => answer.length > 0,
    );
    assert.equal(references.length, 2);
    const outline = await until(
      'the outline',
      () => vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri),
      (answer) => answer?.length > 0,
    );
    assert.ok(outline.find(({ name }) => name === 'steps')?.children.some(({ name }) => name === 'Threat notes'));
  });

  it('says what is wrong as it is typed, with what is not saved either, and mends it', async () => {
    const [document, models] = [await open(FILE), await open(MODELS)];
    await until(
      'no problem',
      () => problems(FILE),
      (found) => found.length === 0,
    );
    await type(models, MODELS_TEXT.replace('  review: local', '  reviewer: local'));
    await until(
      'the role',
      () => problems(FILE),
      (found) => found.some((one) => one.startsWith('unknown-model')),
    );
    assert.ok(models.isDirty);
    await type(models, MODELS_TEXT.replace('provider: builtin', 'provider: bulitin'));
    await until(
      'the provider',
      () => problems(MODELS),
      (found) => found.some((one) => one.startsWith('bad-value')),
    );
    await type(models, MODELS_TEXT);
    await type(document, WORKFLOW.replace('needs: [tests]', 'needs: [testz]'));
    await until(
      'the step',
      () => problems(FILE),
      (found) => found.some((one) => one.startsWith('unknown-step')),
    );
    const [diagnostic] = vscode.languages.getDiagnostics(document.uri);
    assert.ok(diagnostic);
    assert.equal(document.getText(diagnostic.range), 'testz');
    const actions = await until(
      'the fix',
      () => vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, diagnostic.range),
      (answer) => answer.some(({ title }) => title === 'Change to “tests”'),
    );
    const fix = actions.find(({ title }) => title === 'Change to “tests”');
    assert.ok(fix?.edit && fix.isPreferred);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(document.getText(), WORKFLOW);
    await until(
      'no problem again',
      () => problems(FILE),
      (found) => found.length === 0,
    );
  });

  it('creates the prompt that a step names', async () => {
    const document = await open(FILE);
    await type(
      document,
      `${WORKFLOW}  - id: draft\n    kind: generate\n    title: Draft it\n    prompt: .github/prompts/draft.prompt.md\n`,
    );
    await until(
      'the missing file',
      () => problems(FILE),
      (found) => found.some((one) => one.startsWith('missing-file')),
    );
    const [diagnostic] = vscode.languages.getDiagnostics(document.uri);
    assert.ok(diagnostic);
    const actions = await until(
      'the fix',
      () => vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, diagnostic.range),
      (answer) => answer.some(({ title }) => title.startsWith('Create ')),
    );
    const fix = actions.find(({ title }) => title.startsWith('Create '));
    assert.ok(fix?.edit && (await vscode.workspace.applyEdit(fix.edit)));
    assert.ok(fs.existsSync(at('.github/prompts/draft.prompt.md')));
    assert.match((await vscode.workspace.openTextDocument(uri('.github/prompts/draft.prompt.md'))).getText(), /description: "Draft it"/);
    await until(
      'no problem',
      () => problems(FILE),
      (found) => found.length === 0,
    );
  });

  it('evaluates the text in front on this branch, and records and runs nothing', async () => {
    const runs = path.join(folder, '.git/handrail/runs');
    const recorded = fs.existsSync(runs) ? fs.readdirSync(runs, { recursive: true }) : [];
    const document = await open(FILE);
    await type(document, WORKFLOW.replace('title: Threat notes', 'title: Threats, not saved yet'));
    await vscode.commands.executeCommand('handrail.dryRun');
    const page = await until(
      'the page',
      () => vscode.workspace.textDocuments.find(({ uri: shown }) => shown.scheme === 'handrail-dry-run'),
      (found) => found !== undefined,
    );
    assert.ok(page);
    const text = await until(
      'its text',
      () => page.getText(),
      (found) => found.includes('Threats, not saved yet'),
    );
    assert.match(text, /^# Dry run: Feature/);
    assert.match(text, /holds because of `src\/auth\/login\.ts`/);
    assert.match(text, /## Skipped: 1[\s\S]*Write the docs/);
    assert.match(text, /`vars\.risky` = \*\*true\*\*/);
    assert.match(text, /\(<\/\.handrail\/workflows\/base\.yml#L6>\)/);
    assert.match(text, /Nothing was run, and nothing was recorded/);
    assert.deepEqual(fs.existsSync(runs) ? fs.readdirSync(runs, { recursive: true }) : [], recorded);
    await type(document, WORKFLOW.replace('title: Threat notes', 'title: Typed later'));
    await until(
      'the page drawn again',
      () => page.getText(),
      (found) => found.includes('Typed later'),
    );
  });
});
