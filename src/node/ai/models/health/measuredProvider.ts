import { costOf, type ModelPrice } from '../../../../core/ai/models/models.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../../core/ai/provider.ts';
import { failureOf } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import type { HealthStore, ModelCall } from './healthStore.ts';
import { providerWith } from '../providerWith.ts';

/** The same provider, every request of which ends up in the health store with its latency, tokens, cost and outcome. */
export function measured(provider: ModelProvider, health: HealthStore, price?: ModelPrice): ModelProvider {
  return providerWith(provider, { stream: (request, signal) => measure(provider, health, price, request, signal) });
}

async function* measure(
  provider: ModelProvider,
  health: HealthStore,
  price: ModelPrice | undefined,
  request: ModelRequest,
  signal: CancelSignal,
): AsyncGenerator<ModelChunk> {
  const at = Date.now();
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  let firstToken: number | undefined;
  const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  let told: ModelCall['cost'];
  // A reader that stops in the middle ends this generator without an error.
  let outcome: ModelCall['outcome'] = 'cancelled';
  try {
    for await (const chunk of provider.stream(request, signal)) {
      if (chunk.type === 'text') firstToken ??= elapsed();
      if (chunk.type === 'usage') {
        addUsage(usage, chunk);
        told = chunk.cost ?? told;
      }
      if (chunk.type === 'end') outcome = chunk.reason === 'cut-off' ? 'bad-response' : 'ok';
      yield chunk;
    }
  } catch (error) {
    outcome = failureOf(error)?.reason ?? 'internal';
    throw error;
  } finally {
    const cost = costOf(price, usage) ?? told;
    await health.record({
      at,
      name: provider.name,
      model: provider.model,
      origin: provider.origin,
      latency: elapsed(),
      ...(firstToken === undefined ? {} : { firstToken }),
      outcome,
      ...usage,
      ...(cost === undefined ? {} : { cost }),
    });
  }
}

function addUsage(
  total: { inputTokens: number; outputTokens: number; cachedTokens: number },
  chunk: Extract<ModelChunk, { type: 'usage' }>,
): void {
  total.inputTokens += chunk.inputTokens;
  total.outputTokens += chunk.outputTokens;
  total.cachedTokens += chunk.cachedTokens;
}
