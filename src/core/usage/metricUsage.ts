import { modelFamily } from '../telemetry/modelFamily.ts';
import type { AssistantSource, Observation } from '../telemetry/observation.ts';
import { asList, asNumber, asObject, asTime, asWord, attributesOf, wordOf, type Json } from './otlp.ts';
import { isAmount, MOST_TOKENS, MOST_USD, serviceOf } from './records.ts';
import { ERROR_ATTRIBUTE, METRICS, MODEL_ATTRIBUTES, sourceOf, type MetricSignal } from './signals.ts';
import type { ReadUsage, UsageMemory } from './usageReader.ts';

const WANTED: ReadonlySet<string> = new Set([
  ...MODEL_ATTRIBUTES,
  ERROR_ATTRIBUTE,
  ...Object.values(METRICS).flatMap((signal) => (signal.kind === 'tokens' && signal.by !== undefined ? [signal.by.attribute] : [])),
]);

/** What one message adds for one assistant, family of models and way to end. */
interface Sum {
  source: AssistantSource;
  family: Observation['model'];
  failed: boolean;
  input?: number;
  output?: number;
  cost?: number;
  /** Milliseconds over all calls. */
  duration: number;
  calls: number;
}

/** Metrics of one resource. One message makes one observation per assistant and family of models. */
export function metricUsage(resource: Json, memory: UsageMemory, into: ReadUsage): void {
  const service = serviceOf(resource);
  const identity = memory.hash(JSON.stringify([resource['resource']]));
  const sums = new Map<string, Sum>();
  for (const scope of asList(resource['scopeMetrics'])) {
    for (const item of asList(asObject(scope)?.['metrics'])) {
      const metric = asObject(item);
      const name = asWord(metric?.['name']);
      const signal = name !== undefined && Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
      if (metric === undefined || name === undefined || signal === undefined) continue;
      readMetric({ name, signal, metric, source: sourceOf(name, service), identity }, memory, sums, into);
    }
  }
  for (const sum of sums.values()) into.observations.push(observationOf(sum));
}

interface Found {
  name: string;
  signal: MetricSignal;
  metric: Json;
  source: AssistantSource;
  identity: string;
}

function readMetric({ name, signal, metric, source, identity }: Found, memory: UsageMemory, sums: Map<string, Sum>, into: ReadUsage): void {
  const data = asObject(metric['sum']) ?? asObject(metric['histogram']) ?? asObject(metric['exponentialHistogram']);
  if (data === undefined) {
    into.rejected += 1;
    return;
  }
  for (const item of asList(data['dataPoints'])) {
    const point = asObject(item);
    // A sum tells its value, a histogram the sum of its values.
    const value = asNumber(point?.['asInt']) ?? asNumber(point?.['asDouble']) ?? asNumber(point?.['sum']);
    if (point === undefined || value === undefined || !isAmount(value, Number.MAX_SAFE_INTEGER)) {
      into.rejected += 1;
      continue;
    }
    const attributes = attributesOf(point['attributes'], WANTED);
    const direction = signal.kind === 'tokens' ? directionOf(signal, attributes) : undefined;
    if (signal.kind === 'tokens' && direction === undefined) continue;
    if ('channel' in signal && !memory.counts(source, signal.channel)) continue;
    const added = memory.series.added({
      key: memory.hash(`${name} ${identity} ${JSON.stringify(point['attributes'])}`),
      cumulative: isCumulative(data['aggregationTemporality']),
      start: asTime(point['startTimeUnixNano']),
      time: asTime(point['timeUnixNano']),
      value,
      count: asNumber(point['count']) ?? 1,
    });
    if (added === undefined) continue;
    const model = MODEL_ATTRIBUTES.map((key) => wordOf(attributes, key)).find((word) => word !== undefined);
    const sum = sumOf(sums, source, model, attributes.has(ERROR_ATTRIBUTE));
    if (signal.kind === 'tokens' && direction !== undefined) sum[direction] = Math.min(MOST_TOKENS, (sum[direction] ?? 0) + added.value);
    if (signal.kind === 'cost') sum.cost = Math.min(MOST_USD, (sum.cost ?? 0) + added.value);
    if (signal.kind === 'duration') {
      sum.duration += added.value * signal.unit;
      sum.calls += added.count;
    }
  }
}

function directionOf(
  signal: Extract<MetricSignal, { kind: 'tokens' }>,
  attributes: ReadonlyMap<string, string | number>,
): 'input' | 'output' | undefined {
  if (signal.by === undefined) return signal.direction;
  const value = wordOf(attributes, signal.by.attribute);
  return value !== undefined && Object.hasOwn(signal.by.values, value) ? signal.by.values[value] : undefined;
}

/** As a number, as in protobuf and JSON by the specification, or by its name, as some write it. */
function isCumulative(temporality: unknown): boolean {
  return temporality !== 1 && temporality !== 'AGGREGATION_TEMPORALITY_DELTA';
}

function sumOf(sums: Map<string, Sum>, source: AssistantSource, model: string | undefined, failed: boolean): Sum {
  const family = model === undefined ? undefined : modelFamily(model);
  const key = `${source} ${family ?? ''} ${failed}`;
  const sum = sums.get(key) ?? { source, family, failed, duration: 0, calls: 0 };
  sums.set(key, sum);
  return sum;
}

function observationOf({ source, family, failed, input, output, cost, duration, calls }: Sum): Observation {
  return {
    operation: 'other',
    outcome: failed ? 'error' : 'completed',
    source,
    ...(family === undefined ? {} : { model: family }),
    ...(input === undefined ? {} : { inputTokens: input }),
    ...(output === undefined ? {} : { outputTokens: output }),
    ...(cost === undefined ? {} : { cost: { amount: cost, currency: 'USD' } }),
    // About how long one took.
    ...(calls === 0 ? {} : { duration: duration / calls }),
  };
}
