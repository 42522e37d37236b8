import type * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { registerCommands } from '../commands.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import { registerAuthoring } from './authoring/register.ts';
import { registerTasks } from './commandTask.ts';
import { WorkflowDiagnostics } from './diagnostics.ts';
import { registerSetupCommands } from './setupCommands.ts';
import { registerStatusBar } from './statusBar.ts';
import { registerStepColours } from './stepColours.ts';
import { registerStepCommands } from './stepCommands.ts';
import { registerSummaryCommand } from './summaryCommand.ts';
import { registerTerminalPath } from './terminalPath.ts';
import { WaiverAlarm } from './waiverAlarm.ts';
import { Watchers } from './watch.ts';
import { WorkflowModel } from './workflowModel.ts';
import { WorkflowView } from './workflowView.ts';

/** The workflow in the editor: view, status bar, commands, tasks, diagnostics. Nothing is read before activation has ended. */
export function registerWorkflow(services: Services, reviews: ReviewServices): vscode.Disposable {
  const store = new DisposableStore();
  const model = store.add(new WorkflowModel(services));
  const view = store.add(new WorkflowView(services, model));
  const watchers = store.add(new Watchers(services, model));
  store.add(registerStepColours());
  store.add(new WorkflowDiagnostics(services, model));
  store.add(registerAuthoring(services, model));
  store.add(registerStatusBar(services, model));
  store.add(registerStepCommands(services, model, view));
  store.add(registerSetupCommands(services, model));
  store.add(
    registerCommands(services.log, {
      'handrail.tellAgents': async () => (await import('./tellAgents.ts')).tellAgents(services),
      'handrail.updateShared': async () => (await import('./sharedCommands.ts')).updateShared(services, model),
      'handrail.shareEvidence': async () => (await import('./shareCommand.ts')).shareEvidence(services, model),
      'handrail.takeOverRecords': async () => (await import('./formerCommand.ts')).takeOver(services, model),
    }),
  );
  store.add(registerSummaryCommand(services, reviews));
  store.add(registerTasks(services, model));
  store.add(registerTerminalPath(services));
  const waivers = store.add(new WaiverAlarm(() => void model.refresh()));
  store.add(model.onDidChange(() => waivers.follow(model.run)));
  const begun = setTimeout(() => void begin(services, model, watchers), 0);
  store.add({ dispose: () => clearTimeout(begun) });
  return store;
}

/** What comes after activation: watch first, then read, so that nothing that changes in between is missed. */
async function begin(services: Services, model: WorkflowModel, watchers: Watchers): Promise<void> {
  await services.folders.preferFolderWithWorkflow();
  await Promise.all([watchers.watch(services.folders.current), model.ready()]);
}
