import type { ReviewResult } from '../ai/finding.ts';
import type { CancelSignal } from '../ports.ts';
import type { AutomationSession } from './automation/session.ts';
import type { BranchFacts } from './authoring/surroundings.ts';
import type { DryRun } from './dryRun.ts';
import type { FileProblems } from './problem.ts';
import type { RunStatus, StepStatus } from './run.ts';

/** The claim a record makes about who acted; treated as a claim (see evidence). */
export type ActorKind = 'human' | 'agent' | 'machine';

export interface InitOptions {
  template?: string;
  /** Markdown files with task lists, relative to the workspace folder or absolute. */
  from?: string[];
}
export interface InitResult {
  /** Paths written, relative to the workspace folder. */
  written: string[];
  /** Paths that were there before and were left alone. */
  kept: string[];
  /** What was found and decided, one sentence each. */
  notes: string[];
  /** Steps whose boxes were ticked in the imported lists. Evidence is the only store of ticks: the caller records them with `check`. */
  done?: { workflow: string; steps: string[] }[];
}

/** Texts by path, relative to the workspace folder. */
export type UnsavedTexts = Readonly<Record<string, string>>;

/** Which run is meant; without it the one of the checked-out branch. */
export interface RunChoice {
  /** Id of a workflow, instead of the one the branch follows. */
  workflow?: string;
  /** Name of a branch, where git has none or another is meant. */
  branch?: string;
}

/** Problems the editor shows, by severity. */
export interface DiagnosticCounts {
  error: number;
  warning: number;
  info: number;
  hint: number;
}

export interface CommandOutcome {
  status: StepStatus;
  /** Exit code of the command, or null when it ended by a signal. */
  exitCode: number | null;
}

/**
 * One workspace folder's workflow. Implemented in `src/node/workflow/workflowService.ts`; the editor and the command line are
 * its callers. Every method fails with a HandrailError that says what to do next.
 */
export interface WorkflowService {
  /**
   * Checks the given files, or every file under `.handrail/`. Files without problems are listed with none. `unsaved` are texts that an
   * editor holds, by path; they count instead of what is on disk.
   */
  validate(paths?: string[], unsaved?: UnsavedTexts): Promise<FileProblems[]>;
  /** What a file would mean on this branch, as it is in `unsaved` or on disk. Runs and writes nothing. */
  dryRun(path: string, unsaved?: UnsavedTexts): Promise<DryRun>;
  /** What expressions and globs are about on this branch. */
  facts(): Promise<BranchFacts>;
  /**
   * Never fails for a broken or missing workflow file: `workflow` is null and `note` and `problems` say why. `touched` are paths,
   * relative to the folder, that are all that was written since the last call of this service, as far as the caller knows; what they
   * cannot affect is then not read again. What the caller cannot know (branch, index, records) is looked at in any case.
   */
  status(options?: RunChoice & { touched?: readonly string[] }): Promise<RunStatus>;
  /**
   * Takes the records of a former branch over, as `former` of the status offers them; returns how many there are. A person's act: they may
   * hold a person's word. Where `wanted` is false, they are offered no more.
   */
  takeOver(branch: string, options: { actor: ActorKind; wanted?: boolean }): Promise<number>;
  /**
   * Decides whether this person's records are committed where a workflow tracks evidence. Once agreed, what the run stands on is committed
   * with the rest; returns for how many steps. A person's act. Fails with `usage` where the workflow keeps its evidence local.
   */
  share(options: { actor: ActorKind; wanted: boolean }): Promise<number>;
  /** Remembers which of several matching workflows this branch follows. */
  select(workflowId: string): Promise<void>;
  /**
   * Records that a person (or, where allowed, an agent) settled a manual, generate or approval step. Approvals, `attest` and manual
   * steps that nothing else proves take a person's word only. `diagnostics` are the problems the editor shows, for steps that expect them.
   */
  check(stepId: string, options: RunChoice & { actor: ActorKind; diagnostics?: DiagnosticCounts }): Promise<StepStatus>;
  /** Takes back what was said about a step: that it is done, or, when it was skipped, that it is skipped. */
  uncheck(stepId: string, options: RunChoice & { actor: ActorKind }): Promise<StepStatus>;
  /**
   * Skips a step with a reason until the end of a day, `expires`, like `14d` or `2026-12-31`; the workflow says how far off that may
   * be, and where nobody names one. Only a person skips a step: an agent or a machine is refused.
   */
  waive(stepId: string, options: RunChoice & { actor: ActorKind; reason: string; expires?: string }): Promise<StepStatus>;
  /**
   * Performs a command step and records its outcome, `running` first. Fails with `conflict` where anybody else performs it, also one who
   * began at the same moment. `trusted` says that this workflow's commands may run;
   * `workflowDigest` says which version of it was meant, and one that was edited since is refused as `untrusted`.
   */
  run(
    stepId: string,
    options: RunChoice & {
      actor: ActorKind;
      trusted: boolean;
      workflowDigest?: string;
      signal: CancelSignal;
      /** While a promise is given back, the command is not read from: it waits, too, when its output is full. */
      onOutput(chunk: Uint8Array, stream: 'stdout' | 'stderr'): Promise<void> | undefined | void;
    },
  ): Promise<CommandOutcome>;
  /**
   * Begins a run of several steps. One at a time on a branch, over all windows and processes: waits for another one to end, of which
   * `onWaiting` tells the process. Fails with `cancelled`, and as `run` does where there is no workflow.
   */
  beginAutomation(options: RunChoice & { signal: CancelSignal; onWaiting(pid: number): void }): Promise<AutomationSession>;
  /** Digest of what a step covers right now. Taken before a review starts, it keeps edits made meanwhile from counting as reviewed. */
  snapshot(stepId: string, options?: RunChoice): Promise<string>;
  /**
   * Records a finished review as evidence of a review step. `covers` is the snapshot taken before it started; without one the
   * present content counts as reviewed.
   */
  settleReview(stepId: string, result: ReviewResult, options: RunChoice & { actor: ActorKind; covers?: string }): Promise<StepStatus>;
  /** Records that what a model generated for a generate step was accepted and written. `model` is the entry's name, `modelId` what the endpoint calls it. */
  settleGenerate(
    stepId: string,
    generated: { model: string; modelId?: string; promptDigest: string },
    options: RunChoice & { actor: ActorKind },
  ): Promise<StepStatus>;
  /** Writes a working `.handrail/`; never overwrites. */
  init(options: InitOptions): Promise<InitResult>;
}
