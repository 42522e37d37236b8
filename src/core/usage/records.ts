import type { FailureReason } from '../errors.ts';
import { asObject, attributesOf, wordOf, type Json } from './otlp.ts';
import { SERVICE_ATTRIBUTE } from './signals.ts';

/** What messages of all kinds have in common. */

/** More than this of one call or interval is no usage but a mistake, or somebody who makes figures up. */
export const MOST_TOKENS = 1_000_000_000;
export const MOST_USD = 100_000;

const SERVICE: ReadonlySet<string> = new Set([SERVICE_ATTRIBUTE]);

/** Name of the service that a message's resource tells. */
export function serviceOf(resource: Json): string | undefined {
  return wordOf(attributesOf(asObject(resource['resource'])?.['attributes'], SERVICE), SERVICE_ATTRIBUTE);
}

export function isAmount(value: number | undefined, most: number): value is number {
  return value !== undefined && value >= 0 && value <= most;
}

/** The kind of a failed call by its HTTP status; its text is not looked at. */
export function reasonOf(status: number | undefined): FailureReason | undefined {
  if (status === undefined) return undefined;
  if (status === 401 || status === 403) return 'unauthorised';
  if (status === 404) return 'model-not-found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'unreachable';
  return status >= 400 ? 'bad-request' : undefined;
}
