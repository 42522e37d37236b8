import * as vscode from 'vscode';
import type { FileChange } from '../../node/workflow/agentFiles.ts';

const SCHEME = 'handrail-agents';

/** What telling agents would change, as one page of differences that nobody can edit; the texts exist only in this window. */
export class AgentsPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registration: vscode.Disposable;
  readonly #texts = new Map<string, string>();
  #shown = 0;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Opens the page. The function that comes back closes it. */
  async show(folder: vscode.WorkspaceFolder, changes: readonly FileChange[], title: string): Promise<() => Promise<void>> {
    this.#texts.clear();
    this.#shown += 1;
    const resources = changes.map(({ path, before, after }) => [
      vscode.Uri.joinPath(folder.uri, path),
      // A file that is not there yet has nothing to differ from.
      before === undefined ? undefined : this.#page(path, 'before', before),
      this.#page(path, 'after', after),
    ]);
    await vscode.commands.executeCommand('vscode.changes', title, resources);
    return async () => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.label.startsWith(title));
      await vscode.window.tabGroups.close(tabs);
      this.#texts.clear();
    };
  }

  #page(path: string, side: 'before' | 'after', text: string): vscode.Uri {
    // A number of its own for each showing: the editor keeps what it read of an address.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${path}`, query: `${side}=${this.#shown}` });
    this.#texts.set(uri.toString(), text);
    return uri;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
