import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { AggregationTemporalityPreference, OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Attributes } from './otlp.ts';

/** A program that tells about itself with the official OpenTelemetry SDK and its OTLP exporters, as assistants do. */
export interface OtelClient {
  counter(name: string, value: number, attributes: Attributes): void;
  histogram(name: string, value: number, attributes: Attributes): void;
  log(name: string, attributes: Attributes, body?: string): void;
  span(name: string, attributes: Attributes): void;
  /** Sends what waits; resolves when it was answered. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface OtelClientOptions {
  /** `http://127.0.0.1:43187`, with the secret as first part of the path where no header is sent. */
  base: string;
  headers?: Record<string, string>;
  encoding: 'json' | 'protobuf';
  gzip?: boolean;
  /** Log records wait until they are flushed, and go out together. */
  batch?: boolean;
  temporality?: 'delta' | 'cumulative';
  service: string;
  identity?: Attributes;
}

export function otelClient({
  base,
  headers = {},
  encoding,
  gzip = false,
  batch = false,
  temporality = 'delta',
  service,
  identity = {},
}: OtelClientOptions): OtelClient {
  const configFor = (signal: string): object => ({
    url: `${base}/v1/${signal}`,
    headers,
    ...(gzip ? { compression: 'gzip' } : {}),
    temporalityPreference: temporality === 'delta' ? AggregationTemporalityPreference.DELTA : AggregationTemporalityPreference.CUMULATIVE,
  });
  const resource = resourceFromAttributes({ 'service.name': service, ...identity });
  const [Metrics, Logs, Traces] =
    encoding === 'json' ? [JsonMetrics, JsonLogs, JsonTraces] : [ProtobufMetrics, ProtobufLogs, ProtobufTraces];
  const reader = new PeriodicExportingMetricReader({ exporter: new Metrics(configFor('metrics')), exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ resource, readers: [reader] });
  const loggers = new LoggerProvider({
    resource,
    processors: [
      batch
        ? new BatchLogRecordProcessor({ exporter: new Logs(configFor('logs')) })
        : new SimpleLogRecordProcessor({ exporter: new Logs(configFor('logs')) }),
    ],
  });
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor({ exporter: new Traces(configFor('traces')) })],
  });
  const [meter, logger, tracer] = [meters.getMeter('test'), loggers.getLogger('test'), tracers.getTracer('test')];
  const all = async (work: 'forceFlush' | 'shutdown'): Promise<void> => {
    await Promise.all([meters[work](), loggers[work](), tracers[work]()]);
  };
  return {
    counter: (name, value, attributes) => meter.createCounter(name).add(value, attributes),
    histogram: (name, value, attributes) => meter.createHistogram(name).record(value, attributes),
    log: (name, attributes, body) => logger.emit({ eventName: name, attributes, ...(body === undefined ? {} : { body }) }),
    span: (name, attributes) => tracer.startSpan(name, { attributes }).end(),
    flush: () => all('forceFlush'),
    close: () => all('shutdown'),
  };
}
