import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * An OpenAI-compatible model server on 127.0.0.1 for tests: streams Chat Completions and Responses, says what it was told to say, and
 * fails in the ways real servers fail. In a test: `const server = await startModelServer({ replies: [{ text: '…' }] })`; as a process:
 * `node test/support/modelServer.ts --port 0 --script script.json` prints its base address and ends with its parent.
 */

export interface ModelScript {
  /** Answers in order; the last one repeats. */
  replies?: Reply[];
  /** Answers chosen by a text in the request, before `replies`; each as often as it is asked for. */
  answers?: { when: string; reply: Reply }[];
  /** Refused with 401 unless the request carries it. */
  key?: string;
  /** Model identifiers of `GET /v1/models`; requests for others get 404. Absent: `test-model`, any is accepted. */
  models?: string[];
  /** Only on the Responses API, 404 on Chat Completions. */
  responsesOnly?: boolean;
  /** Refused with 400 when present in the body. */
  refuses?: string[];
}

export interface Reply {
  /** Text of the answer. */
  text?: string;
  /** Characters in one event, 12 when absent. */
  pieceLength?: number;
  /** Writes the stream one byte at a time. */
  oneByteChunks?: boolean;
  /** Milliseconds between events. */
  interval?: number;
  finish?: 'stop' | 'length' | 'content_filter' | 'none';
  /** No `data: [DONE]`. */
  noDone?: boolean;
  /** Four characters a token when absent. `cost` as OpenRouter tells it. */
  usage?: { input: number; output: number; cached?: number; cost?: number };
  /** Sends the text as the arguments of the function that has to be called, as servers do that heed `tool_choice`. */
  asCall?: boolean;
  /** A comment of the event stream before each event, e.g. `OPENROUTER PROCESSING`, which keeps the connection alive. */
  comment?: string;
  /** Breaks the connection after so many characters of the text. */
  cutAfter?: number;
  /** Puts bytes into the text that are no UTF-8. */
  invalidUtf8?: boolean;
  /** Repeats the text until the client goes away. */
  endless?: boolean;
  /** `connect`: takes the request and says nothing. `body`: sends the text without an end, then says nothing. */
  hang?: 'connect' | 'body';
  /** Sends this event after the text as it is, e.g. `{"error":{…}}` or broken JSON. */
  rawEvent?: string;
  /** An answer without a stream. */
  status?: number;
  headers?: Record<string, string>;
  error?: { message: string; type?: string; param?: string | null; code?: string | null };
  /** Body as it is, with `headers` for its type. */
  body?: string;
}

export interface SeenRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  /** The client closed the connection before the answer was complete. */
  aborted: boolean;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

export interface ModelServer {
  port: number;
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** `http://127.0.0.1:PORT/v1` */
  baseURL: string;
  /** Completion requests so far, in order. */
  requests: SeenRequest[];
  /** Resolves once the number of requests of which `test` holds reaches `count`. */
  seen(test: (request: SeenRequest) => boolean, count?: number): Promise<void>;
  /** Replaces the script from the next request on. */
  setScript(script: ModelScript): void;
  close(): Promise<void>;
}

