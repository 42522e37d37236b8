import type { AssistantSource } from '../telemetry/observation.ts';

/**
 * Everything that is looked at in what other assistants send about themselves, by the names that they document and those of the
 * OpenTelemetry conventions for generative AI. A signal or an attribute that is not listed here is not read.
 *
 * - GenAI conventions: https://opentelemetry.io/docs/specs/semconv/gen-ai/
 * - Claude Code: https://code.claude.com/docs/en/monitoring-usage
 * - Codex: https://developers.openai.com/codex/config-advanced
 * - Gemini CLI: https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md
 * - Copilot Chat: https://code.visualstudio.com/docs/copilot/guides/monitoring-agents
 */

/** Which way tokens went. What a cache supplied was read too, as the conventions count it. */
export type Direction = 'input' | 'output';

interface TokenMetric {
  readonly kind: 'tokens';
  /** Names that say the same in parts share a channel; of several channels of one assistant only one is counted. */
  readonly channel: string;
  /** Where one name serves both directions: the attribute that tells, and what its values mean. Other values are parts of these. */
  readonly by?: { readonly attribute: string; readonly values: Readonly<Record<string, Direction>> };
  readonly direction?: Direction;
}

export type MetricSignal =
  | TokenMetric
  /** US dollars, counted with the tokens of the channel. */
  | { readonly kind: 'cost'; readonly channel: string }
  /** `unit`: milliseconds in one of its units. */
  | { readonly kind: 'duration'; readonly unit: number }
  /** That the assistant was used at all. */
  | { readonly kind: 'used' };

const GENAI_TYPES = { attribute: 'gen_ai.token.type', values: { input: 'input', output: 'output' } } as const;

export const METRICS: Readonly<Record<string, MetricSignal>> = {
  'gen_ai.client.token.usage': { kind: 'tokens', channel: 'gen_ai.client.token.usage', by: GENAI_TYPES },
  'gen_ai.client.inference.usage.input_tokens': { kind: 'tokens', channel: 'gen_ai.client.inference.usage', direction: 'input' },
  'gen_ai.client.inference.usage.output_tokens': { kind: 'tokens', channel: 'gen_ai.client.inference.usage', direction: 'output' },
  'gen_ai.client.operation.duration': { kind: 'duration', unit: 1000 },
  'gen_ai.client.inference.duration': { kind: 'duration', unit: 1000 },
  'claude_code.token.usage': {
    kind: 'tokens',
    channel: 'claude_code.token.usage',
    by: { attribute: 'type', values: { input: 'input', cacheRead: 'input', cacheCreation: 'input', output: 'output' } },
  },
  'claude_code.cost.usage': { kind: 'cost', channel: 'claude_code.token.usage' },
  'claude_code.session.count': { kind: 'used' },
  'codex.turn.token_usage': {
    kind: 'tokens',
    channel: 'codex.turn.token_usage',
    by: { attribute: 'token_type', values: { input: 'input', output: 'output' } },
  },
  'codex.thread.started': { kind: 'used' },
  'gemini_cli.token.usage': {
    kind: 'tokens',
    channel: 'gemini_cli.token.usage',
    by: { attribute: 'type', values: { input: 'input', tool: 'input', output: 'output', thought: 'output' } },
  },
  'gemini_cli.session.count': { kind: 'used' },
  'copilot_chat.session.count': { kind: 'used' },
};

/** Attributes of a metric's point that are looked at beside those of {@link METRICS}. */
export const MODEL_ATTRIBUTES = ['gen_ai.response.model', 'gen_ai.request.model', 'model', 'model_name'] as const;
export const ERROR_ATTRIBUTE = 'error.type';
export const SERVICE_ATTRIBUTE = 'service.name';
export const EVENT_NAME_ATTRIBUTE = 'event.name';

/** One call of a model, told by a log record or a span. Attributes of a direction are added up. */
export interface CallSignal {
  readonly kind: 'call';
  /** Only where this attribute has one of these values. */
  readonly only?: { readonly attribute: string; readonly values: readonly string[] };
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** US dollars. */
  readonly cost?: string;
  /** Milliseconds. */
  readonly duration?: string;
}

export type EventSignal =
  | CallSignal
  /** A call that failed. `status` is the attribute with the HTTP status; with `onlyFailures` a record without a failing one is none. */
  | { readonly kind: 'failure'; readonly status: string; readonly duration: string; readonly onlyFailures?: true }
  | { readonly kind: 'used' };

const GENAI_USAGE = { input: ['gen_ai.usage.input_tokens'], output: ['gen_ai.usage.output_tokens'] } as const;
const CLAUDE_USAGE = {
  input: ['input_tokens', 'cache_read_tokens', 'cache_creation_tokens'],
  output: ['output_tokens'],
  duration: 'duration_ms',
} as const;

/** Log records by the name of their event. */
export const EVENTS: Readonly<Record<string, EventSignal>> = {
  'gen_ai.client.inference.operation.details': { kind: 'call', ...GENAI_USAGE },
  'claude_code.api_request': { kind: 'call', ...CLAUDE_USAGE, cost: 'cost_usd' },
  'claude_code.api_error': { kind: 'failure', status: 'status_code', duration: 'duration_ms' },
  'codex.sse_event': {
    kind: 'call',
    only: { attribute: 'event.kind', values: ['response.completed'] },
    input: ['input_token_count'],
    output: ['output_token_count'],
  },
  'codex.api_request': { kind: 'failure', status: 'http.response.status_code', duration: 'duration_ms', onlyFailures: true },
  'codex.conversation_starts': { kind: 'used' },
  'gemini_cli.api_response': {
    kind: 'call',
    input: ['input_token_count', 'tool_token_count'],
    output: ['output_token_count', 'thoughts_token_count'],
    duration: 'duration_ms',
  },
  'gemini_cli.api_error': { kind: 'failure', status: 'status_code', duration: 'duration' },
  'copilot_chat.session.start': { kind: 'used' },
};

/** Spans with this attribute are calls of a model; an agent's own span repeats the sums of its calls and is not counted. */
export const GENAI_SPAN: CallSignal = {
  kind: 'call',
  only: { attribute: 'gen_ai.operation.name', values: ['chat', 'text_completion', 'generate_content'] },
  ...GENAI_USAGE,
};
/** Spans by their name. */
export const SPANS: Readonly<Record<string, CallSignal>> = { 'claude_code.llm_request': { kind: 'call', ...CLAUDE_USAGE } };

const PREFIXES: readonly (readonly [string, AssistantSource])[] = [
  ['claude_code.', 'claude-code'],
  ['codex.', 'codex'],
  ['gemini_cli.', 'gemini-cli'],
  ['copilot_chat.', 'copilot'],
];

/** Whose name a signal has, else who sent it by the name of its service: `claude-code`, `codex_cli_rs`, `gemini-cli`, `copilot-chat`. */
export function sourceOf(name: string, service: string | undefined): AssistantSource {
  const own = PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1];
  if (own !== undefined) return own;
  const [, word] = /^(claude-code|codex|gemini-cli|copilot|github-copilot)(?:[-_]|$)/.exec(service?.toLowerCase() ?? '') ?? [];
  if (word === undefined) return 'other';
  return word === 'github-copilot' || word === 'copilot' ? 'copilot' : (word as AssistantSource);
}
