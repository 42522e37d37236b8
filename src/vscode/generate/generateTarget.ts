import * as vscode from 'vscode';
import type { GenerateRequest, GenerateTarget } from '../../core/ai/generate/generation.ts';
import { locateFile, unsavedIn } from '../folders.ts';
import { nameOf, openFile } from '../review/openFile.ts';
import type { Refused } from '../review/openFile.ts';

/** What one generation is about. */
export interface GenerationTarget {
  folder: vscode.WorkspaceFolder;
  request: GenerateRequest;
  /** Shown while it runs: a file name, or the title of a step. */
  subject: string;
  step?: { id: string; title: string };
  /** Asks for the same once more, where that is neither a step nor a place in the editor. */
  again?(): unknown;
}

/** The cursor or the selection in the active editor; what is no text file of the workspace is refused with its reason. */
export async function targetAtCursor(): Promise<{ target: GenerationTarget } | Refused> {
  const opened = await openFile(undefined, 'generate');
  if ('failure' in opened) return opened;
  const { document, folder, path } = opened.file;
  const selection = vscode.window.activeTextEditor?.selection ?? new vscode.Selection(0, 0, 0, 0);
  const buffers = { ...unsavedTexts(folder), [path]: document.getText() };
  return { target: { folder, request: { at: placeOf(selection, path), buffers }, subject: nameOf(document.uri) } };
}

/** Unsaved text of a folder's open documents by path. */
export function unsavedTexts(folder: vscode.WorkspaceFolder): Record<string, string> {
  return Object.fromEntries(
    unsavedIn(folder).flatMap((document) => {
      const at = locateFile(document.uri);
      return at === undefined ? [] : [[at.path, document.getText()]];
    }),
  );
}

/** Lines from 1. A selection that ends where a line begins does not take that line. */
function placeOf(selection: vscode.Selection, file: string): GenerateTarget {
  const { start, end, isEmpty } = selection;
  const last = !isEmpty && end.character === 0 ? end.line - 1 : end.line;
  return { file, startLine: start.line + 1, endLine: Math.max(start.line, last) + 1, selected: !isEmpty };
}
