import { z } from 'zod';
import { closest, grammarProblems } from '../../yaml/grammarProblems.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { LocatedYaml, YamlPath } from '../../yaml/locatedYaml.ts';
import { failureOf } from '../../errors.ts';
import { problemAt } from '../../workflow/problem.ts';
import type { Problem, ProblemCode } from '../../workflow/problem.ts';
import { allAssistants, assistantOf } from './assistants.ts';
import { duration, milliseconds } from './durations.ts';
import { parseEndpoint } from './endpoints.ts';
import type { ModelEntry, ModelsConfig } from './models.ts';

/** The grammar of `.handrail/models.yml`. Messages end a sentence that begins with the key. */

const text = z.string().regex(/\S/, 'must not be empty');
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'Use letters, digits, - and _, beginning with a letter.');
const whole = z.int().min(1, 'must be at least 1');
const amount = z.number().min(0, 'must not be negative');
const share = z.string().regex(/^(?:100|\d{1,2})(?:\.\d+)?%$/, 'must be a share such as 2%');
const tokens = z.union([z.int().min(1, 'must be at least 1'), z.string().regex(/^[1-9]\d{0,5}[kM]?$/)], {
  error: 'must be a number of tokens such as 1M',
});

const entry = z.strictObject({
  provider: z
    .enum(['openai', 'vscode', 'builtin'])
    .describe('openai: any compatible server; vscode: a language model of the editor; builtin: no model'),
  model: text.describe('Identifier sent to the server; with vscode identifier, family or name, and any model when absent').optional(),
  baseURL: text.describe("Address of the server; OpenAI's own when absent. Plain http only to this machine").optional(),
  api: z.enum(['chat', 'responses']).describe('Found out by trying when absent').optional(),
  fallback: z.array(text).describe('Entries that are asked when this one cannot answer, in order').optional(),
  params: z
    .strictObject({
      temperature: z.number().min(0, 'must be between 0 and 2').max(2, 'must be between 0 and 2').describe('From 0 to 2').optional(),
      top_p: z.number().min(0, 'must be between 0 and 1').max(1, 'must be between 0 and 1').describe('From 0 to 1').optional(),
      seed: z.int().describe('For the same answer to the same question, where the model can').optional(),
      reasoning_effort: text.describe('As the model calls it, such as low').optional(),
    })
    .describe('Sent as they are; one that the server refuses is left out, and you are told')
    .optional(),
  limits: z
    .strictObject({
      contextTokens: whole.describe('Tokens the model takes, question and answer together').optional(),
      outputTokens: whole.describe('Tokens of one answer').optional(),
      timeout: duration.describe('Time without a sign of life, such as 60s').optional(),
      retries: z
        .int()
        .min(0, 'must be between 0 and 10')
        .max(10, 'must be between 0 and 10')
        .describe('Attempts after the first')
        .optional(),
      concurrency: whole.max(64, 'must be at most 64').describe('Requests at the same time').optional(),
    })
    .describe('Tokens, time without a sign of life, further attempts, requests at the same time')
    .optional(),
  price: z
    .strictObject({
      input: amount.describe('Of tokens that are sent'),
      output: amount.describe('Of tokens of the answer'),
      cachedInput: amount.describe('Of sent tokens that the server had kept').optional(),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
        .describe('An ISO 4217 code such as USD'),
      per: tokens.describe('Number of tokens the prices are for: 1M when absent').optional(),
    })
    .describe('Of tokens, for the cost of a review and for budgets')
    .optional(),
  budget: z
    .strictObject({
      perRun: amount.describe('Of one review or generation').optional(),
      perDay: amount.describe('Of a day in UTC, over all workspaces').optional(),
    })
    .describe('The most it may cost, in the currency of the price, which it needs; checked before each request')
    .optional(),
  slo: z
    .strictObject({
      p95: duration.describe('95th percentile of the time until the answer is there, such as 20s').optional(),
      errors: share.describe('Share of failures, such as 2%').optional(),
    })
    .describe('What it is held against in handrail models; nothing is enforced')
    .optional(),
});

