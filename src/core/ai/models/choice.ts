import type { ModelOffer } from '../service.ts';
import { parseEndpoint, VENDOR_BASE_URL, type Endpoint } from './endpoints.ts';
import type { ModelEntry, ModelsConfig } from './models.ts';
import { modelForRole, modelNamed } from './roles.ts';
import { HandrailError } from '../../errors.ts';

/** Which reviewer answers, decided from what is known. Pure; what is known comes from `src/node/ai/chooser.ts`. */

export interface Known {
  request: { role?: string; model?: string };
  /** The team's models, or undefined when there is no file or it must not be read. */
  models: ModelsConfig | undefined;
  workspaceTrusted: boolean;
  /** What this person chose for the workspace before. */
  followed: { kind: 'offer'; offer: ModelOffer } | { kind: 'builtin' } | undefined;
  environment: { baseURL: string; model: string | undefined; hasKey: boolean; baseURLNamed: boolean };
  /** On the command line a key together with a named model is a choice; in the editor it is an offer. */
  environmentIsChoice: boolean;
}

export type Target =
  | { kind: 'builtin'; because: string }
  | {
      kind: 'model';
      name: string;
      model: string;
      endpoint: Endpoint;
      entry: ModelEntry;
      because: string;
      /** The request itself is the person's word; nothing has to be confirmed. */
      explicit: boolean;
    };

/** Order: what was asked for by name, what the person follows, the team's role, the environment, the built-in reviewer. */
export function chooseTarget(known: Known): Target {
  const { request } = known;
  if (request.model === 'builtin') return { kind: 'builtin', because: 'The built-in reviewer was asked for by name.' };
  if (request.model !== undefined) return named(request.model, known);
  return followedTarget(known) ?? roleTarget(known) ?? environmentTarget(known) ?? builtin(known);
}

/** What could answer instead, apart from servers on this machine. */
export function otherOffers(known: Known, target: Target): ModelOffer[] {
  const offers: ModelOffer[] = [];
  for (const [name, entry] of Object.entries(known.models?.models ?? {})) {
    const endpoint = entry.provider === 'openai' ? attempt(() => parseEndpoint(entry.baseURL ?? VENDOR_BASE_URL)) : undefined;
    if (endpoint === undefined || entry.model === undefined) continue;
    const label = `${name} of .handrail/models.yml: ${entry.model} at ${endpoint.origin}`;
    offers.push({ kind: 'models-file', label, name, model: entry.model, ...addressOf(endpoint) });
  }
  const environment = attempt(() => environmentOffer(known));
  if (environment) offers.push(environment);
  return offers.filter((offer) => target.kind === 'builtin' || offer.model !== target.model || offer.origin !== target.endpoint.origin);
}

function named(name: string, known: Known): Target {
  const inFile = known.models !== undefined && Object.hasOwn(known.models.models, name);
  if (!inFile && known.followed?.kind === 'offer' && known.followed.offer.name === name) {
    const followed = followedTarget(known);
    if (followed !== undefined) return followed;
  }
  if (known.models !== undefined) {
    const { entry, because } = modelNamed(known.models, name);
    return entryTarget(name, entry, because);
  }
  const { environment } = known;
  const endpoint = parseEndpoint(environment.baseURL);
  if (!environment.hasKey && !(environment.baseURLNamed && endpoint.loopback)) {
    const file = known.workspaceTrusted
      ? 'There is no .handrail/models.yml that could name'
      : 'The workspace is not trusted, so .handrail/models.yml cannot name';
    throw new HandrailError('usage', `${file} the model "${name}", and the environment has no OPENAI_API_KEY.`, {
      hint: 'Set OPENAI_API_KEY (and OPENAI_BASE_URL for another server), or name the model in .handrail/models.yml.',
    });
  }
  return {
    kind: 'model',
    name,
    model: name,
    endpoint,
    entry: { provider: 'openai', model: name, baseURL: endpoint.baseURL },
    because: `"${name}" was asked for by name, at ${endpoint.origin}.`,
    explicit: known.environmentIsChoice,
  };
}

