import type { Coverage } from '../coverage.ts';
import type { ApprovalMessage } from './approvalMessage.ts';
import type { Approver } from './approvers.ts';

/** Somebody's approval of a commit, before it is asked whether it counts for anything. */
export interface Candidate {
  approver: Approver;
  /** What was signed; absent for a review on the host, which is about the whole change. */
  signed?: ApprovalMessage;
  /** Object name of the approved commit. */
  commit: string;
  /** What the approved commit holds; undefined where it is not in this clone. */
  content?: ApprovedContent;
}

export interface ApprovedContent {
  /** Digest of that part of the change, as it was at the commit. */
  digestOf(coverage: Coverage): string;
  /** Digest of what was changed about the policy there. */
  policyDigest: string;
  /** Whether the commit holds this file of evidence, as the head does. */
  holds(path: string): boolean;
}
