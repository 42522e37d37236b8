import type { ModelCall, Money } from '../../../../core/ai/models/health.ts';
import { costOf, type ModelPrice } from '../../../../core/ai/models/models.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../../core/ai/provider.ts';
import { estimateTokens } from '../../../../core/ai/review/tokens.ts';
import { failureOf } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import type { HealthStore } from './healthStore.ts';

export interface Measuring {
  health: HealthStore;
  /** Of the entry; it comes before what the model's side tells. */
  price?: ModelPrice;
  /** The money that was set aside for this call. */
  settles?: string;
  /** What the call has cost, once it has ended in whatever way; undefined where nobody knows. */
  onCost?(cost: Money | undefined): void;
}

/**
 * One request, which ends up in the health store with its latency, tokens, cost and outcome. The chunks are the provider's own, with the
 * cost of the tokens beside them. An answer that ends before its tokens are told has cost money too: they are estimated from its text.
 */
export async function* measure(
  provider: ModelProvider,
  request: ModelRequest,
  signal: CancelSignal,
  { health, price, settles, onCost }: Measuring,
): AsyncGenerator<ModelChunk> {
  const at = Date.now();
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  let firstToken: number | undefined;
  let text = '';
  let usage: Pick<ModelCall, 'inputTokens' | 'outputTokens' | 'cachedTokens'> | undefined;
  let told: Money | undefined;
  // A reader that stops in the middle ends this generator without an error.
  let outcome: ModelCall['outcome'] = 'cancelled';
  try {
    for await (const chunk of provider.stream(request, signal)) {
      if (chunk.type === 'text') {
        firstToken ??= elapsed();
        text += chunk.text;
      }
      if (chunk.type === 'end') outcome = chunk.reason === 'cut-off' ? 'bad-response' : 'ok';
      if (chunk.type === 'usage') {
        usage = sum(usage, chunk);
        told = chunk.cost ?? told;
        const { cost: _theirs, ...tokens } = chunk;
        const cost = costOf(price, chunk) ?? chunk.cost;
        yield { ...tokens, ...(cost === undefined ? {} : { cost }) };
      } else yield chunk;
    }
  } catch (error) {
    outcome = failureOf(error)?.reason ?? 'internal';
    throw error;
  } finally {
    const isEstimated = usage === undefined && text !== '';
    const tokens = usage ?? {
      inputTokens: isEstimated ? estimateTokens(request.system) + estimateTokens(request.user) : 0,
      outputTokens: estimateTokens(text),
      cachedTokens: 0,
    };
    const cost = costOf(price, tokens) ?? told;
    onCost?.(cost);
    await health.record(
      {
        at,
        name: provider.name,
        model: provider.model,
        origin: provider.origin,
        latency: elapsed(),
        ...(firstToken === undefined ? {} : { firstToken }),
        outcome,
        ...tokens,
        ...(cost === undefined ? {} : { cost }),
        ...(isEstimated ? { estimated: true } : {}),
      },
      settles,
    );
  }
}

type Tokens = Pick<ModelCall, 'inputTokens' | 'outputTokens' | 'cachedTokens'>;

function sum(total: Tokens | undefined, more: Tokens): Tokens {
  return {
    inputTokens: (total?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (total?.outputTokens ?? 0) + more.outputTokens,
    cachedTokens: (total?.cachedTokens ?? 0) + more.cachedTokens,
  };
}
