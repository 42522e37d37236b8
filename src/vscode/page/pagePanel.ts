import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './pageHtml.ts';

export interface PageContent {
  title: string;
  /** HTML, see `pageHtml.ts`. */
  body: string;
}

/** What a slider was set to, in percent. */
export type OnSlider = (name: string, value: number) => void;

/** One tab with a page of ours, opened once and filled anew after that. Its links may run the listed commands and no others. */
export class PagePanel implements vscode.Disposable {
  readonly #viewType: string;
  readonly #commands: readonly string[];
  readonly #onSlider: OnSlider | undefined;
  #panel: vscode.WebviewPanel | undefined;

  /** `onSlider`: the page has sliders, and so a script that tells of them; without it, it runs none. */
  constructor(viewType: string, commands: readonly string[], onSlider?: OnSlider) {
    this.#viewType = viewType;
    this.#commands = commands;
    this.#onSlider = onSlider;
  }

  /** Shows the page, and brings its tab to the front. With `preserveFocus` the keyboard stays where it is, for a question that comes with it. */
  show(content: PageContent, { preserveFocus = false }: { preserveFocus?: boolean } = {}): void {
    if (this.#panel === undefined) {
      this.#panel = vscode.window.createWebviewPanel(
        this.#viewType,
        content.title,
        { viewColumn: vscode.ViewColumn.Active, preserveFocus },
        {
          enableScripts: this.#onSlider !== undefined,
          enableCommandUris: this.#commands,
          enableFindWidget: true,
          localResourceRoots: [],
        },
      );
      this.#panel.onDidDispose(() => (this.#panel = undefined));
      this.#panel.webview.onDidReceiveMessage((message: unknown) => this.#received(message));
    } else {
      this.#panel.reveal(undefined, preserveFocus);
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
    const page = { title, body, language: vscode.env.language, sliders: this.#onSlider !== undefined };
    this.#panel.webview.html = pageHtml(page, randomBytes(16).toString('base64url'));
  }

  #received(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('slider' in message) || !('value' in message)) return;
    const { slider, value } = message;
    if (typeof slider === 'string' && typeof value === 'number' && value >= 0 && value <= 100) this.#onSlider?.(slider, Math.round(value));
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}
