import * as vscode from 'vscode';
import { HandrailError, failureOf } from '../../core/errors.ts';
import type { InitResult, WorkflowService } from '../../core/workflow/service.ts';
import { exists } from '../folders.ts';
import type { Services } from '../services.ts';
import { findChecklists } from './checklistCandidates.ts';
import { pickTemplate } from './templatePicker.ts';
import { firstProblem } from './viewState.ts';
import type { WorkflowModel } from './workflowModel.ts';
import { showInformation } from '../messages.ts';

/** What gets a workflow into a folder, chooses one, and opens its file. Loaded with the first of these commands. */

export async function chooseTemplate(services: Services, model: WorkflowModel): Promise<void> {
  const folder = services.requireFolder();
  const [{ TEMPLATES }, { parseWorkflow }] = await Promise.all([
    import('../../core/workflow/templates.ts'),
    import('../../core/workflow/parse.ts'),
  ]);
  const chosen = await pickTemplate(
    TEMPLATES,
    (template) => parseWorkflow(template.render(undefined), template.name).workflow?.steps ?? [],
  );
  if (chosen === undefined) return;
  const service = await services.workflow(folder);
  await settle(folder, model, await service.init({ template: chosen.name }));
}

export async function importChecklist(services: Services, model: WorkflowModel): Promise<void> {
  const folder = services.requireFolder();
  const found = (await findChecklists(folder)).map((candidate) => ({
    label: candidate.path,
    description: vscode.l10n.t('{0} boxes, {1} ticked', candidate.boxes, candidate.ticked),
    path: candidate.path,
  }));
  const browse = { label: vscode.l10n.t('$(folder-opened) Another file…'), path: undefined };
  const chosen = await vscode.window.showQuickPick([...found, browse], {
    title: vscode.l10n.t('Import a workflow from a checklist'),
    placeHolder: vscode.l10n.t('Every box becomes a step; nesting and ticks are kept.'),
  });
  if (chosen === undefined) return;
  const path = chosen.path ?? (await browseForChecklist(folder));
  if (path === undefined) return;
  const service = await services.workflow(folder);
  const result = await service.init({ from: [path] });
  await settle(folder, model, { ...result, notes: [...result.notes, ...(await recordTicks(service, result.done ?? []))] });
}

/** Evidence is the only store of ticks, so boxes that were ticked in the list become records. Says what could not be recorded. */
async function recordTicks(service: WorkflowService, done: NonNullable<InitResult['done']>): Promise<string[]> {
  const notes: string[] = [];
  for (const { workflow, steps } of done) {
    for (const step of steps) {
      try {
        await service.check(step, { actor: 'human', workflow });
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined) throw error;
        notes.push(vscode.l10n.t('The tick of “{0}” could not be kept: {1}', step, failure.message));
      }
    }
  }
  return notes;
}

async function browseForChecklist(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    defaultUri: folder.uri,
    filters: { Markdown: ['md', 'markdown', 'txt'] },
    openLabel: vscode.l10n.t('Import'),
  });
  return files?.[0]?.fsPath;
}

/** Shows what was written: the file opens, and what was found and decided is told in one message. */
async function settle(folder: vscode.WorkspaceFolder, model: WorkflowModel, result: InitResult): Promise<void> {
  await model.refresh();
  const workflow = [...result.written, ...result.kept].find((path) => path.includes('.handrail/workflows/'));
  if (workflow !== undefined) await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, workflow));
  const first =
    result.written.length > 0
      ? vscode.l10n.t('Written: {0}.', result.written.join(', '))
      : vscode.l10n.t('Nothing was written: {0} is already there.', result.kept.join(', '));
  void showInformation([first, ...result.notes].join(' '));
}

export async function selectWorkflow(services: Services, model: WorkflowModel): Promise<void> {
  const folder = services.requireFolder();
  await model.ready();
  const { state } = model;
  const run = state.kind === 'run' || state.kind === 'unmatched' ? state.run : undefined;
  const current = run?.workflow;
  const others = (run?.alternatives ?? []).filter((other) => other.id !== current?.id);
  if (run === undefined || others.length === 0) {
    throw new HandrailError('not-found', vscode.l10n.t('No other workflow fits this branch.'), {
      hint: vscode.l10n.t('Add one under .handrail/workflows, or change its “on: branches”.'),
    });
  }
  const items = [
    ...(current === null || current === undefined
      ? []
      : [{ label: current.title, description: vscode.l10n.t('{0} · in use', current.id), id: current.id }]),
    ...others.map((other) => ({ label: other.title, description: other.id, id: other.id })),
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which workflow does {0} follow?', run.branch ?? vscode.l10n.t('this commit')),
    placeHolder: vscode.l10n.t('Remembered for this branch.'),
  });
  if (chosen === undefined) return;
  await (await services.workflow(folder)).select(chosen.id);
  await model.refresh();
}

export async function selectFolder(services: Services): Promise<void> {
  const items = services.folders.all.map((folder) => ({ label: folder.name, description: folder.uri.fsPath, folder }));
  if (items.length === 0) services.requireFolder();
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Show the workflow of which folder?') });
  if (chosen !== undefined) services.folders.choose(chosen.folder);
}

export async function openWorkflowFile(model: WorkflowModel): Promise<void> {
  await model.ready();
  const path = model.run?.workflow?.path;
  if (path === undefined || model.folder === undefined) {
    throw new HandrailError('not-found', vscode.l10n.t('This branch follows no workflow file.'), {
      hint: vscode.l10n.t('Choose a template to get one.'),
    });
  }
  const uri = vscode.Uri.joinPath(model.folder.uri, path);
  if (!(await exists(uri))) throw new HandrailError('not-found', vscode.l10n.t('{0} is not there any more.', path));
  await vscode.window.showTextDocument(uri);
}

export async function openProblem(model: WorkflowModel): Promise<void> {
  await model.ready();
  const place = model.state.kind === 'invalid' ? firstProblem(model.state.problems) : undefined;
  if (place === undefined || model.folder === undefined) {
    throw new HandrailError('not-found', vscode.l10n.t('The workflow file has no problem any more.'));
  }
  const { line, column, endLine, endColumn } = place.problem;
  await vscode.window.showTextDocument(vscode.Uri.joinPath(model.folder.uri, place.path), {
    selection: new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1),
  });
}
