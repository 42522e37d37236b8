import * as vscode from 'vscode';
import type { Fix, ProblemPlace } from '../../../core/workflow/authoring/quickFixes.ts';
import type { ProblemCode } from '../../../core/workflow/problem.ts';
import { PROBLEM_SOURCE } from '../diagnostics.ts';
import type { AuthoringDesk, Open } from './desk.ts';
import { rangeOf } from './providers.ts';

/** Quick fixes for the problems of files under `.handrail/`. */
export class FixProvider implements vscode.CodeActionProvider {
  readonly #desk: AuthoringDesk;

  constructor(desk: AuthoringDesk) {
    this.#desk = desk;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const ours = context.diagnostics.filter(({ source, code }) => source === PROBLEM_SOURCE && typeof code === 'string');
    if (ours.length === 0) return [];
    const [open, { fixesFor }] = await Promise.all([this.#desk.open(document), import('../../../core/workflow/authoring/quickFixes.ts')]);
    if (!open) return [];
    return ours.flatMap((diagnostic) =>
      fixesFor(open.draft, placeOf(diagnostic), open.around).map((fix) => toAction(open, diagnostic, fix)),
    );
  }
}

function placeOf({ range, code }: vscode.Diagnostic): ProblemPlace {
  return {
    code: code as ProblemCode,
    line: range.start.line + 1,
    column: range.start.character + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
  };
}

function toAction(open: Open, diagnostic: vscode.Diagnostic, fix: Fix): vscode.CodeAction {
  const action = new vscode.CodeAction(titleOf(fix), vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = fix.isLikely;
  const edit = new vscode.WorkspaceEdit();
  if (fix.does === 'create-file') {
    const uri = vscode.Uri.joinPath(open.folder.uri, fix.path);
    // As an edit of the new file and not as its content, which the editor loses on the way through other extensions.
    edit.createFile(uri, { ignoreIfExists: true });
    edit.insert(uri, new vscode.Position(0, 0), fix.create);
    action.command = { command: 'vscode.open', title: '', arguments: [uri] };
  } else for (const { span, text } of fix.edits) edit.replace(open.document.uri, rangeOf(open.document, span), text);
  action.edit = edit;
  return action;
}

function titleOf(fix: Fix): string {
  switch (fix.does) {
    case 'replace':
      return vscode.l10n.t('Change to “{0}”', fix.with);
    case 'add-key':
      return vscode.l10n.t('Add “{0}”', fix.key);
    case 'remove-key':
      return vscode.l10n.t('Remove “{0}”', fix.key);
    case 'remove-item':
      return vscode.l10n.t('Remove this entry');
    case 'quote':
      return vscode.l10n.t('Put it in quotes');
    case 'make-list':
      return vscode.l10n.t('Make it a list');
    case 'indent-with-spaces':
      return vscode.l10n.t('Indent with spaces');
    case 'create-file':
      return vscode.l10n.t('Create {0}', fix.path);
  }
}
