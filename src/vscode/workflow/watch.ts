import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { locateFile } from '../folders.ts';
import type { Services } from '../services.ts';
import { findGitFolders, type GitFolders } from './gitFolders.ts';
import type { WorkflowModel } from './workflowModel.ts';
import { writtenPaths } from './writtenPaths.ts';

/** A save shows at once, a new record soon; a burst of other file events (a build, a checkout) is waited out. Milliseconds. */
const AT_ONCE = 0;
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
    const place = locateFile(document.uri);
    if (this.#watched !== undefined && place?.folder.uri.toString() === this.#watched) this.#model.touched([place.path], AT_ONCE);
  }

  /** Watches this folder instead of the one before. */
  async watch(folder: vscode.WorkspaceFolder | undefined): Promise<void> {
    const key = folder?.uri.toString();
    if (key === this.#watched) return;
    this.#watched = key;
    this.#ofFolder.dispose();
    const store = new DisposableStore();
    this.#ofFolder = store;
    this.#model.follow(undefined);
    if (folder === undefined) return;
    this.#on(store, new vscode.RelativePattern(folder, '**'), (uri) => this.#written(folder, uri));
    const caughtUp = setTimeout(() => this.#model.refreshSoon(0), CATCH_UP);
    store.add({ dispose: () => clearTimeout(caughtUp) });
    const git = await findGitFolders(folder.uri);
    if (this.#ofFolder !== store) return;
    if (git !== undefined) await this.#followGit(git);
    if (folder.uri.scheme === 'file') await this.#watchDirectories(store, folder, git);
    if (git === undefined) return;
    // Whether they moved anything that matters is seen without git.
    const moved = (): void => this.#model.touched([], SOON);
    this.#on(store, new vscode.RelativePattern(git.own, '{HEAD,index}'), moved);
    this.#on(store, new vscode.RelativePattern(git.common, '{packed-refs,refs/**}'), moved);
  }

  async #followGit(git: GitFolders): Promise<void> {
    const { gitMoment } = await import('../../node/git/gitMoment.ts');
    const places = { gitDir: git.own.fsPath, commonDir: git.common.fsPath };
    this.#model.follow(() => gitMoment(places));
  }

  /** A file of the folder was written, by whoever. */
  #written(folder: vscode.WorkspaceFolder, uri: vscode.Uri): void {
    const written = writtenPaths(uri.path.slice(folder.uri.path.length).replace(/^\/+/, ''));
    if (written !== undefined) this.#model.touched(written, AFTER_BURST);
  }

  /** Workflow files and records, whose directories come and go, and a repository that comes to be. */
  async #watchDirectories(store: DisposableStore, folder: vscode.WorkspaceFolder, git: GitFolders | undefined): Promise<void> {
    const [{ DirectoryWatch }, { watchedDirectories }] = await Promise.all([
      import('../../node/directoryWatch.ts'),
      import('../../node/workflow/watchedDirectories.ts'),
    ]);
    const directories = store.add(new DirectoryWatch(() => void this.#directoryChanged(folder, git)));
    const again = (): void => {
      directories.set(watchedDirectories(folder.uri.fsPath, git?.common.fsPath, this.#model.run?.branch ?? null));
      if (git === undefined) void this.#followMoved(folder, git);
    };
    store.add(this.#model.onDidChange(again));
    again();
  }

  async #directoryChanged(folder: vscode.WorkspaceFolder, git: GitFolders | undefined): Promise<void> {
    // They may hold files that no other watcher tells of.
    if (await this.#followMoved(folder, git)) this.#model.refreshSoon(SOON);
    else this.#model.touched(['.handrail'], SOON);
  }

  /** Watches everything anew where git's folder came or went, as after `git init`. */
  async #followMoved(folder: vscode.WorkspaceFolder, git: GitFolders | undefined): Promise<boolean> {
    const now = await findGitFolders(folder.uri);
    if (now?.own.toString() === git?.own.toString() || this.#watched !== folder.uri.toString()) return false;
    this.#watched = undefined;
    await this.watch(folder);
    return true;
  }

  #on(store: DisposableStore, pattern: vscode.RelativePattern, changed: (uri: vscode.Uri) => void): void {
    const watcher = store.add(vscode.workspace.createFileSystemWatcher(pattern));
    store.add(watcher.onDidCreate(changed));
    store.add(watcher.onDidChange(changed));
    store.add(watcher.onDidDelete(changed));
  }

  dispose(): void {
    this.#ofFolder.dispose();
    this.#store.dispose();
  }
}
