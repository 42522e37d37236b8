import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { isWritable } from '../writable.ts';
import { fileUri, gone, loadQuoteCheck } from './boards.ts';
import type { Boards, FoundEntry } from './boards.ts';
import { judgeFix } from './trackedFinding.ts';
import type { FixVerdict, TrackedEdit } from './trackedFinding.ts';

/** *Apply*: checks the quoted text once more, then makes one edit that one undo takes back. */
export async function applyFix(found: FoundEntry): Promise<void> {
  const { folder, board, entry } = found;
  const documents = await openDocuments(folder, [entry.finding.file, ...entry.edits.map((edit) => edit.file)]);
  const texts = new Map([...documents].map(([path, document]) => [path, document.getText()]));
  const verdict = judgeFix(entry, texts, await loadQuoteCheck());
  if (!verdict.ok) throw refusal(verdict);
  for (const document of documents.values()) await requireWritable(document);
  const edit = new vscode.WorkspaceEdit();
  for (const change of verdict.edits) {
    const document = documents.get(change.file);
    if (document !== undefined) addEdit(edit, document, change);
  }
  // Resolved before the text changes: its quote goes away now, and that is no staleness.
  if (await board.mend(entry.finding.id, () => vscode.workspace.applyEdit(edit))) return;
  for (const [path, document] of documents) board.compared(path, document.getText(), await loadQuoteCheck());
  throw new HandrailError('conflict', vscode.l10n.t('The editor did not take the fix.'), {
    hint: vscode.l10n.t('Try again, or make the change by hand.'),
  });
}

async function openDocuments(folder: vscode.WorkspaceFolder, paths: readonly string[]): Promise<Map<string, vscode.TextDocument>> {
  const { locateInside, workspaceFiles } = await import('../../node/workspaceFiles.ts');
  const { root } = workspaceFiles(folder.uri.fsPath);
  const documents = new Map<string, vscode.TextDocument>();
  for (const path of new Set(paths)) {
    if (path.startsWith('/') || path.split(/[\\/]/).includes('..')) {
      throw new HandrailError('usage', vscode.l10n.t('The fix would change a file outside the folder: {0}', path));
    }
    // Fails for a link that leads out.
    locateInside(root, path);
    documents.set(path, await vscode.workspace.openTextDocument(fileUri(folder, path)));
  }
  return documents;
}

async function requireWritable(document: vscode.TextDocument): Promise<void> {
  if (await isWritable(document.uri.fsPath)) return;
  throw new HandrailError('read-only', vscode.l10n.t('{0} is read-only.', vscode.workspace.asRelativePath(document.uri)), {
    hint: vscode.l10n.t('Make the file writable, then apply the fix again.'),
  });
}

function addEdit(edit: vscode.WorkspaceEdit, document: vscode.TextDocument, change: TrackedEdit): void {
  const first = change.startLine - 1;
  const last = change.endLine - 1;
  const lastLine = document.lineAt(last);
  if (change.newText !== '') {
    edit.replace(document.uri, new vscode.Range(first, 0, last, lastLine.text.length), change.newText.replace(/\r?\n$/, ''));
  } else if (last + 1 < document.lineCount) {
    edit.delete(document.uri, new vscode.Range(first, 0, last + 1, 0));
  } else {
    const from = first === 0 ? new vscode.Position(0, 0) : document.lineAt(first - 1).range.end;
    edit.delete(document.uri, new vscode.Range(from, lastLine.range.end));
  }
}

function refusal(verdict: Exclude<FixVerdict, { ok: true }>): HandrailError {
  switch (verdict.why) {
    case 'no-fix':
      return new HandrailError('usage', vscode.l10n.t('This finding has no fix to apply.'), {
        hint: vscode.l10n.t('Read its explanation and change the code by hand.'),
      });
    case 'unplaced':
      return new HandrailError('conflict', vscode.l10n.t('This finding could not be placed in the file, so its fix is not applied.'), {
        hint: vscode.l10n.t('Read its explanation and change the code by hand.'),
      });
    case 'quote-changed':
      return new HandrailError('conflict', vscode.l10n.t('The lines this fix is for have changed, so it was not applied.'), {
        hint: vscode.l10n.t('Review the file again.'),
      });
    case 'lines-changed':
      return new HandrailError('conflict', vscode.l10n.t('Lines that this fix would replace have changed, so it was not applied.'), {
        hint: vscode.l10n.t('Review the file again.'),
      });
  }
}

/** *Next* and *Previous* go there: the editor shows the lines and the finding's thread opens. */
export async function revealFinding(boards: Boards, findingId: string, expand: (findingId: string) => void): Promise<void> {
  const found = boards.find(findingId);
  if (found === undefined) throw gone();
  const first = Math.max(0, (found.entry.span?.startLine ?? 1) - 1);
  const uri = fileUri(found.folder, found.entry.finding.file);
  const editor = await vscode.window.showTextDocument(uri, { selection: new vscode.Range(first, 0, first, 0) });
  editor.revealRange(new vscode.Range(first, 0, first, 0), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  if (found.entry.span !== undefined) expand(findingId);
}
