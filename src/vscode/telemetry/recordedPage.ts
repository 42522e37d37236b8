import * as vscode from 'vscode';
import type { Recorded } from './recordedText.ts';

const URI = vscode.Uri.from({ scheme: 'handrail-telemetry', path: '/Everything recorded.md' });

/** *Show Everything Recorded*: a document that exists only in this window, read anew each time it is asked for. */
export class RecordedPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #registration: vscode.Disposable | undefined;
  #recorded: Recorded | undefined;

  async provideTextDocumentContent(): Promise<string> {
    return this.#recorded === undefined ? '' : (await import('./recordedText.ts')).recordedText(this.#recorded, vscode.l10n);
  }

  async show(recorded: Recorded): Promise<void> {
    this.#registration ??= vscode.workspace.registerTextDocumentContentProvider(URI.scheme, this);
    this.update(recorded);
    await vscode.window.showTextDocument(URI, { preview: true });
  }

  /** Gives a page that is open already its new text. */
  update(recorded: Recorded): void {
    this.#recorded = recorded;
    this.#changed.fire(URI);
  }

  dispose(): void {
    this.#registration?.dispose();
    this.#changed.dispose();
  }
}
