import type { FailureReason } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { ModelChoice } from '../service.ts';
import type { EndpointTraits } from './capabilities.ts';
import type { Circuit } from './circuit.ts';
import { isSameModel, type CalledModel, type ModelHealth, type Money } from './health.ts';
import { fallbacksOf } from './fallbacks.ts';
import type { ModelBudget, ModelEntry, ModelsConfig } from './models.ts';
import { sloOf, type SloVerdict } from './slo.ts';

/** The models of a workspace with all that is known about them, without asking any of them. Implemented in `src/node/ai/models/`. */
export interface ModelsService {
  /** Fails with `config` for a models.yml with errors. */
  status(): Promise<ModelsStatus>;
  /**
   * Asks one model a few words that hold no code, and remembers what that shows. Fails as a review does: `untrusted`, `no-key`, `usage` for
   * a name that is not there, and with the model's own failure.
   */
  test(name: string, options: { signal: CancelSignal }): Promise<ModelTest>;
}

export interface ModelsStatus {
  /** Who answers in this workspace. */
  choice: ModelChoice;
  /** Those of the file in its order, then others that were called in the last 30 days or are in use. */
  models: ModelStatus[];
}

export interface ModelStatus extends Omit<ModelHealth, 'lastUsed'> {
  /** Absent before the first call. */
  lastUsed?: number;
  /** It is an entry of `.handrail/models.yml`. */
  inFile: boolean;
  /** It answers in this workspace now. */
  inUse: boolean;
  /** What the file uses it for. */
  roles: string[];
  /** Entries that are asked when it cannot answer, in order. */
  fallback: string[];
  /** Whether code of this workspace may go to `origin`; absent where the origin is not known yet. */
  confirmed?: boolean;
  /** It wants a key that is not there. */
  needsKey?: boolean;
  /** Why it cannot be asked here. */
  problem?: { reason: FailureReason; message: string; hint?: string };
  /** Cost of the calls of today (UTC), by currency. */
  today: Money[];
  /** What may be spent; `heldToday` is set aside for calls whose cost is not known yet. */
  budget?: ModelBudget & { currency: string; heldToday: number };
  slo?: SloVerdict;
  circuit: Circuit;
  /** What its answers have shown; absent where nothing is known. */
  capabilities?: Omit<EndpointTraits, 'since' | 'tokenLimit'>;
}

/** What a test showed. */
export interface ModelTest extends CalledModel {
  /** Where it is, in words, where the origin is not plain enough. */
  destination?: string;
  /** Milliseconds of the last request, and until its first text. */
  latency: number;
  firstToken?: number;
  /** Tiny requests that the test took. */
  requests: number;
  cost?: Money;
  capabilities: Omit<EndpointTraits, 'since' | 'tokenLimit'>;
  /** Tokens that requests to it may have. */
  contextTokens: number;
  notices: string[];
}

/** What the world says about one model of the list. */
export interface ModelFacts {
  model: string;
  origin: string;
  confirmed?: boolean;
  needsKey?: boolean;
  problem?: ModelStatus['problem'];
  traits?: EndpointTraits;
}

export interface StatusInput {
  choice: ModelChoice;
  config: ModelsConfig | undefined;
  health: readonly ModelHealth[];
  /** By name of the entry, for every entry of the file but the built-in ones. */
  entries: Readonly<Record<string, ModelFacts>>;
  circuit(of: CalledModel): Circuit;
  costsToday(of: CalledModel): Money[];
  heldToday(of: CalledModel, currency: string): number;
}

/** One row a model. */
export function modelRows(input: StatusInput): ModelStatus[] {
  const { config, choice, entries, health } = input;
  const inFile = Object.entries(config?.models ?? {}).flatMap(([name, entry]) => {
    const facts = Object.hasOwn(entries, name) ? entries[name] : undefined;
    return facts === undefined ? [] : [row({ name, entry, facts }, input)];
  });
  const others = health.filter((one) => !inFile.some((listed) => isSameModel(one, listed)));
  const rows = [...inFile, ...others.map((of) => row({ name: of.name, facts: otherFacts(of, input) }, input))];
  if (choice.kind === 'builtin' || rows.some(({ inUse }) => inUse)) return rows;
  const chosen = { name: choice.name, model: choice.model ?? '', origin: choice.origin ?? '' };
  return [row({ name: chosen.name, facts: otherFacts(chosen, input) }, input), ...rows];
}

/** Of a model that the file does not name: nothing but what the choice says, where it is the one. */
function otherFacts({ name, model, origin }: CalledModel, { choice }: StatusInput): ModelFacts {
  if (!isChoice({ name, origin }, choice)) return { model, origin };
  const { confirmed, needsKey, problem } = choice;
  return { model, origin, ...(problem === undefined ? { confirmed, needsKey } : { problem }) };
}

/** What the person follows may be called as an entry is, and be somewhere else. */
function isChoice({ name, origin }: { name: string; origin: string }, choice: ModelChoice): boolean {
  return choice.kind === 'model' && choice.name === name && (choice.origin === undefined || origin === '' || choice.origin === origin);
}

function row({ name, entry, facts }: { name: string; entry?: ModelEntry; facts: ModelFacts }, input: StatusInput): ModelStatus {
  const { choice, config } = input;
  const { model, origin, confirmed, needsKey, problem, traits } = facts;
  const of = { name, model, origin };
  const health = input.health.find((one) => isSameModel(one, of)) ?? { ...of, ...NEVER_CALLED };
  const slo = sloOf(entry?.slo, health);
  return {
    ...health,
    inFile: entry !== undefined,
    inUse: isChoice(of, choice),
    roles: entry === undefined ? [] : rolesOf(config, name),
    fallback: config === undefined || entry === undefined ? [] : fallbacksOf(config, name),
    ...(confirmed === undefined ? {} : { confirmed }),
    ...(needsKey === undefined ? {} : { needsKey }),
    ...(problem === undefined ? {} : { problem }),
    today: input.costsToday(of),
    ...budgetOf(entry, of, input),
    ...(slo === undefined ? {} : { slo }),
    circuit: input.circuit(of),
    ...(traits === undefined || isEmpty(traits) ? {} : { capabilities: capabilitiesOf(traits) }),
  };
}

const NEVER_CALLED = { calls: 0, settled: 0, errorRate: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: [] };

function rolesOf(config: ModelsConfig | undefined, name: string): string[] {
  return Object.entries(config?.roles ?? {}).flatMap(([role, target]) => (target === name ? [role] : []));
}

function budgetOf(entry: ModelEntry | undefined, of: CalledModel, input: StatusInput): Pick<ModelStatus, 'budget'> {
  if (entry?.budget === undefined || entry.price === undefined) return {};
  const { currency } = entry.price;
  return { budget: { ...entry.budget, currency, heldToday: input.heldToday(of, currency) } };
}

function isEmpty({ since: _since, refused, ...rest }: EndpointTraits): boolean {
  return refused.length === 0 && Object.keys(rest).length === 0;
}

export function capabilitiesOf({ since: _since, tokenLimit: _name, ...rest }: EndpointTraits): NonNullable<ModelStatus['capabilities']> {
  return rest;
}
