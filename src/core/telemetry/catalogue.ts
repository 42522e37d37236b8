import { SEVERITIES } from '../ai/finding.ts';
import { COST, DURATION, DWELL, labelsOf, SURVIVAL, TOKENS } from './buckets.ts';

/**
 * Everything that telemetry may ever record, in one place. The type of an event, `docs/telemetry.md`, the editor's pages and
 * `handrail telemetry catalogue` follow from it; what is not listed here cannot be recorded and does not compile.
 */

/** `category`: one of the listed values. `measure`: a quantity, reduced to a range or clipped. `frame`: what makes a line readable. */
export type Classification = 'frame' | 'category' | 'measure';

interface FieldBase {
  readonly purpose: string;
  readonly classification: Classification;
  /** Raised where the same values come to say more than before, so that a consent is asked anew; 1 when absent. */
  readonly revision?: number;
  /** Without it there is no event. */
  readonly required?: true;
  /** Last day on which the field is recorded; it has to be justified anew for longer. */
  readonly expires: string;
}
export type Field = FieldBase &
  (
    | { readonly kind: 'version'; readonly value: number }
    | { readonly kind: 'day' }
    /** A short name that a team gave to something in its own file; nothing else fits. */
    | { readonly kind: 'name'; readonly pattern: string; readonly example: string }
    /** Anything but the listed values is recorded as `other`. */
    | { readonly kind: 'value'; readonly values: readonly string[] }
    /** A number, reduced to the named range. */
    | { readonly kind: 'range'; readonly values: readonly string[]; readonly unit: string }
    /** A number, never recorded above the clip. */
    | { readonly kind: 'count'; readonly clip: number }
    | { readonly kind: 'counts'; readonly keys: readonly string[]; readonly clip: number }
  );

export const EXPIRES = '2028-12-31';

