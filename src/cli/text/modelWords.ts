import type { AnswerForm } from '../../core/ai/models/capabilities.ts';
import type { ModelStatus } from '../../core/ai/models/modelStatus.ts';

/** Words about models, for the table and for a test alike. */

const FORM_WORDS: Record<AnswerForm, string> = {
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
