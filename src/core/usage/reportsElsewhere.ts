import type { Connectable } from './connection.ts';

/**
 * What makes an assistant send to somebody else as well, or more than figures, as soon as it reports at all. Connecting turns reporting
 * on, so where any of these is set it is refused: nothing of ours may start another export, or send somebody's header to us.
 */
export interface ReportsElsewhere {
  /** Variables, in the environment or in a table of them in the settings. Assistants read them before their other settings. */
  readonly variables: RegExp;
  /** Other entries of the settings. */
  readonly entries: readonly (readonly string[])[];
  /** Variables that name a proxy, where it would send by one to this machine too. */
  readonly proxies?: RegExp;
}

/** Of every client of OpenTelemetry: where signals go, and with which headers. */
const OTLP = 'OTEL_EXPORTER_OTLP_.+';

export const REPORTS_ELSEWHERE: Readonly<Record<Connectable, ReportsElsewhere>> = {
  'claude-code': {
    variables: new RegExp(
      `^(?:${OTLP}|OTEL_(?:LOGS|TRACES)_EXPORTER|OTEL_LOG_.+|(?:CLAUDE_CODE_|ENABLE_)ENHANCED_TELEMETRY_BETA|(?:ENABLE_)?BETA_TRACING_.+)$`,
    ),
    // Its headers go to every exporter.
    entries: [['otelHeadersHelper']],
    proxies: /^(?:https?|all)_proxy$/i,
  },
  codex: { variables: new RegExp(`^${OTLP}$`), entries: [], proxies: /^(?:http|all)_proxy$/i },
  'gemini-cli': {
    variables: new RegExp(`^(?:${OTLP}|GEMINI_TELEMETRY_.+)$`),
    // A file wins over every address.
    entries: ['outfile', 'useCollector', 'useCliAuth', 'otlpHeaders', 'traces'].map((name) => ['telemetry', name]),
  },
  copilot: {
    variables: new RegExp(`^(?:${OTLP}|COPILOT_OTEL_(?!LOG_LEVEL$).+)$`),
    entries: [['github.copilot.chat.otel.outfile'], ['github.copilot.chat.otel.headers']],
  },
};

export type Variables = Readonly<Record<string, unknown>>;

/** Names of variables that are set to something and are none of those that `isOwn` knows as ours. */
export function otherVariables(assistant: Connectable, variables: Variables, isOwn: (name: string, value: unknown) => boolean): string[] {
  const { variables: pattern } = REPORTS_ELSEWHERE[assistant];
  return Object.entries(variables)
    .filter(([name, value]) => pattern.test(name) && isOn(value) && !isOwn(name, value))
    .map(([name]) => name)
    .toSorted();
}

/** Names of variables that would send what is for this machine to a proxy. */
export function proxyVariables(assistant: Connectable, variables: Variables): string[] {
  const { proxies } = REPORTS_ELSEWHERE[assistant];
  const named = Object.entries(variables).filter(([name, value]) => proxies?.test(name) === true && isOn(value));
  const direct = Object.entries(variables).flatMap(([name, value]) =>
    /^no_proxy$/i.test(name) ? (typeof value === 'string' ? value : '').split(/[\s,]+/) : [],
  );
  return direct.includes('*') || direct.includes('127.0.0.1') ? [] : named.map(([name]) => name).toSorted();
}

const OFF = new Set(['', '0', 'false', 'none', 'no', 'off']);

/** Whether a value turns anything on. */
export function isOn(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  if (value === undefined || value === null) return false;
  return !OFF.has((typeof value === 'string' ? value : JSON.stringify(value)).trim().toLowerCase());
}
