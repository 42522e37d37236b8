import * as vscode from 'vscode';
import type { KnownProblem, ReviewRequest } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
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

/** The selected lines of the active editor; a line of which nothing but its start is selected does not count. */
export async function selectionTarget(): Promise<TargetOutcome> {
  const selection = vscode.window.activeTextEditor?.selection;
  const outcome = await fileTarget();
  if ('failure' in outcome) return outcome;
  if (selection === undefined || selection.isEmpty) {
    const failure = new HandrailError('usage', vscode.l10n.t('Nothing is selected.'), {
      hint: vscode.l10n.t('Select the lines to review and run the command again.'),
    });
    return { failure, remedy: undefined };
  }
  const { start, end } = selection;
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const lines = { start: start.line + 1, end: last + 1 };
  const { target } = outcome;
  const subject =
    lines.start === lines.end
      ? vscode.l10n.t('line {0} of {1}', lines.start, target.subject)
      : vscode.l10n.t('lines {0}–{1} of {2}', lines.start, lines.end, target.subject);
  return { target: { ...target, request: { ...target.request, scope: 'selection', lines }, subject } };
}

export type ChangesScope = 'working' | 'staged' | 'branch';

/** Every changed file of a folder. Unsaved text of open documents is read instead of the files, except of what is staged. */
export function changesTarget(folder: vscode.WorkspaceFolder, scope: ChangesScope): ReviewTarget {
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
  const subject = {
    branch: vscode.l10n.t('the branch'),
    working: vscode.l10n.t('the working tree'),
    staged: vscode.l10n.t('what is staged'),
  }[scope];
  // What is staged stands in no document: its findings are looked up in the files by their quotes.
  return { folder, request: { scope, paths: [], buffers, known }, subject, texts: scope === 'staged' ? new Map() : texts };
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
