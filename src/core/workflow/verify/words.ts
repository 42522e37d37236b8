import type { Assurance } from '../run.ts';
import type { VerifiedStep, VerifyResult } from './result.ts';

/** What a verification says, in plain words. */

const PROOF: Readonly<Record<Assurance, string>> = {
  verified: 'checked by CI',
  bound: 'checked here',
  'self-reported': "someone's word",
  stale: 'no longer covers the present content',
  missing: 'nothing proves it',
  waived: 'skipped with a reason',
  none: '',
};

export function proofOf({ assurance, state, approvedBy = [] }: Pick<VerifiedStep, 'assurance' | 'state' | 'approvedBy'>): string {
  if (state === 'ready' && assurance === 'self-reported') return 'not seen by CI';
  const by = approvedBy.length > 0 && assurance !== 'missing' ? `approved by ${approvedBy.join(', ')}` : '';
  return [PROOF[assurance], by].filter((part) => part !== '').join(' · ');
}

export function verdictOf({
  ok,
  workflow,
  problems,
  policy,
  steps,
}: Pick<VerifyResult, 'ok' | 'workflow' | 'problems' | 'policy' | 'steps'>): string {
  if (!ok) return `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  if (workflow === null) return 'nothing to verify';
  if (policy === 'branch') return 'shown, not verified';
  const asked = steps.filter(({ assurance }) => assurance !== 'none');
  const isProved = asked.length === 0 || asked.some(({ assurance }) => assurance === 'verified' || assurance === 'bound');
  return isProved ? 'verified' : 'no problem seen, nothing proved';
}

/** Whose policy judged, as a sentence. */
export function policySentence({ policy, base, commits }: Pick<VerifyResult, 'policy' | 'base' | 'commits'>): string {
  const at = commits.base.slice(0, 12);
  if (policy === 'branch') return `${base} has no workflow; the branch's own was used.`;
  if (policy === 'approved') return `Judged by the branch's policy, which an owner of ${base} approved.`;
  return `Judged by the policy of ${base} at ${at}.`;
}
