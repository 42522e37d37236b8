import type { Endpoint } from '../../../../core/ai/models/endpoints.ts';
import type { Fetch } from '../openai/endpointFetch.ts';

/**
 * Tokens a server on this machine really takes for this model, as far as it tells. Local servers cut what is longer without a
 * word, so that half a file would be reviewed as if it were whole. Undefined when none of them says.
 */
export async function localContext(
  endpoint: Endpoint,
  model: string,
  options: { timeout?: number; fetch?: Fetch } = {},
): Promise<number | undefined> {
  const get = async (path: string): Promise<unknown> => {
    const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
    try {
      const response = await send(`${endpoint.origin}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(options.timeout ?? 500) });
      if (response.ok) return await response.json();
      await response.body?.cancel();
    } catch {
      // Not that kind of server.
    }
    return undefined;
  };
  const [listed, running, loaded, properties] = await Promise.all([
    get('/v1/models'),
    get('/api/ps'),
    get('/api/v0/models'),
    get('/props'),
  ]);
  const found = [
    // vLLM: https://docs.vllm.ai (ModelCard.max_model_len)
    field(entryOf(listed, 'data', 'id', model), 'max_model_len'),
    // Ollama: GET /api/ps lists running models with the context they were loaded with.
    field(entryOf(running, 'models', 'model', model) ?? entryOf(running, 'models', 'name', model), 'context_length'),
    // LM Studio: GET /api/v0/models
    field(entryOf(loaded, 'data', 'id', model), 'loaded_context_length'),
    // llama.cpp: GET /props
    field(record(properties)?.['default_generation_settings'], 'n_ctx'),
  ];
  return found.find((tokens) => tokens !== undefined);
}

function entryOf(answer: unknown, list: string, key: string, model: string): unknown {
  const entries = record(answer)?.[list];
  return Array.isArray(entries) ? entries.find((entry) => record(entry)?.[key] === model) : undefined;
}

function field(value: unknown, key: string): number | undefined {
  const tokens = record(value)?.[key];
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
