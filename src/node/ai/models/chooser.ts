import { chooseTarget, knownOffers, type Known, type ModelTarget } from '../../../core/ai/models/choice.ts';
import { assistantOffer, type AssistantSettings } from '../../../core/ai/models/assistants.ts';
import type { ModelPrice, ModelsConfig } from '../../../core/ai/models/models.ts';
import { parseOrigin } from '../../../core/ai/models/routes.ts';
import type { EditorModels, ModelProvider } from '../../../core/ai/provider.ts';
import type { KeyStore, ModelChoice, ModelOffer } from '../../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../../core/errors.ts';
import { findAssistants } from '../assistants/findAssistants.ts';
import { reachAssistant } from '../assistants/assistantRoute.ts';
import { reachEditorModel } from './editorRoute.ts';
import { createEndpointConsent } from './endpointConsent.ts';
import type { Fetch } from './openai/endpointFetch.ts';
import { createHealthStore, type HealthStore } from './health/healthStore.ts';
import { missingKey, reachHttpModel } from './httpRoute.ts';
import { environmentModel, type Environment } from './keys/environmentKeys.ts';
import { findLocalServers, type LocalServer } from './local/localServers.ts';
import { measured } from './health/measuredProvider.ts';
import type { ReachedModel } from './reachedModel.ts';

export interface ChooserOptions {
  /** Workspace folder. */
  root: string;
  /** Folder of the person's own data (`handrailHome()`). */
  home: string;
  keys: KeyStore;
  env: Environment;
  /** The team's models. Fails with `config` for a file with errors. Only called in a trusted workspace. */
  models(): Promise<ModelsConfig | undefined>;
  /** Whether the repository may choose endpoints; always true on the command line, where only confirmed origins get text anyway. */
  trusted(): boolean;
  /** The command line: a key together with a named model in the environment is an explicit choice. */
  environmentIsChoice: boolean;
  /** The editor's language models; absent on the command line. */
  editorModels?: EditorModels;
  /** What the person's own settings say about assistants; fails with `config` when they are damaged. Nothing is said when absent. */
  assistants?(): AssistantSettings | Promise<AssistantSettings>;
  health?: HealthStore;
  /** For tests; the usual ports otherwise. */
  servers?: readonly LocalServer[];
  fetch?: Fetch;
}

export interface ChooserRequest {
  role?: string;
  model?: string;
  /** Looks around for offers: the usual ports of this machine, about half a second, the editor's models, installed assistants. */
  lookForServers?: boolean;
}

/** The reviewer of one request. Without a provider the built-in reviewer answers. */
export interface Chosen {
  choice: ModelChoice;
  provider?: ModelProvider;
  price?: ModelPrice;
  /** Most tokens an answer may have, when the entry says so. */
  outputTokens?: number;
}

export interface Chooser {
  choose(request?: ChooserRequest): Promise<ModelChoice>;
  /** The choice, ready to be asked. Fails with `untrusted` while unconfirmed, `no-key` or `key-origin` without the right key. */
  provide(request?: ChooserRequest): Promise<Chosen>;
  confirm(origin: string): Promise<void>;
  follow(offer: ModelOffer | undefined): Promise<void>;
}

export function createChooser(options: ChooserOptions): Chooser {
  const consent = createEndpointConsent(options);

  /** The built-in reviewer, asked for by name, answers even where the file is broken. */
  async function teamModels(request: ChooserRequest): Promise<ModelsConfig | undefined> {
    if (request.model !== 'builtin') return await options.models();
    return await options.models().catch(() => undefined);
  }

  async function decide(
    request: ChooserRequest,
  ): Promise<{ target: ModelTarget; reached: ReachedModel | HandrailError; choice: ModelChoice } | { choice: ModelChoice }> {
    const known: Known = {
      request,
      models: options.trusted() ? await teamModels(request) : undefined,
      workspaceTrusted: options.trusted(),
      followed: await consent.followed(),
      environment: environmentModel(options.env),
      environmentIsChoice: options.environmentIsChoice,
    };
    const target = chooseTarget(known);
    const offers = request.lookForServers ? await lookAround(known, options) : knownOffers(known, []);
    if (target.kind === 'builtin') {
      const { because } = target;
      return { choice: { kind: 'builtin', name: 'builtin', because, confirmed: true, needsKey: false, offers } };
    }
    const reached = await reach(target, options);
    return { target, reached, choice: await choiceOf(target, reached, offers) };
  }

  async function choiceOf(
    { name, because, explicit }: ModelTarget,
    reached: ReachedModel | HandrailError,
    offers: ModelOffer[],
  ): Promise<ModelChoice> {
    if ('reason' in reached) {
      const { reason, message, hint } = reached;
      const problem = { reason, message, ...(hint === undefined ? {} : { hint }) };
      return { kind: 'model', name, because, confirmed: false, needsKey: false, problem, offers };
    }
    const { model, origin, destination, needsKey, contextTokens } = reached;
    const isInUse = (offer: ModelOffer): boolean => offer.name === name && offer.model === model && offer.origin === origin;
    return {
      kind: 'model',
      name,
      model,
      origin,
      ...(destination === undefined ? {} : { destination }),
      because,
      confirmed: explicit || (await consent.isConfirmed(origin)),
      needsKey,
      ...(contextTokens === undefined ? {} : { contextTokens }),
      offers: offers.map((offer) => (isInUse(offer) ? { ...offer, inUse: true } : offer)),
    };
  }

  return {
    choose: async (request = {}) => (await decide(request)).choice,
    async provide(request = {}) {
      const decided = await decide(request);
      const { choice } = decided;
      if (!('target' in decided)) return { choice };
      const { target, reached } = decided;
      if ('reason' in reached) throw reached;
      if (!choice.confirmed) throw unconfirmed(choice);
      if (choice.needsKey) throw await missingKey(reached.origin, options.keys);
      const { price, limits } = target.entry;
      return {
        choice,
        provider: measured(await reached.open(), options.health ?? createHealthStore(options), price),
        ...(price === undefined ? {} : { price }),
        ...(limits?.outputTokens === undefined ? {} : { outputTokens: limits.outputTokens }),
      };
    },
    confirm: (origin) => consent.confirm(parseOrigin(origin)),
    follow: (offer) => consent.follow(offer),
  };
}

/** The model at the end of its route, or why it cannot be asked: that is for the one who asks, not for the one who looks. */
async function reach(target: ModelTarget, options: ChooserOptions): Promise<ReachedModel | HandrailError> {
  const { route } = target;
  try {
    if (route.kind === 'http') return await reachHttpModel(target, route.endpoint, options);
    if (route.kind === 'editor') return await reachEditorModel(target, route.wish, options.editorModels);
    return await reachAssistant(route.assistant, options);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return failure;
  }
}

/** Everything that could answer here. */
async function lookAround(known: Known, options: ChooserOptions): Promise<ModelOffer[]> {
  const settings = (await options.assistants?.()) ?? {};
  const [editorModels = [], servers] = await Promise.all([options.editorModels?.list(), findLocalServers(options)]);
  const assistants = findAssistants(options, settings).map(({ assistant }) => assistantOffer(assistant, settings));
  return [...knownOffers(known, editorModels), ...assistants, ...servers];
}

function unconfirmed({ name, model, origin, destination }: ModelChoice): HandrailError {
  const where = destination ?? `${model ?? name} at ${origin ?? 'an unknown place'}`;
  return new HandrailError('untrusted', `Nobody has agreed yet that code of this workspace goes to ${where}.`, {
    hint: `Confirm it once: handrail models confirm ${name}`,
  });
}
