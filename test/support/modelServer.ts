import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { constants, createGzip, type Gzip } from 'node:zlib';

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
  /**
   * `connect`: takes the request and says nothing. `headers`: stops within its headers. `body`: sends the text without an end, then says
   * nothing. `finish`: sends all but the end of the stream, then says nothing.
   */
  hang?: 'connect' | 'headers' | 'body' | 'finish';
  /** Breaks the connection in the middle of the bytes of this text, within an event or a character. */
  cutWithin?: string;
  /** What goes over the wire instead of an answer, headers included, one byte a character; then the connection closes. */
  wire?: string;
  /** How events are written: the ends of lines, a mark of byte order, other fields before `data:`, JSON over several `data:` lines. */
  framing?: { lineEnd?: '\r\n' | '\r'; bom?: boolean; fields?: boolean; lines?: boolean };
  /** Sends comments and nothing else, without an end. */
  endlessComments?: boolean;
  /** Sends one line without an end. */
  endlessLine?: boolean;
  /** Compresses the stream; or says so, and does not. */
  gzip?: 'true' | 'lie';
  /** Events before the text, as they are. */
  before?: string[];
  /** Sends what closes the stream twice. */
  closeTwice?: boolean;
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
  /** When the connection or the answer ended, whichever came first, likewise. */
  closedAt?: number;
  /** Bytes of the stream that were handed to the connection. */
  written: number;
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
    written: 0,
  };
  requests.push(seen);
  response.on('close', () => {
    seen.aborted = !response.writableFinished;
    seen.closedAt = Date.now();
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
  const api = path.endsWith('/responses') ? 'responses' : 'chat';
  await send(response, { usage, ...reply }, api, String(seen.body['model'] ?? ''), (bytes) => (seen.written += bytes));
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

async function send(
  response: ServerResponse,
  reply: Reply,
  api: 'chat' | 'responses',
  model: string,
  onWritten: (bytes: number) => void,
): Promise<void> {
  if (reply.hang === 'connect') return;
  if (reply.hang === 'headers') return void response.socket?.write('HTTP/1.1 200 OK\r\ncontent-ty');
  if (reply.wire !== undefined) return void response.socket?.end(Buffer.from(reply.wire, 'latin1'));
  if (reply.status !== undefined || reply.body !== undefined) {
    const body = reply.body ?? JSON.stringify({ error: reply.error ?? { message: 'The server had an error.', type: 'server_error' } });
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(body);
    return;
  }
  const coding = reply.gzip === undefined ? {} : { 'content-encoding': 'gzip' };
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...coding, ...reply.headers });
  const writeBytes = createWriter(response, reply, onWritten);
  const write = async (event: string): Promise<boolean> => {
    const goesOn = await writeBytes(bytesOf(event, reply));
    // Writes that the kernel takes at once would otherwise never let the reader in the same process have its turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (goesOn && reply.interval !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.interval));
    return goesOn;
  };
  if (reply.framing?.bom) await writeBytes(Buffer.from('\ufeff'));
  for (const event of reply.before ?? []) await write(event);
  while (reply.endlessComments) if (!(await writeBytes(Buffer.from(': keep-alive\n\n'.repeat(100))))) return;
  if (reply.endlessLine) await writeBytes(Buffer.from('data: {"x":"'));
  while (reply.endlessLine) if (!(await writeBytes(Buffer.alloc(64 * 1024, 'x')))) return;
  for (const event of textEvents(reply, api, model)) if (!(await write(event))) return;
  if (reply.cutAfter !== undefined) return void response.destroy();
  if (reply.rawEvent !== undefined) await write(reply.rawEvent);
  if (reply.hang === 'body') return;
  const closing = closingEvents(reply, api, model);
  if (reply.noDone !== true && api === 'chat') closing.push('[DONE]');
  for (const event of reply.closeTwice ? [...closing, ...closing] : closing) if (!(await write(event))) return;
  if (reply.hang === 'finish') return;
  await writeBytes(undefined);
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

/** Writes bytes, or with none ends the answer; false once there is nobody to write to. */
function createWriter(
  response: ServerResponse,
  reply: Reply,
  onWritten: (bytes: number) => void,
): (bytes: Buffer | undefined) => Promise<boolean> {
  const closed = once(response, 'close');
  const gzip = reply.gzip === 'true' ? compressor(response) : undefined;
  const target = gzip ?? response;
  const cut = Buffer.from(reply.cutWithin ?? '');
  return async (bytes) => {
    if (bytes === undefined) {
      target.end();
      return false;
    }
    const at = cut.length === 0 ? -1 : bytes.indexOf(cut);
    const allowed = at < 0 ? bytes : bytes.subarray(0, at + Math.ceil(cut.length / 2));
    for (const piece of reply.oneByteChunks ? singleBytes(allowed) : [allowed]) {
      if (response.destroyed) return false;
      // Flushed before anything else happens, so that a cut loses nothing that was written before it.
      await Promise.race([new Promise((resolve) => target.write(piece, resolve)), closed]);
      if (gzip) await Promise.race([new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve)), closed]);
      onWritten(piece.length);
    }
    if (at >= 0) response.destroy();
    return !response.destroyed;
  };
}

function compressor(response: ServerResponse): Gzip {
  const gzip = createGzip();
  gzip.pipe(response);
  return gzip;
}

function* singleBytes(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1);
}

/** An event of the stream with its empty line. */
function bytesOf(event: string, reply: Reply): Buffer {
  const end = reply.framing?.lineEnd ?? '\n';
  const json = reply.framing?.lines && event.startsWith('{') ? JSON.stringify(JSON.parse(event), undefined, 1) : event;
  const type = /^\{"type":"([\w.]+)"/.exec(event)?.[1] ?? 'message';
  const fields = reply.framing?.fields ? `event: ${type}${end}id: 7${end}retry: 3000${end}` : '';
  const comment = reply.comment === undefined ? '' : `: ${reply.comment}${end}${end}`;
  const data = json.split('\n').map((line) => `data: ${line}`);
  const bytes = Buffer.from(`${comment}${fields}${data.join(end)}${end}${end}`);
  return reply.invalidUtf8 ? withInvalidUtf8(bytes) : bytes;
}

/** Bytes that begin no character, and one whose rest is missing, at the beginning of the text. */
function withInvalidUtf8(bytes: Buffer): Buffer {
  const at = /"(?:content|delta)":"/.exec(bytes.toString('latin1'));
  if (at === null) return bytes;
  const split = at.index + at[0].length;
  return Buffer.concat([bytes.subarray(0, split), Buffer.from([0xff, 0xc3]), bytes.subarray(split)]);
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
