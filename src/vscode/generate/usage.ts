import type { ModelChoice } from '../../core/ai/service.ts';
import type { Observation } from '../../core/telemetry/observation.ts';
import type { Proposal } from './proposal.ts';

/** What became of a proposal, for the recorder; no content. That it settled a step is an event of its own. */
export function decisionOf(proposal: Proposal, outcome: Observation['outcome']): Observation {
  const { result, choice, duration } = proposal;
  const { inputTokens, outputTokens, cost } = result.usage;
  return {
    operation: 'generate',
    outcome,
    ...providerOf(choice),
    duration,
    inputTokens,
    outputTokens,
    ...(cost === undefined ? {} : { cost }),
  };
}

/** Which way the model was reached, and which it was. */
export function providerOf({ origin = '', model }: ModelChoice): Pick<Observation, 'provider' | 'model'> {
  const provider = origin.startsWith('editor:') ? 'vscode' : origin.startsWith('assistant:') ? 'command' : 'openai';
  return { provider, ...(model === undefined ? {} : { model }) };
}
