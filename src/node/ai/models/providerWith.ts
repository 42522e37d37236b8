import type { ModelProvider } from '../../../core/ai/provider.ts';

/** The same provider with some members exchanged. It may be an instance of a class, which spreading would take apart. */
export function providerWith(
  provider: ModelProvider,
  changes: { stream?: ModelProvider['stream']; contextTokens?: number; concurrency?: number },
): ModelProvider {
  const { countTokens } = provider;
  const concurrency = changes.concurrency ?? provider.concurrency;
  return {
    name: provider.name,
    model: provider.model,
    origin: provider.origin,
    contextTokens: changes.contextTokens ?? provider.contextTokens,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(countTokens === undefined ? {} : { countTokens: (text, signal) => countTokens.call(provider, text, signal) }),
    stream: changes.stream ?? ((request, signal) => provider.stream(request, signal)),
  };
}
