import { modelFamily } from '../telemetry/modelFamily.ts';
import type { AssistantSource, Observation } from '../telemetry/observation.ts';
import { asList, asNumber, asObject, asTime, asWord, attributesOf, millisecondsOf, numberOf, wordOf, type Json } from './otlp.ts';
import { isAmount, MOST_TOKENS, MOST_USD, reasonOf, serviceOf } from './records.ts';
import {
  ERROR_ATTRIBUTE,
  EVENT_NAME_ATTRIBUTE,
  EVENTS,
  GENAI_SPAN,
  MODEL_ATTRIBUTES,
  sourceOf,
  SPANS,
  type CallSignal,
  type EventSignal,
} from './signals.ts';
import type { ReadUsage, UsageMemory } from './usageReader.ts';

type Attributes = ReadonlyMap<string, string | number>;

const WANTED: ReadonlySet<string> = new Set([
  ...MODEL_ATTRIBUTES,
  ERROR_ATTRIBUTE,
  EVENT_NAME_ATTRIBUTE,
  ...[...Object.values(EVENTS), ...Object.values(SPANS), GENAI_SPAN].flatMap(attributesIn),
]);

function attributesIn(signal: EventSignal): string[] {
  if (signal.kind === 'used') return [];
  if (signal.kind === 'failure') return [signal.status, signal.duration];
  const { only, input, output, cost, duration } = signal;
  return [only?.attribute, ...input, ...output, cost, duration].filter((name) => name !== undefined);
}

/** Log records of one resource: one observation each. */
export function logUsage(resource: Json, memory: UsageMemory, into: ReadUsage): void {
  const service = serviceOf(resource);
  const sender = senderOf(resource, memory);
  for (const scope of asList(resource['scopeLogs'])) {
    for (const item of asList(asObject(scope)?.['logRecords'])) {
      const record = asObject(item);
      if (record === undefined) {
        into.rejected += 1;
        continue;
      }
      const attributes = attributesOf(record['attributes'], WANTED);
      const name = eventNameOf(record, attributes, service);
      const signal = name === undefined ? undefined : EVENTS[name];
      if (name === undefined || signal === undefined) continue;
      const source = sourceOf(name, service);
      const observation = ofEvent(signal, source, attributes);
      if (observation === 'malformed') into.rejected += 1;
      else if (
        observation !== undefined &&
        isCounted(observation, `logs ${name}`, memory) &&
        isNew(record, { name, sender, attributes }, memory)
      ) {
        into.observations.push(observation);
      }
    }
  }
}

/** Spans of one resource: one observation for each call of a model. */
export function spanUsage(resource: Json, memory: UsageMemory, into: ReadUsage): void {
  const service = serviceOf(resource);
  const sender = senderOf(resource, memory);
  for (const scope of asList(resource['scopeSpans'])) {
    for (const item of asList(asObject(scope)?.['spans'])) {
      const span = asObject(item);
      if (span === undefined) {
        into.rejected += 1;
        continue;
      }
      const name = asWord(span['name']) ?? '';
      const own = Object.hasOwn(SPANS, name) ? SPANS[name] : undefined;
      const attributes = attributesOf(span['attributes'], WANTED);
      const source = sourceOf(name, service);
      const observation = ofCall(own ?? GENAI_SPAN, source, attributes);
      if (observation === 'malformed') into.rejected += 1;
      if (observation === 'malformed' || observation === undefined || !isNew(span, { name, sender, attributes }, memory)) continue;
      const duration = lengthOf(span);
      if (duration !== undefined) observation.duration ??= duration;
      if (asObject(span['status'])?.['code'] === 2) observation.outcome = 'error';
      if (isCounted(observation, `traces ${own === undefined ? 'gen_ai' : name}`, memory)) {
        into.observations.push(observation);
      }
    }
  }
}

/** The listed name of the event that a record is: in its own field, an attribute, or as its text, with or without the assistant's prefix. */
function eventNameOf(record: Json, attributes: Attributes, service: string | undefined): string | undefined {
  const short = wordOf(attributes, EVENT_NAME_ATTRIBUTE);
  const names = [asWord(record['eventName']), short, asWord(asObject(record['body'])?.['stringValue'])];
  if (short !== undefined && service === 'claude-code') names.push(`claude_code.${short}`);
  return names.find((name) => name !== undefined && Object.hasOwn(EVENTS, name));
}

