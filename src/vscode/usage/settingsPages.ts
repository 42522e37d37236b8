import * as vscode from 'vscode';
import { ASSISTANT_NAMES } from '../../core/usage/connection.ts';
import type { Plan } from '../../node/usage/connecting.ts';

const SCHEME = 'handrail-settings';

/** The two sides of a change of settings, as documents of this window alone. */
export class SettingsPages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;
  readonly #texts = new Map<string, string>();

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  async show({ assistant, place, change: { before = '', after = '' } }: Plan): Promise<void> {
    const extension = assistant === 'codex' ? 'toml' : 'jsonc';
    const page = (side: string, text: string): vscode.Uri => {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${side}/${assistant}.${extension}` });
      this.#texts.set(uri.toString(), text);
      this.#changed.fire(uri);
      return uri;
    };
    const title = vscode.l10n.t('{0}: change of {1}', ASSISTANT_NAMES[assistant], place);
    await vscode.commands.executeCommand('vscode.diff', page('before', before), page('after', after), title, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
