import type { ChangeSet } from './changes.ts';
import { coverageOf, CoveredParts, differingPaths } from './coverage.ts';
import type { Expectation, Step, Workflow } from './definition.ts';
import { type ChangeTriple, performanceOf } from './digests.ts';
import { isExpired } from '../expiry.ts';
import { EVIDENCE_SCHEMA, type EvidenceRecord, standingByStep, toRecord } from './evidence.ts';
import { type ExpectationFacts, judge } from './expectations.ts';
import type { Assurance, ExpectationStatus, StepEvidence, StepState, StepStatus, StepWaiver } from './run.ts';
import { waiverProof } from './waiver.ts';

/** Everything a plan depends on beside the workflow, the records and the change. */
export interface PlanFacts extends Omit<ExpectationFacts, 'changes'> {
  /** Milliseconds since the Unix epoch. */
  now: number;
  runKey: string;
  workflowDigest: string;
  /** By step id. */
  stepDigests: Readonly<Record<string, string>>;
  /** By id of the steps that have a `when`. */
  when: Readonly<Record<string, WhenStatus>>;
  /** Ids of `running` records whose process is gone. */
  interrupted: ReadonlySet<string>;
  /** What a change digest of a record stood for, where it is still known. */
  coveredThen(changeDigest: string): readonly ChangeTriple[] | undefined;
}

export type WhenStatus = NonNullable<StepStatus['when']>;

export interface PlanInput {
  workflow: Workflow;
  records: readonly EvidenceRecord[];
  changes: ChangeSet;
  facts: PlanFacts;
}

/** The states of all steps in the order of the file. Pure: same input, same plan. */
export function planRun(input: PlanInput): StepStatus[] {
  const planner = new Planner(input);
  return input.workflow.steps.map((step) => planner.status(step));
}

/**
 * What to do next: what is ready or failed first, what went stale after it, each in the order of the file. What went stale below a
 * step comes before that step, as it would have to be done again anyway.
 */
export function nextSteps(steps: readonly StepStatus[]): string[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const next = new Set<string>();
  const seen = new Set<string>();
  const add = (step: StepStatus): void => {
    if (seen.has(step.id)) return;
    seen.add(step.id);
    for (const id of step.needs) {
      const need = byId.get(id);
      if (need !== undefined) add(need);
    }
    if (step.state === 'ready' || step.state === 'failed' || step.state === 'stale') next.add(step.id);
  };
  steps.filter(({ state }) => state === 'ready' || state === 'failed').forEach(add);
  steps.filter(({ state }) => state === 'stale').forEach(add);
  return [...next];
}

/** Progress; skipped steps are left out of both numbers. */
export function progress(steps: readonly StepStatus[]): { done: number; total: number } {
  const counted = steps.filter((step) => step.state !== 'skipped');
  return { done: counted.filter((step) => step.state === 'done' || step.state === 'waived').length, total: counted.length };
}

/** How a step stands, before the parts that are the same for every state are added. */
interface Verdict {
  state: StepState;
  because: string;
  assurance: Assurance;
  missing: string[];
  evidence?: EvidenceRecord;
  waiver?: StepWaiver;
  staleBecause?: string[];
}

/** States that let a later step start. A stale step was done once, so it holds nobody up; `verify` does not count it. */
const SATISFYING: ReadonlySet<StepState> = new Set(['done', 'stale', 'skipped', 'waived']);

class Planner {
  readonly #input: PlanInput;
  readonly #parts: CoveredParts;
  readonly #latest: Map<string, EvidenceRecord>;
  readonly #steps: Map<string, Step>;
  readonly #known = new Map<string, StepStatus>();
  readonly #open = new Set<string>();

  constructor(input: PlanInput) {
    this.#input = input;
    this.#parts = new CoveredParts(input.changes);
    this.#latest = standingByStep(input.records);
    this.#steps = new Map(input.workflow.steps.map((step) => [step.id, step]));
  }

  status(step: Step): StepStatus {
    const known = this.#known.get(step.id);
    if (known !== undefined) return known;
    this.#open.add(step.id);
    const status = this.#describe(step);
    this.#open.delete(step.id);
    this.#known.set(step.id, status);
    return status;
  }

