import { HandrailError } from '../../core/errors.ts';
import { silentLog, type Clock, type Log } from '../../core/ports.ts';
import type { ReviewResult } from '../../core/ai/finding.ts';
import { runKey } from '../../core/workflow/branch.ts';
import type { Change } from '../../core/workflow/changes.ts';
import { coverageOf, coveredChanges } from '../../core/workflow/coverage.ts';
import type { CommandStep, Step } from '../../core/workflow/definition.ts';
import { changeDigest, toTriple } from '../../core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, type EvidenceBody, type EvidenceRecord, latestByStep, toRecord } from '../../core/workflow/evidence.ts';
import { nextSteps, planRun, progress } from '../../core/workflow/plan.ts';
import type { FileProblems } from '../../core/workflow/problem.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import { type LoadedWorkflow, matchingWorkflows } from '../../core/workflow/select.ts';
import type { ActorKind, CommandOutcome, DiagnosticCounts, InitOptions, InitResult, WorkflowService } from '../../core/workflow/service.ts';
import { closest } from '../../core/yaml/grammarProblems.ts';
import { systemClock } from '../clock.ts';
import { openRepository, type Repository, type RepositoryState } from '../git/repository.ts';
import { workspaceFiles, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { runCommand } from './commandRunner.ts';
import { type HandrailFiles, loadHandrail, validateFiles } from './loader.ts';
import { readRun, runFolder, type RunSnapshot } from './runReader.ts';
import { readSelection, writeSelection } from './selection.ts';
import { reviewEvidence } from './reviewEvidence.ts';
import { requireSettled, requireStartable, requireTickable } from './stepRules.ts';

export interface WorkflowServiceOptions {
  /** Workspace folder; `.handrail/` lies in it. */
  root: string;
  clock?: Clock;
  log?: Log;
  env?: Readonly<Record<string, string | undefined>>;
}

/** The workflow of one workspace folder, over its files, its git repository and the evidence kept there. */
export function createWorkflowService(options: WorkflowServiceOptions): WorkflowService {
  return new NodeWorkflowService(options);
}

type Fields = Pick<EvidenceBody, 'result'> & Partial<Pick<EvidenceBody, 'provider' | 'model' | 'promptDigest' | 'changeDigest'>>;

interface Chosen {
  files: HandrailFiles;
  loaded: LoadedWorkflow | undefined;
  alternatives: LoadedWorkflow[];
  branch: string | null;
  state: RepositoryState | undefined;
  head: { branch: string | null; commit: string | null };
}

class NodeWorkflowService implements WorkflowService {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #opened: Promise<Repository> | undefined;

  constructor({ root, clock = systemClock, log = silentLog, env = process.env }: WorkflowServiceOptions) {
    this.#root = root;
    this.#clock = clock;
    this.#log = log;
    this.#env = env;
  }

  async validate(paths?: string[]): Promise<FileProblems[]> {
    return validateFiles(this.#files(), paths);
  }

  async init(options: InitOptions): Promise<InitResult> {
    const { initWorkspace } = await import('./initWorkspace.ts');
    return await initWorkspace(this.#files(), options);
  }

  async status(options: { workflow?: string; branch?: string } = {}): Promise<RunStatus> {
    const chosen = await this.#choose(options);
    if (chosen.loaded === undefined || chosen.state === undefined) return await this.#noRun(chosen);
    const snapshot = await this.#read(chosen.loaded, chosen.files, chosen.branch, chosen.state);
    const steps = plan(snapshot);
    const { id, title } = chosen.loaded.workflow;
    return {
      workflow: { id, title, digest: snapshot.digest, path: chosen.loaded.path },
      branch: chosen.branch,
      base: chosen.state.base.name,
      steps,
      next: nextSteps(steps),
      ...progress(steps),
      alternatives: chosen.alternatives.map(({ workflow }) => ({ id: workflow.id, title: workflow.title })),
      problems: inOrder(chosen.files.problems, chosen.loaded.path),
    };
  }

  async select(workflowId: string): Promise<void> {
    const files = this.#load();
    const loaded = find(files.workflows, workflowId);
    const repository = await this.#repository();
    const head = await repository.head();
    const branch = head.branch ?? this.#branchInCi();
    await writeSelection(runFolder(repository.commonDir, runKey(branch, head.commit)), loaded.workflow.id);
  }

  async check(stepId: string, options: { actor: ActorKind; workflow?: string; diagnostics?: DiagnosticCounts }): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options.workflow);
    requireTickable(step, options.actor);
    requireStartable(status);
    const { diagnostics } = options;
    const latest = latestByStep(snapshot.records).get(step.id);
    const isSaid = status.state === 'done' && latest?.id === status.evidence?.id && latest?.actor.kind === options.actor;
    if (isSaid && diagnostics === undefined) return status;
    const fields: Fields = { result: { outcome: 'done', ...(diagnostics === undefined ? {} : { diagnostics }) } };
    requireSettled(statusOf(step, withRecord(snapshot, toRecord(this.#compose(snapshot, step, options.actor, fields)))));
    return statusOf(step, withRecord(snapshot, await this.#add(snapshot, step, options.actor, fields)));
  }

  async uncheck(stepId: string, options: { actor: ActorKind; workflow?: string }): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options.workflow);
    if (status.state === 'running') {
      throw new HandrailError('usage', `"${step.title}" is running.`, { hint: 'Cancel its command or wait until it ends.' });
    }
    const isSettled = status.state === 'done' || status.state === 'stale' || status.state === 'waived' || status.state === 'failed';
    if (!isSettled) return status;
    const record = await this.#add(snapshot, step, options.actor, { result: { outcome: 'reopened' } });
    return statusOf(step, withRecord(snapshot, record));
  }

  async run(stepId: string, options: Parameters<WorkflowService['run']>[1]): Promise<CommandOutcome> {
    const { snapshot, step, status } = await this.#step(stepId, options.workflow);
    if (step.kind !== 'command') {
      throw new HandrailError('usage', `"${step.title}" is a ${step.kind} step and has no command.`, {
        hint: step.kind === 'review' ? 'Start a review for it.' : `Settle it: handrail check ${step.id}`,
      });
    }
    requireStartable(status);
    if (status.state === 'running') {
      throw new HandrailError('conflict', `"${step.title}" is already running.`, {
        hint: 'Wait until it ends, or cancel it where it runs.',
      });
    }
    if (!options.trusted) {
      throw new HandrailError('untrusted', `The commands of the workflow "${snapshot.loaded.workflow.title}" are not trusted yet.`, {
        hint: `Read ${snapshot.loaded.path}, then trust it: handrail run ${step.id} --trust`,
        location: { path: snapshot.loaded.path },
      });
    }
    const exitCode = await this.#perform(snapshot, step, options);
    const after = await this.#step(stepId, options.workflow);
    return { status: after.status, exitCode };
  }

  async snapshot(stepId: string, options: { workflow?: string } = {}): Promise<string> {
    const { snapshot, step, status } = await this.#step(stepId, options.workflow);
    requireStartable(status);
    return await this.#rememberCovered(snapshot, step);
  }

  async settleReview(
    stepId: string,
    result: ReviewResult,
    options: { actor: ActorKind; workflow?: string; covers?: string },
  ): Promise<StepStatus> {
    const { snapshot, step, status } = await this.#step(stepId, options.workflow);
    if (step.kind !== 'review') {
      throw new HandrailError('usage', `"${step.title}" is not a review step.`, { hint: 'Name a step of kind review.' });
    }
    requireStartable(status);
    const covers = options.covers === undefined ? {} : { changeDigest: options.covers };
    const record = await this.#add(snapshot, step, options.actor, { ...reviewEvidence(step, result), ...covers });
    return statusOf(step, withRecord(snapshot, record));
  }

  /** Runs the command between a `running` record and the one that says how it ended. */
  async #perform(snapshot: RunSnapshot, step: CommandStep, options: Parameters<WorkflowService['run']>[1]): Promise<number | null> {
    const running = await this.#add(snapshot, step, options.actor, { provider: 'command', result: { outcome: 'running' } });
    const during = withRecord(snapshot, running);
    // The evidence is about the content the command started on: what changes while it runs has not been checked by it.
    const finish = async (result: EvidenceBody['result']): Promise<void> => {
      await this.#add(during, step, options.actor, { provider: 'command', result, changeDigest: running.changeDigest });
      await snapshot.store.ended(running);
    };
    try {
      const { run } = step;
      const exitCode = await runCommand({
        ...{ run, cwd: this.#root, variables: variablesFor(snapshot, step), signal: options.signal },
        onOutput: options.onOutput.bind(options),
      });
      const expected = step.expect.find((expectation) => expectation.kind === 'exit')?.code ?? 0;
      await finish(exitCode === expected ? { outcome: 'done', exitCode } : { outcome: 'failed', exitCode });
      return exitCode;
    } catch (error) {
      await finish({ outcome: 'failed', reason: options.signal.aborted ? 'its command was cancelled' : 'its command could not be run' });
      throw error;
    }
  }

  /** Writes a record, and before it what its change digest stands for. */
  async #add(snapshot: RunSnapshot, step: Step, actor: ActorKind, fields: Fields): Promise<EvidenceRecord> {
    if (fields.changeDigest === undefined) await this.#rememberCovered(snapshot, step);
    const body = this.#compose(snapshot, step, actor, fields);
    return fields.result.outcome === 'running' ? await snapshot.store.addRunning(body) : await snapshot.store.add(body);
  }

  #compose(snapshot: RunSnapshot, step: Step, actor: ActorKind, fields: Fields): EvidenceBody {
    const latest = latestByStep(snapshot.records).get(step.id);
    return {
      schema: EVIDENCE_SCHEMA,
      run: snapshot.facts.runKey,
      step: step.id,
      stepDigest: snapshot.facts.stepDigests[step.id] ?? '',
      workflowDigest: snapshot.digest,
      changeDigest: changeDigest(coveredBy(step, snapshot)),
      actor: { kind: actor },
      ...fields,
      previous: latest?.id ?? null,
      // Never below the predecessor's, so that a clock that was set back reorders nothing.
      time: Math.max(this.#clock.now(), (latest?.time ?? -1) + 1),
    };
  }

  async #rememberCovered(snapshot: RunSnapshot, step: Step): Promise<string> {
    const entries = coveredBy(step, snapshot);
    const digest = changeDigest(entries);
    await snapshot.store.rememberCovered(digest, entries.map(toTriple));
    return digest;
  }

  async #step(stepId: string, workflow?: string): Promise<{ snapshot: RunSnapshot; step: Step; status: StepStatus }> {
    const chosen = await this.#choose(workflow === undefined ? {} : { workflow });
    if (chosen.loaded === undefined || chosen.state === undefined) {
      const { note } = await this.#noRun(chosen);
      throw new HandrailError('not-found', note ?? 'There is no workflow here.', { hint: 'See handrail status.' });
    }
    const { steps, title } = chosen.loaded.workflow;
    const step = steps.find(({ id }) => id === stepId);
    if (step === undefined) {
      const ids = steps.map(({ id }) => id);
      const meant = closest(stepId, ids);
      throw new HandrailError('not-found', `The workflow "${title}" has no step "${stepId}".`, {
        hint: meant === undefined ? `Its steps: ${ids.join(', ')}.` : `Did you mean "${meant}"?`,
      });
    }
    const snapshot = await this.#read(chosen.loaded, chosen.files, chosen.branch, chosen.state);
    return { snapshot, step, status: statusOf(step, snapshot) };
  }

  /** Finds the workflow that the branch follows. Reads what changed only when there is one to follow. */
  async #choose(options: { workflow?: string; branch?: string }): Promise<Chosen> {
    const files = this.#load();
    const repository = await this.#repository();
    const wanted = options.workflow === undefined ? undefined : find(files.workflows, options.workflow);
    const headStatus = repository.head();
    const baseInCi = this.#baseInCi();
    // Known beforehand only in CI; everywhere else the base is looked for while the head is read.
    const base = baseInCi !== undefined && (await headStatus).branch === null ? baseInCi : undefined;
    const state = files.workflows.length === 0 ? undefined : repository.state({ head: headStatus, base });
    // Where no workflow is followed, a base that cannot be found is nobody's problem.
    state?.catch(() => undefined);
    const head = await headStatus;
    const branch = options.branch ?? head.branch ?? this.#branchInCi();
    const matching = matchingWorkflows(files.workflows, branch);
    const loaded = wanted ?? (await this.#selected(repository, runKey(branch, head.commit), matching));
    return {
      files,
      loaded,
      alternatives: matching.filter((one) => one !== loaded),
      branch,
      state: loaded === undefined ? undefined : await state,
      head,
    };
  }

  async #selected(repository: Repository, key: string, matching: LoadedWorkflow[]): Promise<LoadedWorkflow | undefined> {
    if (matching.length < 2) return matching[0];
    const id = await readSelection(runFolder(repository.commonDir, key));
    return matching.find(({ workflow }) => workflow.id === id) ?? matching[0];
  }

  async #read(loaded: LoadedWorkflow, files: HandrailFiles, branch: string | null, state: RepositoryState): Promise<RunSnapshot> {
    const [repository, clock, log, env] = [await this.#repository(), this.#clock, this.#log, this.#env];
    return await readRun({ loaded, models: files.models, branch, state, repository, files: this.#files(), clock, log, env });
  }

  async #noRun({ files, branch }: Chosen): Promise<RunStatus> {
    const repository = await this.#repository();
    const base = await repository.base().then(
      ({ name }) => name,
      () => null,
    );
    return {
      ...{ workflow: null, branch, base, steps: [], next: [], done: 0, total: 0, alternatives: [] },
      note: whyNone(files, branch, base),
      problems: inOrder(files.problems),
    };
  }

  /** CI checks out a commit, not a branch, and says elsewhere which branch it stands for. */
  #branchInCi(): string | null {
    return this.#env['GITHUB_HEAD_REF'] || this.#env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'] || null;
  }

  #baseInCi(): string | undefined {
    return this.#env['GITHUB_BASE_REF'] || this.#env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'] || undefined;
  }

  #load(): HandrailFiles {
    return loadHandrail(this.#files());
  }

  #files(): NodeWorkspaceFiles {
    return workspaceFiles(this.#root);
  }

  #repository(): Promise<Repository> {
    this.#opened ??= openRepository(this.#root).catch((error: unknown) => {
      // A repository may come to be later, by `git init`.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
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

function coveredBy(step: Step, { state, facts }: RunSnapshot): readonly Change[] {
  return coveredChanges(state.changes, coverageOf(step, facts.branchSlug));
}

function withRecord(snapshot: RunSnapshot, record: EvidenceRecord): RunSnapshot {
  return { ...snapshot, records: [...snapshot.records, record] };
}

function find(workflows: readonly LoadedWorkflow[], id: string): LoadedWorkflow {
  const found = workflows.find(({ workflow }) => workflow.id === id);
  if (found !== undefined) return found;
  const ids = workflows.map(({ workflow }) => workflow.id);
  const meant = closest(id, ids);
  throw new HandrailError('not-found', `There is no workflow "${id}" that can be followed.`, {
    hint: meant !== undefined ? `Did you mean "${meant}"?` : ids.length === 0 ? 'Run handrail validate.' : `There are: ${ids.join(', ')}.`,
  });
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

/** The problems of the followed file first, then those of others; files without any are left out. */
function inOrder(problems: readonly FileProblems[], first?: string): FileProblems[] {
  const bad = problems.filter((file) => file.problems.length > 0);
  return [...bad.filter((file) => file.path === first), ...bad.filter((file) => file.path !== first)];
}

function whyNone(files: HandrailFiles, branch: string | null, base: string | null): string {
  if (files.workflows.length === 0) {
    const broken = files.problems.find((file) => file.problems.some((problem) => problem.severity === 'error'));
    return broken === undefined
      ? 'There is no workflow in .handrail/workflows yet.'
      : `${broken.path} has mistakes and cannot be followed.`;
  }
  if (branch === null) return 'No branch is checked out, and workflows follow branches.';
  if (branch === base) return `${branch} is the branch that work is merged into; workflows follow the branches beside it.`;
  return `No workflow is meant for the branch ${branch}.`;
}
