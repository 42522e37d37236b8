import { chooseTarget, otherOffers, type Known, type Target } from '../../core/ai/models/choice.ts';
import { keyOfOtherOrigin, parseEndpoint } from '../../core/ai/models/endpoints.ts';
import type { ModelPrice, ModelsConfig } from '../../core/ai/models/models.ts';
import type { ModelProvider } from '../../core/ai/provider.ts';
import type { KeyStore, ModelChoice, ModelOffer } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { createAnswerFiles } from './answerFiles.ts';
import { createEndpointConsent } from './endpointConsent.ts';
import type { Fetch } from './endpointFetch.ts';
import { traitsInFiles } from './endpointTraits.ts';
import { createHealthStore, type HealthStore } from './healthStore.ts';
import { environmentModel, type Environment } from './keys.ts';
import { localContext } from './localContext.ts';
import { findLocalServers, type LocalServer } from './localServers.ts';
import { measured } from './measuredProvider.ts';

/** Tokens. Hosted models that are still sold take at least this much. */
const REMOTE_CONTEXT = 32_000;
/** Tokens. Less leaves no room for code beside the instructions; a server that reads less is noticed by the tokens it reports. */
const LOCAL_CONTEXT = 8192;

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
  health?: HealthStore;
  /** For tests; the usual ports otherwise. */
  servers?: readonly LocalServer[];
  fetch?: Fetch;
}

export interface ChooserRequest {
  role?: string;
  model?: string;
  /** Asks the usual ports of this machine, about half a second. */
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

  async function decide(request: ChooserRequest): Promise<{ target: Target; choice: ModelChoice }> {
    const known: Known = {
      request,
      models: options.trusted() ? await teamModels(request) : undefined,
      workspaceTrusted: options.trusted(),
      followed: await consent.followed(),
      environment: environmentModel(options.env),
      environmentIsChoice: options.environmentIsChoice,
    };
    const target = chooseTarget(known);
    const local = request.lookForServers ? await findLocalServers(options) : [];
    const offers = [...otherOffers(known, target), ...local.filter((offer) => !isTarget(offer, target))];
    return { target, choice: await choiceOf(target, offers) };
  }

  async function choiceOf(target: Target, offers: ModelOffer[]): Promise<ModelChoice> {
    if (target.kind === 'builtin')
      return { kind: 'builtin', name: 'builtin', because: target.because, confirmed: true, needsKey: false, offers };
    const { name, model, because, explicit, endpoint } = target;
    const { origin } = endpoint;
    const confirmed = explicit || (await consent.isConfirmed(origin));
    // A server on this machine seldom wants a key; when it does, it says so itself.
    const needsKey = !endpoint.loopback && (await options.keys.get(origin)) === undefined;
    return { kind: 'model', name, model, origin, because, confirmed, needsKey, offers };
  }

  return {
    choose: async (request = {}) => (await decide(request)).choice,
    async provide(request = {}) {
      const { target, choice } = await decide(request);
      if (target.kind === 'builtin') return { choice };
      if (!choice.confirmed) throw unconfirmed(target);
      if (choice.needsKey) throw await missingKey(target.endpoint.origin, options.keys);
      return { choice, ...(await provider(target, options)) };
    },
    confirm: (origin) => consent.confirm(parseEndpoint(origin).origin),
    follow: (offer) => consent.follow(offer),
  };
}

async function provider(target: Extract<Target, { kind: 'model' }>, options: ChooserOptions): Promise<Omit<Chosen, 'choice'>> {
  const { entry, endpoint, name, model } = target;
  // The SDK and its helpers load with the first request to a model.
  const { createOpenAiProvider } = await import('./openaiProvider.ts');
  const plain = createOpenAiProvider({
    name,
    model,
    baseURL: endpoint.baseURL,
    key: await options.keys.get(endpoint.origin),
    traits: traitsInFiles(createAnswerFiles(options.home, 'model-traits'), endpoint.baseURL, model),
    limits: { ...entry.limits, contextTokens: await contextOf(target, options) },
    ...(entry.api === undefined ? {} : { api: entry.api }),
    ...(entry.params === undefined ? {} : { params: entry.params }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  return {
    provider: measured(plain, options.health ?? createHealthStore(options), entry.price),
    ...(entry.price === undefined ? {} : { price: entry.price }),
    ...(entry.limits?.outputTokens === undefined ? {} : { outputTokens: entry.limits.outputTokens }),
  };
}

/** What the entry says, else what a server on this machine says, else a careful guess. */
async function contextOf({ entry, endpoint, model }: Extract<Target, { kind: 'model' }>, options: ChooserOptions): Promise<number> {
  if (entry.limits?.contextTokens !== undefined) return entry.limits.contextTokens;
  if (!endpoint.loopback) return REMOTE_CONTEXT;
  const told = await localContext(endpoint, model, options.fetch === undefined ? {} : { fetch: options.fetch });
  return told ?? LOCAL_CONTEXT;
}

function unconfirmed({ name, model, endpoint }: Extract<Target, { kind: 'model' }>): HandrailError {
  return new HandrailError('untrusted', `Nobody has agreed yet that code of this workspace goes to ${model} at ${endpoint.origin}.`, {
    hint: `Confirm it once: handrail models confirm ${name}`,
  });
}

async function missingKey(origin: string, keys: KeyStore): Promise<HandrailError> {
  const others = (await keys.origins?.()) ?? [];
  const other = others.find((bound) => bound !== origin);
  if (other !== undefined) return keyOfOtherOrigin(origin, other);
  return new HandrailError('no-key', `There is no key for ${origin}.`, {
    hint: `Set the key for ${origin} (on the command line OPENAI_API_KEY together with OPENAI_BASE_URL).`,
  });
}

function isTarget(offer: ModelOffer, target: Target): boolean {
  return target.kind === 'model' && offer.model === target.model && offer.origin === target.endpoint.origin;
}
