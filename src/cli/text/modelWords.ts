import type { AnswerForm } from '../../core/ai/models/capabilities.ts';
import type { ModelStatus } from '../../core/ai/models/modelStatus.ts';

/** Words and figures about models, for the table and for a test alike. */

export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `900`, `12k`, `1.2M`. */
export function countText(count: number): string {
  if (count < 1000) return String(count);
  const [value, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${unit}`;
}

export const FORM_WORDS: Record<AnswerForm, string> = {
  schema: 'keeps to a JSON schema',
  tool: 'answers by a forced call',
  prompt: 'answers as the prompt asks',
};

/** What a model's answers have shown, in pieces. */
export function capabilityWords({ api, form, refused, ignored = [] }: NonNullable<ModelStatus['capabilities']>): string[] {
  const ignores = ignored.map((one) => (one === 'schema' ? 'a JSON schema' : 'a forced call'));
  return [
    ...(api === undefined ? [] : [api === 'chat' ? 'Chat Completions' : 'Responses API']),
    ...(form === undefined ? [] : [FORM_WORDS[form]]),
    ...(refused.length === 0 ? [] : [`refuses ${refused.join(', ')}`]),
    ...(ignores.length === 0 ? [] : [`ignores ${ignores.join(' and ')}`]),
  ];
}
