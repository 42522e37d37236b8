import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { Services } from '../../src/vscode/services.ts';
import { nodesOf } from '../../src/vscode/workflow/nodes.ts';
import { descriptionOf, messageOf, statusBarOf } from '../../src/vscode/workflow/viewState.ts';
import type { ViewState } from '../../src/vscode/workflow/viewState.ts';
import { Watchers } from '../../src/vscode/workflow/watch.ts';
import { WorkflowModel } from '../../src/vscode/workflow/workflowModel.ts';
import { Person, until } from '../support/person.ts';
import { inTerminal } from '../support/terminalRun.ts';

const FILE = '.handrail/workflows/feature.yml';
const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: intent
    kind: manual
    title: State the problem
  - id: tests
    kind: command
    title: Run the tests
    needs: [intent]
    run: git --version
    inputs: ["src/**"]
    expect: [{ exit: 0 }]
  - id: notes
    kind: manual
    title: Write the notes
    needs: [tests]
    expect: [{ file: "docs/notes.md" }]
`;

describe('the workflow in the editor', () => {
  let folder: string;
  let services: Services;
  let model: WorkflowModel;
  let watchers: Watchers;
  const at = (file: string): string => path.join(folder, file);
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text);
  };

  /** Waits until what the view shows fulfils a condition; the model hears of changes only through its watchers. */
  function shown(what: string, fits: (state: ViewState) => boolean): Promise<ViewState> {
    return new Promise((resolve, reject) => {
      const check = (): boolean => {
        if (!fits(model.state)) return false;
        clearTimeout(timer);
        listener.dispose();
        resolve(model.state);
        return true;
      };
      const timer = setTimeout(() => {
        listener.dispose();
        reject(new Error(`never shown: ${what}; it is ${JSON.stringify(model.state, undefined, 1)}`));
      }, 12_000);
      const listener = model.onDidChange(check);
      check();
    });
  }
  const stateOf = (state: ViewState, id: string): string | undefined =>
    state.kind === 'run' ? state.run.steps.find((step) => step.id === id)?.state : undefined;
  const stepShown = (id: string, wanted: string): Promise<ViewState> => shown(`${id} ${wanted}`, (state) => stateOf(state, id) === wanted);

  /** Until the terminals of steps have ended, which is a moment after their records are written. */
  const idle = (): Promise<unknown> =>
    until('no step runs', () => vscode.tasks.taskExecutions.every(({ task }) => task.definition.type !== 'handrail'));

  before(async () => {
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    fs.rmSync(at('.handrail'), { recursive: true, force: true });
    git('switch', '-q', '-c', 'feat/host-test');
    write(FILE, WORKFLOW);
    write('src/first.ts', 'export const first = 1;\n');
    const extension = vscode.extensions.getExtension('handrail.handrail') ?? assert.fail('the extension is installed');
    await extension.activate();
    // A second window on the same branch: its own services, its own watchers, the same records.
    const log = vscode.window.createOutputChannel('Second window', { log: true });
    services = new Services({} as vscode.ExtensionContext, log);
    model = new WorkflowModel(services);
    watchers = new Watchers(services, model);
    await Promise.all([watchers.watch(services.folders.current), model.refresh()]);
  });

  after(() => {
    watchers.dispose();
    model.dispose();
    services.dispose();
  });

  it('shows the run of the branch with its next step', async () => {
    const state = await stepShown('intent', 'ready');
    assert.equal(descriptionOf(vscode.l10n, state, undefined), '0/3 · Feature or fix · feat/host-test');
    assert.equal(statusBarOf(vscode.l10n, state)?.text, '$(checklist) 0/3 · next: State the problem');
    assert.deepEqual(
      nodesOf(vscode.l10n, state).map((node) => [node.item.label, node.item.description]),
      [
        ['State the problem', 'ready'],
        ['Run the tests', 'waits for State the problem'],
        ['Write the notes', 'waits for Run the tests'],
      ],
    );
  });

  it('ticks a step for every window, and takes the tick back', async () => {
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'intent' });
    await stepShown('intent', 'done');
    await vscode.commands.executeCommand('handrail.uncheckStep', { stepId: 'intent' });
    await stepShown('intent', 'ready');
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'intent' });
    await stepShown('tests', 'ready');
  });

  it('runs a command step as a task whose process writes the record', async () => {
    await vscode.commands.executeCommand('handrail.runStep', { stepId: 'tests' });
    const state = await stepShown('tests', 'done');
    assert.equal(state.kind === 'run' && state.run.steps[1]?.assurance, 'bound');
    assert.equal(state.kind === 'run' && state.run.steps[1]?.evidence?.provider, 'command');
  });

  it('shows a command that runs, ends it when asked to, and says so', async () => {
    write(FILE, WORKFLOW.replace('run: git --version', `run: node -e "setTimeout(() => {}, 120000)"`));
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
    await idle();
    await vscode.commands.executeCommand('handrail.runStep', { stepId: 'tests' });
    await stepShown('tests', 'running');
    await vscode.commands.executeCommand('handrail.cancelStep', { stepId: 'tests' });
    const state = await stepShown('tests', 'failed');
    assert.equal(state.kind === 'run' && state.run.steps[1]?.because, 'its command was cancelled');
    write(FILE, WORKFLOW);
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
    await idle();
    await vscode.commands.executeCommand('handrail.runStep', { stepId: 'tests' });
    await stepShown('tests', 'done');
  });

  it('offers command steps as tasks', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'handrail' });
    assert.deepEqual(
      tasks.map((task) => [task.name, task.definition['step']]),
      [['Run the tests', 'tests']],
    );
  });

  it('reopens a step when a file it covers is saved, and says which', async () => {
    const document = await vscode.workspace.openTextDocument(at('src/first.ts'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '// changed\n');
    await vscode.workspace.applyEdit(edit);
    await document.save();
    const state = await stepShown('tests', 'stale');
    const line = nodesOf(vscode.l10n, state).find((node) => node.stepId === 'tests');
    assert.equal(line?.item.description, 'stale: src/first.ts changed');
  });

  it('settles a step by what is in the files', async () => {
    await stepShown('notes', 'ready');
    write('docs/notes.md', '# Notes\n');
    await stepShown('notes', 'done');
  });

  it('is the same after a reload: state is what the records say', async () => {
    const status = await createWorkflowService({ root: folder }).status();
    assert.deepEqual(
      status.steps.map((step) => step.state),
      ['done', 'stale', 'done'],
    );
  });

  it('follows the branch', async () => {
    git('switch', '-q', '-c', 'feat/another');
    await shown('the other branch', (state) => state.kind === 'run' && state.run.branch === 'feat/another');
    await stepShown('intent', 'ready');
    git('switch', '-q', 'feat/host-test');
    await stepShown('intent', 'done');
  });

  it('says when no workflow follows the branch', async () => {
    git('switch', '-q', '-c', 'elsewhere');
    const state = await shown('no workflow', (candidate) => candidate.kind === 'unmatched');
    assert.ok(messageOf(vscode.l10n, state));
    git('switch', '-q', 'feat/host-test');
    await stepShown('intent', 'done');
  });

  it('locates a problem of the file, says it in the view, and recovers', async () => {
    const uri = vscode.Uri.file(at(FILE));
    const reported = diagnostics(uri, (all) => all.length > 0);
    write(FILE, WORKFLOW.replace('    run: git --version', '    run: git --version\n    whi: nobody knows'));
    const problems = await reported;
    const problem = problems.find((candidate) => candidate.code === 'unknown-key') ?? assert.fail(JSON.stringify(problems));
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.getText(problem.range), 'whi');
    const state = await shown('the problem', (candidate) => candidate.kind === 'invalid');
    assert.match(messageOf(vscode.l10n, state) ?? '', /^feature\.yml cannot be used\. Line 14: /);

    const mended = diagnostics(uri, (all) => all.length === 0);
    write(FILE, WORKFLOW);
    await mended;
    await stepShown('intent', 'done');
  });

  it('checks a workflow file while it is typed', async () => {
    const document = await vscode.workspace.openTextDocument(at(FILE));
    await vscode.window.showTextDocument(document);
    // What was written to the file just before may not have reached the open document, and an edit of old text is refused.
    await vscode.commands.executeCommand('workbench.action.files.revert');
    assert.equal(document.getText(), WORKFLOW);
    const reported = diagnostics(document.uri, (all) => all.some((problem) => problem.code === 'wrong-type'));
    const edit = new vscode.WorkspaceEdit();
    const place = document.getText().indexOf('[intent]');
    edit.replace(document.uri, new vscode.Range(document.positionAt(place), document.positionAt(place + 8)), 'intent');
    assert.ok(await vscode.workspace.applyEdit(edit), 'the edit is applied');
    const problems = await reported;
    assert.equal(document.getText(problems[0]?.range), 'intent');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('explains a step on a page of its own', async () => {
    await vscode.commands.executeCommand('handrail.explainStep', { stepId: 'tests' });
    const page = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: 'handrail-step', path: '/tests.md' }));
    assert.match(page.getText(), /^# Run the tests$/m);
    assert.match(page.getText(), /^git --version$/m);
  });

  it('puts the command line on the PATH of new terminals', async () => {
    assert.match(await inTerminal('handrail --version'), /\d+\.\d+\.\d+/);
  });

  it('runs what machines can do of the workflow, stops at people, and repeats nothing when it is run again', async () => {
    const effects = path.join(path.dirname(folder), 'effects');
    const step = (id: string, needs: string, more = ''): string =>
      `  - { id: ${id}, kind: command, title: Do ${id}, needs: [${needs}], run: "echo ${id}>>../effects"${more} }\n`;
    git('switch', '-q', '-c', 'feat/several');
    write(
      FILE,
      `version: 1\nid: feature\ntitle: Several\nsteps:\n${step('lint', '')}${step('unit', '')}${step('pack', 'lint, unit')}` +
        `  - { id: word, kind: manual, title: Say the word, needs: [pack] }\n${step('ship', 'word')}`,
    );
    await shown('the new workflow', (state) => state.kind === 'run' && state.run.workflow?.title === 'Several');
    const person = new Person();
    try {
      await vscode.commands.executeCommand('handrail.runWorkflow');
      await until('it says whom it waits for', () => person.said.some((text) => text.includes('waits for people: “Say the word”')));
      assert.deepEqual(fs.readFileSync(effects, 'utf8').split(/\s+/).filter(Boolean).toSorted(), ['lint', 'pack', 'unit']);
      await stepShown('word', 'ready');
      await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'word' });
      await stepShown('ship', 'ready');
      await vscode.commands.executeCommand('handrail.runWorkflowUntil', { stepId: 'ship' });
      await until('it says that it is done', () => person.said.some((text) => text.includes('“Do ship” is done')));
      assert.deepEqual(fs.readFileSync(effects, 'utf8').split(/\s+/).filter(Boolean).slice(-1), ['ship']);
      assert.equal(fs.readFileSync(effects, 'utf8').split(/\s+/).filter(Boolean).length, 4);
      const status = await createWorkflowService({ root: folder }).status();
      assert.deepEqual([status.done, status.total], [5, 5]);
      assert.equal(status.steps[0]?.evidence?.actor, 'human');
    } finally {
      person.restore();
    }
  });
});

/** Waits until the diagnostics of a file fulfil a condition. */
function diagnostics(uri: vscode.Uri, fits: (all: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const ours = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter((problem) => problem.source === 'Handrail');
    const timer = setTimeout(() => {
      listener.dispose();
      reject(new Error(`the problems of ${uri.path} are ${JSON.stringify(ours())}`));
    }, 12_000);
    const check = (): void => {
      if (!fits(ours())) return;
      clearTimeout(timer);
      listener.dispose();
      resolve(ours());
    };
    const listener = vscode.languages.onDidChangeDiagnostics(check);
    check();
  });
}
