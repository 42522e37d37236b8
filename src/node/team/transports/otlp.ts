import { postOtlp } from '../otlpPost.ts';
import { envelopeText, type Transport, type TransportOptions } from './transport.ts';

const WORDS = {
  what: 'the contribution',
  again: 'Look whether it runs and try again; the contribution waits on this machine.',
  elsewhere: 'Name the address that it leads to in .handrail/telemetry.yml.',
  refused: 'Ask who runs it to take logs without a key.',
  rejected: 'Ask who runs it why it takes no logs.',
} as const;

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
      await postOtlp(`${url}/v1/logs`, { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }, { signal, words: WORDS });
    },
    // What a collector was given is passed on at once.
    withdraw: async () => false,
  };
}
