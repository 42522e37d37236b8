import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai/core/error';
import type { Endpoint } from '../../../../core/ai/models/endpoints.ts';
import { saidSentence } from '../../../../core/ai/models/said.ts';
import { failureOf, HandrailError } from '../../../../core/errors.ts';
import { askedDelay, longWait } from './retryAfter.ts';

/** Turns what the SDK throws into failures with a next action. Messages never hold the key or a server's long answer. */

export interface ErrorContext {
  endpoint: Endpoint;
  model: string;
  key: string | undefined;
}

export function toFailure(error: unknown, context: ErrorContext): HandrailError {
  // A failure of our own fetch arrives wrapped in the SDK's connection error.
  const own = failureOf(error) ?? failureOf(causesOf(error).find((cause) => failureOf(cause) !== undefined));
  if (own !== undefined) return own;
  if (error instanceof APIConnectionTimeoutError) return timeout(context);
  if (error instanceof APIConnectionError) return unreachable(error, context);
  if (error instanceof APIError) return ofStatus(error, context);
  if (causesOf(error).some((cause) => errorCode(cause) !== undefined)) return unreachable(error, context);
  return new HandrailError('bad-response', `${context.endpoint.origin} sent an answer that cannot be read: ${said(error, context)}`, {
    hint: 'Try again; if it stays so, check that the server is compatible with OpenAI.',
    cause: error,
  });
}

export function timeout({ endpoint }: ErrorContext): HandrailError {
  return new HandrailError('timeout', `${endpoint.origin} stopped answering.`, {
    hint: 'Try again, or raise limits.timeout of the model.',
  });
}

const CLOSED: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function unreachable(error: unknown, { endpoint }: ErrorContext): HandrailError {
  const code = causesOf(error)
    .map(errorCode)
    .find((found) => found !== undefined);
  if (causesOf(error).some((cause) => cause instanceof Error && cause.name === 'HTTPParserError')) {
    return new HandrailError('bad-response', `${endpoint.origin} does not answer in HTTP.`, {
      hint: `Check the port and the protocol of ${endpoint.baseURL}: something else listens there.`,
    });
  }
  if (code?.startsWith('Z_')) {
    return new HandrailError('bad-response', `${endpoint.origin} sent an answer that is not compressed as it says.`, {
      hint: 'Try again; if it stays so, look at the proxy in between.',
    });
  }
  if (code !== undefined && CLOSED.has(code)) {
    return new HandrailError('unreachable', `${endpoint.origin} closed the connection before it answered.`, {
      hint: 'Try again; if it stays so, look into the log of the server.',
      cause: error,
    });
  }
  const hint = endpoint.loopback
    ? `Is the server running at ${endpoint.baseURL}? Start it, or choose another reviewer.`
    : /CERT|SSL|TLS/.test(code ?? '')
      ? 'The certificate is not trusted here: check the address, or add your company’s certificate (NODE_EXTRA_CA_CERTS).'
      : 'Check the address and the network, then try again.';
  return new HandrailError('unreachable', `${endpoint.origin} cannot be reached${code === undefined ? '' : ` (${code})`}.`, {
    hint,
    cause: error,
  });
}

function ofStatus(error: APIError, context: ErrorContext): HandrailError {
  const { endpoint, model, key } = context;
  const status = httpStatus(error);
  const words = said(error, context);
  const fail = (reason: HandrailError['reason'], message: string, hint: string) => new HandrailError(reason, message, { hint });
  if (isFiltered(error)) {
    return fail(
      'bad-request',
      `The content filter of ${endpoint.origin} refused the request.`,
      'Leave the files out that it objects to, or choose another model.',
    );
  }
  if (status === 401 || status === 403) {
    return key === undefined
      ? fail('unauthorised', `${endpoint.origin} wants a key.`, `Set the key for ${endpoint.origin}.`)
      : fail('unauthorised', `${endpoint.origin} refused the key.`, `Set the key for ${endpoint.origin} again.`);
  }
  if (status === 402 || error.code === 'insufficient_quota') {
    return fail(
      'rate-limited',
      `${endpoint.origin} says that the account's quota is used up.`,
      'Check plan and billing there, or choose another model.',
    );
  }
  if (status === 404) {
    return fail(
      'model-not-found',
      `${endpoint.origin} does not know the model "${model}": ${words}`,
      `Check the model's name, and that ${endpoint.baseURL} is the right base address (often ending in /v1).`,
    );
  }
  if (status === 429) {
    const wait = longWait(askedDelay(error));
    return fail(
      'rate-limited',
      `${endpoint.origin} takes no more requests for now${wait === undefined ? '' : ` and asks to wait ${wait}`}.`,
      `${wait === undefined ? 'Wait a little and try again' : 'Try again then'}, or choose another model.`,
    );
  }
  if (status === 413 || error.code === 'context_length_exceeded' || /context (length|window|size)|maximum context/i.test(words)) {
    return fail(
      'too-large',
      `The request does not fit into the context of "${model}".`,
      'Lower limits.contextTokens of the model, or review fewer files.',
    );
  }
  if (status !== undefined && status >= 500) {
    return fail(
      'bad-response',
      `${endpoint.origin} failed with status ${status}: ${words}`,
      'Try again in a while, or choose another model.',
    );
  }
  if (status !== undefined) {
    return fail(
      'bad-request',
      `${endpoint.origin} refused the request (${status}): ${words}`,
      'Check the parameters of the model in .handrail/models.yml.',
    );
  }
  return new HandrailError('bad-response', `${endpoint.origin} broke the answer off: ${words}`, {
    hint: 'Try again, or choose another model.',
    cause: error,
  });
}

/** Of the answer or, for an error that came inside a stream, as its body says it: OpenRouter writes it there as `code`. */
export function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, error: body } = error as { status?: unknown; error?: unknown };
  if (typeof status === 'number') return status;
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
}

/** The endpoint itself said inside the stream what went wrong. */
export function isSaidInStream(error: unknown): boolean {
  return error instanceof APIError && !(error instanceof APIConnectionError) && error.status === undefined;
}

/** The request itself was filtered: Azure says `content_filter`, OpenRouter names reasons and what was flagged. */
export function isFiltered(error: unknown): boolean {
  if (!(error instanceof APIError)) return false;
  const metadata = (error.error as { metadata?: unknown } | undefined)?.metadata;
  return error.code === 'content_filter' || (typeof metadata === 'object' && metadata !== null && 'flagged_input' in metadata);
}

/** One short line of what the server said, without the key or anything that looks like one. */
export function said(error: unknown, { key }: Pick<ErrorContext, 'key'>): string {
  const raw =
    error instanceof APIError ? (bodyMessage(error.error) ?? bodyText(error)) : error instanceof Error ? error.message : String(error);
  const masked = key === undefined || key === '' ? raw : raw.replaceAll(key, '…');
  return saidSentence(masked) || 'no explanation.';
}

/** A body that is no JSON, which the SDK puts behind the status; a page for browsers explains nothing. */
function bodyText(error: APIError): string {
  const text = error.status === undefined ? error.message : error.message.slice(String(error.status).length).trim();
  return text.startsWith('<') || text === 'status code (no body)' ? '' : text;
}

function bodyMessage(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : undefined;
}

/** The error and what caused it, outermost first. */
export function causesOf(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && found.length < 8; at = (at as { cause?: unknown }).cause) found.push(at);
  return found;
}

function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}
