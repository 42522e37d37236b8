/** The typed form of `.handrail/models.yml`. Keys follow the file; the grammar and its diagnostics are in `config.ts`. */

export interface ModelsConfig {
  version: 1;
  /** By name of the entry, e.g. `reviewer`. */
  models: Record<string, ModelEntry>;
  /** What a model is used for (`review`, `generate`) to the name of an entry. */
  roles: Record<string, string>;
}

export interface ModelEntry {
  /** `openai`: any compatible server. `builtin`: the engines in the extension, no model. */
  provider: 'openai' | 'vscode' | 'builtin';
  /** Identifier sent to the endpoint; not needed for `builtin`. */
  model?: string;
  /** Base address such as `http://127.0.0.1:11434/v1`; the vendor's own when absent. */
  baseURL?: string;
  /** Found out by trying when absent. */
  api?: 'chat' | 'responses';
  /** Names of entries that are asked when this one cannot answer, in order. */
  fallback?: string[];
  params?: ModelParams;
  limits?: ModelLimits;
  price?: ModelPrice;
  /** In the currency of the price, which the grammar asks for; a day is one of UTC. */
  budget?: ModelBudget;
  /** `p95` in milliseconds, `errors` as a share from 0 to 1. */
  slo?: { p95?: number; errors?: number };
}

export interface ModelBudget {
  perRun?: number;
  perDay?: number;
}

/** Sent as they are; one that the endpoint refuses is left out, and the person is told. */
export interface ModelParams {
  temperature?: number;
  top_p?: number;
  seed?: number;
  reasoning_effort?: string;
}

export interface ModelLimits {
  contextTokens?: number;
  outputTokens?: number;
  /** Milliseconds without a sign of life from the endpoint. */
  timeout?: number;
  /** Further attempts after the first. */
  retries?: number;
  /** Requests at the same time. */
  concurrency?: number;
}

export interface ModelPrice {
  input: number;
  output: number;
  cachedInput?: number;
  /** ISO 4217. */
  currency: string;
  /** Number of tokens the prices are for, e.g. 1000000. */
  per: number;
}

/** Cost of one call, or undefined when the entry has no price. Cached input tokens count among the input tokens. */
export function costOf(
  price: ModelPrice | undefined,
  usage: { inputTokens: number; outputTokens: number; cachedTokens: number },
): { amount: number; currency: string } | undefined {
  if (price === undefined) return undefined;
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const amount =
    ((usage.inputTokens - cached) * price.input + cached * (price.cachedInput ?? price.input) + usage.outputTokens * price.output) /
    price.per;
  return { amount, currency: price.currency };
}
