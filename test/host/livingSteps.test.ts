import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { WorkflowService } from '../../src/core/workflow/service.ts';
import { Services } from '../../src/vscode/services.ts';
import type { ViewState } from '../../src/vscode/workflow/viewState.ts';
import { Watchers } from '../../src/vscode/workflow/watch.ts';
import { WorkflowModel } from '../../src/vscode/workflow/workflowModel.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ["feat/**"] }
steps:
  - id: code
    kind: manual
    title: Change the code
    expect: [{ changed: "src/**" }]
  - id: clean
    kind: manual
    title: Commit it
    expect: [{ clean: true }]
`;
const MANY = 5000;
/** A checkout of thousands of files takes seconds on a slow machine, and every half second may bring one look. */
const LOOKS_AT_MOST = 30;

describe('living steps in the editor', function () {
  this.timeout(120_000);
  let folder: string;
  let services: Services;
  let model: WorkflowModel;
  let watchers: Watchers;
  let service: WorkflowService;
  /** What each look was told to be touched. */
  const looks: (readonly string[] | undefined)[] = [];
  const shownStates: ViewState[] = [];
  const at = (file: string): string => path.join(folder, file);
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text);
  };
  const stateOf = (state: ViewState, id: string): string | undefined =>
    state.kind === 'run' ? state.run.steps.find((step) => step.id === id)?.state : undefined;

  /** Waits until what the view shows fulfils a condition; the model hears of changes only through its watchers. */
  function shown(what: string, fits: (state: ViewState) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!fits(model.state)) return;
        clearTimeout(timer);
        listener.dispose();
        resolve();
      };
      const timer = setTimeout(() => {
        listener.dispose();
        reject(new Error(`never shown: ${what}; it is ${JSON.stringify(model.state).slice(0, 1000)}`));
      }, 40_000);
      const listener = model.onDidChange(check);
      check();
    });
  }
  const nextShown = (): Promise<void> =>
    new Promise((resolve) => {
      const listener = model.onDidChange(() => {
        listener.dispose();
        resolve();
      });
    });
  const stepsShown = (code: string, clean: string): Promise<void> =>
    shown(`code ${code}, clean ${clean}`, (state) => stateOf(state, 'code') === code && stateOf(state, 'clean') === clean);

  before(async () => {
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
    fs.rmSync(at('.handrail'), { recursive: true, force: true });
    write('.handrail/workflows/feature.yml', WORKFLOW);
    git('switch', '-q', '-C', 'feat/many', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'Follow a workflow');
    git('branch', '-f', 'main', 'HEAD');
    for (let i = 0; i < MANY; i += 1) write(`src/many/d${i % 50}/f${i}.ts`, `export const value${i} = ${i};\n`);
    git('add', '-A');
    git('commit', '-q', '-m', 'Many files');
    git('switch', '-q', '-c', 'feat/living', 'main');
    const log = vscode.window.createOutputChannel('Living steps', { log: true });
    services = new Services({} as vscode.ExtensionContext, log);
    service = await services.workflow(vscode.workspace.workspaceFolders?.[0] ?? assert.fail());
    const status = service.status.bind(service);
    service.status = async (options) => {
      looks.push(options?.touched);
      return await status(options);
    };
    model = new WorkflowModel(services);
    model.onDidChange((state) => shownStates.push(state));
    watchers = new Watchers(services, model);
    await Promise.all([watchers.watch(services.folders.current), model.refresh()]);
    await stepsShown('ready', 'done');
  });

  after(() => {
    watchers.dispose();
    model.dispose();
    services.dispose();
  });

  it('reads at once what a save touched, and nothing else', async () => {
    const document = await vscode.workspace.openTextDocument(at('package.json'));
    const isPartial = (touched: readonly string[] | undefined): boolean => touched?.length === 1 && touched[0] === 'package.json';
    // What was written before the test may be told of late, and then everything is looked at.
    for (let i = 0; i < 10 && !looks.some(isPartial); i += 1) {
      const next = nextShown();
      await insert(document, ' ');
      await document.save();
      await next;
    }
    assert.ok(looks.some(isPartial), JSON.stringify(looks));
    await stepsShown('ready', 'ready');
    git('checkout', '-q', '--', 'package.json');
    await stepsShown('ready', 'done');
  });

  it('shows each of many saves, and says how soon', async () => {
    const document = await vscode.workspace.openTextDocument(at('package.json'));
    // Git wrote the file a moment ago, and a save of the text from before would be refused.
    await reread(document);
    const times: number[] = [];
    const statuses: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      // A change, and the change taken back: what is shown can only be of this save.
      const isChange = i % 2 === 0;
      if (isChange) await insert(document, ' ');
      else await replace(document, new vscode.Range(0, 0, 0, 1), '');
      const shownThen = shown(`save ${i}`, (state) => stateOf(state, 'clean') === (isChange ? 'ready' : 'done'));
      const saved = new Promise<number>((resolve) => {
        const listener = vscode.workspace.onDidSaveTextDocument((one) => {
          if (one !== document) return;
          listener.dispose();
          resolve(performance.now());
        });
      });
      const ended = shownThen.then(() => performance.now());
      assert.ok(await document.save());
      times.push((await ended) - (await saved));
      const asked = performance.now();
      git('status', '--porcelain');
      statuses.push(performance.now() - asked);
    }
    console.log(`      from save to view ${spread(times)}; git status ${spread(statuses)}`);
    await stepsShown('ready', 'done');
  });

  it('follows commits, stashes and rebases in a terminal', async () => {
    write('src/more.ts', 'export const more = 1;\n');
    await stepsShown('done', 'ready');
    git('add', '-A');
    git('commit', '-q', '-m', 'More');
    await stepsShown('done', 'done');
    write('src/more.ts', 'export const more = 2;\n');
    await stepsShown('done', 'ready');
    git('stash', 'push', '-q');
    await stepsShown('done', 'done');
    git('stash', 'pop', '-q');
    await stepsShown('done', 'ready');
    git('commit', '-q', '-a', '-m', 'More again');
    await stepsShown('done', 'done');
    git('branch', '-q', '-f', 'main', 'feat/living');
    await stepsShown('ready', 'done');
    git('reset', '-q', '--hard', 'HEAD~2');
    git('branch', '-q', '-f', 'main', 'feat/living');
    git('commit', '-q', '--allow-empty', '-m', 'Empty');
    git('rebase', '-q', '--force-rebase', 'main');
    await shown('the branch again', (state) => state.kind === 'run' && state.run.branch === 'feat/living');
  });

  it('looks a few times while thousands of files are checked out, and never at one branch with the files of another', async () => {
    await stepsShown('ready', 'done');
    looks.length = 0;
    shownStates.length = 0;
    git('switch', '-q', 'feat/many');
    await shown('the other branch', (state) => state.kind === 'run' && state.run.branch === 'feat/many');
    await stepsShown('done', 'done');
    git('switch', '-q', 'feat/living');
    await shown('the first branch', (state) => state.kind === 'run' && state.run.branch === 'feat/living');
    await stepsShown('ready', 'done');
    for (const state of shownStates) {
      const branch = state.kind === 'run' ? state.run.branch : assert.fail(`shown: ${state.kind}`);
      assert.equal(stateOf(state, 'code'), branch === 'feat/many' ? 'done' : 'ready', `a flash of ${branch}`);
      assert.equal(stateOf(state, 'clean'), 'done', `a flash of ${branch}`);
    }
    assert.ok(looks.length <= LOOKS_AT_MOST, `${looks.length} looks`);
  });

  it('says when git is gone, and goes on when it is back', async () => {
    fs.renameSync(at('.git'), `${folder}.away`);
    await shown('no git', (state) => state.kind === 'no-git');
    fs.renameSync(`${folder}.away`, at('.git'));
    await stepsShown('ready', 'done');
    git('switch', '-q', 'feat/many');
    await shown('the branch is watched again', (state) => state.kind === 'run' && state.run.branch === 'feat/many');
  });
});

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

/** Waits until the editor has noticed what another program wrote. */
async function reread(document: vscode.TextDocument): Promise<void> {
  const isCurrent = (): boolean => document.getText() === fs.readFileSync(document.uri.fsPath, 'utf8');
  if (isCurrent()) return;
  await new Promise<void>((resolve) => {
    const listener = vscode.workspace.onDidChangeTextDocument(() => {
      if (!isCurrent()) return;
      listener.dispose();
      resolve();
    });
  });
}

async function insert(document: vscode.TextDocument, text: string): Promise<void> {
  await replace(document, new vscode.Range(0, 0, 0, 0), text);
}

async function replace(document: vscode.TextDocument, range: vscode.Range, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}
