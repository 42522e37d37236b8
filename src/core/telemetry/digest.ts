import { digestOf } from '../workflow/digests.ts';
import { FIELDS, type Field, type FieldName } from './catalogue.ts';
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
export const RECORDED_DIGEST = digestOf(Object.entries<Field>(FIELDS).map(([name, field]) => described(name, field)));

/** The fields one by one, for a consent to keep: what is new or different later can then be named. First 16 hex digits each. */
export function fieldDigests(): Record<string, string> {
  return Object.fromEntries(Object.entries<Field>(FIELDS).map(([name, field]) => [name, shortDigest(name, field)]));
}

/** The fields that would be recorded now and are not what was agreed to, in the catalogue's order. */
export function changedFields(agreed: Readonly<Record<string, string>>): FieldName[] {
  return (Object.keys(FIELDS) as FieldName[]).filter((name) => agreed[name] !== shortDigest(name, FIELDS[name]));
}

function shortDigest(name: string, field: Field): string {
  return digestOf(described(name, field)).slice('sha256:'.length, 'sha256:'.length + 16);
}

function described(name: string, { purpose: _purpose, ...rest }: Field): object {
  return { name, ...rest };
}
