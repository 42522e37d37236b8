import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { OtlpSignal } from '../../core/usage/usageReader.ts';

/**
 * OTLP messages between protobuf and their JSON form: the fields of the public schema
 * (https://github.com/open-telemetry/opentelemetry-proto, v1) that usage is read from. All others are passed over undecoded, so
 * the depth of a message is the depth of this table.
 */

type Scalar = 'word' | 'fixed64' | 'sfixed64' | 'int64' | 'double' | 'enum' | 'bool' | 'hex';
interface FieldShape {
  readonly name: string;
  readonly type: Scalar | Shape;
  readonly repeated?: true;
}
/** Fields by their number. */
type Shape = Readonly<Record<number, FieldShape>>;

const WIRE: Readonly<Record<Scalar, WireType>> = {
  word: WireType.LengthDelimited,
  hex: WireType.LengthDelimited,
  fixed64: WireType.Bit64,
  sfixed64: WireType.Bit64,
  double: WireType.Bit64,
  int64: WireType.Varint,
  enum: WireType.Varint,
  bool: WireType.Varint,
};

const one = (name: string, type: FieldShape['type']): FieldShape => ({ name, type });
const many = (name: string, type: Shape): FieldShape => ({ name, type, repeated: true });

const VALUE: Shape = {
  1: one('stringValue', 'word'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int64'),
  4: one('doubleValue', 'double'),
};
const ATTRIBUTE: Shape = { 1: one('key', 'word'), 2: one('value', VALUE) };
const RESOURCE: Shape = { 1: many('attributes', ATTRIBUTE) };

const NUMBER_POINT: Shape = {
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('asDouble', 'double'),
  6: one('asInt', 'sfixed64'),
  7: many('attributes', ATTRIBUTE),
};
const histogramPoint = (attributes: 1 | 9): Shape => ({
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  [attributes]: many('attributes', ATTRIBUTE),
});
const dataOf = (point: Shape): Shape => ({ 1: many('dataPoints', point), 2: one('aggregationTemporality', 'enum') });
const METRIC: Shape = {
  1: one('name', 'word'),
  7: one('sum', dataOf(NUMBER_POINT)),
  9: one('histogram', dataOf(histogramPoint(9))),
  10: one('exponentialHistogram', dataOf(histogramPoint(1))),
};
const LOG_RECORD: Shape = {
  1: one('timeUnixNano', 'fixed64'),
  5: one('body', VALUE),
  6: many('attributes', ATTRIBUTE),
  9: one('traceId', 'hex'),
  10: one('spanId', 'hex'),
  11: one('observedTimeUnixNano', 'fixed64'),
  12: one('eventName', 'word'),
};
const SPAN: Shape = {
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  5: one('name', 'word'),
  7: one('startTimeUnixNano', 'fixed64'),
  8: one('endTimeUnixNano', 'fixed64'),
  9: many('attributes', ATTRIBUTE),
  15: one('status', { 3: one('code', 'enum') }),
};
const scoped = (scopes: string, items: string, item: Shape): Shape => ({
  1: one('resource', RESOURCE),
  2: many(scopes, { 2: many(items, item) }),
});
const MESSAGES: Readonly<Record<OtlpSignal, Shape>> = {
  metrics: { 1: many('resourceMetrics', scoped('scopeMetrics', 'metrics', METRIC)) },
  logs: { 1: many('resourceLogs', scoped('scopeLogs', 'logRecords', LOG_RECORD)) },
  traces: { 1: many('resourceSpans', scoped('scopeSpans', 'spans', SPAN)) },
};

/** Longer texts are content; they are left on the wire. */
const LONGEST = 1024;
/** A message of some bytes can hold millions of empty ones; no exporter sends so many. */
const MOST_MESSAGES = 200_000;

/** The message in its JSON form. Throws for what is no protobuf, or holds more messages than an exporter sends. */
export function decodeOtlp(signal: OtlpSignal, bytes: Uint8Array): unknown {
  return decode(new BinaryReader(bytes), bytes.length, MESSAGES[signal], { left: MOST_MESSAGES });
}

type Decoded = Record<string, unknown>;

function decode(reader: BinaryReader, end: number, shape: Shape, budget: { left: number }): Decoded {
  if (--budget.left < 0) throw new RangeError('too many messages');
  const message: Decoded = {};
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = shape[number];
    if (field === undefined || wireType !== wireTypeOf(field)) {
      reader.skip(wireType, number);
      continue;
    }
    const { name, type, repeated } = field;
    const value = typeof type === 'string' ? scalar(reader, type) : submessage(reader, end, type, budget);
    if (value === undefined) continue;
    if (repeated === true) ((message[name] ??= []) as unknown[]).push(value);
    else message[name] = value;
  }
  if (reader.pos > end) throw new RangeError('a field ends after its message');
  return message;
}

function wireTypeOf({ type }: FieldShape): WireType {
  return typeof type === 'string' ? WIRE[type] : WireType.LengthDelimited;
}

function submessage(reader: BinaryReader, end: number, shape: Shape, budget: { left: number }): Decoded {
  const length = reader.uint32();
  const own = reader.pos + length;
  if (own > end) throw new RangeError('a field ends after its message');
  return decode(reader, own, shape, budget);
}

function scalar(reader: BinaryReader, type: Scalar): unknown {
  switch (type) {
    case 'word': {
      const bytes = reader.bytes();
      return bytes.length > LONGEST ? undefined : Buffer.from(bytes).toString('utf8');
    }
    case 'hex':
      return Buffer.from(reader.bytes().subarray(0, 16)).toString('hex');
    case 'fixed64':
      return String(reader.fixed64());
    case 'sfixed64':
      return String(reader.sfixed64());
    case 'int64':
      return String(reader.int64());
    case 'double':
      return reader.double();
    case 'enum':
      return reader.int32();
    case 'bool':
      return reader.bool();
  }
}

/** `Export…ServiceResponse`: empty, or with how many items were rejected and why. */
export function encodeAnswer(rejected: number, message: string): Uint8Array {
  const writer = new BinaryWriter();
  if (rejected > 0) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int64(rejected);
    writer.tag(2, WireType.LengthDelimited).string(message).join();
  }
  return writer.finish();
}

/** `google.rpc.Status`, which says why a message was refused. */
export function encodeStatus(message: string): Uint8Array {
  return new BinaryWriter().tag(2, WireType.LengthDelimited).string(message).finish();
}
