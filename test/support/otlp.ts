/** OTLP messages in their JSON form, as small as a test needs them. */

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export const START = Date.UTC(2026, 10, 20, 9);
export const nano = (milliseconds: number): string => `${milliseconds}000000`;

export function attributes(values: Attributes): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

const resource = (service: string, more: Attributes = {}): object => ({ attributes: attributes({ 'service.name': service, ...more }) });

export interface TestPoint {
  value: number;
  /** How many values a histogram sums. */
  count?: number;
  attributes?: Attributes;
  start?: number;
  time?: number;
}

export function metrics(
  service: string,
  named: Readonly<Record<string, readonly TestPoint[]>>,
  { temporality = 1, identity = {} }: { temporality?: number | string; identity?: Attributes } = {},
): object {
  const list = Object.entries(named).map(([name, points]) => {
    const dataPoints = points.map(({ value, count, attributes: own = {}, start = START, time = START + 60_000 }) => ({
      attributes: attributes(own),
      startTimeUnixNano: nano(start),
      timeUnixNano: nano(time),
      ...(count === undefined
        ? Number.isInteger(value)
          ? { asInt: String(value) }
          : { asDouble: value }
        : { sum: value, count: String(count) }),
    }));
    const isHistogram = points.some(({ count }) => count !== undefined);
    return { name, [isHistogram ? 'histogram' : 'sum']: { dataPoints, aggregationTemporality: temporality, isMonotonic: true } };
  });
  return { resourceMetrics: [{ resource: resource(service, identity), scopeMetrics: [{ scope: { name: 'test' }, metrics: list }] }] };
}

export function logs(
  service: string,
  records: readonly { name?: string; body?: string; attributes?: Attributes; time?: number }[],
): object {
  const logRecords = records.map(({ name, body, attributes: own = {}, time = START }) => ({
    timeUnixNano: nano(time),
    ...(name === undefined ? {} : { eventName: name }),
    ...(body === undefined ? {} : { body: { stringValue: body } }),
    attributes: attributes(own),
  }));
  return { resourceLogs: [{ resource: resource(service), scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] };
}

export function traces(
  service: string,
  spans: readonly { name: string; attributes?: Attributes; start?: number; end?: number; id?: string; failed?: boolean }[],
): object {
  const list = spans.map(({ name, attributes: own = {}, start = START, end = START + 2000, id = '0102030405060708', failed }) => ({
    traceId: '0102030405060708090a0b0c0d0e0f10',
    spanId: id,
    name,
    startTimeUnixNano: nano(start),
    endTimeUnixNano: nano(end),
    attributes: attributes(own),
    ...(failed === true ? { status: { code: 2 } } : {}),
  }));
  return { resourceSpans: [{ resource: resource(service), scopeSpans: [{ spans: list }] }] };
}
