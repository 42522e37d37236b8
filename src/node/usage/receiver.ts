import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HandrailError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { UsageRecorder } from '../../core/telemetry/observation.ts';
import { dayOf } from '../../core/telemetry/week.ts';
import { OTLP_SIGNALS, readUsage, UsageMemory, type OtlpSignal, type ReadUsage } from '../../core/usage/usageReader.ts';
import { systemClock } from '../clock.ts';
import { encodingOf, LARGEST_BODY, readMessage, Refusal, type Encoding } from './otlpBody.ts';
import { encodeAnswer, encodeStatus } from './otlpProtobuf.ts';
import { askedBy, PROOF_HEADER, proofOf } from './whoListens.ts';

/**
 * An OTLP/HTTP receiver (https://opentelemetry.io/docs/specs/otlp/#otlphttp) for the assistants of one person: on the loopback
 * address only, for who knows the secret, never for a page in a browser. What it keeps of a message is what the catalogue lists; the rest
 * is dropped before anything is recorded, and nothing of it is ever written or logged.
 */

export const SECRET_HEADER = 'x-handrail-secret';
export const LOOPBACK = '127.0.0.1';

export interface ReceiverOptions {
  /** 0 for any that is free. */
  port: number;
  secret: string;
  /** Asked at every message: whether the person still wants it. */
  allowed(): boolean;
  usage: UsageRecorder;
  /** Proves to other processes of the person that it is theirs who listens, see `whoListens.ts`. */
  proofKey?: Buffer | undefined;
  clock?: Clock;
  /** Milliseconds that a whole message may take. It is small and comes from this machine. */
  patience?: number;
}

export interface Receiver {
  readonly port: number;
  /** Messages taken so far, and the reports of usage in them. */
  readonly counts: { messages: number; reports: number };
  /** Stops listening and ends what is open. */
  close(): Promise<void>;
}

const PATIENCE = 10_000;
/** Milliseconds that a connection may idle between messages. */
const IDLE = 5_000;
const MOST_CONNECTIONS = 64;
const MOST_AT_ONCE = 8;
/** Calls that one message and one day may tell of; more is no person's work. */
const MOST_A_MESSAGE = 1_000;
const MOST_A_DAY = 20_000;

/**
 * Starts to listen.
 * @throws HandrailError `conflict` when somebody else has the port, `io` for another reason of the system.
 */
export async function startReceiver({
  port,
  secret,
  allowed,
  usage,
  proofKey,
  clock = systemClock,
  patience = PATIENCE,
}: ReceiverOptions): Promise<Receiver> {
  const handler = new Handler({ secret, allowed, usage, proofKey, clock });
  const server = createServer({ maxHeaderSize: 8 * 1024, connectionsCheckingInterval: patience / 10 }, (request, response) => {
    void handler.handle(request, response);
  });
  server.headersTimeout = patience / 2;
  server.requestTimeout = patience;
  server.keepAliveTimeout = IDLE;
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port);
  handler.port = (server.address() as AddressInfo).port;
  return {
    port: handler.port,
    counts: handler.counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new HandrailError('conflict', `Port ${port} is taken.`, {
              hint: 'Another window of the editor or handrail usage receive listens already, or another program does.',
              cause: error,
            })
          : new HandrailError('io', `Port ${port} cannot be listened on.`, { hint: 'Choose another with --port.', cause: error }),
      );
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, resolve);
  });
}

