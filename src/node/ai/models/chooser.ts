import { chooseTarget, fallbackTargets, knownOffers, type Known, type ModelTarget } from '../../../core/ai/models/choice.ts';
import type { AssistantSettings } from '../../../core/ai/models/assistants.ts';
import type { ModelBudget, ModelPrice, ModelsConfig } from '../../../core/ai/models/models.ts';
import { parseOrigin } from '../../../core/ai/models/routes.ts';
import type { EditorModels, ModelProvider } from '../../../core/ai/provider.ts';
import type { KeyStore, ModelChoice, ModelOffer } from '../../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports.ts';
import { systemClock } from '../../clock.ts';
import { createEndpointConsent } from './endpointConsent.ts';
import type { Fetch } from './openai/endpointFetch.ts';
import type { TraitsMemory } from './openai/endpointTraits.ts';
import { createHealthStore, type HealthStore } from './health/healthStore.ts';
import { missingKey } from './httpRoute.ts';
import { environmentModel, type Environment } from './keys/environmentKeys.ts';
import type { LocalServer } from './local/localServers.ts';
import { lookAround } from './offers.ts';
import { reach } from './reach.ts';
import type { ReachedModel } from './reachedModel.ts';
import { createCandidate, type Candidate } from './routing/candidate.ts';
import { routed } from './routing/routedProvider.ts';
import { createTraffic, type Traffic } from './routing/traffic.ts';

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
  /** The process's own, shared by all who ask models; one for this chooser alone when absent. */
  traffic?: Traffic;
  clock?: Clock;
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
  /**
   * Asks the chosen model and, where it cannot answer, its fallbacks; measures every call and keeps to circuits, limits and budgets. It is
   * made for one run: what may be spent in a run is counted from here.
   */
  provider?: ModelProvider;
  price?: ModelPrice;
  budget?: ModelBudget;
  /** Most tokens an answer may have, when the entry says so. */
  outputTokens?: number;
}

/** One model without its fallbacks, ready to be tested. */
export interface ModelAlone {
  reached: ReachedModel;
  /** Asked although it may just have failed. With `fresh`, what it shows is kept there; see {@link ReachedModel.open}. */
  candidate(fresh?: TraitsMemory): Candidate;
}

export interface Chooser {
  choose(request?: ChooserRequest): Promise<ModelChoice>;
  /** The choice, ready to be asked. Fails with `untrusted` while unconfirmed, `no-key` or `key-origin` without the right key. */
  provide(request?: ChooserRequest): Promise<Chosen>;
  /** Fails as {@link provide} does, and with `usage` for the built-in reviewer. */
  alone(request: ChooserRequest): Promise<ModelAlone>;
  confirm(origin: string): Promise<void>;
  follow(offer: ModelOffer | undefined): Promise<void>;
}

export function createChooser(options: ChooserOptions): Chooser {
  const consent = createEndpointConsent(options);
  const clock = options.clock ?? systemClock;
  const parts = {
    health: options.health ?? createHealthStore({ home: options.home, clock }),
    traffic: options.traffic ?? createTraffic(),
    clock,
  };

  /** The built-in reviewer, asked for by name, answers even where the file is broken. */
  async function teamModels(request: ChooserRequest): Promise<ModelsConfig | undefined> {
    if (request.model !== 'builtin') return await options.models();
    return await options.models().catch(() => undefined);
  }

  async function decide(
    request: ChooserRequest,
  ): Promise<{ known: Known; target: ModelTarget; reached: ReachedModel | HandrailError; choice: ModelChoice } | { choice: ModelChoice }> {
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
    return { known, target, reached, choice: await choiceOf(target, reached, offers) };
  }

  async function choiceOf(
    { name, because, explicit, entry }: ModelTarget,
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
      ...moneyOf(entry),
      offers: offers.map((offer) => (isInUse(offer) ? { ...offer, inUse: true } : offer)),
    };
  }

  /** Fails with `untrusted`, `no-key` or `key-origin` where the model may not be asked. */
  async function requireReady(target: ModelTarget, reached: ReachedModel, how = target.name): Promise<void> {
    const { model, origin, destination, needsKey } = reached;
    if (!target.explicit && !(await consent.isConfirmed(origin))) throw unconfirmed(how, destination ?? `${model} at ${origin}`);
    if (needsKey) throw await missingKey(origin, options.keys);
  }

  /** Found out when it is asked: a fallback that is never needed is not looked for. */
  function fallback(target: ModelTarget): Candidate {
    const open = async (): Promise<ModelProvider> => {
      const reached = await reach(target, options);
      if ('reason' in reached) throw reached;
      // It is to stand in, not to take over.
      await requireReady(target, reached, `${target.name} --keep`);
      return await reached.open();
    };
    return createCandidate({ ...parts, name: target.name, entry: target.entry, open });
  }

  return {
    choose: async (request = {}) => (await decide(request)).choice,
    async provide(request = {}) {
      const decided = await decide(request);
      const { choice } = decided;
      if (!('target' in decided)) return { choice };
      const { known, target, reached } = decided;
      const fallbacks = fallbackTargets(known, target).map(fallback);
      const open = async (): Promise<ModelProvider> => {
        if ('reason' in reached) throw reached;
        await requireReady(target, reached);
        return await reached.open();
      };
      const chosen = createCandidate({ ...parts, name: target.name, entry: target.entry, open });
      // What the person can mend for the chosen model is said; a model that is not to be had here at all makes way.
      const first = 'reason' in reached ? await firstOf(fallbacks, reached) : await chosen.open();
      const { limits } = target.entry;
      return {
        choice,
        provider: routed([chosen, ...fallbacks], first),
        ...moneyOf(target.entry),
        ...(limits?.outputTokens === undefined ? {} : { outputTokens: limits.outputTokens }),
      };
    },
    async alone(request) {
      const decided = await decide(request);
      if (!('target' in decided)) {
        throw new HandrailError('usage', 'The built-in reviewer is part of Handrail; there is nothing to test.', {
          hint: 'Name a model: handrail models lists them.',
        });
      }
      const { target, reached } = decided;
      if ('reason' in reached) throw reached;
      await requireReady(target, reached);
      const { name, entry } = target;
      return { reached, candidate: (fresh) => createCandidate({ ...parts, name, entry, isTest: true, open: () => reached.open(fresh) }) };
    },
    confirm: (origin) => consent.confirm(parseOrigin(origin)),
    follow: (offer) => consent.follow(offer),
  };
}

/** The first that can be asked. Fails with `otherwise` when there is none. */
async function firstOf(candidates: readonly Candidate[], otherwise: HandrailError): Promise<ModelProvider> {
  for (const candidate of candidates) {
    try {
      return await candidate.open();
    } catch (error) {
      if (failureOf(error) === undefined) throw error;
    }
  }
  throw otherwise;
}

function moneyOf({ price, budget }: ModelTarget['entry']): { price?: ModelPrice; budget?: ModelBudget } {
  return { ...(price === undefined ? {} : { price }), ...(budget === undefined ? {} : { budget }) };
}

function unconfirmed(how: string, where: string): HandrailError {
  return new HandrailError('untrusted', `Nobody has agreed yet that code of this workspace goes to ${where}.`, {
    hint: `Confirm it once: handrail models confirm ${how}`,
  });
}
