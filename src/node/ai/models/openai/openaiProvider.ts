import type OpenAI from 'openai';
import type { EndpointTraits } from '../../../../core/ai/models/capabilities.ts';
import { dialectOf } from '../../../../core/ai/models/dialect.ts';
import { parseEndpoint, type Endpoint } from '../../../../core/ai/models/endpoints.ts';
import type { ModelLimits, ModelParams } from '../../../../core/ai/models/models.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../../core/ai/provider.ts';
import { HandrailError } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import { accepted, beginCourse, ended, learn, renewed, standingNotices, toldFailure, type Course } from './course.ts';
import { createEndpointFetch, type Fetch } from './endpointFetch.ts';
import { traitsInMemory, type TraitsMemory } from './endpointTraits.ts';
import { FormWatch } from './formWatch.ts';
import { chatChunks, responsesChunks } from './openaiChunks.ts';
import { isSaidInStream, toFailure, timeout } from './openaiErrors.ts';
import { chatBody, formOfRequest, responsesBody, type BodyInput } from './openaiRequest.ts';
import { mayRetry, pause, retryDelay } from './retry.ts';
import { createWatchdog, type Watchdog } from '../../watchdog.ts';

export interface OpenAiProviderOptions {
  /** Name of the entry in models.yml, or of the environment's choice. */
  name: string;
  model: string;
  baseURL: string;
  /** Undefined for servers that want none. */
  key: string | undefined;
  /** Fetches the key again after the endpoint refused it, since tokens expire. Absent where it would be the same. */
  renewKey?(): Promise<string | undefined>;
  /** Fixes the API; found out when absent. */
  api?: 'chat' | 'responses';
  params?: ModelParams;
  limits?: ModelLimits;
  /** What is already known about this model; kept in memory when absent. */
  traits?: TraitsMemory;
  fetch?: Fetch;
  /** 0 to 1, for the jitter of retries. */
  random?: () => number;
}

/** Characters a token may have; English and code have about four, so twice that never cuts a good answer. */
const CHARACTERS_PER_TOKEN = 8;
/** Bytes of event wrapping a token may cost; servers use 200 to 400. */
const BYTES_PER_TOKEN = 4096;
/** Tokens, where the caller knows nothing. */
const DEFAULT_CONTEXT = 32_000;
/** Milliseconds. Reasoning models and servers that first load a model from disk are silent for long. */
const DEFAULT_TIMEOUT = 120_000;
const DEFAULT_RETRIES = 3;
/** Bytes that a character of text may take in an event: `\\uXXXX`. */
const BYTES_PER_CHARACTER = 6;
/** Milliseconds that the stream may stay open after the server named its end; the tokens are told in between. */
const GRACE = 2000;
/** The longest an answer may take in all, in milliseconds, whatever signs of life come. */
const LONGEST_ANSWER = 15 * 60_000;

/** A model behind any OpenAI-compatible endpoint, through the official SDK. Fails at once with `config` for an unusable address. */
export function createOpenAiProvider(options: OpenAiProviderOptions): ModelProvider {
  const endpoint = parseEndpoint(options.baseURL);
  const traits = options.traits ?? traitsInMemory();
  return {
    name: options.name,
    model: options.model,
    origin: endpoint.origin,
    contextTokens: options.limits?.contextTokens ?? DEFAULT_CONTEXT,
    ...(options.limits?.concurrency === undefined ? {} : { concurrency: options.limits.concurrency }),
    stream: (request, signal) => answer({ ...options, endpoint, traits }, request, signal),
  };
}

type Provider = OpenAiProviderOptions & { endpoint: Endpoint; traits: TraitsMemory };

