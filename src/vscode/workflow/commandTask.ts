import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import type { Services } from '../services.ts';
import { isRunnable } from './stepItem.ts';
import type { WorkflowModel } from './workflowModel.ts';

const TYPE = 'handrail';

/**
 * Runs a command step as a task: `handrail run STEP` in a terminal. That process writes the record; the editor only reads it,
 * so the outcome survives a reload of the window. With `quiet` its terminal does not come to the front. Fails with `untrusted` in an
 * untrusted workspace.
 */
export async function runCommandStep(
  services: Services,
  folder: vscode.WorkspaceFolder,
  step: { id: string; title: string },
  workflowDigest: string | undefined,
  quiet = false,
): Promise<vscode.TaskExecution> {
  if (!vscode.workspace.isTrusted) {
    throw new HandrailError('untrusted', vscode.l10n.t('This folder is not trusted, so its commands do not run.'), {
      hint: vscode.l10n.t('Trust the workspace if you know where it comes from.'),
    });
  }
  const running = vscode.tasks.taskExecutions.find(({ task }) => isTaskOf(task, folder, step.id));
  if (running !== undefined) {
    throw new HandrailError('conflict', vscode.l10n.t('“{0}” is already running.', step.title), {
      hint: vscode.l10n.t('Its output is in the terminal.'),
    });
  }
  const task = taskOf(services, folder, step, workflowDigest);
  if (quiet) task.presentationOptions = { ...task.presentationOptions, reveal: vscode.TaskRevealKind.Silent };
  return await vscode.tasks.executeTask(task);
}

/** Ends the command of a step where this window runs it. The process behind it writes that it was cancelled. */
export function cancelCommandStep(folder: vscode.WorkspaceFolder, step: { id: string; title: string }): void {
  const running = vscode.tasks.taskExecutions.find(({ task }) => isTaskOf(task, folder, step.id));
  if (running === undefined) {
    throw new HandrailError('conflict', vscode.l10n.t('“{0}” runs in another window or terminal.', step.title), {
      hint: vscode.l10n.t('Cancel it where it runs.'),
    });
  }
  running.terminate();
}

/** The tasks of type `handrail`, one a command step, so that tasks.json and *Run Task* can name them; reads the run when one ends. */
export function registerTasks(services: Services, model: WorkflowModel): vscode.Disposable {
  const store = new DisposableStore();
  store.add(
    vscode.tasks.registerTaskProvider(TYPE, {
      async provideTasks() {
        await model.ready();
        const { folder, run } = model;
        if (folder === undefined || run === undefined) return [];
        const commands = run.steps.filter((step: StepStatus) => step.kind === 'command' && isRunnable(step));
        return commands.map((step) => taskOf(services, folder, step, run.workflow?.digest));
      },
      async resolveTask(task) {
        const { step } = task.definition;
        const folder = typeof task.scope === 'object' ? task.scope : services.folders.current;
        if (typeof step !== 'string' || !STEP_ID.test(step) || folder === undefined) return undefined;
        await model.ready();
        const digest = sameFolder(folder, model.folder) ? model.run?.workflow?.digest : undefined;
        // The editor compares definitions, so the task keeps the one that was written down.
        return taskOf(services, folder, { id: step, title: model.step(step)?.title ?? step }, digest, task.definition);
      },
    }),
  );
  store.add(
    vscode.tasks.onDidEndTaskProcess(({ execution }) => {
      if (execution.task.definition.type === TYPE) void model.refresh();
    }),
  );
  return store;
}

/** The grammar of step ids in workflow files. */
const STEP_ID = /^[a-z][a-z0-9-]{0,63}$/;

function taskOf(
  services: Services,
  folder: vscode.WorkspaceFolder,
  step: { id: string; title: string },
  workflowDigest: string | undefined,
  definition: vscode.TaskDefinition = { type: TYPE, step: step.id },
): vscode.Task {
  // A process, not a shell: no quoting of paths, and the editor's own Node runs it, so nothing needs to be installed.
  const execution = new vscode.ProcessExecution(process.execPath, [services.context.asAbsolutePath('dist/cli.js'), 'run', step.id], {
    cwd: folder.uri.fsPath,
    env: {
      ELECTRON_RUN_AS_NODE: '1',
      HANDRAIL_ACTOR: 'human',
      // The workspace is trusted here and this is the definition the person saw; a definition changed since is asked about again.
      ...(workflowDigest === undefined || !vscode.workspace.isTrusted ? {} : { HANDRAIL_TRUSTED_DIGEST: workflowDigest }),
    },
  });
  const task = new vscode.Task(definition, folder, step.title, 'Handrail', execution, []);
  task.detail = `handrail run ${step.id}`;
  task.presentationOptions = { echo: false, reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true };
  return task;
}

export function isTaskOf(task: vscode.Task, folder: vscode.WorkspaceFolder, stepId: string): boolean {
  const scope = typeof task.scope === 'object' ? task.scope : undefined;
  return task.definition.type === TYPE && task.definition['step'] === stepId && sameFolder(scope, folder);
}

function sameFolder(one: vscode.WorkspaceFolder | undefined, other: vscode.WorkspaceFolder | undefined): boolean {
  return one !== undefined && one.uri.toString() === other?.uri.toString();
}
