import type { ApprovalStep, Approvers, Step } from '../definition.ts';
import type { EvidenceRecord } from '../evidence.ts';
import { mayApprove, namedIn, rule } from './approvers.ts';
import type { Candidate } from './candidates.ts';
import type { StepFacts } from './facts.ts';
import { settled, unsettled, type Verdict } from './verdict.ts';

/** Whether somebody whom the step names has approved the very content that the head holds. */
export function judgeApproval(step: ApprovalStep, record: EvidenceRecord | undefined, about: StepFacts): Verdict {
  const proof = findProof(step, step.by, about);
  if ('counts' in proof) {
    const labels = proof.counts.map(({ label }) => label);
    const isProof = proof.counts.every(({ source }) => source !== 'file');
    const detail = `Approved by ${labels.join(', ')}, ${HOW[proof.counts[0]?.source ?? 'file']}.`;
    return settled(isProof ? 'verified' : 'bound', detail, { approvedBy: labels, ...(record === undefined ? {} : { record }) });
  }
  const hint = `Have one of ${namedIn(step.by)} review the pull request, or sign: handrail verify --sign ${step.id}`;
  // An honest word all the same, where there is one; it proves nothing.
  const word = record?.result.outcome === 'done' ? { assurance: 'self-reported' as const } : {};
  const rest = record === undefined ? { hint } : { record, hint };
  switch (proof.failure) {
    case 'stale':
      return unsettled(step, 'stale-evidence', `"${step.title}": ${proof.because}.`, rest);
    case 'unauthorised':
      return unsettled(step, 'unauthorised-approval', `"${step.title}": ${proof.because}.`, { ...rest, ...word });
    case 'none':
      if (record?.result.outcome !== 'done') return unsettled(step, 'missing-evidence', `Nobody has approved "${step.title}".`, rest);
      return unsettled(
        step,
        'unauthorised-approval',
        `"${step.title}" is approved by a record alone, which anyone who can write files can write.`,
        {
          ...rest,
          ...word,
        },
      );
  }
}

const HOW = { signature: 'by signature', host: 'in a review on the host', file: 'as the given file of reviews says' } as const;

export type Proof = { counts: Candidate['approver'][] } | { failure: 'none' | 'stale' | 'unauthorised'; because: string };

/**
 * Looks for a proof that the people in `by` approve a step, or its waiver. A review counts where the part of the change that the step
 * covers was the same at the commit it was given for; a signature, where it was made for this step and this content in this repository. A
 * waiver has to lie in the approved commit: records are no part of the change, so content alone would not tell that it was seen.
 */
export function findProof(step: Step, by: Approvers, about: StepFacts, waiver?: { id: string; path: string }): Proof {
  const { candidates, rules, prefix } = about.facts;
  const paths = about.covered(step).entries.map(({ path }) => prefix + path);
  const fit: Candidate[] = [];
  const stale: Candidate[] = [];
  let unfit: string | undefined = about.facts.rejected.get(step.id)?.[0];
  for (const candidate of candidates) {
    const fitness = fitnessOf(candidate, step, about, waiver);
    if (fitness === 'fits') fit.push(candidate);
    else if (fitness === 'stale') stale.push(candidate);
    else if (fitness !== 'other') unfit ??= fitness.because;
  }
  const ruling = rule(
    by,
    fit.map(({ approver }) => approver),
    paths,
    rules,
  );
  if ('counts' in ruling) return ruling;
  // What passes for an approval of this very content, and is none, comes before what was approved once.
  if (unfit !== undefined) return { failure: 'unauthorised', because: unfit };
  // Not all that is covered now may be theirs, and what they approved was changed all the same.
  const present = new Set(fit.map(({ approver }) => approver.label));
  const old = stale.find(({ approver }) => !present.has(approver.label) && mayApprove(by, approver, paths, rules));
  if (old !== undefined) return { failure: 'stale', because: staleBecause(old, waiver !== undefined) };
  if (fit.length > 0) return { failure: 'unauthorised', because: ruling.because };
  return { failure: 'none', because: ruling.because };
}

function staleBecause(candidate: Candidate, isWaiver: boolean): string {
  const who = candidate.approver.label;
  const commit = candidate.commit.slice(0, 12);
  if (candidate.content === undefined) {
    const fetch = /^[0-9a-f]{40,64}$/.test(candidate.commit) ? ` (git fetch origin ${candidate.commit} brings it)` : '';
    return `${who} approved commit ${commit}, which is not in this clone, so that its content cannot be compared${fetch}`;
  }
  return isWaiver
    ? `${who} approved commit ${commit}, before the waiver or what it is about was there`
    : `${who} approved commit ${commit}, and what it covers was changed since`;
}

type Fitness = 'fits' | 'stale' | 'other' | { because: string };

function fitnessOf(
  { signed, content, approver }: Candidate,
  step: Step,
  about: StepFacts,
  waiver: { id: string; path: string } | undefined,
): Fitness {
  const coverage = about.coverage(step);
  const { digest } = about.covered(step);
  if (signed !== undefined) {
    if (signed.step !== step.id || signed.waiver !== waiver?.id) return 'other';
    if (signed.repository !== about.facts.repository)
      return { because: wrongRepository(approver.label, signed.repository, about.facts.repository) };
    if (about.facts.stepDigests[step.id]?.includes(signed.stepDigest) !== true) return 'stale';
    // What was signed has to be what the named commit holds: the digest alone could be copied from elsewhere.
    if (content !== undefined && content.digestOf(coverage) !== signed.changeDigest) {
      return { because: `${approver.label} signed another content than the commit that is named holds, counted from this base` };
    }
    if (signed.changeDigest !== digest) return 'stale';
  }
  if (content === undefined) return 'stale';
  if (content.digestOf(coverage) !== digest) return 'stale';
  return waiver === undefined || content.holds(waiver.path) ? 'fits' : 'stale';
}

export function wrongRepository(who: string, signed: string, own: string | undefined): string {
  if (own === undefined) return `${who} signed for ${signed}, and the name of this repository is not known (give it with --repository)`;
  return `${who} signed for ${signed}, and this is ${own}`;
}
