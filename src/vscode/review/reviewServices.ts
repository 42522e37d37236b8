import * as vscode from 'vscode';
import type { ReviewService } from '../../core/ai/service.ts';
import { Answers } from '../models/consent.ts';
import { createEditorModels } from '../models/editorModels.ts';
import { PreviewPage } from '../models/previewPage.ts';
import { SecretKeys } from '../models/secretKeys.ts';
import type { Services } from '../services.ts';

/**
 * What asking a model needs, for reviews and for generation alike: keys, answers given before, the page that shows what would be
 * sent, and the review service of each folder, whose code loads on the first call.
 */
export class ReviewServices implements vscode.Disposable {
  readonly keys: SecretKeys;
  readonly answers: Answers;
  readonly previewPage = new PreviewPage();
  readonly #services: Services;
  readonly #reviews = new Map<string, Promise<ReviewService>>();

  constructor(services: Services) {
    this.#services = services;
    this.answers = new Answers(services.context.workspaceState);
    this.keys = new SecretKeys(services.context.secrets, async () => {
      const { environmentKeys } = await import('../../node/ai/keys.ts');
      return environmentKeys(process.env);
    });
  }

  of(folder: vscode.WorkspaceFolder): Promise<ReviewService> {
    const key = folder.uri.toString();
    let service = this.#reviews.get(key);
    if (service === undefined) {
      service = this.#create(folder);
      this.#reviews.set(key, service);
      // A service that could not be made is tried again next time.
      service.catch(() => this.#reviews.delete(key));
    }
    return service;
  }

  async #create(folder: vscode.WorkspaceFolder): Promise<ReviewService> {
    const [{ createReviewService }, { parseAssistantSettings }] = await Promise.all([
      import('../../node/ai/reviewService.ts'),
      import('../../core/ai/models/assistants.ts'),
    ]);
    return createReviewService({
      root: folder.uri.fsPath,
      keys: this.keys,
      trusted: () => vscode.workspace.isTrusted,
      environmentIsChoice: false,
      editorModels: createEditorModels(this.#services.log),
      // Of the machine scope, so no workspace can say which program runs.
      assistants: () =>
        parseAssistantSettings(vscode.workspace.getConfiguration('handrail').get('assistants'), 'The setting handrail.assistants'),
      log: this.#services.log,
    });
  }

  dispose(): void {
    this.previewPage.dispose();
  }
}