function ofEvent(signal: EventSignal, source: AssistantSource, attributes: Attributes): Observation | 'malformed' | undefined {
  if (signal.kind === 'call') return ofCall(signal, source, attributes);
  if (signal.kind === 'used') return { operation: 'other', outcome: 'completed', source };
  const reason = reasonOf(numberOf(attributes, signal.status));
  if (signal.onlyFailures === true && reason === undefined) return undefined;
  const duration = numberOf(attributes, signal.duration);
  return {
    operation: 'other',
    outcome: 'error',
    source,
    ...modelIn(attributes),
    ...(reason === undefined ? {} : { errorReason: reason }),
    ...(isAmount(duration, Number.MAX_SAFE_INTEGER) ? { duration } : {}),
  };
}

/** A call, undefined for what is none, `malformed` for one whose figures are no figures. */
function ofCall(signal: CallSignal, source: AssistantSource, attributes: Attributes): Observation | 'malformed' | undefined {
  const { only, input, output, cost, duration } = signal;
  if (only !== undefined && !only.values.includes(wordOf(attributes, only.attribute) ?? '')) return undefined;
  const failed = attributes.has(ERROR_ATTRIBUTE);
  const [read, written] = [sumOf(attributes, input), sumOf(attributes, output)];
  if (read === undefined && written === undefined && !failed) {
    return [...input, ...output].some((name) => attributes.has(name)) ? 'malformed' : undefined;
  }
  const paid = cost === undefined ? undefined : numberOf(attributes, cost);
  const took = duration === undefined ? undefined : numberOf(attributes, duration);
  return {
    operation: 'other',
    outcome: failed ? 'error' : 'completed',
    source,
    ...modelIn(attributes),
    ...(read === undefined ? {} : { inputTokens: read }),
    ...(written === undefined ? {} : { outputTokens: written }),
    ...(isAmount(paid, MOST_USD) ? { cost: { amount: paid, currency: 'USD' } } : {}),
    ...(isAmount(took, Number.MAX_SAFE_INTEGER) ? { duration: took } : {}),
  };
}

/** Undefined when none of them is there, or one is no amount. */
function sumOf(attributes: Attributes, names: readonly string[]): number | undefined {
  const given = names.filter((name) => attributes.has(name)).map((name) => numberOf(attributes, name));
  if (given.length === 0 || !given.every((value) => isAmount(value, MOST_TOKENS))) return undefined;
  return given.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function modelIn(attributes: Attributes): Pick<Observation, 'model'> {
  const model = MODEL_ATTRIBUTES.map((key) => wordOf(attributes, key)).find((word) => word !== undefined);
  return model === undefined ? {} : { model: modelFamily(model) };
}

function isCounted({ source, inputTokens, outputTokens }: Observation, channel: string, memory: UsageMemory): boolean {
  const bearsTokens = inputTokens !== undefined || outputTokens !== undefined;
  return source === undefined || !bearsTokens || memory.counts(source, channel);
}

/** Who sent a message, as a keyed hash of what it tells of itself. */
function senderOf(resource: Json, memory: UsageMemory): string {
  return memory.hash(JSON.stringify([resource['resource']]));
}

/** To the nanosecond there are no two of these; what else a record holds is not looked at. */
const IDENTITY = ['timeUnixNano', 'observedTimeUnixNano', 'startTimeUnixNano', 'traceId', 'spanId'] as const;

/** Whether it was not sent before: exporters repeat what nobody acknowledged. Known by a keyed hash in memory. */
function isNew(
  record: Json,
  { name, sender, attributes }: { name: string; sender: string; attributes: Attributes },
  memory: UsageMemory,
): boolean {
  const identity = IDENTITY.map((key) => asWord(record[key]) ?? asNumber(record[key]) ?? '');
  return memory.heard.add(memory.hash(JSON.stringify([name, sender, ...identity, ...attributes])));
}

/** Milliseconds from a span's start to its end. */
function lengthOf(span: Json): number | undefined {
  const [start, end] = [millisecondsOf(asTime(span['startTimeUnixNano'])), millisecondsOf(asTime(span['endTimeUnixNano']))];
  return start === undefined || end === undefined || end < start ? undefined : end - start;
}
