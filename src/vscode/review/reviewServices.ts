import * as vscode from 'vscode';
import type { ModelsService } from '../../core/ai/models/modelStatus.ts';
import type { DraftService } from '../../core/ai/draft/draft.ts';
import type { GenerateService, ReviewService } from '../../core/ai/service.ts';
import type { Traffic } from '../../node/ai/models/routing/traffic.ts';
import type { ReviewServiceOptions } from '../../node/ai/reviewService.ts';
import { Answers } from '../models/answers.ts';
import { createEditorModels } from '../models/editorModels.ts';
import { PreviewPage } from '../models/previewPage.ts';
import { SecretKeys } from '../models/secretKeys.ts';
import type { Services } from '../services.ts';
import { notedReviews } from '../telemetry/noted.ts';

/**
 * What asking a model needs, for reviews and for generation alike: keys, answers given before, the page that shows what would be
 * sent, and the services of each folder, whose code loads on the first call.
 */
export class ReviewServices implements vscode.Disposable {
  readonly keys: SecretKeys;
  readonly answers: Answers;
  readonly previewPage = new PreviewPage();
  readonly #services: Services;
  readonly #reviews = new Map<string, Promise<ReviewService>>();
  readonly #models = new Map<string, Promise<ModelsService>>();
  readonly #decided = new vscode.EventEmitter<void>();
  /** The person chose a model, or agreed that code goes to one. */
  readonly onDidDecide = this.#decided.event;
  /** One for all folders: limits of a model hold for the window. */
  #traffic: Promise<Traffic> | undefined;
  readonly #generators = new Map<string, Promise<GenerateService>>();
  readonly #drafts = new Map<string, Promise<DraftService>>();

  constructor(services: Services) {
    this.#services = services;
    this.answers = new Answers(services.context.workspaceState);
    this.keys = new SecretKeys(services.context.secrets, async () => {
      const { environmentKeys } = await import('../../node/ai/models/keys/environmentKeys.ts');
      return environmentKeys(process.env);
    });
  }

  of(folder: vscode.WorkspaceFolder): Promise<ReviewService> {
    return remembered(this.#reviews, folder, async () => {
      const { createReviewService } = await import('../../node/ai/reviewService.ts');
      const service = notedReviews(createReviewService(await this.#options(folder)), this.#services.usage);
      const told = async (work: Promise<void>): Promise<void> => {
        await work;
        this.#decided.fire();
      };
      return {
        ...service,
        confirm: (origin) => told(service.confirm(origin)),
        follow: (offer) => told(service.follow(offer)),
      };
    });
  }

  /** What is known about a folder's models, and their tests. */
  models(folder: vscode.WorkspaceFolder): Promise<ModelsService> {
    return remembered(this.#models, folder, async () => {
      const { createModelsService } = await import('../../node/ai/models/modelsService.ts');
      return createModelsService(await this.#options(folder));
    });
  }

  /** What generates in a folder; choosing and confirming its model are the review service's. */
  generator(folder: vscode.WorkspaceFolder): Promise<GenerateService> {
    return remembered(this.#generators, folder, async () => {
      const { createGenerateService } = await import('../../node/ai/generateService.ts');
      return createGenerateService(await this.#options(folder));
    });
  }

  /** What writes commit messages and descriptions in a folder; choosing and confirming are the review service's as well. */
  drafts(folder: vscode.WorkspaceFolder): Promise<DraftService> {
    return remembered(this.#drafts, folder, async () => {
      const { createDraftService } = await import('../../node/ai/draftService.ts');
      return createDraftService(await this.#options(folder));
    });
  }

  async #options(folder: vscode.WorkspaceFolder): Promise<ReviewServiceOptions> {
    const [{ parseAssistantSettings }, { commandKeys }, { layeredKeys }, { handrailHome }, traffic] = await Promise.all([
      import('../../core/ai/models/assistants.ts'),
      import('../../node/ai/models/keys/commandKeys.ts'),
      import('../../node/ai/models/keys/layeredKeys.ts'),
      import('../../node/home.ts'),
      (this.#traffic ??= import('../../node/ai/models/routing/traffic.ts').then(({ createTraffic }) => createTraffic())),
    ]);
    const root = folder.uri.fsPath;
    return {
      root,
      // What the person set in the editor comes first, then the environment, then what a command prints.
      keys: layeredKeys(this.keys, commandKeys({ root, home: handrailHome(), env: process.env })),
      trusted: () => vscode.workspace.isTrusted,
      environmentIsChoice: false,
      traffic,
      editorModels: createEditorModels(this.#services.log),
      // Of the machine scope, so no workspace can say which program runs.
      assistants: () =>
        parseAssistantSettings(vscode.workspace.getConfiguration('handrail').get('assistants'), 'The setting handrail.assistants'),
      log: this.#services.log,
    };
  }

  dispose(): void {
    this.previewPage.dispose();
    this.#decided.dispose();
  }
}

/** The folder's service, made on the first call; one that could not be made is tried again next time. */
function remembered<T>(services: Map<string, Promise<T>>, folder: vscode.WorkspaceFolder, create: () => Promise<T>): Promise<T> {
  const key = folder.uri.toString();
  let service = services.get(key);
  if (service === undefined) {
    service = create();
    services.set(key, service);
    service.catch(() => services.delete(key));
  }
  return service;
}
