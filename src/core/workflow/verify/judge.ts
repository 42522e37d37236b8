import type { CommandStep, Step } from '../definition.ts';
import { EVIDENCE_SCHEMA, type EvidenceRecord, toRecord } from '../evidence.ts';
import { judge as judgeExpectation } from '../expectations.ts';
import { compileGlobs } from '../globs.ts';
import { evidenceOf, isRecomputable } from '../plan.ts';
import type { ExpectationStatus } from '../run.ts';
import { type CommandProof, StepFacts, type VerifyFacts } from './facts.ts';
import { judgeApproval } from './judgeApproval.ts';
import { deletedRecord, forged, judgeRecord, withoutRecord } from './judgeRecord.ts';
import { judgeWaiver } from './judgeWaiver.ts';
import type { VerifiedStep, VerifyProblem } from './result.ts';
import { settled, unsettled, type Verdict } from './verdict.ts';

/**
 * Judges every step by what is recomputed at the head, and by records as far as they are bound to its content. Pure: same facts, same
 * verdict. Problems come in the order of the steps.
 */
export function judgeSteps(facts: VerifyFacts): { steps: VerifiedStep[]; problems: VerifyProblem[] } {
  const about = new StepFacts(facts);
  const verdicts = new Map<string, Verdict>();
  for (const step of facts.workflow.steps) {
    const when = facts.when[step.id];
    const isSkipped = when?.applies === false;
    verdicts.set(step.id, isSkipped ? skipped(when.expression) : required(step, verdictOf(step, about), facts));
  }
  const open = openSteps(facts.workflow.steps, verdicts);
  const steps = facts.workflow.steps.map((step): VerifiedStep => {
    const verdict = held(step, verdicts.get(step.id) ?? skipped(''), open);
    return {
      id: step.id,
      title: step.title,
      kind: step.kind,
      state: verdict.state,
      assurance: verdict.assurance,
      detail: verdict.detail,
      expect: step.expect.map((expectation) => judgeExpectation(expectation, facts, proofRecord(step, facts) ?? verdict.record)),
      ...(verdict.record === undefined ? {} : { evidence: evidenceOf(verdict.record) }),
      ...(verdict.approvedBy === undefined ? {} : { approvedBy: verdict.approvedBy }),
    };
  });
  return { steps, problems: [...verdicts.values()].flatMap(({ problems }) => problems) };
}

function skipped(expression: string): Verdict {
  return { state: 'skipped', assurance: 'none', detail: `Not needed: ${expression.trim()} does not hold.`, problems: [] };
}

/** A step that holds, but not as surely as every step has to. */
function required(step: Step, verdict: Verdict, { require, withoutApprovals }: VerifyFacts): Verdict {
  if (require === undefined || verdict.problems.length > 0 || verdict.state === 'waived') return verdict;
  if (withoutApprovals && step.kind === 'approval') return verdict;
  const isEnough = verdict.assurance === 'verified' || (require === 'bound' && verdict.assurance === 'bound');
  if (isEnough) return verdict;
  const words = require === 'verified' ? 'checked by CI' : 'checked on its content';
  const problem: VerifyProblem = { code: 'missing-evidence', step: step.id, detail: `"${step.title}" has to be ${words}, and is not.` };
  return { ...verdict, problems: [problem] };
}

/** Steps that keep those that need them from counting, by themselves or by what they need. Only what fails by itself is a problem. */
function openSteps(steps: readonly Step[], verdicts: ReadonlyMap<string, Verdict>): Set<string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, boolean>();
  const isOpen = (id: string): boolean => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const verdict = verdicts.get(id);
    // A circle of needs is refused when the file is read; here it must only end.
    known.set(id, false);
    const answer = verdict?.state !== 'skipped' && ((verdict?.problems.length ?? 0) > 0 || (byId.get(id)?.needs.some(isOpen) ?? false));
    known.set(id, answer);
    return answer;
  };
  return new Set(steps.map(({ id }) => id).filter(isOpen));
}

function held(step: Step, verdict: Verdict, open: ReadonlySet<string>): Verdict {
  const waits = step.needs.filter((id) => open.has(id));
  if (verdict.state !== 'done' || verdict.problems.length > 0 || waits.length === 0) return verdict;
  return { ...verdict, state: 'blocked', detail: `It waits for ${waits.join(', ')}. ${verdict.detail}` };
}

function verdictOf(step: Step, about: StepFacts): Verdict {
  const { facts } = about;
  const unmet = step.expect.filter(isRecomputable).map((expectation) => judgeExpectation(expectation, facts, undefined));
  const first = unmet.find(({ met }) => !met);
  const record = about.isLocal ? undefined : about.record(step.id);
  const waiver = record === undefined ? undefined : judgeWaiver(step, record, about);
  if (waiver !== undefined) return waiver;
  const gone = about.isLocal ? undefined : about.gone(step.id);
  if (gone !== undefined && !facts.commands.has(step.id)) return deletedRecord(step, gone);
  if (first !== undefined) return missing(step, first, record);
  switch (step.kind) {
    case 'command':
      return command(step, record, about);
    case 'approval':
      return approval(step, record, about);
    case 'manual':
      if (step.expect.length > 0 && step.expect.every(isRecomputable) && record?.result.outcome !== 'reopened') {
        return settled('verified', 'What it expects is there.', record === undefined ? {} : { record });
      }
      return recorded(step, record, about);
    case 'generate':
    case 'review':
      return recorded(step, record, about);
  }
}