/** One request with all its attempts. Only attempts that brought no text yet are repeated. */
async function* answer(provider: Provider, request: ModelRequest, signal: CancelSignal): AsyncGenerator<ModelChunk> {
  const course = await beginCourse(provider);
  for (const message of standingNotices(provider, course.traits)) yield { type: 'notice', message };
  for (;;) {
    if (signal.aborted) throw cancelled();
    const input = bodyInput(provider, request, course.traits);
    const body = course.api === 'chat' ? chatBody(input) : responsesBody(input);
    const attempt = new Attempt({ ...provider, key: course.key }, signal, input);
    try {
      for await (const chunk of attempt.run(body, course.api)) {
        if (chunk.type === 'text' && attempt.texts === 1) await accepted(course, provider);
        const warning =
          chunk.type === 'usage' && provider.endpoint.loopback ? readTooLittle(chunk.inputTokens, request, provider) : undefined;
        if (warning !== undefined) yield { type: 'notice', message: warning };
        if (chunk.type === 'end') await ended(course, provider, attempt.watch, chunk.reason);
        yield chunk;
      }
      return;
    } catch (error) {
      if (signal.aborted) throw cancelled();
      const context = { ...provider, key: course.key };
      const failure = attempt.timedOut ? timeout(context) : toFailure(error, context);
      if (attempt.texts > 0) {
        const isSaid = attempt.timedOut || isSaidInStream(error);
        yield* cutOff(isSaid ? failure.message : `The answer of ${provider.endpoint.origin} broke off.`);
        return;
      }
      const message =
        (await renewed(course, provider, failure)) ?? learn(course, provider, error, failure, body as unknown as Record<string, unknown>);
      if (message !== undefined) {
        if (message !== '') yield { type: 'notice', message };
        continue;
      }
      const delay = waitBefore(course, provider, error, failure);
      if (delay === undefined) throw toldFailure(course, failure);
      yield { type: 'notice', message: `${failure.message} Trying again in ${Math.max(1, Math.round(delay / 1000))} s.` };
      if (!(await pause(delay, signal))) throw cancelled();
    }
  }
}

function* cutOff(cause: string): Generator<ModelChunk> {
  yield { type: 'notice', message: `${cause} What had arrived was kept.` };
  yield { type: 'end', reason: 'cut-off' };
}

/** Milliseconds to wait before the next attempt; undefined when there is to be none. */
function waitBefore(course: Course, provider: Provider, error: unknown, failure: HandrailError): number | undefined {
  if (course.failures >= (provider.limits?.retries ?? DEFAULT_RETRIES) || !mayRetry(error, failure, provider.endpoint)) return undefined;
  course.failures += 1;
  return retryDelay(error, course.failures - 1, provider.random ?? Math.random);
}

/** One HTTP exchange. Ending it in any way closes the socket. */
class Attempt {
  /** Pieces of text handed on. */
  texts = 0;
  timedOut = false;
  /** Whether the answer keeps to its form; absent when none is prescribed. */
  readonly watch: FormWatch | undefined;
  readonly #provider: Provider;
  readonly #signal: CancelSignal;
  readonly #maxOutputTokens: number;
  /** Characters of the request, which some servers repeat in their events. */
  readonly #requestLength: number;

  constructor(provider: Provider, signal: CancelSignal, input: BodyInput) {
    this.#provider = provider;
    this.#signal = signal;
    this.#maxOutputTokens = input.maxOutputTokens;
    this.#requestLength = input.request.system.length + input.request.user.length;
    const form = formOfRequest(input);
    this.watch = form && input.request.schema && new FormWatch(form, input.request.schema.schema, input.traits.form);
  }

