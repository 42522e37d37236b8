import { endOfWeek } from '../window.ts';
import { COUNTERS } from '../../telemetry/counters.ts';
import { startOfWeek } from '../../telemetry/week.ts';
import type { Release } from '../release/release.ts';
import { dimensionsOf } from './label.ts';

/**
 * Releases as OpenTelemetry metrics (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#gauge). Gauges, because the same point sent twice is one
 * point: sums would be added up again. A point is a figure of the window from its start time to its time.
 */

/** Units that UCUM or the semantic conventions have, by the catalogue's, and what a figure is multiplied by to be in them. */
const UNITS: Readonly<Record<string, { unit: string; times?: number }>> = {
  days: { unit: 'd' },
  'thousands of tokens': { unit: '{token}', times: 1000 },
};

/** Names of the semantic conventions, where they have one for a dimension. */
const ATTRIBUTES: Readonly<Record<string, string>> = { direction: 'gen_ai.token.type' };

interface Attribute {
  key: string;
  value: { stringValue: string };
}

interface Point {
  attributes: Attribute[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  /** 64-bit integers are texts in OTLP's JSON. */
  asInt: string;
}

export interface Metric {
  name: string;
  unit: string;
  gauge: { dataPoints: Point[] };
}

/** One request of the OTLP metrics service, in JSON. */
export interface MetricsRequest {
  resourceMetrics: {
    resource: { attributes: Attribute[] };
    scopeMetrics: { scope: { name: string; version: string }; metrics: Metric[] }[];
  }[];
}

/** A release's figures, its band of participation and how many counters it withholds. No attribute tells two windows apart but their times. */
export function metricsOf(release: Release): MetricsRequest {
  const { team, cells, participation, withheld, schema } = release;
  const times = timesOf(release);
  const metrics = new Map<string, Metric>();
  const add = (name: string, unit: string, value: number, dims: readonly [string, string][] = []): void => {
    const metric = metrics.get(name) ?? { name, unit, gauge: { dataPoints: [] } };
    metrics.set(name, metric);
    const attributes = [attribute('handrail.team', team), ...dims.map(([key, text]) => attribute(key, text))];
    metric.gauge.dataPoints.push({ attributes, ...times, asInt: String(value) });
  };
  for (const cell of cells) {
    const { unit, times: factor = 1 } = unitOf(cell.counter);
    const dims = dimensionsOf(cell).map(([dim, value]): [string, string] => [ATTRIBUTES[dim] ?? `handrail.${dim}`, value]);
    add(`handrail.${cell.counter}`, unit, cell.value * factor, dims);
  }
  // With noise: how far 95 of 100 figures of a counter are at most from what was counted.
  for (const { counter, margin } of release.privacy?.noise ?? []) {
    const { unit, times: factor = 1 } = unitOf(counter);
    add(`handrail.${counter}.margin`, unit, margin * factor);
  }
  add('handrail.team.people', '{person}', participation.from, [['handrail.bound', 'lower']]);
  if (participation.to !== undefined) add('handrail.team.people', '{person}', participation.to, [['handrail.bound', 'upper']]);
  add('handrail.team.withheld', '{counter}', withheld.length);
  return {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', 'handrail')] },
        scopeMetrics: [{ scope: { name: 'handrail.team.release', version: schema }, metrics: [...metrics.values()] }],
      },
    ],
  };
}

/** Of all else the unit is an annotation in the singular, `{review}`, as the conventions have it. */
function unitOf(counter: string): { unit: string; times?: number } {
  const unit = COUNTERS.find(({ name }) => name === counter)?.unit;
  if (unit === undefined) return { unit: '1' };
  return UNITS[unit] ?? { unit: `{${unit.replace(/s$/, '').replaceAll(' ', '_')}}` };
}

function timesOf({ window: { from, to } }: Release): Pick<Point, 'startTimeUnixNano' | 'timeUnixNano'> {
  return { startTimeUnixNano: nano(startOfWeek(from)), timeUnixNano: nano(endOfWeek(to)) };
}

/** Nanoseconds as a text: more digits than a number holds. */
function nano(milliseconds = 0): string {
  return `${milliseconds}000000`;
}

function attribute(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } };
}
