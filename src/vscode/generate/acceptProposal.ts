import * as vscode from 'vscode';
import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import type { GenerateService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { exists } from '../folders.ts';
import { fileUri } from '../review/boards.ts';
import { isFor } from './changedMeanwhile.ts';
import { textEditsOf } from './textEdits.ts';

/**
 * Makes the changes, which may be a part of what was proposed, as one edit that one undo takes back, in the editor's documents; they are not saved. Fails with
 * `conflict` when a file is no longer the one the proposal was made for, with `read-only`, with `usage` for a path that leads out
 * of the folder or is ignored by now; then nothing is changed. Resolves to the changed documents.
 */
export async function applyChanges(
  folder: vscode.WorkspaceFolder,
  changes: readonly ProposedChange[],
  service: Pick<GenerateService, 'refused'>,
): Promise<vscode.TextDocument[]> {
  await requireAllowed(service, changes);
  const documents = new Map<ProposedChange, vscode.TextDocument>();
  const changed: string[] = [];
  for (const change of changes) {
    const document = await documentOf(folder, change);
    if (document === 'changed') changed.push(change.file);
    else if (document !== undefined) documents.set(change, document);
  }
  if (changed.length > 0) throw changedMeanwhile(changed);
  // Looking at files takes a moment, in which somebody may have typed.
  const typed = [...documents].filter(([change, document]) => !isFor(document.getText(), change));
  if (typed.length > 0) throw changedMeanwhile(typed.map(([{ file }]) => file));
  const edit = new vscode.WorkspaceEdit();
  for (const change of changes) addChange(edit, fileUri(folder, change.file), change);
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new HandrailError('conflict', vscode.l10n.t('The editor did not take the changes, so nothing was written.'), {
      hint: vscode.l10n.t('Try again, or generate again.'),
    });
  }
  return Promise.all(changes.map((change) => vscode.workspace.openTextDocument(fileUri(folder, change.file))));
}

/** The document to be edited; `changed` when it holds another text than the proposal is for; nothing for a file that is to be made. */
async function documentOf(folder: vscode.WorkspaceFolder, change: ProposedChange): Promise<vscode.TextDocument | 'changed' | undefined> {
  const uri = fileUri(folder, change.file);
  if (change.kind === 'create') return (await exists(uri)) ? 'changed' : undefined;
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    return isFor(document.getText(), change) ? document : 'changed';
  } catch {
    // Deleted, or no text any more.
    return 'changed';
  }
}

function changedMeanwhile(files: readonly string[]): HandrailError {
  const names = files.join(', ');
  const message =
    files.length === 1
      ? vscode.l10n.t('{0} has changed since the proposal was made, so nothing was written.', names)
      : vscode.l10n.t('These files have changed since the proposal was made, so nothing was written: {0}.', names);
  return new HandrailError('conflict', message, {
    hint: vscode.l10n.t(
      'Undo that change, or untick that file in Proposed Changes, and accept again; or generate again from the present text.',
    ),
  });
}

/** The checks of the generation stand, but a link, a rule of git or a mark of the file may have come since. */
async function requireAllowed(service: Pick<GenerateService, 'refused'>, changes: readonly ProposedChange[]): Promise<void> {
  const [refused] = await service.refused(changes);
  if (refused === undefined) return;
  const { file, because, isReadOnly } = refused;
  throw new HandrailError(isReadOnly ? 'read-only' : 'usage', vscode.l10n.t('Nothing was written, because of {0}. {1}', file, because), {
    hint: isReadOnly
      ? vscode.l10n.t('Make it writable, or untick it in Proposed Changes, then accept again.')
      : vscode.l10n.t('Untick it in Proposed Changes, or discard the proposal.'),
  });
}

function addChange(edit: vscode.WorkspaceEdit, uri: vscode.Uri, change: ProposedChange): void {
  if (change.kind === 'create') {
    edit.createFile(uri, { contents: new TextEncoder().encode(change.after) });
    return;
  }
  for (const { start, end, newText } of textEditsOf(change)) {
    edit.replace(uri, new vscode.Range(start.line, start.character, end.line, end.character), newText);
  }
}

/** The first changed file, at its first change. */
export async function showFirst([change]: readonly ProposedChange[], [document]: readonly vscode.TextDocument[]): Promise<void> {
  if (document === undefined || change === undefined) return;
  const { line, character } = (change.kind === 'edit' ? textEditsOf(change)[0]?.start : undefined) ?? { line: 0, character: 0 };
  const editor = await vscode.window.showTextDocument(document, {
    preview: false,
    selection: new vscode.Range(line, character, line, character),
  });
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
