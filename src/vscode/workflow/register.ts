import type * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Services } from '../services.ts';

/** The workflow in the editor: view, status bar, commands, tasks, diagnostics. */
export function registerWorkflow(services: Services): vscode.Disposable {
  const store = new DisposableStore();
  services.log.debug('workflow');
  return store;
}
