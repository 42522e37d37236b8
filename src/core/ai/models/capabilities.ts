/** What a model at an endpoint can do, as far as its answers have shown. Pure; `src/node/ai/models/openai/` asks and remembers. */

/**
 * How an answer's form is had, best first: the endpoint enforces a JSON Schema; the model has to call a function whose arguments are the
 * answer; or the prompt asks for it and nothing enforces it.
 */
export type AnswerForm = 'schema' | 'tool' | 'prompt';

export interface EndpointTraits {
  /** The model answers only on the Responses API. */
  api?: 'chat' | 'responses';
  /** Parameters it refuses, in the words of Chat Completions. */
  refused: string[];
  /** Name of the output limit it wants. */
  tokenLimit?: 'max_tokens' | 'max_completion_tokens';
  /** Forms it accepted and did not keep to. */
  ignored?: ('schema' | 'tool')[];
  /** The form that an answer was last had in. */
  form?: AnswerForm;
  /** Tokens it takes, as its server told. */
  contextTokens?: number;
  /** When the first of this was learned, in milliseconds since the Unix epoch. */
  since?: number;
}

const DAY = 24 * 3600_000;
/**
 * Milliseconds after which everything is found out again, at the price of a refused request or two: hosts change what a model takes, and
 * servers on one's own machine are upgraded without anybody telling.
 */
export function lifetimeOf({ loopback }: { loopback: boolean }): number {
  return loopback ? 7 * DAY : 30 * DAY;
}

export function isExpired({ since }: EndpointTraits, now: number, lifetime: number): boolean {
  return since !== undefined && (now - since > lifetime || since > now);
}

/** The form to ask in next. */
export function formOf({ refused, ignored = [] }: EndpointTraits): AnswerForm {
  if (!refused.includes('response_format') && !ignored.includes('schema')) return 'schema';
  return !refused.includes('tools') && !ignored.includes('tool') ? 'tool' : 'prompt';
}

/** Traits after an answer that was asked for in `form`; the same object when they say so already. */
export function afterAnswer(traits: EndpointTraits, form: AnswerForm, isKept: boolean): EndpointTraits {
  if (isKept) return traits.form === form ? traits : { ...traits, form };
  if (form === 'prompt') return traits;
  const { form: _notKept, ...rest } = traits;
  return { ...rest, ignored: [...new Set([...(traits.ignored ?? []), form])] };
}

/**
 * Whether an answer keeps to the schema that was asked for, as far as it can be told without one: an enforced answer is one JSON object
 * with the required keys, from its first character on. Undefined while too little of it is there.
 */
export function keepsForm(text: string, schema: Record<string, unknown>, isComplete: boolean): boolean | undefined {
  const body = text.trim();
  if (body === '') return isComplete ? false : undefined;
  if (!body.startsWith('{')) return false;
  if (!isComplete) return undefined;
  try {
    const value = JSON.parse(body) as Record<string, unknown>;
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    return required.every((key) => typeof key === 'string' && Object.hasOwn(value, key));
  } catch {
    return false;
  }
}
