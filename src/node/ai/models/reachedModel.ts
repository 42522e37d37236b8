import type { ModelProvider } from '../../../core/ai/provider.ts';
import type { TraitsMemory } from './openai/endpointTraits.ts';

/** A model that was found where its route leads. Opening it sends nothing yet. */
export interface ReachedModel {
  model: string;
  /** What has to be confirmed before text goes there. */
  origin: string;
  /** {@link origin} in words for people, where it is not plain enough. */
  destination?: string;
  /** It wants a key that the key store does not have. */
  needsKey: boolean;
  /** Where it is known without asking. */
  contextTokens?: number;
  /** What was learned about it and is remembered; absent where there is nothing to learn. */
  traits?: TraitsMemory;
  /** With `fresh`, it is asked as if nothing were known about it, and what it shows goes there. */
  open(fresh?: TraitsMemory): Promise<ModelProvider>;
}
