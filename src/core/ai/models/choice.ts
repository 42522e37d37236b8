import type { EditorModel } from '../provider.ts';
import type { ModelOffer } from '../service.ts';
import { assistantOf, type Assistant } from './assistants.ts';
import { editorDestination, editorOffer, editorOrigin, findEditorModel, type EditorModelWish } from './editorModels.ts';
import { parseEndpoint, VENDOR_BASE_URL, type Endpoint } from './endpoints.ts';
import { fallbacksOf } from './fallbacks.ts';
import type { ModelEntry, ModelsConfig } from './models.ts';
import { modelForRole, modelNamed } from './roles.ts';
import type { Route } from './routes.ts';
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

export type Target = { kind: 'builtin'; because: string } | ModelTarget;

export interface ModelTarget {
  kind: 'model';
  name: string;
  /** What is asked for, as far as it is known before looking; empty when any model of the editor will do. */
  model: string;
  route: Route;
  /** Limits, price and parameters, where a file of the team names them. */
  entry: Omit<ModelEntry, 'provider'>;
  because: string;
  /** The request itself is the person's word; nothing has to be confirmed. */
  explicit: boolean;
}

/** Order: what was asked for by name, what the person follows, the team's role, the environment, the built-in reviewer. */
export function chooseTarget(known: Known): Target {
  const { request } = known;
  if (request.model === 'builtin') return { kind: 'builtin', because: 'The built-in reviewer was asked for by name.' };
  if (request.model !== undefined) return named(request.model, known);
  return followedTarget(known) ?? roleTarget(known) ?? environmentTarget(known) ?? builtin(known);
}

/** What is asked when the target cannot answer, in order. Only entries of the team's file have fallbacks. */
export function fallbackTargets({ models }: Pick<Known, 'models'>, target: ModelTarget): ModelTarget[] {
  if (models === undefined || target.entry !== models.models[target.name]) return [];
  return fallbacksOf(models, target.name).flatMap((name) => {
    const entry = models.models[name];
    const found = entry && entryTarget(name, entry, `"${name}" is a fallback of "${target.name}".`);
    return found?.kind === 'model' ? [found] : [];
  });
}

/** What is known to be able to answer without looking around: the team's models, the environment's, and the editor's. */
export function knownOffers(known: Known, editorModels: readonly EditorModel[]): ModelOffer[] {
  const offers: ModelOffer[] = [];
  for (const [name, entry] of Object.entries(known.models?.models ?? {})) {
    const found = attempt(() => fileOffer(name, entry, editorModels));
    if (found !== undefined) offers.push(found);
  }
  offers.push(...editorModels.map(editorOffer));
  const environment = attempt(() => environmentOffer(known));
  if (environment) offers.push(environment);
  return offers;
}

function fileOffer(name: string, entry: ModelEntry, editorModels: readonly EditorModel[]): ModelOffer | undefined {
  const offer = (model: string, where: string, address: { baseURL: string; origin: string }): ModelOffer => ({
    kind: 'models-file',
    label: `${name} of .handrail/models.yml: ${where}`,
    name,
    model,
    ...address,
  });
  if (entry.provider === 'vscode') {
    const found = findEditorModel(editorModels, wishOf(entry));
    const origin = found && editorOrigin(found.vendor);
    return found && origin ? offer(found.id, editorDestination(found), { baseURL: origin, origin }) : undefined;
  }
  if (entry.provider !== 'openai' || entry.model === undefined) return undefined;
  const endpoint = parseEndpoint(entry.baseURL ?? VENDOR_BASE_URL);
  return offer(entry.model, `${entry.model} at ${endpoint.origin}`, addressOf(endpoint));
}

function named(name: string, known: Known): Target {
  // Checked before the file, which cannot take such a name: a repository does not decide what an assistant is.
  const assistant = assistantOf(name);
  if (assistant !== undefined) return assistantTarget(assistant, `"${name}" was asked for by name.`);
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
  const because = `"${name}" was asked for by name, at ${endpoint.origin}.`;
  return { kind: 'model', name, model: name, route: { kind: 'http', endpoint }, entry: {}, because, explicit: known.environmentIsChoice };
}

function followedTarget(known: Known): Target | undefined {
  if (known.followed === undefined) return undefined;
  if (known.followed.kind === 'builtin')
    return { kind: 'builtin', because: 'You chose the built-in reviewer for this workspace; no model was used.' };
  const { offer } = known.followed;
  if (offer.kind === 'models-file') {
    const entry = known.models && Object.hasOwn(known.models.models, offer.name) ? known.models.models[offer.name] : undefined;
    // The team took the entry away: what the person followed is gone.
    return entry && entryTarget(offer.name, entry, `You chose "${offer.name}" of .handrail/models.yml for this workspace.`);
  }
  const because = `You chose ${offer.label}${offer.label.includes(',') ? ',' : ''} for this workspace.`;
  if (offer.kind === 'assistant') {
    const assistant = assistantOf(offer.name);
    return assistant && assistantTarget(assistant, `You chose ${assistant.name} for this workspace.`);
  }
  const route: Route =
    offer.kind === 'editor'
      ? { kind: 'editor', wish: { model: offer.model, origin: offer.origin } }
      : { kind: 'http', endpoint: parseEndpoint(offer.baseURL) };
  return { kind: 'model', name: offer.name, model: offer.model, route, entry: {}, because, explicit: false };
}

function roleTarget(known: Known): Target | undefined {
  const found = known.models && modelForRole(known.models, known.request.role);
  return found && entryTarget(found.name, found.entry, found.because);
}

function environmentTarget(known: Known): Target | undefined {
  const offer = known.environmentIsChoice ? environmentOffer(known) : undefined;
  if (offer === undefined) return undefined;
  const route: Route = { kind: 'http', endpoint: parseEndpoint(offer.baseURL) };
  const because = 'HANDRAIL_MODEL and the key or server named in the environment choose it.';
  return { kind: 'model', name: offer.name, model: offer.model, route, entry: {}, because, explicit: true };
}

function environmentOffer({ environment }: Known): ModelOffer | undefined {
  const { model } = environment;
  if (model === undefined) return undefined;
  const endpoint = parseEndpoint(environment.baseURL);
  if (!environment.hasKey && !(environment.baseURLNamed && endpoint.loopback)) return undefined;
  return { kind: 'environment', label: `${model} at ${endpoint.origin}, from the environment`, name: model, model, ...addressOf(endpoint) };
}

function assistantTarget(assistant: Assistant, because: string): Target {
  return {
    kind: 'model',
    name: assistant.id,
    model: assistant.id,
    route: { kind: 'assistant', assistant },
    entry: {},
    because,
    explicit: false,
  };
}

function entryTarget(name: string, entry: ModelEntry, because: string): Target {
  if (entry.provider === 'builtin') return { kind: 'builtin', because };
  if (entry.provider === 'vscode')
    return {
      kind: 'model',
      name,
      model: entry.model ?? '',
      route: { kind: 'editor', wish: wishOf(entry) },
      entry,
      because,
      explicit: false,
    };
  if (entry.model === undefined) {
    throw new HandrailError('config', `The entry "${name}" does not say which model to ask for.`, {
      hint: 'Add the key "model".',
      location: { path: '.handrail/models.yml' },
    });
  }
  const endpoint = parseEndpoint(entry.baseURL ?? VENDOR_BASE_URL);
  return { kind: 'model', name, model: entry.model, route: { kind: 'http', endpoint }, entry, because, explicit: false };
}

function wishOf({ model }: ModelEntry): EditorModelWish {
  return model === undefined ? {} : { model };
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
