import * as vscode from 'vscode';
import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import { exists } from '../folders.ts';
import { fileUri } from '../review/boards.ts';
import { editorText } from './textEdits.ts';

/** Whether the document holds the text that the change was proposed for. */
export function isFor(text: string, { before }: ProposedChange): boolean {
  return editorText(text) === editorText(before);
}

/** The files of a proposal that hold another text by now than it was made for. Looks when the editor or the disk says that one changed. */
export class ChangedMeanwhile implements vscode.Disposable {
  readonly #folder: vscode.WorkspaceFolder;
  readonly #changes: ReadonlyMap<string, ProposedChange>;
  readonly #files = new Set<string>();
  readonly #listening: vscode.Disposable;
  readonly #onDidChange: () => void;

  /** `onDidChange` is called when a file came to be another, or the same again. */
  constructor(folder: vscode.WorkspaceFolder, changes: readonly ProposedChange[], onDidChange: () => void) {
    this.#folder = folder;
    this.#changes = new Map(changes.map((change) => [fileUri(folder, change.file).toString(), change]));
    this.#onDidChange = onDidChange;
    const look = (uri: vscode.Uri): void => void this.#look(uri);
    // By folder: a file's own name may hold what patterns mean something by.
    const folders = new Set(changes.map(({ file }) => vscode.Uri.joinPath(fileUri(folder, file), '..').toString()));
    const watchers = [...folders].map((parent) => {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.parse(parent), '*'));
      return vscode.Disposable.from(watcher, watcher.onDidChange(look), watcher.onDidCreate(look), watcher.onDidDelete(look));
    });
    this.#listening = vscode.Disposable.from(
      ...watchers,
      vscode.workspace.onDidChangeTextDocument(({ document }) => look(document.uri)),
    );
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  async #look(uri: vscode.Uri): Promise<void> {
    const change = this.#changes.get(uri.toString());
    if (change === undefined) return;
    const isOther = await isOtherNow(this.#folder, change);
    if (isOther === this.#files.has(change.file)) return;
    if (isOther) this.#files.add(change.file);
    else this.#files.delete(change.file);
    this.#onDidChange();
  }

  dispose(): void {
    this.#listening.dispose();
  }
}

async function isOtherNow(folder: vscode.WorkspaceFolder, change: ProposedChange): Promise<boolean> {
  const uri = fileUri(folder, change.file);
  if (change.kind === 'create') return await exists(uri);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return !isFor(open.getText(), change);
  try {
    return !isFor(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), change);
  } catch {
    // Deleted, or not to be read any more.
    return true;
  }
}
