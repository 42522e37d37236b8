import { besideSteps, BY_STEP, COUNTERS, type Counter } from '../telemetry/counters.ts';
import { registryDigest } from '../telemetry/digest.ts';

/** The counters that a team listed, and what their digest says: two people contribute to the same figures when theirs is the same. */
export interface Registry {
  readonly counters: readonly Counter[];
  /** `sha256:…`, see `registryDigest`. */
  readonly digest: string;
}

/**
 * The registry of the named counters, in the catalogue's order whatever order they are named in. Names that it lacks do not count.
 * `steps`: ids of steps that the team tells apart by name, in the order of its file; they are values of a dimension, so the digest is of
 * them, too.
 */
export function registryOf(names: readonly string[], steps: readonly string[] = []): Registry {
  const counters = COUNTERS.filter(({ name }) => names.includes(name)).map((counter) =>
    counter.name === BY_STEP
      ? { ...counter, dims: { ...counter.dims, step: [...steps, 'other'] } }
      : names.includes(BY_STEP)
        ? besideSteps(counter, steps)
        : counter,
  );
  return { counters, digest: registryDigest(counters) };
}
