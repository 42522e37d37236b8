import { digestOf } from '../workflow/digests.ts';
import { FIELDS, type Field } from './catalogue.ts';
import type { Counter } from './counters.ts';

/** What the digest of a registry is taken of, and what `handrail telemetry catalogue` prints, so that anyone can recompute it. */
export function registryEntries(counters: readonly Counter[]): Pick<Counter, 'name' | 'dims' | 'clip' | 'excludes'>[] {
  return counters.map(({ name, dims, clip, excludes }) => ({ name, dims, clip, excludes }));
}

/** Digest of a list of counters: their names, dimensions with values, clips and exclusions, in the given order. */
export function registryDigest(counters: readonly Counter[]): string {
  return digestOf(registryEntries(counters));
}

/**
 * Digest of what may be recorded: fields with their values, ranges, clips and last days. A consent names the one it was given for.
 * The words that explain a field are not part of it. Taken once, because every look at a consent compares it.
 */
export const RECORDED_DIGEST = digestOf(Object.entries<Field>(FIELDS).map(([name, { purpose: _purpose, ...rest }]) => ({ name, ...rest })));
