import type { Change, ChangeSet } from './changes.ts';
import type { Step } from './definition.ts';
import { type ChangeTriple, changeDigest, toTriple } from './digests.ts';
import { expectedPath } from './expectations.ts';
import { compileGlobs } from './globs.ts';

/** The part of a change that a step's evidence is about. When that part changes, the evidence is stale. */
export type Coverage = 'everything' | readonly string[];

/**
 * What a record of this step covers. `inputs` decides when given. Otherwise a command, a review or an approval covers the whole
 * change, and generation nothing: people go on from what was generated. In a manual step, `file` and `changed` cover the matched
 * files, `attest` nothing, and the editor's diagnostics the whole change, since a problem in one file may come from any other.
 */
export function coverageOf(step: Step, branchSlug: string): Coverage {
  if (step.inputs !== undefined) return step.inputs;
  if (step.kind === 'command' || step.kind === 'review' || step.kind === 'approval') return 'everything';
  if (step.kind === 'generate') return [];
  const globs: string[] = [];
  for (const expectation of step.expect) {
    if (expectation.kind === 'diagnostics') return 'everything';
    if (expectation.kind === 'file') globs.push(escapeGlob(expectedPath(expectation.path, branchSlug)));
    if (expectation.kind === 'changed') globs.push(expectedPath(expectation.glob, branchSlug));
  }
  return globs;
}

/** The changes that a step's evidence covers, sorted by path. */
export function coveredChanges(changes: ChangeSet, coverage: Coverage): readonly Change[] {
  if (coverage === 'everything') return changes.entries;
  if (coverage.length === 0) return [];
  const matches = compileGlobs(coverage);
  return changes.entries.filter((entry) => matches(entry.path));
}

/** Digests and triples of covered changes, computed once for equal coverage: many steps cover the whole of a large change. */
export class CoveredParts {
  readonly #changes: ChangeSet;
  readonly #parts = new Map<string, { digest: string; entries: readonly Change[] }>();

  constructor(changes: ChangeSet) {
    this.#changes = changes;
  }

  get(coverage: Coverage): { digest: string; entries: readonly Change[] } {
    const key = coverage === 'everything' ? 'everything' : JSON.stringify(coverage);
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const entries = coveredChanges(this.#changes, coverage);
    const part = { digest: changeDigest(entries), entries };
    this.#parts.set(key, part);
    return part;
  }
}

/** Paths whose part in the change differs between then and now, sorted. */
export function differingPaths(then: readonly ChangeTriple[], now: readonly Change[]): string[] {
  const before = new Map(then.map((triple) => [triple[0], JSON.stringify(triple)]));
  const differing = new Set<string>();
  for (const change of now) {
    if (before.get(change.path) !== JSON.stringify(toTriple(change))) differing.add(change.path);
    before.delete(change.path);
  }
  for (const path of before.keys()) differing.add(path);
  return [...differing].sort();
}

function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}
