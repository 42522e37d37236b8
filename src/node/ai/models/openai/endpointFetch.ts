import { HandrailError } from '../../../../core/errors.ts';
import { dialectOf } from '../../../../core/ai/models/dialect.ts';
import type { Endpoint } from '../../../../core/ai/models/endpoints.ts';
import { saidSentence } from '../../../../core/ai/models/said.ts';
import { errorOf, eventsOf } from './wholeAnswer.ts';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface EndpointFetchOptions {
  endpoint: Endpoint;
  /** Sent as the endpoint wants it; set here so that nothing else, the SDK's environment reading included, chooses a header. */
  key: string | undefined;
  /** Called for every piece of the answer that arrives. */
  onBytes(bytes: Uint8Array): void;
  fetch?: Fetch;
}

/** Everything else the SDK would add (its environment's organisation, project and custom headers, machine facts) stays here. */
const SENT_HEADERS = ['accept', 'content-type'];

/**
 * The only way to the network for a provider: one origin, no redirects (a 307 would resend the text elsewhere), a fixed set
 * of headers, and an answer that is an event stream, or as good as one. Fails with `redirect` or `bad-response`.
 */
export function createEndpointFetch(options: EndpointFetchOptions): Fetch {
  const { endpoint, key } = options;
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  return async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (new URL(address).origin !== new URL(endpoint.baseURL).origin) {
      throw new HandrailError('redirect', `A request to another server than ${endpoint.origin} was held back.`);
    }
    const given = new Headers(init?.headers);
    const headers = new Headers({ 'user-agent': 'handrail' });
    for (const name of SENT_HEADERS) {
      const value = given.get(name);
      if (value !== null) headers.set(name, value);
    }
    const carrier = key === undefined ? undefined : dialectOf(endpoint.origin).keyHeader(key);
    if (carrier !== undefined) headers.set(carrier.name, carrier.value);
    const response = await send(address, { ...init, headers, redirect: 'manual' });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel().catch(() => undefined);
      throw new HandrailError('redirect', `${endpoint.origin} redirects elsewhere; nothing was sent on.`, {
        hint: 'Set baseURL to the address the server really has.',
      });
    }
    if (!response.ok) return response;
    return watched(await requireEventStream(response, options), options.onBytes);
  };
}

/** Some proxies answer 200 with a login page, some servers ignore `stream`; both would look like an empty answer. */
async function requireEventStream(response: Response, options: EndpointFetchOptions): Promise<Response> {
  const { endpoint } = options;
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (['', 'text/event-stream', 'text/plain', 'application/octet-stream'].includes(type)) return response;
  if (type === 'application/json') {
    const events = await wholeAnswer(response, options);
    if (events !== undefined) return new Response(events, { headers: { 'content-type': 'text/event-stream' } });
  }
  await response.body?.cancel().catch(() => undefined);
  throw new HandrailError('bad-response', `${endpoint.origin} answered with ${type.slice(0, 60)} instead of a stream of events.`, {
    hint: `Check that ${endpoint.baseURL} is the base address of an OpenAI-compatible server (often ending in /v1).`,
  });
}

/** Bytes. Far more than the longest answer and what is told about it. */
const LONGEST_DOCUMENT = 4_000_000;

/** The answer of a server that does not stream, as events; undefined when the document is none. Fails with what it says went wrong. */
async function wholeAnswer(response: Response, { endpoint, key }: EndpointFetchOptions): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > LONGEST_DOCUMENT) return undefined;
    pieces.push(piece);
  }
  let document: unknown;
  try {
    document = JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    return undefined;
  }
  const error = errorOf(document);
  if (error === undefined) return eventsOf(document);
  const told = saidSentence(key === undefined || key === '' ? error : error.replaceAll(key, '…'));
  throw new HandrailError('bad-response', `${endpoint.origin} answered with an error: ${told}`, {
    hint: 'Try again, or choose another model.',
  });
}

function watched(response: Response, onBytes: (bytes: Uint8Array) => void): Response {
  if (response.body === null) return response;
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      onBytes(bytes);
      controller.enqueue(bytes);
    },
  });
  return new Response(response.body.pipeThrough(tap), { status: response.status, headers: response.headers });
}
