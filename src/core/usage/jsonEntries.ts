import type { Endpoint } from './connection.ts';

/**
 * The entries that make an assistant whose settings are JSON report to us, as its documentation names them (see `signals.ts`). Each asks
 * for figures only: what could hold content or say who somebody is stays off where there is a setting for it.
 */
export interface JsonEntry {
  readonly path: readonly string[];
  readonly value: string | boolean;
  /** The value is one of a list, and the others are not ours. */
  readonly inList?: true;
  /** Of what differs between machines: whether a value is one that we once wrote. */
  isOurs?(value: unknown): boolean;
}

/** `http://127.0.0.1:24318`, or with the secret as first part of the path, for clients that send no header. */
export function baseUrl({ port, secret }: Endpoint, { inPath }: { inPath: boolean }): string {
  return `http://127.0.0.1:${port}${inPath ? `/${secret}` : ''}`;
}

const OWN_BASE = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[\w-]{22,64}$/;
const OWN_METRICS = /^http:\/\/127\.0\.0\.1:\d{1,5}\/v1\/metrics$/;
const OWN_HEADERS = /^x-handrail-secret=[\w-]{22,64}$/;
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

/** Metrics alone: they hold no content whatever else is set. */
export function claudeCodeEntries(endpoint: Endpoint): readonly JsonEntry[] {
  const env = (name: string, value: string, isOurs?: JsonEntry['isOurs']): JsonEntry => ({
    path: ['env', name],
    value,
    ...(isOurs === undefined ? {} : { isOurs }),
  });
  return [
    env('CLAUDE_CODE_ENABLE_TELEMETRY', '1'),
    env('OTEL_METRICS_EXPORTER', 'otlp'),
    env('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http/json'),
    env('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', `${baseUrl(endpoint, { inPath: false })}/v1/metrics`, matches(OWN_METRICS)),
    env('OTEL_EXPORTER_OTLP_HEADERS', `x-handrail-secret=${endpoint.secret}`, matches(OWN_HEADERS)),
    env('OTEL_METRICS_INCLUDE_SESSION_ID', 'false'),
    env('OTEL_METRICS_INCLUDE_ACCOUNT_UUID', 'false'),
  ];
}

/** It has no setting for headers. */
export function geminiEntries(endpoint: Endpoint): readonly JsonEntry[] {
  return [
    { path: ['telemetry', 'enabled'], value: true },
    { path: ['telemetry', 'target'], value: 'local' },
    { path: ['telemetry', 'otlpProtocol'], value: 'http' },
    { path: ['telemetry', 'otlpEndpoint'], value: baseUrl(endpoint, { inPath: true }), isOurs: matches(OWN_BASE) },
    { path: ['telemetry', 'logPrompts'], value: false },
  ];
}

/** Settings of the editor, whose names have dots. It has no setting for headers that every version knows. */
export function copilotEntries(endpoint: Endpoint): readonly JsonEntry[] {
  return [
    { path: ['github.copilot.chat.otel.enabled'], value: true },
    { path: ['github.copilot.chat.otel.exporterType'], value: 'otlp-http' },
    { path: ['github.copilot.chat.otel.otlpEndpoint'], value: baseUrl(endpoint, { inPath: true }), isOurs: matches(OWN_BASE) },
    { path: ['github.copilot.chat.otel.captureContent'], value: false },
    // Settings Sync would carry the secret to other machines.
    { path: ['settingsSync.ignoredSettings'], value: 'github.copilot.chat.otel.otlpEndpoint', inList: true },
  ];
}
