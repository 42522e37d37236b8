import type { Usage } from './finding.ts';
import type { ModelChunk } from './provider.ts';

/** Adds what a model's side told of one request. Amounts are in the currency told first: sums of several would mean nothing. */
export function addUsage(total: Usage, { inputTokens, outputTokens, cachedTokens, cost }: Extract<ModelChunk, { type: 'usage' }>): void {
  total.inputTokens += inputTokens;
  total.outputTokens += outputTokens;
  total.cachedTokens += cachedTokens;
  if (cost === undefined || (total.cost !== undefined && total.cost.currency !== cost.currency)) return;
  total.cost = { amount: (total.cost?.amount ?? 0) + cost.amount, currency: cost.currency };
}