export async function startModelServer(script: ModelScript = {}, port = 0): Promise<ModelServer> {
  const state = { script, next: 0 };
  const requests: SeenRequest[] = [];
  const watchers = new Set<() => void>();
  const changed = () => watchers.forEach((watch) => watch());
  const server = createServer((request, response) => {
    handle(request, response, state, requests, changed).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    port: (server.address() as AddressInfo).port,
    origin,
    baseURL: `${origin}/v1`,
    requests,
    seen: (test, count = 1) =>
      new Promise((resolve) => {
        const check = () => {
          if (requests.filter(test).length < count) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
    setScript(next) {
      state.script = next;
      state.next = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface State {
  script: ModelScript;
  next: number;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
  requests: SeenRequest[],
  changed: () => void,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method === 'GET' && path.endsWith('/models')) return sendModels(request, response, state.script);
  // For tests that run the server as a process of its own.
  if (request.method === 'GET' && path === '/requests') return sendJson(response, 200, requests);
  if (request.method !== 'POST') return sendJson(response, 404, { error: { message: 'Not found.' } });
  const seen: SeenRequest = {
    method: request.method ?? '',
    path,
    headers: request.headers,
    body: await readBody(request),
    aborted: false,
    at: Date.now(),
  };
  requests.push(seen);
  response.on('close', () => {
    seen.aborted = !response.writableFinished;
    changed();
  });
  changed();
  const { script } = state;
  const refusal = refuse(seen, script);
  if (refusal !== undefined) return sendJson(response, refusal.status, { error: refusal.error });
  const text = JSON.stringify(seen.body);
  const chosen = script.answers?.find((answer) => text.includes(answer.when))?.reply;
  const replies = script.replies ?? [{ text: '' }];
  const reply = chosen ?? replies[Math.min(state.next++, replies.length - 1)] ?? {};
  const usage = { input: Math.ceil(text.length / 4), output: Math.ceil((reply.text ?? '').length / 4) };
  await send(response, { usage, ...reply }, path.endsWith('/responses') ? 'responses' : 'chat', String(seen.body['model'] ?? ''));
}

function refuse({ headers, body, path }: SeenRequest, script: ModelScript): { status: number; error: object } | undefined {
  const error = (message: string, param: string | null, code: string | null) => ({ message, type: 'invalid_request_error', param, code });
  if (script.key !== undefined && headers.authorization !== `Bearer ${script.key}`) {
    // Real servers repeat the key, partly masked.
    return { status: 401, error: error(`Incorrect API key provided: ${String(headers.authorization)}.`, null, 'invalid_api_key') };
  }
  const model = String(body['model']);
  if (script.models && !script.models.includes(model)) {
    return { status: 404, error: error(`The model \`${model}\` does not exist or you do not have access to it.`, null, 'model_not_found') };
  }
  if (script.responsesOnly && !path.endsWith('/responses')) {
    return { status: 404, error: error('This model is only supported in v1/responses and not in v1/chat/completions.', 'model', null) };
  }
  const refused = script.refuses?.find((name) => name in body);
  if (refused === undefined) return undefined;
  const instead = refused === 'max_tokens' ? " Use 'max_completion_tokens' instead." : '';
  return {
    status: 400,
    error: error(`Unsupported parameter: '${refused}' is not supported with this model.${instead}`, refused, 'unsupported_parameter'),
  };
}

async function send(response: ServerResponse, reply: Reply, api: 'chat' | 'responses', model: string): Promise<void> {
  if (reply.hang === 'connect') return;
  if (reply.status !== undefined || reply.body !== undefined) {
    const body = reply.body ?? JSON.stringify({ error: reply.error ?? { message: 'The server had an error.', type: 'server_error' } });
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(body);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...reply.headers });
  const write = writer(response, reply);
  for (const event of textEvents(reply, api, model)) {
    if (!(await write(event))) return;
    // Writes that the kernel takes at once would otherwise never let the reader in the same process have its turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (reply.interval !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.interval));
  }
  if (reply.cutAfter !== undefined) return void response.destroy();
  if (reply.rawEvent !== undefined) await write(reply.rawEvent);
  if (reply.hang === 'body') return;
  for (const event of closingEvents(reply, api, model)) if (!(await write(event))) return;
  if (reply.noDone !== true && api === 'chat') await write('[DONE]');
  response.end();
}

function* textEvents(reply: Reply, api: 'chat' | 'responses', model: string): Generator<string> {
  const text = (reply.text ?? '').slice(0, reply.cutAfter);
  const length = reply.pieceLength ?? 12;
  do {
    for (let at = 0; at < text.length; at += length) yield textEvent(text.slice(at, at + length), api, model, reply.asCall);
  } while (reply.endless && text !== '');
}

function textEvent(piece: string, api: 'chat' | 'responses', model: string, asCall = false): string {
  if (asCall && api === 'responses')
    return JSON.stringify({ type: 'response.function_call_arguments.delta', item_id: 'f1', output_index: 0, delta: piece });
  if (asCall) {
    const delta = { tool_calls: [{ index: 0, id: 'f1', type: 'function', function: { arguments: piece } }] };
    return JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model, choices: [{ index: 0, delta, finish_reason: null }] });
  }
  if (api === 'responses')
    return JSON.stringify({ type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: piece });
  return JSON.stringify({
    id: 'c1',
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta: { content: piece }, finish_reason: null }],
  });
}

function closingEvents(reply: Reply, api: 'chat' | 'responses', model: string): string[] {
  const finish = reply.finish ?? 'stop';
  const { input, output, cached = 0, cost } = reply.usage ?? { input: 0, output: 0 };
  if (api === 'responses') {
    const response = {
      id: 'r1',
      model,
      status: finish === 'stop' ? 'completed' : 'incomplete',
      incomplete_details: finish === 'stop' ? null : { reason: finish === 'length' ? 'max_output_tokens' : 'content_filter' },
      usage: { input_tokens: input, output_tokens: output, total_tokens: input + output, input_tokens_details: { cached_tokens: cached } },
    };
    return [JSON.stringify({ type: finish === 'stop' ? 'response.completed' : 'response.incomplete', response })];
  }
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    ...(cost === undefined ? {} : { cost }),
  };
  const base = { id: 'c1', object: 'chat.completion.chunk', model };
  return [
    ...(finish === 'none' ? [] : [JSON.stringify({ ...base, choices: [{ index: 0, delta: {}, finish_reason: finish }] })]),
    JSON.stringify({ ...base, choices: [], usage }),
  ];
}

