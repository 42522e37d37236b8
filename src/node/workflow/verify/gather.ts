import { runKey } from '../../../core/workflow/branch.ts';
import { type Change, type ChangeSet, EVIDENCE_FOLDER } from '../../../core/workflow/changes.ts';
import { comparePolicies, type PolicyEffect, policyPaths } from '../../../core/workflow/verify/policy/compare.ts';
import { readTracked, type TrackedRecords } from '../../../core/workflow/verify/records.ts';
import { commitChanges, commitContents } from '../../git/commitChanges.ts';
import { readHeadStatus } from '../../git/headStatus.ts';
import { type HistoryCommit, readHistory } from '../../git/history.ts';
import { inWorkspace, policyDigestOf } from './approvals.ts';
import { type HeadEvidence, readHeadEvidence } from './evidenceAtHead.ts';
import { type PolicyAt, policyReader } from './policyAt.ts';
import type { SharedContent } from '../shared/sharedContent.ts';
import type { Target } from './target.ts';

/** Everything about a change that does not depend on which workflow judges it, read from git's objects. */
export interface GatheredChange {
  target: Target;
  /** Policy at the tip of the base, where the branch parted from it, and at the head. */
  base: PolicyAt;
  start: PolicyAt;
  head: PolicyAt;
  /** What changed in the workspace folder. */
  changes: ChangeSet;
  history: HistoryCommit[];
  runKey: string;
  evidence: HeadEvidence;
  tracked: TrackedRecords;
  effects: PolicyEffect[];
  /** Whether a path, from the top, is part of the policy. */
  isPolicy(path: string): boolean;
  /** Digest of what the head changes about the policy. */
  policyDigest: string;
  /** Whether something is not committed, which is not judged. Not asked in CI, where nobody commits. */
  isUncommitted: boolean;
}

export async function gatherChange(target: Target, inCi: boolean, shared: Pick<SharedContent, 'read'>): Promise<GatheredChange> {
  const { git, prefix, baseTip, mergeBase, head: commit } = target;
  const policies = policyReader(git, prefix, shared);
  const [base, start, head, all, history, fromTip, status] = await Promise.all([
    policies(baseTip),
    policies(mergeBase),
    policies(commit),
    commitChanges(git, mergeBase, commit),
    readHistory(git, mergeBase, commit),
    baseTip === mergeBase ? undefined : commitContents(git, baseTip, commit),
    inCi || !target.isCheckedOut ? undefined : readHeadStatus(git.command, { prefix: '', gitDir: target.gitDir }),
  ]);
  const key = runKey(target.branch, commit);
  const evidence = await readHeadEvidence({ git, prefix, runKey: key, changes: all, history });
  const different = new Set((fromTip ?? all).map(({ path }) => path));
  const effects = comparePolicies({
    start: start.handrail,
    head: head.handrail,
    tip: base.handrail,
    changed: changedPaths(all),
    differsFromTip: (path) => different.has(path),
    throughLinks: changedThroughLinks(start, head, all),
    prefix,
  });
  const isPolicy = seenWith(effects, changedPaths(all), policyPaths(start.handrail, prefix), prefix);
  return {
    target,
    base,
    start,
    head,
    changes: inWorkspace(all, prefix, mergeBase),
    history,
    runKey: key,
    evidence,
    tracked: readTracked(evidence.entries, key),
    effects,
    isPolicy,
    policyDigest: policyDigestOf(all, isPolicy),
    isUncommitted: status?.clean === false,
  };
}

/** What somebody who approves a change of the policy has to have seen: its files, and where links hide which those are, everything. */
function seenWith(
  effects: readonly PolicyEffect[],
  changed: readonly string[],
  isPolicy: (path: string) => boolean,
  prefix: string,
): (path: string) => boolean {
  const isHidden = effects.some(({ effect, paths }) => effect === 'relaxed' && !paths.some((path) => changed.includes(path)));
  return isHidden ? (path) => !path.startsWith(`${prefix}${EVIDENCE_FOLDER}/`) : isPolicy;
}

/** A guarded file may be a link, and what it leads to is no guarded file. */
function changedThroughLinks(start: PolicyAt, head: PolicyAt, changes: readonly Change[]): string[] {
  const changed = new Set(changedPaths(changes));
  return [...start.guarded].flatMap(([path, text]) =>
    !changed.has(path) && head.guarded.has(path) && head.guarded.get(path) !== text ? [path] : [],
  );
}

function changedPaths(changes: readonly Change[]): string[] {
  return changes.map(({ path }) => path);
}
