import type { GenerateEvent, GenerateRequest, GenerateResult, ProposedChange } from '../../core/ai/generate/generation.ts';
import { runGeneration } from '../../core/ai/generate/pipeline.ts';
import { prepareGeneration } from '../../core/ai/generate/prepare.ts';
import type { SecretScanner } from '../../core/ai/provider.ts';
import type { GeneratePreview, GenerateService, RefusedChange } from '../../core/ai/service.ts';
import { failureOf } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { unlessCancelled } from '../../core/unlessCancelled.ts';
import type { Repository } from '../git/repository.ts';
import { workspaceFiles, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { applyChanges, refusedChange } from './applyChanges.ts';
import type { Chooser } from './models/chooser.ts';
import { limited, openChooser, previewProvider, type ModelOptions } from './chosenModel.ts';
import { collectGeneration } from './generateInput.ts';
import { targetFacts } from './targetFacts.ts';
import { asWriter, marker, needsModel, openSecretScanner, repositoryAround, requireTrust, requireWriter } from './writingModel.ts';

export interface GenerateServiceOptions extends ModelOptions {
  /** For tests; the usual one loads on first use. */
  secrets?: SecretScanner;
}

/** Generation in one workspace folder: what is shown to which model, and what may be written. */
export function createGenerateService(options: GenerateServiceOptions): GenerateService {
  return new NodeGenerateService(options);
}

class NodeGenerateService implements GenerateService {
  readonly #options: GenerateServiceOptions;
  readonly #chooser: Chooser;
  #secrets: Promise<SecretScanner> | undefined;

  constructor(options: GenerateServiceOptions) {
    this.#options = options;
    this.#chooser = openChooser(options);
  }

  async generate(
    request: GenerateRequest,
    { signal, onEvent }: { signal: CancelSignal; onEvent(event: GenerateEvent): void },
  ): Promise<GenerateResult> {
    requireTrust(() => this.#options.trusted());
    const chosen = await asWriter(request, (one) => this.#chooser.provide(one));
    const provider = limited(chosen);
    if (!provider) throw needsModel();
    const files = this.#files();
    const repository = await this.#repository();
    const input = await unlessCancelled(collectGeneration(request, { files, repository }), signal);
    // What was named and is not there is told before anything else.
    const { name, because, origin } = chosen.choice;
    onEvent({ type: 'chosen', model: name, because, ...(origin === undefined ? {} : { origin }) });
    const ports = { provider, secrets: await this.#scanner(), marker, targets: targetFacts(files, repository) };
    return this.#compared(await runGeneration(input, ports, { signal, onEvent }), request, onEvent);
  }

  /** Says at once what accepting would refuse later: files that somebody changed while the model wrote. */
  #compared(result: GenerateResult, { buffers = {} }: GenerateRequest, onEvent: (event: GenerateEvent) => void): GenerateResult {
    const files = this.#files();
    const changedMeanwhile = result.changes
      .filter(({ file, kind, before }) => !Object.hasOwn(buffers, file) && !stillHas(files, file, kind === 'create' ? undefined : before))
      .map(({ file }) => file);
    if (changedMeanwhile.length === 0) return result;
    const message = `Changed while the model wrote, so that this proposal no longer fits: ${changedMeanwhile.join(', ')}. Generate again for ${changedMeanwhile.length === 1 ? 'it' : 'them'}.`;
    onEvent({ type: 'notice', message });
    return { ...result, changedMeanwhile, notices: [...result.notices, message] };
  }

  async preview(request: GenerateRequest, { signal }: { signal: CancelSignal }): Promise<GeneratePreview> {
    requireTrust(() => this.#options.trusted());
    const choice = await asWriter(request, (one) => this.#chooser.choose(one));
    requireWriter(choice);
    const input = await unlessCancelled(collectGeneration(request, { files: this.#files(), repository: await this.#repository() }), signal);
    const provider = await previewProvider(choice, this.#options, () => asWriter(request, (one) => this.#chooser.provide(one)));
    const ports = { provider, secrets: await this.#scanner(), marker };
    const { system, user, coverage, redactions, inputTokens } = await prepareGeneration(input, ports, signal);
    return { choice, coverage, redactions, text: `${system}\n\n${user}`, inputTokens };
  }

  async refused(changes: readonly ProposedChange[]): Promise<RefusedChange[]> {
    const facts = targetFacts(this.#files(), await this.#repository());
    const refused = await Promise.all(changes.map((change) => refusedChange(change, facts)));
    return refused.filter((one) => one !== undefined);
  }

  async apply(changes: readonly ProposedChange[]): Promise<void> {
    const files = this.#files();
    await applyChanges(changes, files, targetFacts(files, await this.#repository()));
  }

  #files(): NodeWorkspaceFiles {
    return workspaceFiles(this.#options.root);
  }

  async #repository(): Promise<Repository | undefined> {
    return await repositoryAround(this.#options.root);
  }

  #scanner(): Promise<SecretScanner> {
    const { secrets } = this.#options;
    if (secrets) return Promise.resolve(secrets);
    this.#secrets ??= openSecretScanner();
    return this.#secrets;
  }
}

/** Whether a file has the text; without one, whether there is none. What cannot be read has changed. */
function stillHas(files: NodeWorkspaceFiles, path: string, text: string | undefined): boolean {
  try {
    return files.readText(path) === text;
  } catch (error) {
    if (failureOf(error)) return false;
    throw error;
  }
}
