import type * as vscode from 'vscode';
import { registerCommands } from '../commands.ts';
import type { Services } from '../services.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** Commands that get a workflow into a folder, choose one, and open its file. */
export function registerSetupCommands(services: Services, model: WorkflowModel): vscode.Disposable {
  const setup = async () => await import('./setup.ts');
  return registerCommands(services.log, {
    'handrail.refreshWorkflow': () => model.refresh(),
    'handrail.chooseTemplate': async () => (await setup()).chooseTemplate(services, model),
    'handrail.importChecklist': async () => (await setup()).importChecklist(services, model),
    'handrail.selectWorkflow': async () => (await setup()).selectWorkflow(services, model),
    'handrail.selectFolder': async () => (await setup()).selectFolder(services),
    'handrail.openWorkflowFile': async () => (await setup()).openWorkflowFile(model),
    'handrail.openProblem': async () => (await setup()).openProblem(model),
  });
}
