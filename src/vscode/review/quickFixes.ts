import * as vscode from 'vscode';
import type { Boards, FoundEntry } from './boards.ts';
import { oneLine } from './plainText.ts';
import { rangeOf, SOURCE } from './problems.ts';

/** Quick fixes at a finding: apply, dismiss, explain. */
export class QuickFixes implements vscode.CodeActionProvider {
  readonly #boards: Boards;

  constructor(boards: Boards) {
    this.#boards = boards;
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
    const found = this.#boards
      .placedIn(document.uri)
      .filter(({ entry }) => entry.state === 'open' && rangeOf(entry, document).intersection(range) !== undefined);
    const problems = context.diagnostics.filter((problem) => problem.source?.startsWith(SOURCE) === true);
    return found.flatMap((one) =>
      actionsOf(
        one,
        problems.filter((problem) => problem.range.intersection(rangeOf(one.entry, document))),
      ),
    );
  }
}

function actionsOf({ entry }: FoundEntry, problems: vscode.Diagnostic[]): vscode.CodeAction[] {
  const title = oneLine(entry.finding.title, 60);
  const action = (label: string, command: string): vscode.CodeAction => {
    const made = new vscode.CodeAction(label, vscode.CodeActionKind.QuickFix);
    made.command = { command, title: label, arguments: [{ findingId: entry.finding.id }] };
    made.diagnostics = problems;
    return made;
  };
  const actions = [
    action(vscode.l10n.t('Dismiss: {0}…', title), 'handrail.dismissFinding'),
    action(vscode.l10n.t('Explain: {0}', title), 'handrail.explainFinding'),
  ];
  if (entry.edits.length === 0) return actions;
  const apply = action(vscode.l10n.t('Apply fix: {0}', title), 'handrail.applyFix');
  apply.isPreferred = true;
  return [apply, ...actions];
}
