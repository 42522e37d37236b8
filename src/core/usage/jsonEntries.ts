import type { Endpoint } from './connection.ts';

/**
 * The entries that make an assistant whose settings are JSON report to us, as its documentation names them (see `signals.ts`). Each asks
 * for figures only: what could hold content or say who somebody is stays off where there is a setting for it; where something could go
 * elsewhere, connecting is refused (see `reportsElsewhere.ts`).
 */
export interface JsonEntry {
  readonly path: readonly string[];
  readonly value: string | boolean;
  /** The value is one of a list, and the others are not ours. */
  readonly inList?: true;
  /** An earlier version wrote it: taken out where it stands, and never written. */
  readonly former?: true;
  /** Of what differs between machines: whether a value is one that we once wrote. `beside` tells what the settings hold at another path. */
  isOurs?(value: unknown, beside: Held): boolean;
}

/** What settings hold at a path; undefined for nothing. */
export type Held = (path: readonly string[]) => unknown;

/** Whether a value is one that we write, or once wrote. */
export function holdsOurs({ value, isOurs, former }: JsonEntry, held: unknown, beside: Held): boolean {
  if (isOurs !== undefined) return isOurs(held, beside);
  return former !== true && held === value;
}

/** `http://127.0.0.1:24318`, or with the secret as first part of the path, for clients that send no header. */
export function baseUrl({ port, secret }: Endpoint, { inPath }: { inPath: boolean }): string {
  return `http://127.0.0.1:${port}${inPath ? `/${secret}` : ''}`;
}

const OWN_BASE = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[\w-]{22,64}$/;
const OWN_METRICS = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[\w-]{22,64}\/v1\/metrics$/;
const FORMER_METRICS = /^http:\/\/127\.0\.0\.1:\d{1,5}\/v1\/metrics$/;
const FORMER_HEADERS = /^x-handrail-secret=[\w-]{22,64}$/;
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

/**
 * Metrics alone: logs and traces, which can hold content, are off whatever else is set when it starts. The secret stands in the one
 * address that is for metrics, because headers go to every exporter there is.
 */
export function claudeCodeEntries(endpoint: Endpoint): readonly JsonEntry[] {
  const env = (name: string, value: string, more: Omit<JsonEntry, 'path' | 'value'> = {}): JsonEntry => ({
    path: ['env', name],
    value,
    ...more,
  });
  const isFormerHeader = matches(FORMER_HEADERS);
  return [
    env('CLAUDE_CODE_ENABLE_TELEMETRY', '1'),
    env('OTEL_METRICS_EXPORTER', 'otlp'),
    env('OTEL_LOGS_EXPORTER', 'none'),
    env('OTEL_TRACES_EXPORTER', 'none'),
    env('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http/json'),
    env('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', `${baseUrl(endpoint, { inPath: true })}/v1/metrics`, {
      isOurs: (value, beside) =>
        matches(OWN_METRICS)(value) || (matches(FORMER_METRICS)(value) && isFormerHeader(beside(['env', 'OTEL_EXPORTER_OTLP_HEADERS']))),
    }),
    env('OTEL_EXPORTER_OTLP_HEADERS', '', { former: true, isOurs: isFormerHeader }),
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
