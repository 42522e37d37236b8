import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './pageHtml.ts';

export interface PageContent {
  title: string;
  /** HTML, see `pageHtml.ts`. */
  body: string;
}

/** One tab with a page of ours, opened once and filled anew after that. Its links may run the listed commands and no others. */
export class PagePanel implements vscode.Disposable {
  readonly #viewType: string;
  readonly #commands: readonly string[];
  #panel: vscode.WebviewPanel | undefined;

  constructor(viewType: string, commands: readonly string[]) {
    this.#viewType = viewType;
    this.#commands = commands;
  }

  /** Shows the page, and brings its tab to the front. */
  show(content: PageContent): void {
    if (this.#panel === undefined) {
      this.#panel = vscode.window.createWebviewPanel(this.#viewType, content.title, vscode.ViewColumn.Active, {
        enableScripts: false,
        enableCommandUris: this.#commands,
        enableFindWidget: true,
        localResourceRoots: [],
      });
      this.#panel.onDidDispose(() => (this.#panel = undefined));
    } else {
      this.#panel.reveal();
    }
    this.update(content);
  }

  /** Whether the tab is open. */
  get isOpen(): boolean {
    return this.#panel !== undefined;
  }

  /** Gives a tab that is open its new content. */
  update({ title, body }: PageContent): void {
    if (this.#panel === undefined) return;
    this.#panel.title = title;
    this.#panel.webview.html = pageHtml({ title, body, language: vscode.env.language }, randomBytes(16).toString('base64url'));
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}
