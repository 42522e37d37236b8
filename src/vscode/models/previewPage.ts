import * as vscode from 'vscode';
import type { ReviewPreview } from '../../core/ai/service.ts';

const URI = vscode.Uri.from({ scheme: 'handrail-preview', path: '/What would be sent.md' });

/** Shows what a review would send, as a document that exists only in this window. */
export class PreviewPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registration: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #text = '';

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(URI.scheme, this);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  async show(preview: ReviewPreview): Promise<void> {
    const { previewText } = await import('./previewText.ts');
    this.#text = previewText(preview, vscode.l10n);
    this.#changed.fire(URI);
    await vscode.window.showTextDocument(URI, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
