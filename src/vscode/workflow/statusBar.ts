import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Services } from '../services.ts';
import { statusBarOf, withoutIcons } from './viewState.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** `3/7 · next: AI review` in the status bar; while a review runs, its progress. A click goes to the next step. */
export function registerStatusBar(services: Services, model: WorkflowModel): vscode.Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.window.createStatusBarItem('handrail.workflow', vscode.StatusBarAlignment.Left, 40));
  item.name = vscode.l10n.t('Handrail Workflow');
  const show = (): void => {
    const running = services.activity.text;
    const shown = statusBarOf(vscode.l10n, model.state);
    if (running !== undefined) {
      item.text = `$(loading~spin) ${withoutIcons(running)}`;
      item.tooltip = running;
    } else if (shown !== undefined) {
      item.text = shown.text;
      item.tooltip = shown.tooltip;
    } else {
      item.hide();
      return;
    }
    item.command = model.state.kind === 'invalid' ? 'handrail.openProblem' : 'handrail.goToNextStep';
    item.accessibilityInformation = { label: `Handrail: ${item.text.replace(/\$\([^)]*\) */g, '')}`, role: 'button' };
    item.show();
  };
  store.add(model.onDidChange(show));
  store.add(services.activity.onDidChange(show));
  return store;
}
