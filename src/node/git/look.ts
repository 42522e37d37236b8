import { type Change, type ChangeSet, toChangeSet } from '../../core/workflow/changes.ts';
import type { RepositoryState } from './repository.ts';
import type { HeadStatus } from './headStatus.ts';
import { isUnder } from './touched.ts';

/** What a look at some paths brought. */
export interface PartialLook {
  /** The paths that were looked at, relative to the folder; each stands for what lies below it, too. */
  paths: readonly string[];
  head: HeadStatus;
  changes: ChangeSet;
  /** Whether the file system takes names that differ in case for the same. */
  ignoresCase: boolean;
}

/** A state with the paths that were looked at replaced by what is there now; undefined where the look brought anything else. */
export function patched(before: RepositoryState, look: PartialLook): RepositoryState | undefined {
  const fold = (path: string): string => (look.ignoresCase ? path.toLowerCase() : path);
  const paths = look.paths.map(fold);
  const isLookedAt = (path: string): boolean => {
    const folded = fold(path.replace(/\/$/, ''));
    return paths.some((one) => isUnder(folded, one));
  };
  const isOther = (path: string): boolean => !isLookedAt(path);
  const { head, changes } = look;
  if (head.uncommitted.some(isOther) || changes.entries.some(({ path }) => isOther(path))) return undefined;
  const uncommitted = [...before.uncommitted.filter(isOther), ...head.uncommitted];
  const entries: Change[] = [...before.changes.entries.filter(({ path }) => isOther(path)), ...changes.entries];
  return {
    ...before,
    uncommitted,
    clean: uncommitted.length === 0,
    untracked: [...before.untracked.filter(isOther), ...head.untracked],
    changes: toChangeSet(before.changes.mergeBase, entries),
  };
}
