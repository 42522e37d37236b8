import type { MODEL_FAMILIES } from './catalogue.ts';

type Family = (typeof MODEL_FAMILIES)[number];

/** In this order, so that the narrower name wins. A family's name counts where a word begins: `qwen2.5-coder`, `meta-llama/Llama-3`. */
const PATTERNS: readonly (readonly [RegExp, Family])[] = [
  [/(^|[^a-z])gpt-oss/, 'gpt-oss'],
  [/(^|[^a-z])(chat)?gpt/, 'gpt'],
  [/(^|[/:])o([1-9](-|$)|-series$)/, 'o-series'],
  [/(^|[^a-z])(claude|sonnet|opus|haiku)/, 'claude'],
  [/(^|[^a-z])gemini/, 'gemini'],
  [/(^|[^a-z])(code)?gemma/, 'gemma'],
  [/(^|[^a-z])deepseek/, 'deepseek'],
  [/(^|[^a-z])(code)?qw(en|q)/, 'qwen'],
  [/(^|[^a-z])(code)?llama/, 'llama'],
  [/(^|[^a-z])codestral/, 'codestral'],
  [/(^|[^a-z])(mistral|mixtral|ministral|devstral|magistral)/, 'mistral'],
  [/(^|[^a-z])phi/, 'phi'],
  [/(^|[^a-z])grok/, 'grok'],
  [/(^|[^a-z])granite/, 'granite'],
  [/(^|[^a-z])command-[ar]/, 'command-r'],
  [/(^|[^a-z])kimi/, 'kimi'],
  [/(^|[^a-z])(chat)?glm/, 'glm'],
  [/(^|[^a-z])nova/, 'nova'],
  [/(^|[^a-z])starcoder/, 'starcoder'],
];

/** Longer names are nobody's model; looking through them would be felt. */
const LONGEST = 200;

/** The family of a model by the name its endpoint uses, or by the family's own name. The name itself goes no further than here. */
export function modelFamily(model: string): Family {
  const name = model.slice(0, LONGEST).toLowerCase();
  return PATTERNS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
