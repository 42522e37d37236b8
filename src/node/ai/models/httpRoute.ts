import type { ModelTarget } from '../../../core/ai/models/choice.ts';
import { keyOfOtherOrigin, type Endpoint } from '../../../core/ai/models/endpoints.ts';
import type { ModelProvider } from '../../../core/ai/provider.ts';
import type { KeyStore } from '../../../core/ai/service.ts';
import { HandrailError } from '../../../core/errors.ts';
import { createAnswerFiles } from './answerFiles.ts';
import type { Fetch } from './openai/endpointFetch.ts';
import { traitsInFiles } from './openai/endpointTraits.ts';
import { localContext } from './local/localContext.ts';
import type { ReachedModel } from './reachedModel.ts';

/** Tokens. Hosted models that are still sold take at least this much. */
const REMOTE_CONTEXT = 32_000;
/** Tokens. Less leaves no room for code beside the instructions; a server that reads less is noticed by the tokens it reports. */
const LOCAL_CONTEXT = 8192;

export interface HttpRouteOptions {
  home: string;
  keys: KeyStore;
  fetch?: Fetch;
}

/** A model behind an HTTP endpoint. Whether something listens there shows with the first request. */
export async function reachHttpModel(target: ModelTarget, endpoint: Endpoint, options: HttpRouteOptions): Promise<ReachedModel> {
  return {
    model: target.model,
    origin: endpoint.origin,
    // A server on this machine seldom wants a key; when it does, it says so itself.
    needsKey: !endpoint.loopback && !(await hasKey(options.keys, endpoint.origin)),
    open: () => openHttpModel(target, endpoint, options),
  };
}

async function openHttpModel({ name, model, entry }: ModelTarget, endpoint: Endpoint, options: HttpRouteOptions): Promise<ModelProvider> {
  // The SDK and its helpers load with the first request to a model.
  const { createOpenAiProvider } = await import('./openai/openaiProvider.ts');
  return createOpenAiProvider({
    name,
    model,
    baseURL: endpoint.baseURL,
    key: await options.keys.get(endpoint.origin),
    traits: traitsInFiles(createAnswerFiles(options.home, 'model-traits'), endpoint.baseURL, model),
    limits: { ...entry.limits, contextTokens: entry.limits?.contextTokens ?? (await contextOf(endpoint, model, options)) },
    ...(entry.api === undefined ? {} : { api: entry.api }),
    ...(entry.params === undefined ? {} : { params: entry.params }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}

async function hasKey(keys: KeyStore, origin: string): Promise<boolean> {
  return keys.has ? await keys.has(origin) : (await keys.get(origin)) !== undefined;
}

/** What a server on this machine says, else a careful guess. */
async function contextOf(endpoint: Endpoint, model: string, options: HttpRouteOptions): Promise<number> {
  if (!endpoint.loopback) return REMOTE_CONTEXT;
  const told = await localContext(endpoint, model, options.fetch === undefined ? {} : { fetch: options.fetch });
  return told ?? LOCAL_CONTEXT;
}

/** The failure of asking without the right key: there is none, or it belongs elsewhere. */
export async function missingKey(origin: string, keys: KeyStore): Promise<HandrailError> {
  const others = (await keys.origins?.()) ?? [];
  const other = others.find((bound) => bound !== origin);
  if (other !== undefined) return keyOfOtherOrigin(origin, other);
  return new HandrailError('no-key', `There is no key for ${origin}.`, {
    hint: `Set the key for ${origin} (on the command line OPENAI_API_KEY together with OPENAI_BASE_URL).`,
  });
}
