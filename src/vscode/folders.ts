import * as vscode from 'vscode';
import { DisposableStore } from '../core/lifecycle.ts';

/**
 * Which folder of the workspace is in use. With one folder it is that one. With several it follows the active editor; before
 * an editor of some folder was active it is the first folder with a `.handrail`, else the first one. Folders that are not
 * files on this machine (virtual workspaces) are left out: git and commands do not work there.
 */
export class Folders implements vscode.Disposable {
  #current: vscode.WorkspaceFolder | undefined;
  readonly #changed = new vscode.EventEmitter<vscode.WorkspaceFolder | undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();

  constructor() {
    this.#current = this.#ofActiveEditor() ?? this.all[0];
    this.#store.add(this.#changed);
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(() => this.#switchTo(this.#ofActiveEditor() ?? this.#current)));
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#foldersChanged()));
  }

  get all(): readonly vscode.WorkspaceFolder[] {
    return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  }

  get current(): vscode.WorkspaceFolder | undefined {
    return this.#current;
  }

  /** Several folders: say which one is shown. */
  get several(): boolean {
    return this.all.length > 1;
  }

  /** Follows a person's choice until an editor of another folder becomes active. */
  choose(folder: vscode.WorkspaceFolder): void {
    this.#switchTo(folder);
  }

  /** Prefers the first folder that has a workflow, as long as no editor says otherwise. */
  async preferFolderWithWorkflow(): Promise<void> {
    if (!this.several || this.#ofActiveEditor() !== undefined) return;
    for (const folder of this.all) {
      if (await exists(vscode.Uri.joinPath(folder.uri, '.handrail'))) {
        if (this.#ofActiveEditor() === undefined) this.#switchTo(folder);
        return;
      }
    }
  }

  #ofActiveEditor(): vscode.WorkspaceFolder | undefined {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme !== 'file') return undefined;
    return vscode.workspace.getWorkspaceFolder(uri);
  }

  #foldersChanged(): void {
    const still = this.all.find((folder) => folder.uri.toString() === this.#current?.uri.toString());
    this.#switchTo(still ?? this.all[0]);
  }

  #switchTo(folder: vscode.WorkspaceFolder | undefined): void {
    if (folder?.uri.toString() === this.#current?.uri.toString()) return;
    this.#current = folder;
    this.#changed.fire(folder);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** Folder and path (relative, with `/`) of a file of the workspace. */
export function locateFile(uri: vscode.Uri): { folder: vscode.WorkspaceFolder; path: string } | undefined {
  if (uri.scheme !== 'file') return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder === undefined || folder.uri.scheme !== 'file') return undefined;
  const path = uri.path.slice(folder.uri.path.length).replace(/^\/+/, '');
  return path === '' ? undefined : { folder, path };
}

/** The documents of a folder that hold text which no file holds yet. */
export function unsavedIn(folder: vscode.WorkspaceFolder): vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(
    (document) => document.isDirty && locateFile(document.uri)?.folder.uri.toString() === folder.uri.toString(),
  );
}
