/**
 * Readers of OTLP messages in their JSON form (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), whatever they hold:
 * what is not of the right type reads as absent. Nothing walks into a value, so depth costs nothing.
 */

export type Json = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** No name, model or word that is looked at is longer. */
const LONGEST_WORD = 200;

export function asWord(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_WORD ? value : undefined;
}

const NUMBER = /^-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?$/i;

/** A number, or one as text, as 64-bit integers are written in JSON. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Nanoseconds since the Unix epoch as text that can be compared and told apart; empty when absent. */
export function asTime(value: unknown): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^\d{1,20}$/.test(text) && !/^0+$/.test(text) ? text.padStart(20, '0') : '';
}

/** Milliseconds since the Unix epoch of {@link asTime}, or undefined when absent. */
export function millisecondsOf(time: string): number | undefined {
  return time === '' ? undefined : Number(time.slice(0, -6));
}

/** The scalar in an attribute's `AnyValue`. Lists and maps are none. */
function scalar(value: unknown): string | number | undefined {
  const any = asObject(value);
  if (any === undefined) return undefined;
  return asWord(any['stringValue']) ?? asNumber(any['intValue']) ?? asNumber(any['doubleValue']);
}

/** Of an attribute list no more is looked at: a record with more is none of an assistant. */
const MOST_ATTRIBUTES = 256;

/** Values of the wanted attributes; the others are passed over by their key alone. */
export function attributesOf(list: unknown, wanted: ReadonlySet<string>): ReadonlyMap<string, string | number> {
  const found = new Map<string, string | number>();
  for (const item of asList(list).slice(0, MOST_ATTRIBUTES)) {
    const attribute = asObject(item);
    const key = asWord(attribute?.['key']);
    if (attribute === undefined || key === undefined || !wanted.has(key)) continue;
    const value = scalar(attribute['value']);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

export function wordOf(attributes: ReadonlyMap<string, string | number>, key: string): string | undefined {
  return asWord(attributes.get(key));
}

export function numberOf(attributes: ReadonlyMap<string, string | number>, key: string): number | undefined {
  return asNumber(attributes.get(key));
}
