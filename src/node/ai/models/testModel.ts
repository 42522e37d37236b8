import type { EndpointTraits } from '../../../core/ai/models/capabilities.ts';
import type { Money } from '../../../core/ai/models/health.ts';
import { capabilitiesOf, type ModelTest } from '../../../core/ai/models/modelStatus.ts';
import type { ModelChunk, ModelRequest } from '../../../core/ai/provider.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import type { ModelAlone } from './chooser.ts';
import { traitsInMemory } from './openai/endpointTraits.ts';
import type { Candidate } from './routing/candidate.ts';

/** Nothing of the workspace is in it. */
const REQUEST: ModelRequest = {
  system: 'This is a test of the connection. Answer with one JSON object and nothing else: {"answer":"ok"}',
  user: 'Are you there?',
  schema: {
    name: 'test_answer',
    schema: { type: 'object', additionalProperties: false, required: ['answer'], properties: { answer: { type: 'string' } } },
  },
  // Models that think before they answer need some room for it.
  maxOutputTokens: 1024,
};
/** One request for each form that an answer can have. */
const MOST_REQUESTS = 3;

/**
 * Asks a model as if nothing were known about it, until it is known in which form it answers. What it showed is remembered only when it
 * answered. Fails with the model's own failure.
 */
export async function testModel(name: string, { reached, candidate }: ModelAlone, signal: CancelSignal): Promise<ModelTest> {
  const fresh = traitsInMemory();
  const asked = candidate(fresh);
  const notices: string[] = [];
  let costs: Money | undefined;
  let last: { latency: number; firstToken?: number } = { latency: 0 };
  let requests = 0;
  do {
    requests++;
    const answer = await ask(asked, signal);
    last = answer.times;
    costs = added(costs, answer.cost);
    notices.push(...answer.notices.filter((notice) => !notices.includes(notice)));
  } while (reached.traits !== undefined && (await fresh.read()).form === undefined && requests < MOST_REQUESTS);
  // A local server tells what it takes once the model is loaded, which it is now.
  const { contextTokens } = await reached.open(fresh);
  const shown = await fresh.read();
  await reached.traits?.write(shown);
  return {
    name,
    model: reached.model,
    origin: reached.origin,
    ...(reached.destination === undefined ? {} : { destination: reached.destination }),
    ...last,
    requests,
    ...(costs === undefined ? {} : { cost: costs }),
    capabilities: capabilitiesOf(reached.traits === undefined ? PROMPTED : shown),
    contextTokens,
    notices,
  };
}

/** Nothing can be prescribed to the editor's models and to assistants. */
const PROMPTED: EndpointTraits = { refused: [], form: 'prompt' };

interface Answer {
  times: { latency: number; firstToken?: number };
  cost: Money | undefined;
  notices: string[];
}

async function ask(candidate: Candidate, signal: CancelSignal): Promise<Answer> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  let firstToken: number | undefined;
  const chunks: ModelChunk[] = [];
  for await (const chunk of candidate.ask(REQUEST, signal)) {
    if (chunk.type === 'text') firstToken ??= elapsed();
    chunks.push(chunk);
  }
  return {
    times: { latency: elapsed(), ...(firstToken === undefined ? {} : { firstToken }) },
    cost: chunks.flatMap((chunk) => (chunk.type === 'usage' ? [chunk.cost] : [])).reduce(added, undefined),
    notices: chunks.flatMap((chunk) => (chunk.type === 'notice' ? [chunk.message] : [])),
  };
}

/** All of one model's requests are in one currency. */
function added(sum: Money | undefined, more: Money | undefined): Money | undefined {
  return sum && more ? { amount: sum.amount + more.amount, currency: sum.currency } : (more ?? sum);
}
