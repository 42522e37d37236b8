import { COUNTERS, type Counter } from '../telemetry/counters.ts';
import { registryDigest } from '../telemetry/digest.ts';

/** The counters that a team listed, and what their digest says: two people contribute to the same figures when theirs is the same. */
export interface Registry {
  readonly counters: readonly Counter[];
  /** `sha256:…`, see `registryDigest`. */
  readonly digest: string;
}

/** The registry of the named counters, in the catalogue's order whatever order they are named in. Names that it lacks do not count. */
export function registryOf(names: readonly string[]): Registry {
  const counters = COUNTERS.filter(({ name }) => names.includes(name));
  return { counters, digest: registryDigest(counters) };
}