  #describe(step: Step): StepStatus {
    const record = this.#latest.get(step.id);
    const facts = { ...this.#input.facts, changes: this.#input.changes };
    const expect = step.expect.map((expectation) => judge(expectation, facts, record));
    const when = this.#input.facts.when[step.id];
    const verdict = when?.applies === false ? this.#skipped(when) : this.#held(step, this.#verdict(step, record, expect));
    return {
      id: step.id,
      title: step.title,
      kind: step.kind,
      state: verdict.state,
      because: verdict.because,
      assurance: verdict.assurance,
      expect,
      ...(verdict.evidence === undefined ? {} : { evidence: evidenceOf(verdict.evidence) }),
      ...(verdict.waiver === undefined ? {} : { waiver: verdict.waiver }),
      ...(step.why === undefined ? {} : { why: step.why }),
      ...(step.learn === undefined ? {} : { learn: step.learn }),
      needs: [...step.needs],
      missing: verdict.missing,
      ...(when === undefined ? {} : { when }),
      ...(verdict.staleBecause === undefined ? {} : { staleBecause: verdict.staleBecause }),
      ...(step.kind === 'command' ? { run: step.run } : {}),
      ...(step.kind === 'generate' ? { prompt: step.prompt } : {}),
      ...(agentMaySettle(step) ? { performer: 'agent' as const } : {}),
      ...(step.kind === 'review' ? { scope: step.scope, ...this.#madeBy(step) } : {}),
      ...((step.kind === 'review' || step.kind === 'generate') && step.role !== undefined ? { role: step.role } : {}),
      ...(step.inputs === undefined ? {} : { inputs: [...step.inputs] }),
      ...(step.kind === 'approval' ? { by: { anyOf: [...step.by.anyOf], not: [...step.by.not] } } : {}),
      ...performanceOf(step),
    };
  }

  #madeBy({ independentOf }: Extract<Step, { kind: 'review' }>): Pick<StepStatus, 'madeBy'> {
    const madeBy = independentOf.flatMap((id) => {
      const { provider, model, modelId } = this.#latest.get(id) ?? {};
      if (provider !== 'model' || model === undefined) return [];
      return [{ step: id, title: this.#steps.get(id)?.title ?? id, model, ...(modelId === undefined ? {} : { modelId }) }];
    });
    return madeBy.length === 0 ? {} : { madeBy };
  }

  #skipped(when: WhenStatus): Verdict {
    return { state: 'skipped', because: notNeeded(when.expression, this.#input.workflow.vars), assurance: 'none', missing: [] };
  }

  /** Holds a step back until what it needs is there. What was already started or settled keeps its state. */
  #held(step: Step, verdict: Verdict): Verdict {
    const startable = verdict.state === 'ready' || (verdict.state === 'done' && !this.#isRecorded(verdict));
    const waits = this.#waitsFor(step);
    if (!startable || waits.length === 0) return verdict;
    const titles = waits.map((need) => need.title).join(', ');
    return { state: 'blocked', because: `waits for ${titles}`, assurance: 'none', missing: [`First: ${titles}.`] };
  }

  #isRecorded(verdict: Verdict): boolean {
    return verdict.evidence !== undefined && verdict.evidence === this.#latest.get(verdict.evidence.step);
  }

  #waitsFor(step: Step): Step[] {
    const waits: Step[] = [];
    for (const id of step.needs) {
      const need = this.#steps.get(id);
      if (need === undefined) continue;
      // A cycle is refused when the file is read; should one arrive all the same, its steps wait for each other.
      if (this.#open.has(id) || !SATISFYING.has(this.status(need).state)) waits.push(need);
    }
    return waits;
  }

  #verdict(step: Step, record: EvidenceRecord | undefined, expect: ExpectationStatus[]): Verdict {
    const result = record?.result;
    if (record === undefined || result === undefined) return this.#unrecorded(step, expect);
    switch (result.outcome) {
      case 'running':
        return this.#running(record);
      case 'failed':
        return this.#failed(step, record, result);
      case 'waived':
        return this.#waived(step, record, result, expect);
      case 'reopened':
        return ready('it was taken back', toDo(step, expect, ACTION[step.kind]));
      case 'done':
        return this.#recorded(step, record, expect);
    }
  }

  #waived(
    step: Step,
    record: EvidenceRecord,
    { reason, expires }: Extract<EvidenceRecord['result'], { outcome: 'waived' }>,
    expect: ExpectationStatus[],
  ): Verdict {
    if (record.actor.kind !== 'human') return ready('only a person can skip it', toDo(step, expect));
    if (isExpired(expires, this.#input.facts.now)) return ready(`it was skipped until ${expires}, which is over`, toDo(step, expect));
    // Who skipped what was asked then did not skip what is asked now.
    if (record.stepDigest !== this.#stepDigest(step)) return ready('what it demands was edited since it was skipped', toDo(step, expect));
    const proof = waiverProof(step, this.#input.workflow.waive);
    const waiver: StepWaiver = {
      reason,
      ...(expires === undefined ? {} : { expires }),
      actor: 'human',
      ...(proof === undefined ? {} : { provenBy: [...proof.anyOf] }),
    };
    const until = expires === undefined ? '' : ` until ${expires}`;
    return {
      state: 'waived',
      because: `a person skipped it${until}: ${reason}`,
      assurance: 'waived',
      missing: [],
      evidence: record,
      waiver,
    };
  }

  #unrecorded(step: Step, expect: ExpectationStatus[]): Verdict {
    if (step.kind === 'manual' && step.expect.length > 0 && step.expect.every(isRecomputable)) {
      if (unmet(expect).length > 0) return ready(this.#readyBecause(step), unmet(expect));
      // Nobody has to say what anyone can see; the evidence is the record that seeing it gives.
      return { state: 'done', because: 'what it expects is there', assurance: 'bound', missing: [], evidence: this.#seen(step) };
    }
    return ready(this.#readyBecause(step), toDo(step, expect));
  }

  #seen(step: Step): EvidenceRecord {
    return toRecord({
      schema: EVIDENCE_SCHEMA,
      run: this.#input.facts.runKey,
      step: step.id,
      stepDigest: this.#stepDigest(step),
      workflowDigest: this.#input.facts.workflowDigest,
      changeDigest: this.#covered(step).digest,
      actor: { kind: 'machine' },
      result: { outcome: 'done' },
      previous: null,
    });
  }

  #running(record: EvidenceRecord): Verdict {
    if (!this.#input.facts.interrupted.has(record.id)) {
      return { state: 'running', because: 'its command is running', assurance: 'none', missing: ['Wait for the command to end.'] };
    }
    const because = 'its command was interrupted before it ended';
    return { state: 'failed', because, assurance: 'none', missing: ['Run it again.'], evidence: record };
  }

  #failed(step: Step, record: EvidenceRecord, result: Extract<EvidenceRecord['result'], { outcome: 'failed' }>): Verdict {
    const how =
      result.reason ??
      (typeof result.exitCode === 'number' ? `its command ended with exit code ${result.exitCode}` : 'its command was ended by a signal');
    const since = this.#changedSince(step, record);
    const because = since.length > 0 ? `${how}; since then ${listed(since)} changed` : how;
    return { state: 'failed', because, assurance: 'none', missing: ['Mend what failed and run it again.'], evidence: record };
  }

  #recorded(step: Step, record: EvidenceRecord, expect: ExpectationStatus[]): Verdict {
    const objection = this.#objection(step, record);
    if (objection !== undefined) {
      return { ...ready(objection.because, [objection.missing]), assurance: 'missing', evidence: record };
    }
    const notMet = unmet(expect);
    const covered = this.#covered(step);
    const isFresh = record.changeDigest === covered.digest;
    const short = step.expect.some((expectation, i) => ANSWERED_BY_RUN.has(expectation.kind) && expect[i]?.met !== true);
    if (short && (step.kind === 'review' || step.kind === 'command')) {
      const because = isFresh ? 'its outcome is not what is expected' : 'its outcome was not what is expected';
      return { state: 'failed', because, assurance: 'none', missing: notMet, evidence: record };
    }
    if (record.stepDigest !== this.#stepDigest(step)) {
      return stale(record, 'what the step demands was edited', [...notMet, AGAIN[step.kind]]);
    }
    if (!isFresh) {
      const since = this.#changedSince(step, record);
      const because = since.length > 0 ? `${listed(since)} changed` : 'what it covers changed';
      return { ...stale(record, because, [...notMet, AGAIN[step.kind]]), ...(since.length > 0 ? { staleBecause: since } : {}) };
    }
    if (notMet.length > 0) return ready('something it expects is not there', notMet);
    return { state: 'done', because: doneBecause(record), assurance: assuranceOf(step, record), missing: [], evidence: record };
  }

  /** Why a record that says done does not settle its step. */
  #objection(step: Step, record: EvidenceRecord): { because: string; missing: string } | undefined {
    if (demandsPerson(step) && record.actor.kind !== 'human') {
      return {
        because: 'an agent cannot settle it',
        missing: step.kind === 'approval' ? 'A person has to approve.' : 'A person has to confirm it.',
      };
    }
    if (step.kind !== 'review') return undefined;
    if (step.require === 'model' && record.provider !== 'model') {
      return { because: 'the built-in reviewer alone does not settle it', missing: 'Review with a model: this step requires one.' };
    }
    for (const id of step.independentOf) {
      const other = this.#latest.get(id);
      const own = other && modelOfBoth(record, other);
      if (own === undefined) continue;
      const title = this.#steps.get(id)?.title ?? id;
      return {
        because: `${own} reviewed its own work (${title})`,
        missing: `Review with a model other than ${own}.`,
      };
    }
    return undefined;
  }

  #readyBecause(step: Step): string {
    const when = this.#input.facts.when[step.id];
    if (step.needs.length > 0) return `needs done: ${step.needs.join(', ')}`;
    if (when?.error !== undefined) return 'its condition could not be evaluated, so it applies';
    if (when !== undefined && when.matched.length > 0) return `applies because of ${listed(when.matched)}`;
    if (when !== undefined) return 'its condition holds';
    return 'nothing stands before it';
  }

  #changedSince(step: Step, record: EvidenceRecord): string[] {
    const then = this.#input.facts.coveredThen(record.changeDigest);
    return then === undefined ? [] : differingPaths(then, this.#covered(step).entries);
  }

  #covered(step: Step): ReturnType<CoveredParts['get']> {
    return this.#parts.get(coverageOf(step, this.#input.facts.branchSlug));
  }