export const modelsSchema = z.strictObject({
  version: z.literal(1).describe('Version of the file: 1'),
  models: z.record(name, entry).describe('Models by the names that roles and fallbacks use'),
  roles: z.record(name, text).describe('What a model is used for, to the name of an entry').optional(),
});
type RawModels = z.infer<typeof modelsSchema>;
type RawEntry = z.infer<typeof entry>;

/** Reads `.handrail/models.yml`. Never throws; the config is present when there is no error. */
export function parseModels(source: string): { config?: ModelsConfig; problems: Problem[] } {
  const file = parseLocatedYaml(source);
  if (file.broken) return { problems: file.problems };
  const parsed = modelsSchema.safeParse(file.value);
  const assistants = assistantProblems(file);
  const grammar = grammarProblems(modelsSchema, file, parsed, { foreign: keyWarning }).filter(
    ({ line, column }) => !assistants.some((one) => one.line === line && one.column === column),
  );
  const problems = [...file.problems, ...assistants, ...grammar];
  if (parsed.success) problems.push(...new ModelChecks(file).run(parsed.data));
  problems.sort((left, right) => left.line - right.line || left.column - right.column);
  return parsed.success && problems.length === 0 ? { config: toConfig(parsed.data), problems } : { problems };
}

/** A repository must not make anybody run a program, so an assistant cannot be one of its models; that is said instead of "unknown". */
function assistantProblems(file: LocatedYaml): Problem[] {
  const models = isMapping(file.value) ? file.value['models'] : undefined;
  return Object.entries(isMapping(models) ? models : {}).flatMap(([name, entry]) => {
    const provider = isMapping(entry) ? entry['provider'] : undefined;
    if (typeof provider !== 'string' || (provider !== 'command' && assistantOf(provider) === undefined)) return [];
    const message = `The provider "${provider}" cannot be chosen by a repository.`;
    const hint = `Assistants are chosen by each person: ${allAssistants()
      .map(({ id }) => `handrail models confirm ${id}`)
      .join(', ')}, or “Choose Model…” in the editor.`;
    return [problemAt(file.text, file.spanOf(['models', name, 'provider']), 'bad-value', message, hint)];
  });
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key that stands in the repository is a leak, so the mend is not another spelling. */
function keyWarning(_path: YamlPath, key: string): string | undefined {
  if (!/key|token|secret|password|headers/i.test(key)) return undefined;
  return 'Keys never stand in a file of the repository: set the key in the editor, or OPENAI_API_KEY in the environment.';
}

class ModelChecks {
  readonly #problems: Problem[] = [];
  readonly #file: LocatedYaml;

  constructor(file: LocatedYaml) {
    this.#file = file;
  }

  run(raw: RawModels): Problem[] {
    const names = Object.keys(raw.models);
    for (const [role, target] of Object.entries(raw.roles ?? {})) this.#known(target, names, ['roles', role]);
    for (const [model, entry] of Object.entries(raw.models)) {
      entry.fallback?.forEach((target, index) => this.#fallback(target, raw.models, ['models', model, 'fallback', index]));
      if (model === 'builtin' && entry.provider !== 'builtin') {
        this.#report(
          ['models', model],
          'bad-value',
          'The name "builtin" stands for the built-in reviewer.',
          'Give the model another name.',
        );
      }
      if (assistantOf(model) !== undefined) {
        this.#report(
          ['models', model],
          'bad-value',
          `The name "${model}" stands for an assistant installed on a person's machine.`,
          'Give the model another name.',
        );
      }
      this.#entry(entry, ['models', model]);
    }
    this.#cycles(raw.models);
    return this.#problems;
  }

  #report(path: YamlPath, code: ProblemCode, message: string, hint: string): void {
    this.#problems.push(problemAt(this.#file.text, this.#file.spanOf(path), code, message, hint));
  }

  #known(target: string, names: readonly string[], path: YamlPath): void {
    if (names.includes(target)) return;
    const meant = closest(target, names);
    const hint = meant ? `Did you mean "${meant}"?` : `Models: ${names.join(', ') || 'none'}.`;
    this.#report(path, 'unknown-model', `There is no model "${target}".`, hint);
  }

  #fallback(target: string, models: RawModels['models'], path: YamlPath): void {
    this.#known(target, Object.keys(models), path);
    if (!Object.hasOwn(models, target) || models[target]?.provider !== 'builtin') return;
    const message = `"${target}" is the built-in reviewer, which answers no requests of a model.`;
    this.#report(path, 'bad-value', message, 'Remove it: the built-in findings come with every review anyway.');
  }

  #entry(entry: RawEntry, at: YamlPath): void {
    if (entry.price === undefined && (entry.budget?.perRun !== undefined || entry.budget?.perDay !== undefined)) {
      const message = 'A budget needs a price: without one nobody knows what a request may cost.';
      this.#report(
        [...at, 'budget'],
        'missing-key',
        message,
        'Add "price", with what the endpoint takes for its tokens, or remove "budget".',
      );
    }
    if (entry.provider === 'openai' && entry.model === undefined) {
      const span = this.#file.firstKeySpanOf(at);
      this.#problems.push(
        problemAt(this.#file.text, span, 'missing-key', 'The key "model" is missing.', 'Add the identifier the endpoint knows.'),
      );
    }
    if (entry.baseURL === undefined) return;
    if (entry.provider !== 'openai') {
      return this.#report(
        [...at, 'baseURL'],
        'bad-value',
        '"baseURL" goes with provider openai only.',
        'Remove it or change the provider.',
      );
    }
    try {
      parseEndpoint(entry.baseURL);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      this.#report([...at, 'baseURL'], 'bad-value', failure.message, failure.hint ?? 'Mend the address.');
    }
  }

  /** One problem a circle of fallbacks, at the entry that closes it. */
  #cycles(models: RawModels['models']): void {
    const done = new Set<string>();
    const visit = (name: string, trail: readonly string[]): void => {
      if (done.has(name)) return;
      (models[name]?.fallback ?? []).forEach((target, index) => {
        const circle = [...trail, name];
        const from = circle.indexOf(target);
        if (from < 0) return visit(target, circle);
        const message = `Fallbacks go round in a circle: ${[...circle.slice(from), target].join(' → ')}.`;
        this.#report(['models', name, 'fallback', index], 'cycle', message, 'Remove one of these fallbacks.');
      });
      done.add(name);
    };
    for (const name of Object.keys(models)) visit(name, []);
  }
}

