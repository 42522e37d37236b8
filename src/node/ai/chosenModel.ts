import { choiceFailure } from '../../core/ai/models/choiceFailure.ts';
import type { ModelEntry, ModelsConfig } from '../../core/ai/models/models.ts';
import type { EditorModels, ModelProvider } from '../../core/ai/provider.ts';
import type { KeyStore, ModelChoice } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { handrailHome } from '../home.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import { createChooser, type Chooser, type ChooserOptions, type Chosen } from './models/chooser.ts';
import type { Environment } from './models/keys/environmentKeys.ts';
import { readModels } from './models/modelsFile.ts';
import { providerWith } from './models/providerWith.ts';
import type { Traffic } from './models/routing/traffic.ts';

/** The model behind a service: how one is chosen, and what is made of the choice. Shared by reviews and generations. */

export interface ModelOptions {
  /** Workspace folder. */
  root: string;
  keys: KeyStore;
  /** Whether the repository may choose endpoints (workspace trust); always true on the command line. */
  trusted(): boolean;
  /** The command line: a key together with a named model in the environment is an explicit choice. The editor asks once instead. */
  environmentIsChoice: boolean;
  /** The editor's language models; absent on the command line. */
  editorModels?: EditorModels;
  /** What the person's own settings say about assistants; see `ChooserOptions`. */
  assistants?: ChooserOptions['assistants'];
  /** Folder of the person's own data; the platform's when absent. */
  home?: string;
  env?: Environment;
  /** The process's own requests to models, shared by all services; one for this service alone when absent. */
  traffic?: Traffic;
  /** Instead of one over these options. */
  chooser?: Chooser;
}

export function openChooser(options: ModelOptions): Chooser {
  const env = options.env ?? process.env;
  return (
    options.chooser ??
    createChooser({
      root: options.root,
      home: options.home ?? handrailHome(env),
      keys: options.keys,
      env,
      models: async (): Promise<ModelsConfig | undefined> => readModels(workspaceFiles(options.root)),
      trusted: () => options.trusted(),
      environmentIsChoice: options.environmentIsChoice,
      ...(options.editorModels === undefined ? {} : { editorModels: options.editorModels }),
      ...(options.assistants === undefined ? {} : { assistants: options.assistants }),
      ...(options.traffic === undefined ? {} : { traffic: options.traffic }),
    })
  );
}

export function chooserRequest({ role, model }: { role?: string; model?: string }): { role?: string; model?: string } {
  return { ...(role === undefined ? {} : { role }), ...(model === undefined ? {} : { model }) };
}

/** The provider with the answer's length limited as its entry says. */
export function limited({ provider, outputTokens }: Chosen): ModelProvider | undefined {
  if (!provider || outputTokens === undefined) return provider;
  return providerWith(provider, {
    stream: (request, signal) => provider.stream({ ...request, maxOutputTokens: Math.min(request.maxOutputTokens, outputTokens) }, signal),
  });
}

/** The entry of the team's file behind a choice, when there is one. */
export function entryBehind({ name }: ModelChoice, { root, trusted }: Pick<ModelOptions, 'root' | 'trusted'>): ModelEntry | undefined {
  const models = trusted() ? readModels(workspaceFiles(root)) : undefined;
  return models && Object.hasOwn(models.models, name) ? models.models[name] : undefined;
}

/** What providers assume of a server that says nothing. */
const DEFAULT_CONTEXT_TOKENS = 32_000;

/**
 * For a preview, which needs neither key nor confirmation and sends nothing: it can only say how much fits. A model of the editor
 * counts tokens itself, but only after the person agreed that it gets code of this workspace: to count is to be given the text.
 */
export async function previewProvider(
  choice: ModelChoice,
  options: Pick<ModelOptions, 'root' | 'trusted'>,
  provide: () => Promise<Chosen>,
): Promise<ModelProvider> {
  const failure = choiceFailure(choice);
  if (failure !== undefined) throw failure;
  const entry = entryBehind(choice, options);
  const mayCount = choice.confirmed && choice.origin?.startsWith('editor:') === true;
  const counting = mayCount ? (await provide()).provider : undefined;
  return {
    name: choice.name,
    model: choice.model ?? choice.name,
    origin: choice.origin ?? '',
    contextTokens: choice.contextTokens ?? entry?.limits?.contextTokens ?? DEFAULT_CONTEXT_TOKENS,
    ...(entry?.limits?.concurrency === undefined ? {} : { concurrency: entry.limits.concurrency }),
    ...(counting?.countTokens === undefined ? {} : { countTokens: counting.countTokens.bind(counting) }),
    // eslint-disable-next-line require-yield -- never asked: a preview sends nothing
    async *stream() {
      throw new HandrailError('internal', 'A preview sends nothing.');
    },
  };
}
