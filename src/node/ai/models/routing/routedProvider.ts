import type { ModelChunk, ModelProvider, ModelRequest } from '../../../../core/ai/provider.ts';
import { estimateTokens } from '../../../../core/ai/review/tokens.ts';
import { failureOf, HandrailError, type FailureReason } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import { providerWith } from '../providerWith.ts';
import type { Candidate } from './candidate.ts';

/**
 * A provider over a model and its fallbacks, in order. Each request goes to the first that can answer it; the next one is asked only
 * before the first text and when nobody cancelled. Whatever is passed over is told, and so is who answers instead.
 *
 * It presents itself as `first`, the first of them that can be asked at all: requests are made to fit that one. When none answers, it fails
 * as the one that was chosen did.
 */
export function routed(candidates: readonly Candidate[], first: ModelProvider): ModelProvider {
  return providerWith(first, { stream: (request, signal) => answer(candidates, request, signal) });
}

async function* answer(candidates: readonly Candidate[], request: ModelRequest, signal: CancelSignal): AsyncGenerator<ModelChunk> {
  let chosenFailure: HandrailError | undefined;
  for (const [index, candidate] of candidates.entries()) {
    let began = false;
    try {
      if (index > 0) requireRoom(await candidate.open(), request);
      for await (const chunk of candidate.ask(request, signal, { isLast: index === candidates.length - 1 })) {
        if (!began && (chunk.type === 'text' || chunk.type === 'end')) {
          began = true;
          if (index > 0) yield answering(await candidate.open());
        }
        yield chunk;
      }
      return;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined || failure.reason === 'cancelled' || signal.aborted || began) throw error;
      chosenFailure ??= failure;
      const next = candidates[index + 1];
      if (index > 0 || next !== undefined) yield { type: 'notice', message: told(candidate, index, failure, next) };
    }
  }
  throw chosenFailure ?? new HandrailError('internal', 'There is no model to ask.');
}

function answering({ name, model, origin }: ModelProvider): ModelChunk {
  return { type: 'answering', name, model, origin };
}

/** What a person has to mend for a model to be asked at all, in which case the mend is told. */
const NOT_READY: ReadonlySet<FailureReason> = new Set(['untrusted', 'no-key', 'key-origin', 'config', 'not-found']);

function told({ name }: Candidate, index: number, { reason, message, hint }: HandrailError, next: Candidate | undefined): string {
  const isPassedOver = index > 0 && NOT_READY.has(reason);
  return [
    ...(isPassedOver ? [`The fallback "${name}" was passed over.`] : []),
    message,
    ...(NOT_READY.has(reason) && hint !== undefined ? [hint] : []),
    ...(next === undefined ? [] : [`"${next.name}" is asked instead.`]),
  ].join(' ');
}

/** Share of a context that a request may fill; the rest is for the answer. */
const LARGEST_INPUT = 0.75;

/** A request was made to fit another model. Fails with `too-large` when it does not fit this one. */
function requireRoom({ model, contextTokens }: ModelProvider, { system, user }: ModelRequest): void {
  const input = estimateTokens(system) + estimateTokens(user);
  if (input <= contextTokens * LARGEST_INPUT) return;
  throw new HandrailError('too-large', `The request (about ${input} tokens) is too large for ${model}, which takes ${contextTokens}.`, {
    hint: 'Choose a model with a larger context, or review fewer files.',
  });
}
