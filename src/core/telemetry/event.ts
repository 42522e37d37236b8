import { jsonObject } from '../jsonObject.ts';
import { bucketOf, COST, COST_CURRENCIES, DURATION, DWELL, SURVIVAL, TOKENS } from './buckets.ts';
import { FIELDS, type Field, type FieldName, type TelemetryEvent } from './catalogue.ts';
import { modelFamily } from './modelFamily.ts';
import type { Observation } from './observation.ts';

/** The team of the folder that something happened in, and the steps that it lists by name. */
export interface RecordedTeam {
  readonly name: string;
  readonly steps: readonly string[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What is recorded of an observation. Built from the catalogue alone: a value it does not list becomes `other`, a quantity that is
 * none is left out, and nothing else of the observation can get in. Undefined when a field that every event needs has expired.
 */
export function toEvent(observation: Observation, day: string, team?: RecordedTeam): TelemetryEvent | undefined {
  const { operation, outcome, provider, model, stepKind, stepId, stepState, errorReason, findings } = observation;
  const event: Writable<TelemetryEvent> = {
    schema: FIELDS.schema.value,
    day,
    operation: listed('operation', operation),
    outcome: listed('outcome', outcome),
    source: listed('source', observation.source ?? 'handrail'),
  };
  if (team !== undefined && fits(team.name, FIELDS.team)) event.team = team.name;
  if (provider !== undefined) event.provider = listed('provider', provider);
  if (model !== undefined) event.modelFamily = modelFamily(model);
  if (stepKind !== undefined) event.workflowStepKind = listed('workflowStepKind', stepKind);
  // Without a team there is nobody whom the name of a step could tell anything.
  if (stepId !== undefined && event.team !== undefined && team?.steps.includes(stepId) === true && fits(stepId, FIELDS.stepId))
    event.stepId = stepId;
  if (stepState !== undefined) event.stepState = listed('stepState', stepState);
  // A person who cancels is no failure.
  if (errorReason !== undefined && errorReason !== 'cancelled') event.errorType = listed('errorType', errorReason);
  if (findings !== undefined) event.findingsBySeverity = counts(findings);
  addMeasures(event, observation);
  return unexpired(event, day);
}

function addMeasures(event: Writable<TelemetryEvent>, observation: Observation): void {
  const duration = bucketOf(observation.duration, DURATION);
  if (duration !== undefined) event.durationBucket = duration;
  const input = bucketOf(observation.inputTokens, TOKENS);
  if (input !== undefined) event.inputTokensBucket = input;
  const output = bucketOf(observation.outputTokens, TOKENS);
  if (output !== undefined) event.outputTokensBucket = output;
  const cost = costBucket(observation.cost);
  if (cost !== undefined) event.costBucket = cost;
  const applied = clipped(observation.findingsApplied, FIELDS.findingsApplied.clip);
  if (applied !== undefined) event.findingsApplied = applied;
  const dismissed = clipped(observation.findingsDismissed, FIELDS.findingsDismissed.clip);
  if (dismissed !== undefined) event.findingsDismissed = dismissed;
  const survival = bucketOf(observation.survival, SURVIVAL);
  if (survival !== undefined) event.survivalBucket = survival;
  const dwell = bucketOf(observation.dwell, DWELL);
  if (dwell !== undefined) event.dwellBucket = dwell;
}

type ValueField = { [K in FieldName]: (typeof FIELDS)[K] extends { kind: 'value' } ? K : never }[FieldName];

/** The value when the catalogue lists it, else `other`. Types end where JavaScript, an old bundle or a new provider begins. */
function listed<N extends ValueField>(name: N, value: string): (typeof FIELDS)[N]['values'][number] {
  const values: readonly string[] = FIELDS[name].values;
  return (values.includes(value) ? value : 'other') as (typeof FIELDS)[N]['values'][number];
}

function counts(findings: Readonly<Partial<Record<string, number>>>): NonNullable<TelemetryEvent['findingsBySeverity']> {
  const { keys, clip } = FIELDS.findingsBySeverity;
  const kept: Partial<Record<(typeof keys)[number], number>> = {};
  for (const key of keys) {
    const value = clipped(findings[key], clip);
    if (value !== undefined && value > 0) kept[key] = value;
  }
  return kept;
}

function clipped(value: number | undefined, clip: number): number | undefined {
  return value !== undefined && value >= 0 ? Math.min(Math.floor(value), clip) : undefined;
}

function costBucket(cost: Observation['cost']): TelemetryEvent['costBucket'] {
  if (cost === undefined) return undefined;
  return COST_CURRENCIES.includes(cost.currency) ? bucketOf(cost.amount, COST) : 'other';
}

const FIRST_EXPIRY = Object.values<Field>(FIELDS)
  .map(({ expires }) => expires)
  .toSorted()[0];

/** Without the fields whose last day is over. */
function unexpired(event: TelemetryEvent, day: string): TelemetryEvent | undefined {
  if (FIRST_EXPIRY !== undefined && day <= FIRST_EXPIRY) return event;
  const names = Object.keys(event) as FieldName[];
  if (names.some((name) => day > FIELDS[name].expires && 'required' in FIELDS[name])) return undefined;
  return Object.fromEntries(Object.entries(event).filter(([name]) => day <= FIELDS[name as FieldName].expires)) as TelemetryEvent;
}

/** The event that a stored line holds, or undefined when it is none of this catalogue. Never throws. */
export function parseEvent(line: string): TelemetryEvent | undefined {
  const value = jsonObject(line);
  if (value === undefined) return undefined;
  const entries = Object.entries(value);
  const fields: Readonly<Record<string, Field | undefined>> = FIELDS;
  const allListed = entries.every(([name, item]) => {
    const field = Object.hasOwn(FIELDS, name) ? fields[name] : undefined;
    return field !== undefined && fits(item, field);
  });
  const complete = Object.entries<Field>(FIELDS).every(([name, { required }]) => required !== true || Object.hasOwn(value, name));
  return allListed && complete ? (value as TelemetryEvent) : undefined;
}

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  Object.values<Field>(FIELDS).flatMap((field) => (field.kind === 'name' ? [[field.pattern, new RegExp(field.pattern)]] : [])),
);

function fits(value: unknown, field: Field): boolean {
  switch (field.kind) {
    case 'version':
      return value === field.value;
    case 'day':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
    case 'name':
      return typeof value === 'string' && PATTERNS.get(field.pattern)?.test(value) === true;
    case 'value':
    case 'range':
      return typeof value === 'string' && field.values.includes(value);
    case 'count':
      return isCount(value, field.clip);
    case 'counts':
      return (
        typeof value === 'object' &&
        value !== null &&
        Object.entries(value).every(([key, item]) => field.keys.includes(key) && isCount(item, field.clip))
      );
  }
}

function isCount(value: unknown, clip: number): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= clip;
}
