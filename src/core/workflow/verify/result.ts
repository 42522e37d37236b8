import type { StepKind } from '../definition.ts';
import type { Assurance, ExpectationStatus, StepEvidence, StepState } from '../run.ts';

/** What `handrail verify --format json` prints. Keys are additive; codes are stable. */

export const VERIFY_CODES = [
  'missing-evidence',
  'stale-evidence',
  'forged-evidence',
  'unmet-expectation',
  'unauthorised-approval',
  'workflow-changed',
  'models-changed',
  'dismissals-changed',
  'bad-record',
  'expired-waiver',
] as const;
export type VerifyCode = (typeof VERIFY_CODES)[number];

export interface VerifyProblem {
  code: VerifyCode;
  /** Id of the step it is about. */
  step?: string;
  /** File it is about, relative to the top of the repository. */
  path?: string;
  /** One plain sentence, or two. */
  detail: string;
  /** The next action. */
  hint?: string;
}

export interface VerifiedStep {
  id: string;
  title: string;
  kind: StepKind;
  state: StepState;
  assurance: Assurance;
  /** Why, in one plain sentence. */
  detail: string;
  expect: ExpectationStatus[];
  /** The record that was judged. */
  evidence?: StepEvidence;
  /** Names of those whose approval counts. */
  approvedBy?: string[];
}

/** Where the policy that judged came from: the base branch; the branch itself, where base has none; the branch after an owner approved its changes. */
export type PolicySource = 'base' | 'branch' | 'approved';

export interface VerifyResult {
  ok: boolean;
  workflow: { id: string; title: string; digest: string; path: string } | null;
  /** Where records are kept, as the workflow says. */
  evidence: 'local' | 'tracked' | null;
  branch: string | null;
  base: string;
  /** Way from the top of the repository to the folder of `.handrail/`, with `/` at its end; empty at the top. */
  folder: string;
  /** Commits: the tip of the base, where the branch parted from it, and what was verified. */
  commits: { base: string; mergeBase: string; head: string };
  policy: PolicySource;
  steps: VerifiedStep[];
  problems: VerifyProblem[];
  /** What a reader should know and what fails nothing, one sentence each. */
  notices: string[];
  /** Why no step was judged, or by whose workflow. */
  note?: string;
}
