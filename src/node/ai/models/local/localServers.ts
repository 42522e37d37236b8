import type { ModelOffer } from '../../../../core/ai/service.ts';
import type { Fetch } from '../openai/endpointFetch.ts';

export interface LocalServer {
  label: string;
  port: number;
}

/** Where the usual servers listen when nobody changed it. */
export const USUAL_SERVERS: readonly LocalServer[] = [
  { label: 'Ollama', port: 11434 },
  { label: 'LM Studio', port: 1234 },
  { label: 'llama.cpp', port: 8080 },
  { label: 'vLLM', port: 8000 },
];

const MODELS_SHOWN = 5;
/** Bytes; a list of models is a few kilobytes, and another program may listen on the port. */
const LARGEST_LIST = 262_144;

export interface LocalServerOptions {
  servers?: readonly LocalServer[];
  /** Milliseconds for one server; all are asked at once. */
  timeout?: number;
  fetch?: Fetch;
}

/** Models of servers on this machine. Only `GET /v1/models` is sent, without a key; whoever does not answer it is left out. */
export async function findLocalServers(options: LocalServerOptions = {}): Promise<ModelOffer[]> {
  const found = await Promise.all((options.servers ?? USUAL_SERVERS).map((server) => offersOf(server, options)));
  return found.flat();
}

async function offersOf({ label, port }: LocalServer, options: LocalServerOptions): Promise<ModelOffer[]> {
  const origin = `http://127.0.0.1:${port}`;
  const baseURL = `${origin}/v1`;
  const models = await listModels(baseURL, options);
  return models.slice(0, MODELS_SHOWN).map((model) => ({
    kind: 'local-server',
    label: `${label} on 127.0.0.1:${port}: ${model}`,
    name: model,
    model,
    baseURL,
    origin,
  }));
}

async function listModels(baseURL: string, options: LocalServerOptions): Promise<string[]> {
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  try {
    const response = await send(`${baseURL}/models`, { redirect: 'manual', signal: AbortSignal.timeout(options.timeout ?? 500) });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > LARGEST_LIST) {
      await response.body?.cancel();
      return [];
    }
    const list = (await response.json()) as { data?: unknown } | null;
    return Array.isArray(list?.data) ? list.data.map(identifier).filter((id) => id !== undefined) : [];
  } catch {
    return [];
  }
}

/** Model names as servers write them; embedding models cannot review. */
function identifier(item: unknown): string | undefined {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' && /^[\w.:/@+-]{1,200}$/.test(id) && !/embed/i.test(id) ? id : undefined;
}