function missing(step: Step, { detail }: ExpectationStatus, record: EvidenceRecord | undefined): Verdict {
  const rest = { state: 'ready' as const, ...(record === undefined ? {} : { record }) };
  return unsettled(step, 'unmet-expectation', `"${step.title}": ${detail}`, { ...rest, hint: `See handrail explain ${step.id}` });
}

function recorded(step: Step, record: EvidenceRecord | undefined, about: StepFacts): Verdict {
  if (about.isLocal) return unseen(step);
  return record === undefined ? withoutRecord(step, about) : judgeRecord(step, record, about);
}

/** Evidence of a `local` workflow stays on each machine. Only what the step itself requires is missed. */
function unseen(step: Step): Verdict {
  if (step.kind === 'review' && step.require === 'model') {
    return unsettled(
      step,
      'missing-evidence',
      `"${step.title}" requires a model, and the workflow keeps its evidence on each machine, where nobody else sees it.`,
      {
        hint: 'Set evidence: tracked in the workflow, so that records are committed.',
      },
    );
  }
  const detail = 'The workflow keeps its evidence on each machine, so this is not seen here.';
  return { state: 'ready', assurance: 'self-reported', detail, problems: [] };
}

function command(step: CommandStep, record: EvidenceRecord | undefined, about: StepFacts): Verdict {
  const proof = about.facts.commands.get(step.id);
  if (proof === undefined) {
    if (about.isLocal) return unseen(step);
    if (record !== undefined) return judgeRecord(step, record, about);
    return unsettled(step, 'missing-evidence', `Nothing says that the command of "${step.title}" ran.`, {
      hint: `Commit its record, let verify run it (--rerun), or name its check (--check ${step.id}=success).`,
    });
  }
  const rest = record === undefined ? {} : { record };
  if (!proof.isMet)
    return unsettled(step, 'unmet-expectation', `"${step.title}": its command ${proof.how}.`, { ...rest, hint: 'Mend what failed.' });
  const weakness = proof.weakenedBy ?? protectedChange(step, about);
  return settled(
    weakness === undefined ? 'verified' : 'bound',
    `Its command ${proof.how}${weakness === undefined ? '' : `, but ${weakness}`}.`,
    rest,
  );
}

/** A command proves less when the change touches what keeps it honest: test set-up, the files of CI. */
function protectedChange(step: Step, { facts: { changes } }: StepFacts): string | undefined {
  if (step.protects === undefined || step.protects.length === 0) return undefined;
  const protects = compileGlobs(step.protects);
  const touched = changes.entries.find(({ path }) => protects(path));
  return touched === undefined ? undefined : `${touched.path}, which the step protects, was changed with it`;
}

function approval(step: Extract<Step, { kind: 'approval' }>, record: EvidenceRecord | undefined, about: StepFacts): Verdict {
  if (about.facts.withoutApprovals) return { state: 'ready', assurance: 'none', detail: 'Approvals are left for later.', problems: [] };
  const claim = record === undefined ? undefined : forged(step, record);
  if (claim !== undefined) return claim;
  const verdict = judgeApproval(step, record, about);
  return about.isLocal && verdict.problems.length > 0 ? { ...unseen(step), detail: verdict.detail } : verdict;
}

/** What running the command, or the host's check of it, says, in the form in which expectations are judged. */
function proofRecord(step: Step, { commands, changes }: VerifyFacts): EvidenceRecord | undefined {
  const proof = step.kind === 'command' ? commands.get(step.id) : undefined;
  if (proof === undefined) return undefined;
  const digest = `sha256:${'0'.repeat(64)}`;
  return toRecord({
    schema: EVIDENCE_SCHEMA,
    run: changes.mergeBase ?? 'verify',
    step: step.id,
    stepDigest: digest,
    workflowDigest: digest,
    changeDigest: digest,
    actor: { kind: 'machine' },
    provider: 'command',
    result: resultOf(step, proof),
    previous: null,
  });
}

function resultOf(step: Step, { isMet, exitCode }: CommandProof): EvidenceRecord['result'] {
  const expected = step.expect.find((expectation) => expectation.kind === 'exit')?.code ?? 0;
  // A check of the host tells only whether it went well.
  if (isMet) return { outcome: 'done', exitCode: exitCode ?? expected };
  return { outcome: 'failed', ...(exitCode === undefined ? {} : { exitCode }) };
}