  #stepDigest(step: Step): string {
    return this.#input.facts.stepDigests[step.id] ?? '';
  }
}

const RECOMPUTABLE: ReadonlySet<Expectation['kind']> = new Set(['file', 'changed', 'clean', 'commit']);
const ANSWERED_BY_RUN: ReadonlySet<Expectation['kind']> = new Set(['exit', 'findings', 'coverage-receipt']);

/** Whether anyone who has the content can tell whether it holds. */
export function isRecomputable(expectation: Expectation): boolean {
  return RECOMPUTABLE.has(expectation.kind);
}

/** Whether only a person's record settles the step: an approval, or someone's word. Agents do other manual steps, and the state says so. */
export function demandsPerson(step: Step): boolean {
  return step.kind === 'approval' || step.expect.some((expectation) => expectation.kind === 'attest');
}

/** Whether a lead lets an agent say that the step is done. Not where a person has to, whatever a file says. */
export function agentMaySettle(step: Step): boolean {
  return (step.kind === 'manual' || step.kind === 'generate') && step.performer === 'agent' && !demandsPerson(step);
}

const ACTION: Readonly<Record<Step['kind'], string>> = {
  manual: 'Tick it when it is done.',
  command: 'Run its command.',
  generate: 'Generate it, or follow its prompt and tick the step.',
  review: 'Run the review.',
  approval: 'A person has to approve.',
};

