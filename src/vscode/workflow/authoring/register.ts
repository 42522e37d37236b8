import * as vscode from 'vscode';
import { DisposableStore } from '../../../core/lifecycle.ts';
import { registerCommands } from '../../commands.ts';
import { locateFile } from '../../folders.ts';
import { defectText } from '../../log.ts';
import type { Services } from '../../services.ts';
import { isHandrailPath } from '../diagnostics.ts';
import type { WorkflowModel } from '../workflowModel.ts';
import type { AuthoringLanguage } from './language.ts';

/** What completes, explains and mends the files under `.handrail/` is loaded with the first of them that is opened. */
export function registerAuthoring(services: Services, model: WorkflowModel): vscode.Disposable {
  const store = new DisposableStore();
  let loading: Promise<AuthoringLanguage> | undefined;
  const load = (): Promise<AuthoringLanguage> =>
    (loading ??= import('./language.ts').then(({ AuthoringLanguage: Loaded }) => store.add(new Loaded(services, model))));
  const look = (document: vscode.TextDocument): void => {
    if (loading !== undefined || !isHandrailPath(locateFile(document.uri)?.path)) return;
    load().catch((error: unknown) => services.log.error(`authoring: ${defectText(error)}`));
  };
  store.add(vscode.workspace.onDidOpenTextDocument(look));
  vscode.workspace.textDocuments.forEach(look);
  store.add(registerCommands(services.log, { 'handrail.dryRun': async () => (await load()).showDryRun() }));
  return store;
}
