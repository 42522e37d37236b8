import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Services } from '../services.ts';
import { findGitFolders } from './gitFolders.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** A save or a new record shows at once; a burst of other file events (a build, a checkout) is waited out. Milliseconds. */
const SOON = 100;
const AFTER_BURST = 500;
/** The editor does not say when a watcher has begun; what changed before is read once more after this time. */
const CATCH_UP = 3000;

/**
 * Reads the run again when something it depends on changed: files of the folder, the branch, records written by another window
 * or the command line.
 */
export class Watchers implements vscode.Disposable {
  readonly #model: WorkflowModel;
  readonly #store = new DisposableStore();
  #ofFolder = new DisposableStore();
  #watched: string | undefined;

  constructor(services: Services, model: WorkflowModel) {
    this.#model = model;
    this.#store.add(vscode.workspace.onDidSaveTextDocument((document) => this.#saved(document)));
    this.#store.add(services.folders.onDidChange((folder) => void this.watch(folder)));
    // Back from another window or a terminal outside: no watcher is relied on then.
    this.#store.add(
      vscode.window.onDidChangeWindowState(({ focused }) => focused && this.#watched !== undefined && model.refreshSoon(SOON)),
    );
  }

  #saved(document: vscode.TextDocument): void {
    if (this.#watched === undefined || document.uri.scheme !== 'file') return;
    if (vscode.workspace.getWorkspaceFolder(document.uri)?.uri.toString() === this.#watched) this.#model.refreshSoon(SOON);
  }

  /** Watches this folder instead of the one before. */
  async watch(folder: vscode.WorkspaceFolder | undefined): Promise<void> {
    const key = folder?.uri.toString();
    if (key === this.#watched) return;
    this.#watched = key;
    this.#ofFolder.dispose();
    const store = new DisposableStore();
    this.#ofFolder = store;
    if (folder === undefined) return;
    this.#on(store, new vscode.RelativePattern(folder, '**'), AFTER_BURST, (uri) => !/\/\.git(\/|$)/.test(uri.path));
    const caughtUp = setTimeout(() => this.#model.refreshSoon(0), CATCH_UP);
    store.add({ dispose: () => clearTimeout(caughtUp) });
    const git = await findGitFolders(folder.uri);
    if (folder.uri.scheme === 'file') await this.#watchDirectories(store, folder.uri.fsPath, git?.common.fsPath);
    if (git === undefined) return;
    this.#on(store, new vscode.RelativePattern(git.own, 'HEAD'), SOON);
    this.#on(store, new vscode.RelativePattern(git.common, 'refs/**'), SOON);
  }

  /** Workflow files and records, whose directories come and go. */
  async #watchDirectories(store: DisposableStore, root: string, commonDir: string | undefined): Promise<void> {
    const [{ DirectoryWatch }, { watchedDirectories }] = await Promise.all([
      import('../../node/directoryWatch.ts'),
      import('../../node/workflow/watchedDirectories.ts'),
    ]);
    const directories = store.add(new DirectoryWatch(() => this.#model.refreshSoon(SOON)));
    const again = (): void => directories.set(watchedDirectories(root, commonDir, this.#model.run?.branch ?? null));
    store.add(this.#model.onDidChange(again));
    again();
  }

  #on(store: DisposableStore, pattern: vscode.RelativePattern, delay: number, matters: (uri: vscode.Uri) => boolean = () => true): void {
    const watcher = store.add(vscode.workspace.createFileSystemWatcher(pattern));
    const again = (uri: vscode.Uri): void => {
      if (matters(uri)) this.#model.refreshSoon(delay);
    };
    store.add(watcher.onDidCreate(again));
    store.add(watcher.onDidChange(again));
    store.add(watcher.onDidDelete(again));
  }

  dispose(): void {
    this.#ofFolder.dispose();
    this.#store.dispose();
  }
}
