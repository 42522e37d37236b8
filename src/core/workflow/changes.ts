/**
 * What changed between the merge base and the working tree. Paths are relative to the workspace folder, with `/`. Blobs are git
 * object names after clean filters, so a line ending that git normalises away is no change.
 */

export type ChangeStatus = 'added' | 'modified' | 'deleted';

export interface Change {
  path: string;
  status: ChangeStatus;
  /** Git object name at the merge base; null for an added file. */
  oldBlob: string | null;
  /** Git object name of the working tree's content; null for a deleted file. */
  newBlob: string | null;
  /** Git file mode, e.g. `100644`; null where the blob is null. */
  oldMode: string | null;
  newMode: string | null;
  /** Not yet known to git. */
  untracked: boolean;
  /** Changed lines; 0 for binary files. */
  linesAdded: number;
  linesDeleted: number;
}

export interface ChangeSet {
  /** Commit that changes are counted from; null in a repository without commits. */
  mergeBase: string | null;
  /** Sorted by path, code unit order, each path once. */
  entries: readonly Change[];
  linesAdded: number;
  linesDeleted: number;
}

/** Records are about the change, so they are never part of it. */
export const EVIDENCE_FOLDER = '.handrail/evidence';

/** Builds a change set out of changes in any order: sorted, summed, evidence left out. */
export function toChangeSet(mergeBase: string | null, changes: readonly Change[]): ChangeSet {
  const entries = changes.filter((change) => !change.path.startsWith(`${EVIDENCE_FOLDER}/`)).sort(byPath);
  let linesAdded = 0;
  let linesDeleted = 0;
  for (const entry of entries) {
    linesAdded += entry.linesAdded;
    linesDeleted += entry.linesDeleted;
  }
  return { mergeBase, entries, linesAdded, linesDeleted };
}

function byPath(a: Change, b: Change): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
