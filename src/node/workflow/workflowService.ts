import type { ReviewResult } from '../../core/ai/finding.ts';
import { HandrailError } from '../../core/errors.ts';
import { type Clock, type Log, silentLog } from '../../core/ports.ts';
import type { CommandStep, Step } from '../../core/workflow/definition.ts';
import { type EvidenceBody, type EvidenceRecord, standingByStep, toRecord } from '../../core/workflow/evidence.ts';
import type { AutomationSession } from '../../core/workflow/automation/session.ts';
import type { BranchFacts } from '../../core/workflow/authoring/surroundings.ts';
import type { DryRun } from '../../core/workflow/dryRun.ts';
import { nextSteps, planRun, progress } from '../../core/workflow/plan.ts';
import type { FileProblems } from '../../core/workflow/problem.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import type {
  ActorKind,
  CommandOutcome,
  DiagnosticCounts,
  InitOptions,
  InitResult,
  RunChoice,
  UnsavedTexts,
  WorkflowService,
} from '../../core/workflow/service.ts';
import { waiverDays, waiverEnd, waiverReason } from '../../core/workflow/waiver.ts';
import { closest } from '../../core/closest.ts';
import { systemClock } from '../clock.ts';
import { runCommand } from './commandRunner.ts';
import { type RecordFields, RecordWriter } from './recordWriter.ts';
import { reviewEvidence } from './reviewEvidence.ts';
import type { PresentRun } from './formerRuns.ts';
import type { Repository } from '../git/repository.ts';
import { RunFinder } from './runFinder.ts';
import type { RunMemoryFile } from './runMemory.ts';
import type { RunSnapshot } from './runReader.ts';
import {
  requirePersonToShare,
  requirePersonToTakeOver,
  requireSettled,
  requireStartable,
  requireTickable,
  requireWaivable,
} from './stepRules.ts';
import { shareStanding } from './sharing.ts';
import { startAlone } from './startAlone.ts';
import { withUnsaved } from './unsavedFiles.ts';

export interface WorkflowServiceOptions {
  /** Workspace folder; `.handrail/` lies in it. */
  root: string;
  clock?: Clock;
  log?: Log;
  env?: Readonly<Record<string, string | undefined>>;
  /** For a process that only looks: what it finds is kept for the next one. */
  memory?: RunMemoryFile | undefined;
  /** The repository, opened with that memory, where somebody was early. */
  begun?: Promise<Repository> | undefined;
}

/** The workflow of one workspace folder, over its files, its git repository and the evidence kept there. */
export function createWorkflowService(options: WorkflowServiceOptions): WorkflowService {
  return new NodeWorkflowService(options);
}

class NodeWorkflowService implements WorkflowService {
  readonly #root: string;
  readonly #finder: RunFinder;
  readonly #records: RecordWriter;
  readonly #clock: Clock;

  constructor({ root, clock = systemClock, log = silentLog, env = process.env, memory, begun }: WorkflowServiceOptions) {
    this.#root = root;
    this.#clock = clock;
    this.#finder = new RunFinder({ root, clock, log, env, memory, begun });
    this.#records = new RecordWriter(clock);
  }