  async *run(body: ReturnType<typeof chatBody> | ReturnType<typeof responsesBody>, api: 'chat' | 'responses'): AsyncGenerator<ModelChunk> {
    const abort = new AbortController();
    const onAbort = () => abort.abort();
    this.#signal.addEventListener('abort', onAbort, { once: true });
    let watchdog: Watchdog | undefined;
    let grace: NodeJS.Timeout | undefined;
    try {
      const wire = new Wire(this.#room());
      const client = await createClient(this.#provider, (bytes) => {
        watchdog?.alive();
        if (!wire.take(bytes)) abort.abort();
      });
      // From here on, so that the time it takes to load the SDK is not the server's.
      watchdog = createWatchdog({
        idle: this.#provider.limits?.timeout ?? DEFAULT_TIMEOUT,
        total: LONGEST_ANSWER,
        onBark: () => {
          this.timedOut = true;
          abort.abort();
        },
      });
      const { costCurrency } = dialectOf(this.#provider.endpoint.origin);
      const options = {
        ...(this.watch === undefined ? {} : { form: this.watch.form }),
        ...(costCurrency === undefined ? {} : { costCurrency }),
        onCall: () => this.watch?.called(),
        onFinish: () => {
          watchdog?.stop();
          grace ??= setTimeout(() => abort.abort(), GRACE);
        },
      };
      const chunks =
        api === 'chat'
          ? chatChunks(await client.chat.completions.create(body as ReturnType<typeof chatBody>, { signal: abort.signal }), options)
          : responsesChunks(await client.responses.create(body as ReturnType<typeof responsesBody>, { signal: abort.signal }), options);
      yield* this.#limited(chunks, wire);
      // The SDK ends a stream that was aborted as if it were complete.
      if (this.timedOut) throw timeout(this.#provider);
      if (this.#signal.aborted) throw cancelled();
    } finally {
      watchdog?.stop();
      clearTimeout(grace);
      this.#signal.removeEventListener('abort', onAbort);
      abort.abort();
    }
  }

  /** Bytes that an honest answer may take: the whole stream, and one line of it, which may hold all of the answer and the request. */
  #room(): { stream: number; line: number } {
    const other = 65_536 + 2 * BYTES_PER_CHARACTER * this.#requestLength;
    return {
      stream: this.#maxOutputTokens * BYTES_PER_TOKEN + other,
      line: this.#maxOutputTokens * CHARACTERS_PER_TOKEN * BYTES_PER_CHARACTER + other,
    };
  }

  /** Passes chunks on, cuts an endless answer, and names the end where the server did not. */
  async *#limited(chunks: AsyncIterable<ModelChunk>, wire: Wire): AsyncGenerator<ModelChunk> {
    let room = this.#maxOutputTokens * CHARACTERS_PER_TOKEN;
    let ended: Extract<ModelChunk, { type: 'end' }> | undefined;
    for await (const chunk of chunks) {
      if (chunk.type === 'end') ended = chunk;
      else yield chunk;
      if (chunk.type !== 'text') continue;
      this.texts += 1;
      this.watch?.push(chunk.text);
      room -= chunk.text.length;
      if (room < 0) {
        yield { type: 'notice', message: `${this.#provider.model} wrote far more than was asked for; the answer was cut.` };
        yield { type: 'end', reason: 'length' };
        return;
      }
    }
    if (this.timedOut || this.#signal.aborted) return;
    if (wire.overflowed && this.texts > 0) yield { type: 'end', reason: 'length' };
    else if (ended !== undefined) yield ended;
    else if (wire.complete) yield { type: 'end', reason: 'stop' };
    else if (this.texts > 0) yield { type: 'end', reason: 'cut-off' };
    else
      throw new HandrailError(
        'bad-response',
        `${this.#provider.endpoint.origin} sent ${wire.overflowed ? 'far more than an answer' : 'an empty answer'}.`,
        {
          hint: 'Try again, or choose another model.',
        },
      );
  }
}

/** Bytes of one answer: counts them, and remembers whether the closing mark was seen. */
class Wire {
  overflowed = false;
  #tail = '';
  /** Bytes since the last line break. */
  #line = 0;
  #room: number;
  readonly #longestLine: number;

  constructor(room: { stream: number; line: number }) {
    this.#room = room.stream;
    this.#longestLine = room.line;
  }

  /** False when the answer, or a line of it, is larger than any honest one. */
  take(bytes: Uint8Array): boolean {
    this.#room -= bytes.length;
    const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13));
    this.#line = end < 0 ? this.#line + bytes.length : bytes.length - 1 - end;
    this.overflowed ||= this.#room < 0 || this.#line > this.#longestLine;
    this.#tail = (this.#tail + Buffer.from(bytes.subarray(-32)).toString('latin1')).slice(-32);
    return !this.overflowed;
  }

  /** The stream's `data: [DONE]` was seen; some servers give no other end. */
  get complete(): boolean {
    return this.#tail.includes('[DONE]');
  }
}

async function createClient(provider: Provider, onBytes: (bytes: Uint8Array) => void): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  return new Client({
    baseURL: provider.endpoint.baseURL,
    // Real headers are set in the fetch below; the SDK wants some key, and would else take the environment's.
    apiKey: 'set-by-fetch',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    // Retries are ours: they have to be bounded, told to the person and cancelled.
    maxRetries: 0,
    timeout: LONGEST_ANSWER,
    logLevel: 'off',
    dangerouslyAllowBrowser: true,
    fetch: createEndpointFetch({
      endpoint: provider.endpoint,
      key: provider.key,
      onBytes,
      ...(provider.fetch === undefined ? {} : { fetch: provider.fetch }),
    }),
  });
}

function bodyInput(provider: Provider, request: ModelRequest, traits: EndpointTraits): BodyInput {
  return {
    model: provider.model,
    request,
    traits,
    params: provider.params ?? {},
    maxOutputTokens: Math.min(request.maxOutputTokens, provider.limits?.outputTokens ?? request.maxOutputTokens),
    tokenLimit: dialectOf(provider.endpoint.origin).tokenLimit,
  };
}

/** Local servers cut what does not fit into their context without a word; the tokens they count give it away. */
function readTooLittle(read: number, request: ModelRequest, { model }: Provider): string | undefined {
  const least = Math.floor((request.system.length + request.user.length) / CHARACTERS_PER_TOKEN);
  if (read === 0 || read >= least) return undefined;
  return `${model} reports that it read ${read} tokens, although at least ${least} were sent: its context is probably too small. Raise it on the server, or lower limits.contextTokens.`;
}

function cancelled(): HandrailError {
  return new HandrailError('cancelled', 'The request was cancelled.');
}
