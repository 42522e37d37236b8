import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { waitsFor } from './stepItem.ts';
import { explanationOf } from './stepText.ts';
import { stateWords } from './words.ts';
import type { WorkflowModel } from './workflowModel.ts';

const SCHEME = 'handrail-step';

/** Pages about steps: read-only Markdown documents in the editor's own preview, kept up to date while they are open. */
export class Explanations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #model: WorkflowModel;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();

  constructor(model: WorkflowModel) {
    this.#model = model;
    this.#store.add(this.#changed);
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.#store.add(
      model.onDidChange(() => {
        for (const document of vscode.workspace.textDocuments) {
          if (document.uri.scheme === SCHEME) this.#changed.fire(document.uri);
        }
      }),
    );
  }

  async show(step: StepStatus): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${step.id}.md` });
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const id = uri.path.slice(1).replace(/\.md$/, '');
    const { run } = this.#model;
    const step = this.#model.step(id);
    if (run === undefined || step === undefined) return vscode.l10n.t('The workflow has no step “{0}” any more.', id);
    return explanationOf(vscode.l10n, step, stateWords(vscode.l10n, step, waitsFor(step, run)));
  }

  dispose(): void {
    this.#store.dispose();
  }
}