const AGAIN: Readonly<Record<Step['kind'], string>> = {
  manual: 'Look again and tick it.',
  command: 'Run its command again.',
  generate: 'Look at what was generated again and tick the step.',
  review: 'Review again.',
  approval: 'A person has to approve again.',
};

/**
 * What is still to do on a step without a record that counts: what anyone can see is missing, then the action. What only the action
 * can answer is not repeated. `fallback` is for a step whose expectations are all there already.
 */
function toDo(step: Step, expect: readonly ExpectationStatus[], fallback?: string): string[] {
  const missing = unmet(expect.filter((_, i) => !ANSWERED_BY_RUN.has(step.expect[i]?.kind ?? 'clean')));
  if (step.kind === 'manual' && step.expect.length > 0) return missing.length === 0 && fallback !== undefined ? [fallback] : missing;
  return [...missing, ACTION[step.kind]];
}

function unmet(expect: readonly ExpectationStatus[]): string[] {
  return expect.filter((status) => !status.met).map((status) => status.detail);
}

function ready(because: string, missing: string[]): Verdict {
  return { state: 'ready', because, assurance: 'none', missing };
}

function stale(record: EvidenceRecord, because: string, missing: string[]): Verdict {
  return { state: 'stale', because, assurance: 'stale', missing, evidence: record };
}

