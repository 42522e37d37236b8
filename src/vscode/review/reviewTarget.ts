import * as vscode from 'vscode';
import type { KnownProblem, ReviewRequest } from '../../core/ai/service.ts';
import { locateFile } from '../folders.ts';
import { nameOf, openFile } from './openFile.ts';
import type { Refused } from './openFile.ts';
import { SOURCE } from './problems.ts';

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
export type TargetOutcome = { target: ReviewTarget } | Refused;

/** The file in the active editor, or the one at `uri`, with its unsaved text. */
export async function fileTarget(uri?: vscode.Uri): Promise<TargetOutcome> {
  const opened = await openFile(uri, 'review');
  if ('failure' in opened) return opened;
  const { document, folder, path } = opened.file;
  const text = document.getText();
  const request: ReviewRequest = {
    scope: 'file',
    paths: [path],
    buffers: { [path]: text },
    known: knownProblems(document.uri, path),
  };
  return { target: { folder, request, subject: nameOf(document.uri), texts: new Map([[path, text]]) } };
}

/** Every changed file of a folder. Unsaved text of open documents is read instead of the files. */
export function changesTarget(folder: vscode.WorkspaceFolder, scope: 'working' | 'branch'): ReviewTarget {
  const texts = new Map<string, string>();
  const buffers: Record<string, string> = {};
  const known: KnownProblem[] = [];
  for (const document of vscode.workspace.textDocuments) {
    const at = locateFile(document.uri);
    if (at === undefined || at.folder.uri.toString() !== folder.uri.toString()) continue;
    texts.set(at.path, document.getText());
    known.push(...knownProblems(document.uri, at.path));
    if (document.isDirty) buffers[at.path] = document.getText();
  }
  const subject = scope === 'branch' ? vscode.l10n.t('the branch') : vscode.l10n.t('the working tree');
  return { folder, request: { scope, paths: [], buffers, known }, subject, texts };
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
