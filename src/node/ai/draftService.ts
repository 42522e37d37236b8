import type { DraftEvent, DraftRequest, DraftResult, DraftService } from '../../core/ai/draft/draft.ts';
import { runDraft } from '../../core/ai/draft/pipeline.ts';
import { prepareDraft } from '../../core/ai/draft/prepare.ts';
import type { DraftInput } from '../../core/ai/draft/input.ts';
import type { SecretScanner } from '../../core/ai/provider.ts';
import type { GeneratePreview } from '../../core/ai/service.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { unlessCancelled } from '../../core/unlessCancelled.ts';
import { openRepository } from '../git/repository.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import { limited, openChooser, previewProvider, type ModelOptions } from './chosenModel.ts';
import { collectDraft } from './draftInput.ts';
import type { Chooser } from './models/chooser.ts';
import { asWriter, marker, needsModel, openSecretScanner, requireTrust, requireWriter } from './writingModel.ts';

export interface DraftServiceOptions extends ModelOptions {
  /** For tests; the usual one loads on first use. */
  secrets?: SecretScanner;
}

/** Drafts about the changes of one workspace folder. */
export function createDraftService(options: DraftServiceOptions): DraftService {
  return new NodeDraftService(options);
}

class NodeDraftService implements DraftService {
  readonly #options: DraftServiceOptions;
  readonly #chooser: Chooser;
  #secrets: Promise<SecretScanner> | undefined;

  constructor(options: DraftServiceOptions) {
    this.#options = options;
    this.#chooser = openChooser(options);
  }

  async draft(
    request: DraftRequest,
    { signal, onEvent }: { signal: CancelSignal; onEvent(event: DraftEvent): void },
  ): Promise<DraftResult> {
    requireTrust(() => this.#options.trusted());
    const chosen = await asWriter(request, (one) => this.#chooser.provide(one));
    const provider = limited(chosen);
    if (!provider) throw needsModel();
    const input = await this.#collect(request, signal);
    // What is wrong with the change is told before anything else.
    const { name, because, origin } = chosen.choice;
    onEvent({ type: 'chosen', model: name, because, ...(origin === undefined ? {} : { origin }) });
    return await runDraft(input, { provider, secrets: await this.#scanner(), marker }, { signal, onEvent });
  }

  async preview(request: DraftRequest, { signal }: { signal: CancelSignal }): Promise<GeneratePreview> {
    requireTrust(() => this.#options.trusted());
    const choice = await asWriter(request, (one) => this.#chooser.choose(one));
    requireWriter(choice);
    const input = await this.#collect(request, signal);
    const provider = await previewProvider(choice, this.#options, () => asWriter(request, (one) => this.#chooser.provide(one)));
    const ports = { provider, secrets: await this.#scanner(), marker };
    const { system, user, coverage, redactions, inputTokens } = await prepareDraft(input, ports, signal);
    return { choice, coverage, redactions, text: `${system}\n\n${user}`, inputTokens };
  }

  async #collect(request: DraftRequest, signal: CancelSignal): Promise<DraftInput> {
    const root = request.at ?? this.#options.root;
    const work = openRepository(root).then((repository) => collectDraft(request, { files: workspaceFiles(root), repository, signal }));
    return await unlessCancelled(work, signal);
  }

  #scanner(): Promise<SecretScanner> {
    const { secrets } = this.#options;
    if (secrets) return Promise.resolve(secrets);
    this.#secrets ??= openSecretScanner();
    return this.#secrets;
  }
}
