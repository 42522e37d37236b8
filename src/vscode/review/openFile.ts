import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { Remedy } from '../commands.ts';
import { locateFile } from '../folders.ts';
import { refusalOf } from './reviewable.ts';
import type { Refusal } from './reviewable.ts';

/** A text file of the workspace as the editor holds it. */
export interface OpenFile {
  document: vscode.TextDocument;
  folder: vscode.WorkspaceFolder;
  /** Relative to the folder, with `/`. */
  path: string;
}

/** Why something cannot be done, together with the button that mends it. */
export interface Refused {
  failure: HandrailError;
  remedy: Remedy | undefined;
}

/** The file in the active editor, or the one at `uri`; what is no text file of the workspace is refused with its reason. */
export async function openFile(uri: vscode.Uri | undefined, purpose: 'review' | 'generate'): Promise<{ file: OpenFile } | Refused> {
  const document = await documentAt(uri);
  const at = document === undefined ? undefined : locateFile(document.uri);
  const text = document?.getText() ?? '';
  const refusal = refusalOf(
    {
      scheme: document?.uri.scheme,
      untitled: document?.isUntitled === true,
      notebook: document?.uri.scheme === 'vscode-notebook-cell' || vscode.window.activeNotebookEditor !== undefined,
      inFolder: at !== undefined,
      length: text.length,
      hasNulCharacter: text.includes('\u0000'),
      name: nameOf(document?.uri ?? uri),
    },
    vscode.l10n,
    purpose,
  );
  if (refusal !== undefined || document === undefined || at === undefined) return refused(refusal, document);
  return { file: { document, ...at } };
}

async function documentAt(uri: vscode.Uri | undefined): Promise<vscode.TextDocument | undefined> {
  if (uri === undefined) return vscode.window.activeTextEditor?.document;
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    // Binary files, and files of more than the editor's own limit, do not open as text.
    return undefined;
  }
}

export function nameOf(uri: vscode.Uri | undefined): string {
  return uri?.path.split('/').at(-1) ?? '';
}

function refused(refusal: Refusal | undefined, document: vscode.TextDocument | undefined): Refused {
  const message = refusal?.message ?? vscode.l10n.t('This file cannot be reviewed.');
  const failure = new HandrailError('usage', message, refusal === undefined ? {} : { hint: refusal.hint });
  return { failure, remedy: remedyOf(refusal, document) };
}

function remedyOf(refusal: Refusal | undefined, document: vscode.TextDocument | undefined): Remedy | undefined {
  if (refusal?.mend === 'save' && document !== undefined) {
    return { label: vscode.l10n.t('Save As…'), run: () => vscode.workspace.saveAs(document.uri) };
  }
  if (refusal?.mend === 'open-folder') {
    return { label: vscode.l10n.t('Open Folder…'), run: () => vscode.commands.executeCommand('vscode.openFolder') };
  }
  return undefined;
}
