import { digestOf } from '../digests.ts';
import { POLICY_STEP } from './approvalMessage.ts';
import { type ApprovalRules, isOwnerBesideAuthor } from './approvers.ts';
import type { Candidate } from './candidates.ts';
import type { PolicyEffect } from './policy/compare.ts';
import type { VerifyProblem } from './result.ts';

/** Stands where a step's digest stands in what is signed for a change of the policy. */
export const POLICY_DEMAND = digestOf({ kind: POLICY_STEP });

export interface PolicyFacts {
  effects: readonly PolicyEffect[];
  candidates: readonly Candidate[];
  rules: ApprovalRules;
  repository: string | undefined;
  /** Digest of what the head changes about the policy. */
  policyDigest: string;
  /** Ids of steps whose approval is one of the whole change, the policy included. */
  wholeSteps: ReadonlySet<string>;
}

export interface PolicyJudgement {
  problems: VerifyProblem[];
  notices: string[];
  /** Whether something was relaxed, and an owner approved all of it. */
  isApproved: boolean;
}

/** Whether an owner on base, other than the authors, has approved everything about the policy that the change relaxes. */
export function judgePolicy(facts: PolicyFacts): PolicyJudgement {
  const { effects, rules } = facts;
  const approvers = facts.candidates.filter((candidate) => hasSeen(candidate, facts)).map(({ approver }) => approver);
  const problems: VerifyProblem[] = [];
  const notices: string[] = [];
  for (const { effect, code, detail, paths, path } of effects) {
    const owner = approvers.find((approver) => paths.every((one) => isOwnerBesideAuthor(approver, one, rules)));
    if (effect === 'notice') notices.push(detail);
    else if (owner !== undefined) notices.push(`${detail} ${owner.label} approved it.`);
    else problems.push({ code, path: paths[0] ?? path ?? '', detail, hint: hintFor(paths, rules) });
  }
  const isRelaxed = effects.some(({ effect }) => effect === 'relaxed');
  return { problems, notices, isApproved: isRelaxed && problems.length === 0 };
}

function hintFor(paths: readonly string[], { owners }: ApprovalRules): string {
  if (owners.everyone.size === 0) return 'The base has no CODEOWNERS, so nobody can approve it: name owners of .handrail/ there first.';
  const named = [...new Set(paths.flatMap((path) => owners.groupsOf(path).flat()))];
  const who = named.length === 0 ? 'a code owner' : named.join(' or ');
  return `Take it back, or have ${who} approve it, who took no part in the change.`;
}

/** Whether what was approved holds the same policy: in a review of that content, or a signature for the policy or for the whole change. */
function hasSeen({ signed, content }: Candidate, { policyDigest, repository, wholeSteps }: PolicyFacts): boolean {
  if (content?.policyDigest !== policyDigest) return false;
  if (signed === undefined) return true;
  if (signed.repository !== repository || signed.waiver !== undefined) return false;
  if (signed.step === POLICY_STEP) return signed.stepDigest === POLICY_DEMAND && signed.changeDigest === policyDigest;
  return wholeSteps.has(signed.step) && content.digestOf('everything') === signed.changeDigest;
}
