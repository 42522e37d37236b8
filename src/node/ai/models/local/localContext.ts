import type { Endpoint } from '../../../../core/ai/models/endpoints.ts';
import type { Fetch } from '../openai/endpointFetch.ts';

/** What a server on this machine tells about a model that it serves. */
export interface LocalModel {
  /** Tokens that it really takes. */
  contextTokens?: number;
  /** Requests that it answers at the same time. */
  slots?: number;
}

/** Bytes; an honest answer is a few kilobytes, and another program may listen on the port. */
const LARGEST_ANSWER = 1_048_576;

/**
 * Asks a server on this machine how much of a text it really takes: local servers cut what is longer without a word, so that half a file
 * would be reviewed as if it were whole. Only what a model was loaded with counts, not what it could be loaded with. Each server is asked in
 * its own way, without a key; nothing but the model's name is sent, and that only to Ollama.
 */
export async function askLocalModel(
  endpoint: Endpoint,
  model: string,
  options: { timeout?: number; fetch?: Fetch } = {},
): Promise<LocalModel> {
  const get = (path: string): Promise<unknown> => json(endpoint, path, options);
  const [listed, running, loaded, instances, properties] = await Promise.all([
    get('/v1/models'),
    get('/api/ps'),
    get('/api/v0/models'),
    get('/api/v1/models'),
    get('/props'),
  ]);
  const contextTokens =
    vllm(listed, model) ?? ollamaRunning(running, model) ?? lmStudio(loaded, instances, model) ?? llamaCpp(properties)?.contextTokens;
  if (contextTokens !== undefined) return { contextTokens, ...slotsOf(properties) };
  if (entries(running, 'models') !== undefined) return ollamaShown(await json(endpoint, '/api/show', options, { model }));
  // A router of llama.cpp tells nothing without the model's name.
  return record(properties) === undefined ? {} : (llamaCpp(await get(`/props?model=${encodeURIComponent(model)}`)) ?? {});
}

/** `max_model_len` of the model card: https://docs.vllm.ai/en/latest/serving/openai_compatible_server. */
function vllm(listed: unknown, model: string): number | undefined {
  return whole(entryOf(listed, 'data', ['id'], model)?.['max_model_len']);
}

/** `GET /api/ps` lists what is loaded, with the context it was loaded with: https://docs.ollama.com/api/ps. */
function ollamaRunning(running: unknown, model: string): number | undefined {
  const names = model.includes(':') ? [model] : [model, `${model}:latest`];
  return names
    .map((name) => whole(entryOf(running, 'models', ['model', 'name'], name)?.['context_length']))
    .find((found) => found !== undefined);
}

/**
 * `POST /api/show` of a model that is not loaded: `num_ctx` of its parameters, a text of lines, at most what the architecture can take. The
 * latter alone says nothing, since Ollama loads with less: https://docs.ollama.com/api-reference/show-model-details.
 */
function ollamaShown(shown: unknown): LocalModel {
  const parameters = record(shown)?.['parameters'];
  const set = typeof parameters === 'string' ? /^num_ctx\s+(\d+)\s*$/m.exec(parameters)?.[1] : undefined;
  if (set === undefined) return {};
  const info = Object.entries(record(record(shown)?.['model_info']) ?? {});
  const trained = whole(info.find(([key]) => key.endsWith('.context_length'))?.[1]);
  const contextTokens = whole(Math.min(Number(set), trained ?? Infinity));
  return contextTokens === undefined ? {} : { contextTokens };
}

/** `loaded_context_length` (v0) or `loaded_instances[].config.context_length` (v1): https://lmstudio.ai/docs/developer/rest. */
function lmStudio(loaded: unknown, instances: unknown, model: string): number | undefined {
  const one = record(entries(entryOf(instances, 'models', ['key', 'id'], model), 'loaded_instances')?.[0]);
  return whole(entryOf(loaded, 'data', ['id'], model)?.['loaded_context_length']) ?? whole(record(one?.['config'])?.['context_length']);
}

/** `GET /props`: the context of one slot, and how many there are: https://github.com/ggml-org/llama.cpp/tree/master/tools/server. */
function llamaCpp(properties: unknown): LocalModel | undefined {
  const contextTokens = whole(record(record(properties)?.['default_generation_settings'])?.['n_ctx']);
  return contextTokens === undefined ? undefined : { contextTokens, ...slotsOf(properties) };
}

function slotsOf(properties: unknown): { slots?: number } {
  const slots = whole(record(properties)?.['total_slots']);
  return slots === undefined ? {} : { slots };
}

async function json(
  endpoint: Endpoint,
  path: string,
  options: { timeout?: number; fetch?: Fetch },
  body?: Record<string, unknown>,
): Promise<unknown> {
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  try {
    const response = await send(`${endpoint.origin}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeout ?? 500),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.ok && Number(response.headers.get('content-length') ?? 0) <= LARGEST_ANSWER) return await response.json();
    await response.body?.cancel();
  } catch {
    // Not that kind of server.
  }
  return undefined;
}

function entries(answer: unknown, list: string): unknown[] | undefined {
  const found = record(answer)?.[list];
  return Array.isArray(found) ? found : undefined;
}

function entryOf(answer: unknown, list: string, keys: readonly string[], model: string): Record<string, unknown> | undefined {
  return record(entries(answer, list)?.find((entry) => keys.some((key) => record(entry)?.[key] === model)));
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
