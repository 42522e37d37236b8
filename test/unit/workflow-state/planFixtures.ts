import { type Change, type ChangeSet, toChangeSet } from '../../../src/core/workflow/changes.ts';
import { coverageOf, coveredChanges } from '../../../src/core/workflow/coverage.ts';
import type { Step, Workflow } from '../../../src/core/workflow/definition.ts';
import { changeDigest, stepDigest, toTriple, workflowDigest } from '../../../src/core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, type EvidenceBody, type EvidenceRecord, toRecord } from '../../../src/core/workflow/evidence.ts';
import { type PlanFacts, type WhenStatus, planRun } from '../../../src/core/workflow/plan.ts';
import type { StepStatus } from '../../../src/core/workflow/run.ts';

export const RUN = 'feat-x-123456';

type Of<K extends Step['kind']> = Partial<Extract<Step, { kind: K }>> & { id: string };
const common = (id: string) => ({ id, title: `Title of ${id}`, needs: [], expect: [], final: false });

export const manual = (step: Of<'manual'>): Step => ({ ...common(step.id), kind: 'manual', ...step });
export const command = (step: Of<'command'>): Step => ({ ...common(step.id), kind: 'command', run: 'true', ...step });
export const generate = (step: Of<'generate'>): Step => ({ ...common(step.id), kind: 'generate', prompt: 'p.prompt.md', ...step });
export const review = (step: Of<'review'>): Step => ({ ...common(step.id), kind: 'review', scope: 'branch', independentOf: [], ...step });
export const approval = (step: Of<'approval'>): Step => ({
  ...common(step.id),
  kind: 'approval',
  by: { anyOf: ['codeowners'], not: [] },
  ...step,
});

export function workflowOf(...steps: Step[]): Workflow {
  return { version: 1, id: 'feature', title: 'Feature', extends: [], evidence: 'local', vars: {}, steps };
}

/** A change set with one modified file a name; the text stands for the content. */
export function changesOf(files: Record<string, string>): ChangeSet {
  const changes = Object.entries(files).map(([path, text]): Change => ({
    path,
    status: 'modified',
    oldBlob: '0'.repeat(40),
    newBlob: text,
    oldMode: '100644',
    newMode: '100644',
    untracked: false,
    linesAdded: 1,
    linesDeleted: 1,
  }));
  return toChangeSet('base', changes);
}

export interface Situation {
  workflow: Workflow;
  changes?: ChangeSet;
  records?: EvidenceRecord[];
  files?: Record<string, string>;
  when?: Record<string, boolean>;
  interrupted?: string[];
  now?: number;
  clean?: boolean;
  headSubject?: string | null;
}

export function factsOf(situation: Situation): PlanFacts {
  const { workflow } = situation;
  const when: Record<string, WhenStatus> = {};
  for (const step of workflow.steps) {
    if (step.when !== undefined) when[step.id] = { expression: step.when, applies: situation.when?.[step.id] ?? true, matched: [] };
  }
  return {
    now: situation.now ?? 1_000,
    runKey: RUN,
    workflowDigest: workflowDigest(workflow),
    stepDigests: Object.fromEntries(workflow.steps.map((step) => [step.id, stepDigest(step)])),
    when,
    interrupted: new Set(situation.interrupted ?? []),
    coveredThen: (digest) => COVERED.get(digest),
    branchSlug: 'feat-x',
    files: situation.files ?? {},
    clean: situation.clean ?? true,
    headSubject: situation.headSubject ?? null,
  };
}

const COVERED = new Map<string, ReturnType<typeof toTriple>[]>();

export function planOf(situation: Situation): Record<string, StepStatus> {
  const { workflow, records = [], changes = changesOf({}) } = situation;
  const steps = planRun({ workflow, records, changes, facts: factsOf(situation) });
  return Object.fromEntries(steps.map((step) => [step.id, step]));
}

/** A record about a step on a change; done by a person unless said otherwise. */
export function recordOf(workflow: Workflow, id: string, changes: ChangeSet, fields: Partial<EvidenceBody> = {}): EvidenceRecord {
  const step = workflow.steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  const covered = coveredChanges(changes, coverageOf(step, 'feat-x'));
  const digest = changeDigest(covered);
  COVERED.set(digest, covered.map(toTriple));
  return toRecord({
    schema: EVIDENCE_SCHEMA,
    run: RUN,
    step: id,
    stepDigest: stepDigest(step),
    workflowDigest: workflowDigest(workflow),
    changeDigest: digest,
    actor: { kind: 'human' },
    result: { outcome: 'done' },
    previous: null,
    time: 1,
    ...fields,
  });
}

export const NO_FINDINGS = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
