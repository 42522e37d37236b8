import type { DraftResult } from '../../core/ai/draft/draft.ts';
import { printableData } from './printable.ts';
import { coverageLines } from './review.ts';

/** What a person should know beside the draft itself: what was read, what was replaced, what was done to the answer. */
export function draftSummary(result: DraftResult): string[] {
  const { coverage, redactions, notices, usage, source } = printableData(result);
  const cost = usage.cost === undefined ? '' : `, ${usage.cost.amount.toFixed(4)} ${usage.cost.currency}`;
  const secrets = redactions.map(({ file, line, kind }) => `${file}:${line} (${kind})`).join(', ');
  return [
    ...(source === 'working' ? ['Nothing is staged, so the message is about all changes of the working tree.'] : []),
    ...coverageLines(coverage),
    ...(redactions.length === 0 ? [] : [`Secrets replaced before anything was sent: ${secrets}.`]),
    `Model calls: ${usage.requests}, ${usage.inputTokens} tokens in, ${usage.outputTokens} out${cost}.`,
    ...notices,
  ];
}
