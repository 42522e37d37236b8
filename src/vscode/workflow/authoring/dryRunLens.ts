import * as vscode from 'vscode';
import { locateFile } from '../../folders.ts';
import { isWorkflowPath } from '../diagnostics.ts';

/** One line above a workflow file, which leads to its dry run. */
export class DryRunLens implements vscode.CodeLensProvider {
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!vscode.workspace.isTrusted || !isWorkflowPath(locateFile(document.uri)?.path)) return [];
    const title = vscode.l10n.t('Dry Run on This Branch');
    return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), { title, command: 'handrail.dryRun' })];
  }
}