  async validate(paths?: string[], unsaved: UnsavedTexts = {}): Promise<FileProblems[]> {
    const { validateFiles } = await import('./loader.ts');
    return validateFiles(withUnsaved(this.#finder.files(), unsaved), paths, this.#finder.shared);
  }

  async dryRun(path: string, unsaved: UnsavedTexts = {}): Promise<DryRun> {
    return await (await import('./dryRun.ts')).dryRun(this.#finder, path, unsaved);
  }

  async facts(): Promise<BranchFacts> {
    return (await this.#finder.look()).facts;
  }

  async init(options: InitOptions): Promise<InitResult> {
    const { initWorkspace } = await import('./initWorkspace.ts');
    return await initWorkspace(this.#finder.files(), options);
  }

  async status(options: RunChoice & { touched?: readonly string[] } = {}): Promise<RunStatus> {
    const found = await this.#finder.find(options);
    if ('none' in found) return found.none;
    const { snapshot, alternatives, problems } = found;
    const { workflow, path } = snapshot.loaded;
    const steps = plan(snapshot);
    const present = options.branch === undefined ? presentRun(snapshot) : undefined;
    const former = present === undefined ? [] : await found.former.find(present);
    await this.#finder.remember(found);
    return {
      workflow: { id: workflow.id, title: workflow.title, digest: snapshot.digest, path },
      branch: snapshot.branch,
      base: snapshot.state.base.name,
      steps,
      next: nextSteps(steps),
      ...progress(steps),
      waivers: waiverDays(workflow.waive),
      alternatives: alternatives.map((other) => ({ id: other.workflow.id, title: other.workflow.title })),
      ...(former.length === 0 ? {} : { former }),
      ...(workflow.evidence === 'tracked' ? { sharing: await found.sharing.state() } : {}),
      problems,
    };
  }

  async takeOver(branch: string, { actor, wanted = true }: { actor: ActorKind; wanted?: boolean }): Promise<number> {
    requirePersonToTakeOver(branch, actor);
    const found = await this.#finder.find({});
    if ('none' in found) throw new HandrailError('not-found', found.none.note, { hint: 'See handrail status.' });
    const present = presentRun(found.snapshot);
    if (present === undefined) {
      throw new HandrailError('usage', 'No branch is checked out, and records belong to branches.', { hint: 'Switch to a branch first.' });
    }
    if (wanted) return await found.former.take(branch, present);
    await found.former.decline(branch, present);
    return 0;
  }

  async share({ actor, wanted }: { actor: ActorKind; wanted: boolean }): Promise<number> {
    requirePersonToShare(actor);
    const found = await this.#finder.find({});
    if ('none' in found) throw new HandrailError('not-found', found.none.note, { hint: 'See handrail status.' });
    const { workflow, path } = found.snapshot.loaded;
    if (workflow.evidence !== 'tracked') {
      throw new HandrailError('usage', `The workflow "${workflow.title}" keeps its records on this machine.`, {
        hint: 'It says so itself: evidence: tracked would have them committed.',
        location: { path },
      });
    }
    await found.sharing.decide(wanted);
    if (!wanted) return 0;
    const agreed = await this.#finder.find({});
    return 'none' in agreed ? 0 : await shareStanding(agreed.snapshot);
  }

  async select(workflowId: string): Promise<void> {
    await this.#finder.select(workflowId);
  }

  async check(stepId: string, options: RunChoice & { actor: ActorKind; diagnostics?: DiagnosticCounts }): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    requireTickable(step, options.actor);
    requireStartable(status);
    const { diagnostics } = options;
    const standing = standingByStep(snapshot.records).get(step.id);
    const isSaid =
      status.state === 'done' &&
      standing?.id === status.evidence?.id &&
      standing?.actor.kind === options.actor &&
      snapshot.store.isShared(standing);
    if (isSaid && diagnostics === undefined) return status;
    const fields: RecordFields = { result: { outcome: 'done', ...(diagnostics === undefined ? {} : { diagnostics }) } };
    requireSettled(statusOf(step, withRecord(snapshot, toRecord(this.#records.compose(snapshot, step, options.actor, fields)))));
    return statusOf(step, withRecord(snapshot, await this.#records.add(snapshot, step, options.actor, fields)));
  }

  async uncheck(stepId: string, options: RunChoice & { actor: ActorKind }): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    if (status.state === 'running') {
      throw new HandrailError('usage', `"${step.title}" is running.`, { hint: 'Cancel its command or wait until it ends.' });
    }
    const isSettled = status.state === 'done' || status.state === 'stale' || status.state === 'waived' || status.state === 'failed';
    if (!isSettled) return status;
    const record = await this.#records.add(snapshot, step, options.actor, { result: { outcome: 'reopened' } });
    return statusOf(step, withRecord(snapshot, record));
  }

  async waive(stepId: string, options: RunChoice & { actor: ActorKind; reason: string; expires?: string }): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    requireWaivable(status, options.actor);
    const reason = waiverReason(options.reason);
    const expires = waiverEnd(options.expires, snapshot.loaded.workflow.waive, this.#clock.now());
    const record = await this.#records.add(snapshot, step, options.actor, { result: { outcome: 'waived', reason, expires } });
    return statusOf(step, withRecord(snapshot, record));
  }

  async run(stepId: string, options: Parameters<WorkflowService['run']>[1]): Promise<CommandOutcome> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    if (step.kind !== 'command') {
      throw new HandrailError('usage', `"${step.title}" is a ${step.kind} step and has no command.`, {
        hint: step.kind === 'review' ? 'Start a review for it.' : `Settle it: handrail check ${step.id}`,
      });
    }
    requireStartable(status);
    const isOther = options.workflowDigest !== undefined && options.workflowDigest !== snapshot.digest;
    if (!options.trusted || isOther) {
      throw new HandrailError('untrusted', `The commands of the workflow "${snapshot.loaded.workflow.title}" are not trusted yet.`, {
        hint: `Read ${snapshot.loaded.path}, then trust it: handrail run ${step.id} --trust`,
        location: { path: snapshot.loaded.path },
      });
    }
    const exitCode = await this.#perform(snapshot, step, options);
    const after = await this.#step(stepId, options);
    return { status: after.status, exitCode };
  }

  async beginAutomation({ signal, onWaiting, ...choice }: Parameters<WorkflowService['beginAutomation']>[0]): Promise<AutomationSession> {
    const found = await this.#finder.find(choice);
    if ('none' in found) throw new HandrailError('not-found', found.none.note, { hint: 'See handrail status.' });
    const { beginSession } = await import('./automation/beginSession.ts');
    return await beginSession(found.snapshot.store.folder, { clock: this.#clock, signal, onWaiting });
  }

  async snapshot(stepId: string, options: RunChoice = {}): Promise<string> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    requireStartable(status);
    return await this.#records.rememberCovered(snapshot, step);
  }

  async settleReview(
    stepId: string,
    result: ReviewResult,
    options: RunChoice & { actor: ActorKind; covers?: string },
  ): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    if (step.kind !== 'review') {
      throw new HandrailError('usage', `"${step.title}" is not a review step.`, { hint: 'Name a step of kind review.' });
    }
    requireStartable(status);
    const covers = options.covers === undefined ? {} : { changeDigest: options.covers };
    const record = await this.#records.add(snapshot, step, options.actor, { ...reviewEvidence(step, result), ...covers });
    return statusOf(step, withRecord(snapshot, record));
  }

  async settleGenerate(
    stepId: string,
    { model, modelId, promptDigest }: Parameters<WorkflowService['settleGenerate']>[1],
    options: RunChoice & { actor: ActorKind },
  ): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options);
    if (step.kind !== 'generate') {
      throw new HandrailError('usage', `"${step.title}" is not a generate step.`, { hint: 'Name a step of kind generate.' });
    }
    requireStartable(status);
    const fields: RecordFields = {
      provider: 'model',
      model,
      ...(modelId === undefined ? {} : { modelId: modelId.slice(0, 200) }),
      promptDigest,
      result: { outcome: 'done' },
    };
    return statusOf(step, withRecord(snapshot, await this.#records.add(snapshot, step, options.actor, fields)));
  }

  /** Runs the command between a `running` record and the one that says how it ended. */
  async #perform(snapshot: RunSnapshot, step: CommandStep, options: Parameters<WorkflowService['run']>[1]): Promise<number | null> {
    const { running, during } = await startAlone(snapshot, step, {
      signal: options.signal,
      start: async (now) => {
        const record = await this.#records.add(now, step, options.actor, { provider: 'command', result: { outcome: 'running' } });
        return { running: record, during: withRecord(now, record) };
      },
    });
    const quiet = snapshot.store.beat(running);
    // The evidence is about the content the command started on: what changes while it runs has not been checked by it.
    const finish = async (result: EvidenceBody['result']): Promise<void> => {
      await this.#records.add(during, step, options.actor, { provider: 'command', result, changeDigest: running.changeDigest });
      await snapshot.store.ended(running);
    };
    try {
      const exitCode = await runCommand({
        run: step.run,
        cwd: this.#root,
        variables: variablesFor(snapshot, step),
        signal: options.signal,
        onOutput: options.onOutput.bind(options),
      });
      const expected = step.expect.find((expectation) => expectation.kind === 'exit')?.code ?? 0;
      await finish(exitCode === expected ? { outcome: 'done', exitCode } : { outcome: 'failed', exitCode });
      return exitCode;
    } catch (error) {
      await finish({ outcome: 'failed', reason: options.signal.aborted ? 'its command was cancelled' : 'its command could not be run' });
      throw error;
    } finally {
      quiet();
    }
  }

  async #step(stepId: string, { workflow, branch }: RunChoice): Promise<{ snapshot: RunSnapshot; step: Step; status: StepStatus }> {
    const found = await this.#finder.find({ ...(workflow === undefined ? {} : { workflow }), ...(branch === undefined ? {} : { branch }) });
    if ('none' in found) throw new HandrailError('not-found', found.none.note, { hint: 'See handrail status.' });
    const { snapshot } = found;
    const { steps, title } = snapshot.loaded.workflow;
    const step = steps.find(({ id }) => id === stepId);
    if (step === undefined) {
      const ids = steps.map(({ id }) => id);
      const meant = closest(stepId, ids);
      throw new HandrailError('not-found', `The workflow "${title}" has no step "${stepId}".`, {
        hint: meant === undefined ? `Its steps: ${ids.join(', ')}.` : `Did you mean "${meant}"?`,
      });
    }
    return { snapshot, step, status: statusOf(step, snapshot) };
  }
}

function plan({ loaded, records, state, facts }: RunSnapshot): StepStatus[] {
  return planRun({ workflow: loaded.workflow, records, changes: state.changes, facts });
}

function statusOf(step: Step, snapshot: RunSnapshot): StepStatus {
  const status = plan(snapshot).find(({ id }) => id === step.id);
  if (status === undefined) throw new TypeError(`The plan lacks the step ${step.id}.`);
  return status;
}

function withRecord(snapshot: RunSnapshot, record: EvidenceRecord): RunSnapshot {
  return { ...snapshot, records: [...snapshot.records, record] };
}

/** Undefined on a detached head. */
function presentRun({ branch, state, store, records, loaded }: RunSnapshot): PresentRun | undefined {
  if (branch === null || branch !== state.branch) return undefined;
  return { branch, state, store, records, tracked: loaded.workflow.evidence === 'tracked' };
}

function variablesFor(snapshot: RunSnapshot, step: Step): Record<string, string> {
  return {
    HANDRAIL_BRANCH: snapshot.branch ?? '',
    HANDRAIL_BASE: snapshot.state.base.name,
    HANDRAIL_MERGE_BASE: snapshot.state.changes.mergeBase ?? '',
    HANDRAIL_STEP: step.id,
    HANDRAIL_WORKFLOW: snapshot.loaded.workflow.id,
  };
}