function followedTarget(known: Known): Target | undefined {
  if (known.followed === undefined) return undefined;
  if (known.followed.kind === 'builtin')
    return { kind: 'builtin', because: 'You chose the built-in reviewer for this workspace; no model was used.' };
  const { offer } = known.followed;
  if (offer.kind === 'models-file') {
    const entry = known.models?.models[offer.name];
    // The team took the entry away: what the person followed is gone.
    return entry && entryTarget(offer.name, entry, `You chose "${offer.name}" of .handrail/models.yml for this workspace.`);
  }
  const endpoint = parseEndpoint(offer.baseURL);
  const entry: ModelEntry = { provider: 'openai', model: offer.model, baseURL: endpoint.baseURL };
  return {
    kind: 'model',
    name: offer.name,
    model: offer.model,
    endpoint,
    entry,
    because: `You chose ${offer.label} for this workspace.`,
    explicit: false,
  };
}

function roleTarget(known: Known): Target | undefined {
  const found = known.models && modelForRole(known.models, known.request.role);
  return found && entryTarget(found.name, found.entry, found.because);
}

function environmentTarget(known: Known): Target | undefined {
  const offer = known.environmentIsChoice ? environmentOffer(known) : undefined;
  if (offer === undefined) return undefined;
  const endpoint = parseEndpoint(offer.baseURL);
  const entry: ModelEntry = { provider: 'openai', model: offer.model, baseURL: endpoint.baseURL };
  return {
    kind: 'model',
    name: offer.name,
    model: offer.model,
    endpoint,
    entry,
    because: 'HANDRAIL_MODEL and the key or server named in the environment choose it.',
    explicit: true,
  };
}

function environmentOffer({ environment }: Known): ModelOffer | undefined {
  const { model } = environment;
  if (model === undefined) return undefined;
  const endpoint = parseEndpoint(environment.baseURL);
  if (!environment.hasKey && !(environment.baseURLNamed && endpoint.loopback)) return undefined;
  return { kind: 'environment', label: `${model} at ${endpoint.origin}, from the environment`, name: model, model, ...addressOf(endpoint) };
}

function entryTarget(name: string, entry: ModelEntry, because: string): Target {
  const location = { path: '.handrail/models.yml' };
  if (entry.provider === 'builtin') return { kind: 'builtin', because };
  if (entry.provider !== 'openai') {
    throw new HandrailError('config', `The model "${name}" has the provider "${entry.provider}", which this version cannot ask.`, {
      hint: 'Use provider: openai for any compatible server, or provider: builtin.',
      location,
    });
  }
  if (entry.model === undefined) {
    throw new HandrailError('config', `The entry "${name}" does not say which model to ask for.`, {
      hint: 'Add the key "model".',
      location,
    });
  }
  const endpoint = parseEndpoint(entry.baseURL ?? VENDOR_BASE_URL);
  return { kind: 'model', name, model: entry.model, endpoint, entry, because: [because, ...unused(entry)].join(' '), explicit: false };
}

/** What the file promises and this version does not keep is said, above all where money is concerned. */
function unused(entry: ModelEntry): string[] {
  const keys = [...(entry.fallback?.length ? ['fallback'] : []), ...(entry.budget === undefined ? [] : ['budget'])];
  return keys.length === 0 ? [] : [`Its ${keys.join(' and ')} ${keys.length === 1 ? 'is' : 'are'} not used by this version.`];
}

function builtin(known: Known): Target {
  const sentences = ['No model was used: the built-in reviewer answered.'];
  if (known.environment.hasKey && known.environment.model === undefined) {
    sentences.push('The environment has a key; name a model with HANDRAIL_MODEL to use it.');
  }
  if (known.models !== undefined) sentences.push('.handrail/models.yml names no model for the role "review".');
  const { role = 'review' } = known.request;
  if (known.models === undefined && known.workspaceTrusted && role !== 'review')
    sentences.push(`There is no .handrail/models.yml that could name a model for the role "${role}".`);
  if (!known.workspaceTrusted) sentences.push('The workspace is not trusted, so .handrail/models.yml is not read.');
  return { kind: 'builtin', because: sentences.join(' ') };
}

function addressOf({ baseURL, origin }: Endpoint): { baseURL: string; origin: string } {
  return { baseURL, origin };
}

/** An offer that cannot be made is left out; the same failure shows where it is chosen. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
