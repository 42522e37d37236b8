import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { locateFile } from '../folders.ts';
import { fileUri, loadQuoteCheck } from './boards.ts';
import type { Boards } from './boards.ts';

/** Files that are read to look for findings; those of more wait until they are opened. */
const MOST_FILES = 100;

/** Typing pauses this long before quotes are compared with the text, in milliseconds. */
const PAUSE = 200;

/** Keeps findings at their code: edits move them at once, and after a pause the quotes are compared with the text. */
export class FollowEdits implements vscode.Disposable {
  readonly #boards: Boards;
  readonly #store = new DisposableStore();
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(boards: Boards) {
    this.#boards = boards;
    this.#store.add(vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)));
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => void this.compare(document)));
  }

  /** Compares the findings of an open document with its text now. */
  async compare(document: vscode.TextDocument): Promise<void> {
    const at = locateFile(document.uri);
    if (at === undefined) return;
    const board = this.#boards.of(at.folder);
    if (!board.entries.some((entry) => entry.finding.file === at.path)) return;
    board.compared(at.path, document.getText(), await loadQuoteCheck());
  }

  /**
   * Compares the findings of a folder with its files, open or not: what stands in them may have changed since, or may never have been in
   * them, as with what was staged.
   */
  async compareFiles(folder: vscode.WorkspaceFolder): Promise<void> {
    const board = this.#boards.of(folder);
    const files = [...new Set(board.entries.map((entry) => entry.finding.file))];
    for (const file of files.slice(0, MOST_FILES)) await this.compareFile(folder, file);
  }

  /** The same for one file; a file that is not there has no text. */
  async compareFile(folder: vscode.WorkspaceFolder, file: string): Promise<void> {
    const [text, quotes] = await Promise.all([textNow(fileUri(folder, file)), loadQuoteCheck()]);
    this.#boards.of(folder).compared(file, text, quotes);
  }

  async compareOpenDocuments(): Promise<void> {
    for (const document of vscode.workspace.textDocuments) await this.compare(document);
  }

  #edited(event: vscode.TextDocumentChangeEvent): void {
    if (event.contentChanges.length === 0) return;
    const at = locateFile(event.document.uri);
    if (at === undefined) return;
    const board = this.#boards.of(at.folder);
    if (!board.entries.some((entry) => entry.finding.file === at.path)) return;
    // The editor lists simultaneous changes with positions of the text before; from the end upwards each stays valid.
    const changes = event.contentChanges
      .toSorted((a, b) => b.rangeOffset - a.rangeOffset)
      .map((change) => ({ start: change.range.start, end: change.range.end, text: change.text }));
    board.edited(at.path, changes);
    this.#compareSoon(event.document);
  }

  #compareSoon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(
      key,
      setTimeout(() => {
        this.#waiting.delete(key);
        if (!document.isClosed) void this.compare(document);
      }, PAUSE),
    );
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#store.dispose();
  }
}

/** The text of an open document, else of the file; empty when it cannot be read. */
export async function textNow(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return '';
  }
}
