import type { CancelSignal } from '../../ports.ts';
import type { VerifyResult } from './result.ts';

/** What `verify` is asked. */
export interface VerifyRequest {
  /** Branch, commit or ref that the change is to be merged into. */
  base?: string;
  /** Commit that is verified, instead of the one that is checked out. */
  head?: string;
  /** Id of a workflow, instead of the one the branch follows. */
  workflow?: string;
  branch?: string;
  /** Where the repository is: `github.com/acme/shop`. */
  repository?: string;
  /** Number of the pull request, whose reviews are read from the host. */
  pullRequest?: number;
  /** File of reviews, outside of the checkout; absolute. */
  reviews?: string;
  /** Ids of command steps to what a check of the host says: `success`, or `check:NAME` to read the check of that name. */
  checks?: Readonly<Record<string, string>>;
  /** Runs the commands of the steps. They come from the base, and run what the branch brings. */
  rerun?: {
    /** Milliseconds for each command. */
    timeLimit: number;
    /** Names of variables that commands get besides the usual ones. */
    passed: readonly string[];
    onOutput(chunk: Uint8Array): Promise<void> | undefined | void;
  };
  /** Assurance that every step must reach. */
  require?: 'verified' | 'bound';
  /** Leaves approvals for later, for a look before anyone could have approved. */
  withoutApprovals?: boolean;
  signal: CancelSignal;
}

/** What a person signs to approve a step at the head. */
export interface ApprovalToSign {
  lines: string[];
  /** Name of the tag, without `refs/tags/`. */
  tag: string;
  head: string;
}

export interface Verifier {
  verify(request: VerifyRequest): Promise<VerifyResult>;
  /** The text to sign for an approval or waived step, or for the change of policy (`@policy`). Signs nothing. */
  approvalToSign(step: string, request: VerifyRequest): Promise<ApprovalToSign>;
}