/** `bound`: a machine did it on this very content. `self-reported`: someone says so. `verified` is for CI alone. */
function assuranceOf(step: Step, record: EvidenceRecord): Assurance {
  if (record.provider !== undefined) return 'bound';
  return step.kind === 'manual' && step.expect.length > 0 && step.expect.every(isRecomputable) ? 'bound' : 'self-reported';
}

function doneBecause(record: EvidenceRecord): string {
  if (record.provider === 'command') return 'its command ran on this content';
  if (record.provider === 'builtin') return 'the built-in reviewer read this content';
  if (record.provider === 'model') return `${record.model ?? 'a model'} did it on this content`;
  return record.actor.kind === 'human' ? 'a person said so' : record.actor.kind === 'agent' ? 'an agent said so' : 'a machine said so';
}

/** What a record tells the reader of a step. */
export function evidenceOf({ id, provider, model, modelId, alsoAnswered, actor, result }: EvidenceRecord): StepEvidence {
  return {
    id,
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(modelId === undefined ? {} : { modelId }),
    ...(alsoAnswered === undefined ? {} : { alsoAnswered: alsoAnswered.map(named) }),
    actor: actor.kind,
    ...(result.outcome === 'done' && result.coverage !== undefined ? { coverage: result.coverage } : {}),
    ...(result.outcome === 'done' && result.findings !== undefined ? { findings: result.findings } : {}),
  };
}

/** Says in plain words why a condition does not hold, for the most usual form `changes.exists(f, glob(f, "…"))`. */
function notNeeded(expression: string, vars: Readonly<Record<string, string>>): string {
  const name = /^vars\.([A-Za-z_]\w*)$/.exec(expression.trim())?.[1];
  const source = name === undefined ? expression : (vars[name] ?? expression);
  const glob = /^\s*changes\.exists\(\s*(\w+)\s*,\s*glob\(\s*\1\s*,\s*(?:"([^"]*)"|'([^']*)')\s*\)\s*\)\s*$/.exec(source);
  const pattern = glob?.[2] ?? glob?.[3];
  if (pattern === undefined) return `not needed: ${expression.trim()} does not hold`;
  const folder = /^([^*?[\]{}!]+\/)\*\*$/.exec(pattern)?.[1];
  return folder === undefined ? `not needed: no changed file matches ${pattern}` : `not needed: no file under ${folder} changed`;
}

/** At most two names and how many more. */
function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 2).join(', ');
  return paths.length > 2 ? `${shown} and ${paths.length - 2} more` : shown;
}

/** The model that answered for the record and did the other's work, if any; of the record's models, all count. */
export function modelOfBoth(record: EvidenceRecord, other: EvidenceRecord): string | undefined {
  const did: readonly NamedModel[] = [other, ...(other.alsoAnswered ?? [])];
  return modelsOf(record).find((model) => did.some((one) => sameModel(model, one)))?.model;
}

/** By its name in models.yml, or by what the endpoint calls it: two names may stand for one model. */
function sameModel(a: NamedModel, b: NamedModel): boolean {
  return a.model === b.model || (a.modelId !== undefined && a.modelId === b.modelId);
}

interface NamedModel {
  model?: string | undefined;
  modelId?: string | undefined;
}

/** Every model that answered for a record. */
export function modelsOf(record: EvidenceRecord): NamedModel[] {
  return record.provider === 'model' && record.model !== undefined ? [record, ...(record.alsoAnswered ?? [])] : [];
}

function named({ model, modelId }: { model: string; modelId?: string | undefined }): { model: string; modelId?: string } {
  return { model, ...(modelId === undefined ? {} : { modelId }) };
}