const REJECTED = { metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords', traces: 'rejectedSpans' } as const;

class Handler {
  readonly counts = { messages: 0, reports: 0 };
  port = 0;
  readonly #secret: Buffer;
  readonly #allowed: () => boolean;
  readonly #usage: UsageRecorder;
  readonly #proofKey: Buffer | undefined;
  readonly #clock: Clock;
  readonly #memory: UsageMemory;
  #open = 0;
  #today = { day: '', left: MOST_A_DAY };

  constructor({ secret, allowed, usage, proofKey, clock }: Omit<ReceiverOptions, 'port' | 'patience'> & { clock: Clock }) {
    this.#secret = digest(secret);
    this.#allowed = allowed;
    this.#usage = usage;
    this.#proofKey = proofKey;
    this.#clock = clock;
    // Gone with the process, so that nothing can be looked up by it. In one call: thousands of records come in a message.
    const key = randomBytes(32).toString('base64');
    this.#memory = new UsageMemory({ since: clock.now(), hash: (text) => hash('sha256', `${key} ${text}`, 'base64') });
  }

  /** Never rejects: a request must not end the process. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = encodingOf(request.headers['content-type']);
    this.#open += 1;
    try {
      this.#requireLocal(request);
      const nonce = this.#proofKey === undefined ? undefined : askedBy(request);
      if (this.#proofKey !== undefined && nonce !== undefined) {
        response.writeHead(204, { [PROOF_HEADER]: proofOf(this.#proofKey, nonce), connection: 'close' }).end();
        return;
      }
      const signal = this.#signalOf(request);
      if (encoding === undefined) throw new Refusal(415, 'Content-Type is neither application/json nor application/x-protobuf.');
      if (this.#open > MOST_AT_ONCE) throw new Refusal(429, 'Too many messages at once.');
      const read = readUsage(signal, await readMessage(request, signal, encoding), this.#memory);
      if (read === undefined) throw new Refusal(400, `The body holds no ${signal}.`);
      // Asked again: reading takes time, and off means off.
      if (!this.#allowed()) throw NOT_ALLOWED();
      answer(response, signal, encoding, this.#record(read));
    } catch (error) {
      refuse(request, response, encoding ?? 'json', error);
    } finally {
      this.#open -= 1;
    }
  }

  #requireLocal({ headers }: IncomingMessage): void {
    // A browser names the page that asks. No exporter does, and no page may.
    if (headers.origin !== undefined) throw new Refusal(403, 'Requests of web pages are refused.');
    // A name that somebody lets point here is not ours.
    if (headers.host !== `${LOOPBACK}:${this.port}` && headers.host !== `localhost:${this.port}`) {
      throw new Refusal(403, `The request is not for ${LOOPBACK}.`);
    }
  }

  /** Which kind of message it is, from somebody who may send one. */
  #signalOf({ headers, method, url }: IncomingMessage): OtlpSignal {
    const [, inPath, name] = /^(?:\/([\w-]{1,100}))?\/v1\/([a-z]{1,20})$/.exec(url?.split('?')[0] ?? '') ?? [];
    const given = headers[SECRET_HEADER] ?? inPath ?? '';
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), this.#secret))
      throw new Refusal(401, 'The secret is missing or wrong.');
    const signal = OTLP_SIGNALS.find((one) => one === name);
    if (signal === undefined) throw new Refusal(404, 'There is /v1/metrics, /v1/logs and /v1/traces.');
    if (method !== 'POST') throw new Refusal(405, 'Messages are sent with POST.');
    if (!this.#allowed()) throw NOT_ALLOWED();
    return signal;
  }

  /** Records within bounds; returns how many were not taken. */
  #record({ observations, rejected }: ReadUsage): number {
    this.counts.messages += 1;
    const day = dayOf(this.#clock.now());
    if (day !== this.#today.day) this.#today = { day, left: MOST_A_DAY };
    const taken = observations.slice(0, Math.min(MOST_A_MESSAGE, this.#today.left));
    this.#today.left -= taken.length;
    for (const observation of taken) this.#usage.record(observation);
    this.counts.reports += taken.length;
    return rejected + observations.length - taken.length;
  }
}

const NOT_ALLOWED = (): Refusal => new Refusal(403, 'Nothing is recorded: telemetry is off, or no assistant is connected.');

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const MEDIA = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;
const NOT_TAKEN = 'Some items are not of the form of OTLP, or more than are taken.';

function answer(response: ServerResponse, signal: OtlpSignal, encoding: Encoding, rejected: number): void {
  const json = rejected === 0 ? {} : { partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: NOT_TAKEN } };
  response.writeHead(200, { 'content-type': MEDIA[encoding] });
  response.end(encoding === 'json' ? JSON.stringify(json) : encodeAnswer(rejected, NOT_TAKEN));
}

function refuse(request: IncomingMessage, response: ServerResponse, encoding: Encoding, error: unknown): void {
  if (request.destroyed && !request.complete) return;
  const { status, message } = error instanceof Refusal ? error : new Refusal(500, 'Something went wrong.');
  const headers = {
    'content-type': MEDIA[encoding],
    connection: 'close',
    ...(status === 429 ? { 'retry-after': '1' } : {}),
    ...(status === 405 ? { allow: 'POST' } : {}),
  };
  response.writeHead(status, headers);
  response.end(encoding === 'json' ? JSON.stringify({ message }) : encodeStatus(message));
  // Who is refused while sending reads the answer only afterwards; there is an end to that too.
  let left = LARGEST_BODY;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.on('error', () => undefined);
}
