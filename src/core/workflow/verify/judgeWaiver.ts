import type { Step } from '../definition.ts';
import type { EvidenceRecord } from '../evidence.ts';
import { namedIn } from './approvers.ts';
import type { StepFacts } from './facts.ts';
import { findProof } from './judgeApproval.ts';
import { forged } from './judgeRecord.ts';
import { daysOf } from './policy/workflow.ts';
import { settled, unsettled, type Verdict } from './verdict.ts';

const DAY_MS = 86_400_000;

/**
 * A step that is skipped with a reason. Only a person may; it ends on its day, which is no later than the workflow allows (90 days at most)
 * after the commit that brought it; and where the workflow says who may, or the step is an approval, one of those has to have approved it.
 */
export function judgeWaiver(step: Step, record: EvidenceRecord, about: StepFacts): Verdict | undefined {
  const { result } = record;
  if (result.outcome !== 'waived') return undefined;
  return (
    forged(step, record) ??
    expiry(step, record, result.expires, about) ??
    demand(step, record, about) ??
    proof(step, record, result.reason, about)
  );
}

function demand(step: Step, record: EvidenceRecord, about: StepFacts): Verdict | undefined {
  if (about.isForDemand(record)) return undefined;
  return unsettled(step, 'stale-evidence', `"${step.title}" demands something else than when it was skipped.`, {
    record,
    hint: 'Do the step, or skip it anew with a reason.',
  });
}

function expiry(step: Step, record: EvidenceRecord, expires: string | undefined, { facts }: StepFacts): Verdict | undefined {
  const path = facts.tracked.paths.get(record.id) ?? '';
  const broughtAt = facts.broughtAt.get(path);
  if (broughtAt === undefined) {
    return unsettled(step, 'expired-waiver', `No commit of the branch tells since when "${step.title}" is skipped.`, {
      record,
      hint: 'Do the step, or skip it anew with a reason.',
    });
  }
  // The committer says when; a day that has not come yet would stretch every waiver.
  const brought = Math.min(broughtAt * 1000, facts.now);
  const latest = dayOf(brought + daysOf(facts.workflow.waive?.expires) * DAY_MS);
  if (expires !== undefined && expires > latest) {
    return unsettled(step, 'bad-record', `"${step.title}" is skipped until ${expires}, and ${latest} is the last day that is allowed.`, {
      record,
      hint: 'Skip it anew, with an earlier day.',
    });
  }
  const last = expires ?? latest;
  if (dayOf(facts.now) <= last) return undefined;
  return unsettled(step, 'expired-waiver', `"${step.title}" was skipped until ${last}, which is past.`, {
    record,
    hint: 'Do the step, or skip it anew with a reason.',
  });
}

function proof(step: Step, record: EvidenceRecord, reason: string, about: StepFacts): Verdict {
  const by = step.kind === 'approval' ? step.by : about.facts.workflow.waive?.by;
  const skipped = `Skipped: ${reason}`;
  if (by === undefined) return { state: 'waived', assurance: 'waived', detail: skipped, problems: [], record };
  if (about.facts.withoutApprovals)
    return { state: 'waived', assurance: 'waived', detail: `${skipped} (not approved yet)`, problems: [], record };
  const path = about.facts.tracked.paths.get(record.id) ?? '';
  const found = findProof(step, by, about, { id: record.id, path });
  if ('counts' in found) {
    const labels = found.counts.map(({ label }) => label);
    return { ...settled('waived', `${skipped} Approved by ${labels.join(', ')}.`, { record, approvedBy: labels }), state: 'waived' };
  }
  const code = found.failure === 'stale' ? 'stale-evidence' : 'unauthorised-approval';
  return unsettled(step, code, `"${step.title}" is skipped without the approval of ${namedIn(by)}: ${found.because}.`, {
    record,
    hint: `Have one of them review the pull request, or sign: handrail verify --sign ${step.id}`,
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