function toConfig(raw: RawModels): ModelsConfig {
  const models = Object.entries(raw.models).map(([key, value]): [string, ModelEntry] => [key, toEntry(value)]);
  return { version: 1, models: Object.fromEntries(models), roles: { ...raw.roles } };
}

function toEntry(raw: RawEntry): ModelEntry {
  const { provider, model, baseURL, api, fallback, params, limits, price, budget, slo } = raw;
  const { timeout, ...counts } = limits ?? {};
  return withoutUndefined({
    provider,
    model,
    baseURL,
    api,
    fallback,
    params: params && withoutUndefined(params),
    limits: limits && withoutUndefined({ ...counts, timeout: timeout === undefined ? undefined : milliseconds(timeout) }),
    price: price && withoutUndefined({ ...price, per: tokenCount(price.per ?? '1M') }),
    budget: budget && withoutUndefined(budget),
    slo:
      slo &&
      withoutUndefined({
        p95: slo.p95 === undefined ? undefined : milliseconds(slo.p95),
        errors: slo.errors === undefined ? undefined : Number.parseFloat(slo.errors) / 100,
      }),
  });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter((item) => item[1] !== undefined)) as Defined<T>;
}

function tokenCount(count: string | number): number {
  if (typeof count === 'number') return count;
  return Number.parseInt(count, 10) * (count.endsWith('M') ? 1_000_000 : count.endsWith('k') ? 1000 : 1);
}
