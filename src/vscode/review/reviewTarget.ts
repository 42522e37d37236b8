import * as vscode from 'vscode';
import type { KnownProblem, ReviewRequest } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import type { Remedy } from '../commands.ts';
import type { Boards } from './boards.ts';
import { SOURCE } from './problems.ts';
import { refusalOf } from './reviewable.ts';
import type { Refusal } from './reviewable.ts';

/** What one review is about. */
export interface ReviewTarget {
  folder: vscode.WorkspaceFolder;
  request: ReviewRequest;
  /** Shown while it runs: a file name, or the scope in words. */
  subject: string;
  /** Texts as they are sent, by path: findings are placed in these. */
  texts: Map<string, string>;
}

/** A target, or why there is none together with the button that mends it. */
export type TargetOutcome = { target: ReviewTarget } | { failure: HandrailError; remedy: Remedy | undefined };

/** The file in the active editor, or the one at `uri`, with its unsaved text. */
export async function fileTarget(boards: Boards, uri?: vscode.Uri): Promise<TargetOutcome> {
  const document = await documentAt(uri);
  const at = document === undefined ? undefined : boards.locate(document.uri);
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
  );
  if (refusal !== undefined || document === undefined || at === undefined) return refused(refusal, document);
  const request: ReviewRequest = {
    scope: 'file',
    paths: [at.path],
    buffers: { [at.path]: text },
    known: knownProblems(document.uri, at.path),
  };
  return { target: { folder: at.folder, request, subject: nameOf(document.uri), texts: new Map([[at.path, text]]) } };
}

/** Every changed file of a folder. Unsaved text of open documents is read instead of the files. */
export function changesTarget(boards: Boards, folder: vscode.WorkspaceFolder, scope: 'working' | 'branch'): ReviewTarget {
  const texts = new Map<string, string>();
  const buffers: Record<string, string> = {};
  const known: KnownProblem[] = [];
  for (const document of vscode.workspace.textDocuments) {
    const at = boards.locate(document.uri);
    if (at === undefined || at.folder.uri.toString() !== folder.uri.toString()) continue;
    texts.set(at.path, document.getText());
    known.push(...knownProblems(document.uri, at.path));
    if (document.isDirty) buffers[at.path] = document.getText();
  }
  const subject = scope === 'branch' ? vscode.l10n.t('the branch') : vscode.l10n.t('the working tree');
  return { folder, request: { scope, paths: [], buffers, known }, subject, texts };
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

function nameOf(uri: vscode.Uri | undefined): string {
  return uri?.path.split('/').at(-1) ?? '';
}

function refused(refusal: Refusal | undefined, document: vscode.TextDocument | undefined): TargetOutcome {
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

/** What the editor reports already; a review does not repeat it. */
function knownProblems(uri: vscode.Uri, file: string): KnownProblem[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter((problem) => problem.source?.startsWith(SOURCE) !== true && problem.severity !== vscode.DiagnosticSeverity.Hint)
    .map((problem) => ({
      file,
      line: problem.range.start.line + 1,
      message: problem.message,
      ...(problem.source === undefined ? {} : { source: problem.source }),
    }));
}
