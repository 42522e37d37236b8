import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { locateFile } from '../folders.ts';
import { loadQuoteCheck } from './boards.ts';
import type { Boards } from './boards.ts';

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
