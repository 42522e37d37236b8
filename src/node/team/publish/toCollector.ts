import { parseEndpoint } from '../../../core/ai/models/endpoints.ts';
import { failureOf, HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import { metricsOf } from '../../../core/team/publish/metrics.ts';
import type { Release } from '../../../core/team/release/release.ts';
import { postOtlp } from '../otlpPost.ts';

const WORDS = {
  what: 'the figures',
  again: 'Look whether it runs and publish again; what it has already stays the same.',
  elsewhere: 'Name the address that it leads to: --otlp URL',
  refused: 'Set OTEL_EXPORTER_OTLP_HEADERS to what it asks for, such as authorization=Bearer%20….',
  rejected: 'Look into its log; a store that takes no points of past weeks has to be told to.',
} as const;

/**
 * Sends releases to a collector, a request each, first one first; returns how many points. The same release gives the same bytes. Fails
 * with `config` for an address that is none, else as `postOtlp` does.
 */
export async function toCollector(
  releases: readonly Release[],
  url: string,
  { env, signal }: { env: Readonly<Record<string, string | undefined>>; signal: CancelSignal },
): Promise<number> {
  const target = `${addressOf(url)}/v1/metrics`;
  const headers = headersOf(env['OTEL_EXPORTER_OTLP_METRICS_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '');
  let points = 0;
  for (const release of releases) {
    const request = metricsOf(release);
    await postOtlp(target, request, { signal, words: WORDS, headers });
    for (const { metrics } of request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)) {
      points += metrics.reduce((sum, { gauge }) => sum + gauge.dataPoints.length, 0);
    }
  }
  return points;
}

/** By the rules of the collectors that contributions go to: https, or http on this machine. */
function addressOf(url: string): string {
  try {
    return parseEndpoint(url).baseURL;
  } catch (error) {
    if (failureOf(error) === undefined) throw error;
    // Not repeated: a user and a password could stand in it.
    throw new HandrailError('config', 'A collector is reached by https, or by http on this machine, without user, query or fragment.', {
      hint: 'Write it like --otlp https://collector.example.com.',
    });
  }
}

/** `name=value,name=value` with percent-encoded values, as the OpenTelemetry specification has it for all exporters. */
function headersOf(text: string): Record<string, string> {
  const headers = new Headers();
  try {
    for (const item of text.split(',').filter((one) => one.trim() !== '')) {
      const at = item.indexOf('=');
      if (at < 1) throw new TypeError('no name');
      headers.append(item.slice(0, at).trim(), decodeURIComponent(item.slice(at + 1).trim()));
    }
  } catch {
    // Without its cause, which repeats the value.
    throw new HandrailError('config', 'OTEL_EXPORTER_OTLP_HEADERS cannot be read.', {
      hint: 'Write it like name=value,other=value, percent-encoded.',
    });
  }
  return Object.fromEntries(headers);
}
