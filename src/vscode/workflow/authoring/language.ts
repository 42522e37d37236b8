import * as vscode from 'vscode';
import { DisposableStore } from '../../../core/lifecycle.ts';
import type { Services } from '../../services.ts';
import type { WorkflowModel } from '../workflowModel.ts';
import { TRIGGERS } from './beginsSomething.ts';
import { AuthoringDesk } from './desk.ts';
import { DryRunLens } from './dryRunLens.ts';
import { DryRunPages } from './dryRunPage.ts';
import { FixProvider } from './fixProvider.ts';
import { CompletionProvider, HoverProvider, NameProvider, OutlineProvider } from './providers.ts';

const WORKFLOWS: vscode.DocumentSelector = [{ scheme: 'file', pattern: '**/.handrail/workflows/**/*.{yml,yaml}' }];
const FILES: vscode.DocumentSelector = [
  { scheme: 'file', pattern: '**/.handrail/workflows/**/*.{yml,yaml}' },
  { scheme: 'file', pattern: '**/.handrail/{models,dismissals}.yml' },
];

/** The files under `.handrail/` as a language of the editor. Everything is registered for these files alone. */
export class AuthoringLanguage implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #pages: DryRunPages;

  constructor(services: Services, model: WorkflowModel) {
    const store = this.#store;
    const desk = store.add(new AuthoringDesk(services, model));
    this.#pages = store.add(new DryRunPages(services, model, desk));
    const names = new NameProvider(desk);
    store.add(vscode.languages.registerCompletionItemProvider(FILES, new CompletionProvider(desk), ...TRIGGERS));
    store.add(vscode.languages.registerHoverProvider(FILES, new HoverProvider(desk)));
    store.add(vscode.languages.registerDefinitionProvider(FILES, names));
    store.add(vscode.languages.registerReferenceProvider(WORKFLOWS, names));
    store.add(vscode.languages.registerRenameProvider(WORKFLOWS, names));
    store.add(vscode.languages.registerDocumentSymbolProvider(FILES, new OutlineProvider(desk), { label: 'Handrail' }));
    const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
    store.add(vscode.languages.registerCodeActionsProvider(FILES, new FixProvider(desk), kinds));
    store.add(vscode.languages.registerCodeLensProvider(WORKFLOWS, new DryRunLens()));
  }

  showDryRun(): Promise<void> {
    return this.#pages.show();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
