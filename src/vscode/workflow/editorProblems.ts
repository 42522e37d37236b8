import * as vscode from 'vscode';
import type { DiagnosticCounts } from '../../core/workflow/service.ts';
import { SOURCE } from '../review/problems.ts';

const SEVERITY: Readonly<Record<vscode.DiagnosticSeverity, keyof DiagnosticCounts>> = {
  [vscode.DiagnosticSeverity.Error]: 'error',
  [vscode.DiagnosticSeverity.Warning]: 'warning',
  [vscode.DiagnosticSeverity.Information]: 'info',
  [vscode.DiagnosticSeverity.Hint]: 'hint',
};

/**
 * How many problems the editor shows in the files of a folder, by severity. What a review found is left out, since steps ask for
 * that on its own; mistakes in a workflow file count.
 */
export function countProblems(folder: vscode.WorkspaceFolder): DiagnosticCounts {
  const counts: DiagnosticCounts = { error: 0, warning: 0, info: 0, hint: 0 };
  for (const [uri, problems] of vscode.languages.getDiagnostics()) {
    if (uri.scheme !== 'file' || vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() !== folder.uri.toString()) continue;
    for (const { severity, source } of problems) if (source?.startsWith(`${SOURCE} · `) !== true) counts[SEVERITY[severity]] += 1;
  }
  return counts;
}
