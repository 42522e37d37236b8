import * as vscode from 'vscode';
import type { Boards } from './boards.ts';

const SCHEME = 'handrail-finding';

/** *Explain*: a page in the editor's own markdown preview, from a document that exists only here. */
export class ExplainPages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #boards: Boards;
  readonly #registration: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  constructor(boards: Boards) {
    this.#boards = boards;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const found = this.#boards.find(uri.query);
    if (found === undefined) return `${vscode.l10n.t('This finding is no longer open.')}\n`;
    const { summary } = found.board;
    const { explainPage } = await import('./explainText.ts');
    return explainPage(found.entry, { because: summary?.because, promptDigest: summary?.promptDigest }, vscode.l10n);
  }

  async show(findingId: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t('Finding')}.md`, query: findingId });
    this.#changed.fire(uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    } catch {
      // The markdown preview is itself an extension and may be switched off; the text is readable too.
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
