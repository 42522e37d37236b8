import { formatPatch, structuredPatch } from 'diff';
import { ASSISTANT_NAMES } from '../../core/usage/connection.ts';
import type { Plan } from '../../node/usage/connecting.ts';
import { printable } from './printable.ts';

/** The change of an assistant's settings as a patch. The secret is left out: what a terminal shows is often kept. */
export function planPatch({ place, change: { before, after }, endpoint }: Plan): string {
  const patch = structuredPatch(place, place, before ?? '', after ?? '', undefined, undefined, { context: 2 });
  const text = formatPatch(patch).trimEnd();
  return printable(endpoint === undefined ? text : text.replaceAll(endpoint.secret, '…'));
}

/** What connecting means, before a person is asked. */
export function connectText(plan: Plan): string {
  return [
    `${ASSISTANT_NAMES[plan.assistant]} would report to Handrail on this machine. Recorded of that: the day, the family of the model, and about`,
    'how many tokens, how much money and how long; dropped before anything is written: all else, above all prompts, answers, code and names.',
    'Its own settings change so (… is a secret of yours):',
    '',
    planPatch(plan),
    '',
  ].join('\n');
}