/** What a team can call itself. `none` stands for no team. */
export const TEAM_NAME = /^(?!none$)[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** What a step of a workflow can be called. */
export const STEP_ID = /^[a-z][a-z0-9-]{0,63}$/;

/** Families of language models. The name that an endpoint uses is never recorded. */
export const MODEL_FAMILIES = [
  'claude',
  'codestral',
  'command-r',
  'deepseek',
  'gemini',
  'gemma',
  'glm',
  'gpt',
  'gpt-oss',
  'granite',
  'grok',
  'kimi',
  'llama',
  'mistral',
  'nova',
  'o-series',
  'phi',
  'qwen',
  'starcoder',
  'other',
] as const;

export const FIELDS = {
  schema: {
    kind: 'version',
    value: 1,
    classification: 'frame',
    required: true,
    purpose: 'Tells readers how to read the line.',
    expires: EXPIRES,
  },
  day: {
    kind: 'day',
    classification: 'frame',
    required: true,
    purpose: 'The day in UTC, so that figures can be summed by week and old lines expire. Never a time of day.',
    expires: EXPIRES,
  },
  operation: {
    kind: 'value',
    values: ['generate', 'review', 'command', 'manual', 'approval', 'other'],
    classification: 'category',
    required: true,
    purpose: 'What was done: shows which parts of the workflow are used. `other` is what another assistant did.',
    expires: EXPIRES,
  },
  outcome: {
    kind: 'value',
    values: ['completed', 'accepted', 'edited', 'rejected', 'abandoned', 'cancelled', 'error', 'measured', 'other'],
    classification: 'category',
    required: true,
    purpose:
      'How it ended: shows whether what was made was of use. `edited` is a proposal that was accepted in part; `measured` says of one that was accepted a week ago how much is left.',
    expires: EXPIRES,
  },
  source: {
    kind: 'value',
    values: ['handrail', 'copilot', 'claude-code', 'codex', 'gemini-cli', 'other'],
    classification: 'category',
    required: true,
    purpose: 'Which assistant the line is about.',
    expires: EXPIRES,
  },
  team: {
    kind: 'name',
    pattern: TEAM_NAME.source,
    example: 'payments',
    classification: 'category',
    purpose:
      "The team of the folder that was worked in, as its `.handrail/telemetry.yml` calls it; left out where there is none. An event can be part of that team's figures only.",
    expires: EXPIRES,
  },
  provider: {
    kind: 'value',
    values: ['openai', 'vscode', 'command', 'builtin', 'other'],
    classification: 'category',
    purpose: 'How the model was reached: an endpoint, the editor, an installed assistant, or no model at all. Never its address.',
    expires: EXPIRES,
  },
  modelFamily: {
    kind: 'value',
    values: MODEL_FAMILIES,
    classification: 'category',
    purpose: 'Compares families of models. Never the name of a model.',
    expires: EXPIRES,
  },
  workflowStepKind: {
    kind: 'value',
    values: ['manual', 'command', 'generate', 'review', 'approval', 'other'],
    classification: 'category',
    purpose: 'That a step of a workflow was settled, and of which kind.',
    expires: EXPIRES,
  },
  stepId: {
    kind: 'name',
    pattern: STEP_ID.source,
    example: 'write-tests',
    classification: 'category',
    purpose:
      "Which step it was, where the team's `.handrail/telemetry.yml` lists it under `steps`; left out everywhere else. Shows which step of the workflow work waits at.",
    expires: EXPIRES,
  },
  stepState: {
    kind: 'value',
    values: ['blocked', 'ready', 'running', 'done', 'stale', 'failed', 'skipped', 'waived', 'other'],
    classification: 'category',
    purpose: 'How the step stood afterwards.',
    expires: EXPIRES,
  },
  errorType: {
    kind: 'value',
    values: [
      'usage',
      'config',
      'not-found',
      'no-git',
      'no-merge-base',
      'untrusted',
      'key-origin',
      'no-key',
      'unauthorised',
      'unreachable',
      'redirect',
      'rate-limited',
      'model-not-found',
      'bad-request',
      'bad-response',
      'timeout',
      'too-large',
      'read-only',
      'conflict',
      'io',
      'internal',
      'other',
    ],
    classification: 'category',
    purpose: 'The kind of a failure, to mend what fails often. Never its text.',
    expires: EXPIRES,
  },
  durationBucket: {
    kind: 'range',
    values: labelsOf(DURATION),
    unit: DURATION.unit,
    classification: 'measure',
    purpose: 'About how long it took: shows what makes people wait.',
    expires: EXPIRES,
  },
  inputTokensBucket: {
    kind: 'range',
    values: labelsOf(TOKENS),
    unit: TOKENS.unit,
    classification: 'measure',
    purpose: 'About how much a model read.',
    expires: EXPIRES,
  },
  outputTokensBucket: {
    kind: 'range',
    values: labelsOf(TOKENS),
    unit: TOKENS.unit,
    classification: 'measure',
    purpose: 'About how much a model wrote.',
    expires: EXPIRES,
  },
  costBucket: {
    kind: 'range',
    values: [...labelsOf(COST), 'other'],
    unit: COST.unit,
    classification: 'measure',
    purpose: 'About what it cost by the prices in the models file. Another currency is `other`.',
    expires: EXPIRES,
  },
  findingsBySeverity: {
    kind: 'counts',
    revision: 2,
    keys: SEVERITIES,
    clip: 99,
    classification: 'measure',
    purpose: 'How many findings a review made, or how severe one was that was decided about. Never what they say or where.',
    expires: EXPIRES,
  },
  findingsApplied: {
    kind: 'count',
    clip: 99,
    classification: 'measure',
    purpose: 'How many proposed fixes were applied: shows whether findings are of use.',
    expires: EXPIRES,
  },
  findingsDismissed: {
    kind: 'count',
    clip: 99,
    classification: 'measure',
    purpose: 'How many findings were dismissed: shows how often a reviewer is wrong. Never the reason.',
    expires: EXPIRES,
  },
  survivalBucket: {
    kind: 'range',
    values: labelsOf(SURVIVAL),
    unit: SURVIVAL.unit,
    classification: 'measure',
    purpose: 'About how much of an accepted proposal is still there after a week: shows whether it was worth it. Never lines or where.',
    expires: EXPIRES,
  },
  dwellBucket: {
    kind: 'range',
    values: labelsOf(DWELL),
    unit: DWELL.unit,
    classification: 'measure',
    purpose: 'About how long a step was ready before it was settled: shows where work gets stuck.',
    expires: EXPIRES,
  },
} as const satisfies Readonly<Record<string, Field>>;

type Fields = typeof FIELDS;
export type FieldName = keyof Fields;

/** The type of a field's value in an event. */
export type FieldValue<F extends Field> = F extends { kind: 'version'; value: infer V }
  ? V
  : F extends { kind: 'value' | 'range'; values: readonly (infer V)[] }
    ? V
    : F extends { kind: 'count' }
      ? number
      : F extends { kind: 'counts'; keys: readonly (infer K extends string)[] }
        ? Readonly<Partial<Record<K, number>>>
        : string;

type RequiredName = { [K in FieldName]: Fields[K] extends { required: true } ? K : never }[FieldName];

/** One recorded line. */
export type TelemetryEvent = { readonly [K in RequiredName]: FieldValue<Fields[K]> } & {
  readonly [K in Exclude<FieldName, RequiredName>]?: FieldValue<Fields[K]>;
};

/** How long lines are kept unless the person says otherwise. */
export const RETENTION_DAYS = 90;
/** What a person may choose instead. */
export const RETENTION_RANGE = { least: 1, most: 365 } as const;

/** Whole days within what may be chosen. */
export function isRetention(days: unknown): days is number {
  return typeof days === 'number' && Number.isInteger(days) && days >= RETENTION_RANGE.least && days <= RETENTION_RANGE.most;
}
