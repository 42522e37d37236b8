import type { ModelTarget } from '../../../core/ai/models/choice.ts';
import { lifetimeOf } from '../../../core/ai/models/capabilities.ts';
import { keyOfOtherOrigin, type Endpoint } from '../../../core/ai/models/endpoints.ts';
import type { ModelProvider } from '../../../core/ai/provider.ts';
import type { KeyStore } from '../../../core/ai/service.ts';
import { HandrailError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports.ts';
import { systemClock } from '../../clock.ts';
import { createAnswerFiles } from './answerFiles.ts';
import { askLocalModel, type LocalModel } from './local/localContext.ts';
import type { Fetch } from './openai/endpointFetch.ts';
import { traitsInFiles, type TraitsMemory } from './openai/endpointTraits.ts';
import type { ReachedModel } from './reachedModel.ts';

/** Tokens. Hosted models that are still sold take at least this much. */
const REMOTE_CONTEXT = 32_000;
/** Tokens. Less leaves no room for code beside the instructions; a server that reads less is noticed by the tokens it reports. */
const LOCAL_CONTEXT = 8192;
/** Requests at the same time, where the entry says nothing: well below what hosts allow, and enough that a large review does not wait. */
const REMOTE_CONCURRENCY = 4;
/** A server on this machine gets slower with every further request, unless it says that it takes several. */
const LOCAL_CONCURRENCY = 1;

export interface HttpRouteOptions {
  home: string;
  keys: KeyStore;
  clock?: Clock;
  fetch?: Fetch;
}

/** A model behind an HTTP endpoint. Whether something listens there shows with the first request. */
export async function reachHttpModel(target: ModelTarget, endpoint: Endpoint, options: HttpRouteOptions): Promise<ReachedModel> {
  const traits = traitsAt(endpoint, target.model, options);
  const contextTokens = target.entry.limits?.contextTokens ?? (await traits.read()).contextTokens;
  return {
    model: target.model,
    origin: endpoint.origin,
    // A server on this machine seldom wants a key; when it does, it says so itself.
    needsKey: !endpoint.loopback && !(await hasKey(options.keys, endpoint.origin)),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    traits,
    open: (fresh) => openHttpModel(target, endpoint, fresh ?? traits, options),
  };
}

/** What is remembered about a model at an endpoint, by whatever name it is asked. */
export function traitsAt(endpoint: Endpoint, model: string, { home, clock }: Pick<HttpRouteOptions, 'home' | 'clock'>): TraitsMemory {
  const files = createAnswerFiles(home, 'model-traits');
  return traitsInFiles({ files, baseURL: endpoint.baseURL, model, lifetime: lifetimeOf(endpoint), clock: clock ?? systemClock });
}

async function openHttpModel(
  { name, model, entry }: ModelTarget,
  endpoint: Endpoint,
  traits: TraitsMemory,
  options: HttpRouteOptions,
): Promise<ModelProvider> {
  const { keys } = options;
  const told = endpoint.loopback ? await askLocal(endpoint, model, traits, options) : {};
  const fallback = endpoint.loopback ? LOCAL_CONTEXT : REMOTE_CONTEXT;
  const concurrency = endpoint.loopback ? (told.slots ?? LOCAL_CONCURRENCY) : REMOTE_CONCURRENCY;
  // The SDK and its helpers load with the first request to a model.
  const { createOpenAiProvider } = await import('./openai/openaiProvider.ts');
  return createOpenAiProvider({
    name,
    model,
    baseURL: endpoint.baseURL,
    key: await keys.get(endpoint.origin),
    ...(keys.refused === undefined ? {} : { renewKey: () => renewed(keys, endpoint.origin) }),
    traits,
    limits: { concurrency, ...entry.limits, contextTokens: entry.limits?.contextTokens ?? told.contextTokens ?? fallback },
    ...(entry.api === undefined ? {} : { api: entry.api }),
    ...(entry.params === undefined ? {} : { params: entry.params }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

/** What the server says now, else what it said when the model was loaded: one that is not loaded tells nothing. */
async function askLocal(endpoint: Endpoint, model: string, traits: TraitsMemory, { fetch }: HttpRouteOptions): Promise<LocalModel> {
  const [told, known] = await Promise.all([askLocalModel(endpoint, model, fetch === undefined ? {} : { fetch }), traits.read()]);
  if (told.contextTokens === undefined)
    return { ...told, ...(known.contextTokens === undefined ? {} : { contextTokens: known.contextTokens }) };
  if (told.contextTokens !== known.contextTokens) await traits.write({ ...known, contextTokens: told.contextTokens });
  return told;
}

/** Whether there is a key for an origin, without fetching it. */
export async function hasKey(keys: KeyStore, origin: string): Promise<boolean> {
  return keys.has ? await keys.has(origin) : (await keys.get(origin)) !== undefined;
}

async function renewed(keys: KeyStore, origin: string): Promise<string | undefined> {
  keys.refused?.(origin);
  return await keys.get(origin);
}

/** The failure of asking without the right key: there is none, or it belongs elsewhere. */
export async function missingKey(origin: string, keys: KeyStore): Promise<HandrailError> {
  const others = (await keys.origins?.()) ?? [];
  const other = others.find((bound) => bound !== origin);
  if (other !== undefined) return keyOfOtherOrigin(origin, other);
  return new HandrailError('no-key', `There is no key for ${origin}.`, {
    hint: `Set the key for ${origin} (on the command line OPENAI_API_KEY together with OPENAI_BASE_URL, or a command in keys.json).`,
  });
}
