import { formatPatch, structuredPatch } from 'diff';
import { ASSISTANT_NAMES, type Connectable } from '../../core/usage/connection.ts';
import type { Plan } from '../../node/usage/connecting.ts';
import type { ImportedUsage } from '../../node/usage/importUsage.ts';
import type { Listener } from '../../node/usage/whoListens.ts';
import { printable } from './printable.ts';

/** Where the secret stands in settings: in the path of an address, or in a header. */
const SECRET = /(?<=\/\/127\.0\.0\.1:\d{1,5}\/|x-handrail-secret(?:=|" = "))[\w-]{22,64}/g;

/** The change of an assistant's settings as a patch. The secret is left out: what a terminal shows is often kept. */
export function planPatch({ place, change: { before, after } }: Plan): string {
  const patch = structuredPatch(place, place, before ?? '', after ?? '', undefined, undefined, { context: 2 });
  return printable(formatPatch(patch).trimEnd().replaceAll(SECRET, '…'));
}

/** What connecting means, before a person is asked. */
export function connectText(plan: Plan): string {
  return [
    `${ASSISTANT_NAMES[plan.assistant]} would report to Handrail on this machine. Recorded of that: the day, the family of the model, and about`,
    'how many tokens, how much money and how long; dropped before anything is written: all else, above all prompts, answers, code and names.',
    'It sends to a port of your own until you disconnect it, also while Handrail does not listen there, and another program could.',
    'Its own settings change so (… is a secret of yours):',
    '',
    planPatch(plan),
    '',
  ].join('\n');
}

/** What was imported, a line for each assistant that has logs. */
export function importText(found: readonly ImportedUsage[], { dryRun }: { dryRun: boolean }): string {
  const lines = found
    .filter(({ files }) => files > 0)
    .map(({ assistant, calls, events, days, told }) => {
      const name = ASSISTANT_NAMES[assistant];
      const left =
        told === 0 ? '' : ` ${told} ${told === 1 ? 'call is' : 'calls are'} left out, because ${name} itself reported those days.`;
      if (events === 0) return `${name}: nothing new.${left}`;
      return `${name}: ${calls} ${calls === 1 ? 'call' : 'calls'} on ${days} ${days === 1 ? 'day' : 'days'} ${dryRun ? 'would make' : 'made'} ${events} ${events === 1 ? 'event' : 'events'}.${left}`;
    });
  return lines.length === 0
    ? 'There are no logs of Claude Code, Codex or Gemini CLI of the days that events are kept for.'
    : lines.join('\n');
}

export interface UsageStatus {
  connected: readonly Connectable[];
  leftovers: readonly Connectable[];
  /** Where the connected ones send to, and who is there. */
  listening: { port: number; listener: Listener } | undefined;
}

/** Which assistants report here and to whom, and which still would although nobody listens. */
export function statusText({ connected, leftovers, listening }: UsageStatus): string {
  const names = connected.map((one) => ASSISTANT_NAMES[one]).join(', ');
  return [
    listening === undefined
      ? 'No assistant is connected. handrail usage connect ASSISTANT shows what would change, and asks.'
      : `Connected: ${names}. ${listenerText(listening)}`,
    ...leftovers.map(
      (one) => `${ASSISTANT_NAMES[one]} is not connected, and its settings still say so. handrail usage disconnect ${one} takes that out.`,
    ),
  ].join('\n');
}

function listenerText({ port, listener }: { port: number; listener: Listener }): string {
  switch (listener) {
    case 'handrail':
      return `Handrail listens for them on port ${port}.`;
    case 'nobody':
      return 'Nothing listens for them now: an open editor does, or handrail usage receive.';
    case 'other':
      return `Another program has port ${port} and gets what they send: end it, or disconnect them with handrail usage disconnect ASSISTANT.`;
  }
}
