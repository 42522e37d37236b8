import { HandrailError } from '../../../core/errors.ts';
import { envelopeText, type Transport, type TransportOptions } from './transport.ts';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 64 * 1024;

/**
 * An OpenTelemetry collector, over OTLP/HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp): the envelope is the body
 * of a log record. No resource, no time, no attribute goes with it.
 */
export function otlpTransport(url: string, { signal }: Pick<TransportOptions, 'signal'>): Transport {
  return {
    kind: 'otlp',
    target: url,
    async deliver(envelope) {
      const record = { body: { stringValue: envelopeText(envelope).trimEnd() } };
      await post(`${url}/v1/logs`, { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }, signal);
    },
    // What a collector was given is passed on at once.
    withdraw: async () => false,
  };
}

async function post(url: string, body: unknown, signal: TransportOptions['signal']): Promise<void> {
  if (signal.aborted) throw cancelled();
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  signal.addEventListener('abort', cancel, { once: true });
  const clock = setTimeout(cancel, TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'handrail' },
      body: JSON.stringify(body),
      // Whoever agreed to one address did not agree to another.
      redirect: 'manual',
      signal: controller.signal,
    });
    const text = await bounded(response);
    requireTaken(response.status, text);
  } catch (error) {
    if (signal.aborted) throw cancelled(error);
    if (error instanceof HandrailError) throw error;
    throw new HandrailError('unreachable', 'The collector could not be reached.', { hint: WAITS, cause: error });
  } finally {
    clearTimeout(clock);
    signal.removeEventListener('abort', cancel);
  }
}

function cancelled(cause?: unknown): HandrailError {
  return new HandrailError('cancelled', 'Sending was cancelled.', cause === undefined ? {} : { cause });
}

const WAITS = 'Look whether it runs and try again; the contribution waits on this machine.';

function requireTaken(status: number, text: string): void {
  if (status >= 300 && status < 400) {
    throw new HandrailError('redirect', 'The collector sends elsewhere.', {
      hint: 'Name the address that it leads to in .handrail/telemetry.yml.',
    });
  }
  if (status === 401 || status === 403) {
    throw new HandrailError('unauthorised', `The collector refused the contribution (${status}).`, {
      hint: 'Ask who runs it to take logs without a key.',
    });
  }
  if (status < 200 || status >= 300) throw new HandrailError('unreachable', `The collector answered with ${status}.`, { hint: WAITS });
  if (rejectedOf(text) > 0) {
    throw new HandrailError('bad-response', 'The collector rejected the contribution.', { hint: 'Ask who runs it why it takes no logs.' });
  }
}

/** How many records a collector says it did not take, in a field that JSON may spell as a text. */
function rejectedOf(text: string): number {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: { rejectedLogRecords?: unknown } } | null;
    return Number(answer?.partialSuccess?.rejectedLogRecords ?? 0);
  } catch {
    return 0;
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
