import { durationText, moneyText } from '../../core/ai/models/figures.ts';
import type { ModelTest } from '../../core/ai/models/modelStatus.ts';
import { capabilityWords } from './modelWords.ts';
import type { Paint } from './status.ts';

/** What a test of a model showed. */
export function modelTestText(test: ModelTest, paint: Paint): string {
  const { name, model, origin, destination, latency, firstToken, requests, cost, capabilities, contextTokens, notices } = test;
  const first = firstToken === undefined ? 'without any text' : `first text after ${durationText(firstToken)}`;
  const words = capabilityWords(capabilities);
  return [
    `${paint('green', '✓')} ${paint('bold', name)} answers: ${destination ?? `${model} at ${origin}`}`,
    `  ${durationText(latency)}, ${first}; ${requests === 1 ? '1 request' : `${requests} requests`}${cost === undefined ? '' : `, ${moneyText(cost)}`}`,
    ...(words.length === 0 ? [] : [`  ${words.join('; ')}`]),
    `  ${contextTokens} tokens of context`,
    ...notices.map((notice) => `  ${notice}`),
  ].join('\n');
}