/** Writes one event; false once the client is gone. */
function writer(response: ServerResponse, reply: Reply): (event: string) => Promise<boolean> {
  const closed = once(response, 'close');
  return async (event) => {
    for (const bytes of bytesOf(event, reply)) {
      if (response.destroyed) return false;
      // Flushed before anything else happens, so that a cut loses nothing that was written before it.
      await Promise.race([new Promise((resolve) => response.write(bytes, resolve)), closed]);
    }
    return !response.destroyed;
  };
}

function* bytesOf(event: string, reply: Reply): Generator<Buffer> {
  let bytes = Buffer.from(`${reply.comment === undefined ? '' : `: ${reply.comment}\n\n`}data: ${event}\n\n`);
  if (reply.invalidUtf8)
    bytes = Buffer.concat(
      event
        .split('"content":"')
        .flatMap((part, i) =>
          i === 0 ? [Buffer.from(`data: ${part}`)] : [Buffer.from([...Buffer.from('"content":"'), 0xff, 0xc3]), Buffer.from(part)],
        )
        .concat(Buffer.from('\n\n')),
    );
  if (reply.oneByteChunks !== true) return yield bytes;
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1);
}

function sendModels(request: IncomingMessage, response: ServerResponse, script: ModelScript): void {
  if (script.key !== undefined && request.headers.authorization !== `Bearer ${script.key}`)
    return sendJson(response, 401, { error: { message: 'Key wanted.' } });
  sendJson(response, 200, {
    object: 'list',
    data: (script.models ?? ['test-model']).map((id) => ({ id, object: 'model', owned_by: 'test' })),
  });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  try {
    return JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, script: { type: 'string' }, seconds: { type: 'string', default: '1800' } },
  });
  const script = values.script === undefined ? {} : (JSON.parse(readFileSync(values.script, 'utf8')) as ModelScript);
  const server = await startModelServer(script, Number(values.port));
  process.stdout.write(`${server.baseURL}\n`);
  // The parent's end closes this pipe; nothing is left behind when a test run is killed.
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
  setTimeout(() => process.exit(0), Number(values.seconds) * 1000).unref();
}

// Not awaited: the host tests bundle this module as CommonJS, which has no top-level await.
if (import.meta.main) void main();
