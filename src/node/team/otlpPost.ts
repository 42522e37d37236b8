import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 64 * 1024;

/** What is sent, and what to do where a collector does not take it; a sentence each. */
export interface OtlpWords {
  /** Such as `the contribution`. */
  what: string;
  /** Where it cannot be reached. */
  again: string;
  /** Where it redirects. */
  elsewhere: string;
  /** Where it refuses who asks. */
  refused: string;
  /** Where it takes the request and rejects what is in it. */
  rejected: string;
}

export interface OtlpOptions {
  signal: CancelSignal;
  words: OtlpWords;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Sends a message to an OpenTelemetry collector, over OTLP/HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). Fails with
 * `unreachable`, `redirect`, `unauthorised`, `bad-response` or `cancelled` where it was not taken whole.
 */
export async function postOtlp(url: string, message: unknown, { signal, words, headers }: OtlpOptions): Promise<void> {
  if (signal.aborted) throw cancelled();
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  signal.addEventListener('abort', cancel, { once: true });
  const clock = setTimeout(cancel, TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'handrail' },
      body: JSON.stringify(message),
      // Whoever agreed to one address did not agree to another.
      redirect: 'manual',
      signal: controller.signal,
    });
    const text = await bounded(response);
    requireTaken(response.status, text, words);
  } catch (error) {
    if (signal.aborted) throw cancelled(error);
    if (error instanceof HandrailError) throw error;
    throw new HandrailError('unreachable', 'The collector could not be reached.', { hint: words.again, cause: error });
  } finally {
    clearTimeout(clock);
    signal.removeEventListener('abort', cancel);
  }
}

function cancelled(cause?: unknown): HandrailError {
  return new HandrailError('cancelled', 'Sending was cancelled.', cause === undefined ? {} : { cause });
}

function requireTaken(status: number, text: string, { what, again, elsewhere, refused, rejected }: OtlpWords): void {
  if (status >= 300 && status < 400) throw new HandrailError('redirect', 'The collector sends elsewhere.', { hint: elsewhere });
  if (status === 401 || status === 403) {
    throw new HandrailError('unauthorised', `The collector refused ${what} (${status}).`, { hint: refused });
  }
  if (status < 200 || status >= 300) throw new HandrailError('unreachable', `The collector answered with ${status}.`, { hint: again });
  if (rejectedOf(text) > 0) throw new HandrailError('bad-response', `The collector rejected ${what}.`, { hint: rejected });
}

/** How many records or points a collector says it did not take, in a field that JSON may spell as a text. */
function rejectedOf(text: string): number {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: { rejectedLogRecords?: unknown; rejectedDataPoints?: unknown } } | null;
    return Number(answer?.partialSuccess?.rejectedLogRecords ?? 0) + Number(answer?.partialSuccess?.rejectedDataPoints ?? 0);
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
