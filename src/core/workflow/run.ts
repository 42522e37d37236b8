import type { StepKind } from './definition.ts';
import type { FileProblems } from './problem.ts';

/** The run of one branch, as `handrail status --format json` prints it and the views show it. Keys are additive. */

export type StepState = 'blocked' | 'ready' | 'running' | 'done' | 'stale' | 'failed' | 'skipped' | 'waived';
export type Assurance = 'verified' | 'bound' | 'self-reported' | 'stale' | 'missing' | 'waived' | 'none';

export interface ExpectationStatus {
  kind: string;
  met: boolean;
  /** One plain sentence: what holds, or what is missing. */
  detail: string;
}

/** What a record says about how its step was settled. */
export interface StepEvidence {
  id: string;
  provider?: 'model' | 'builtin' | 'command';
  /** Name of the model's entry. */
  model?: string;
  /** What the endpoint calls the model. */
  modelId?: string;
  /** Further models that answered a part, e.g. as a fallback. */
  alsoAnswered?: { model: string; modelId?: string }[];
  /** Who says so. It is a claim. */
  actor?: 'human' | 'agent' | 'machine';
  /** Files that a review read in full, in part, not at all. */
  coverage?: { full: number; partial: number; skipped: number };
  /** What a review found when it ran, by severity. */
  findings?: { critical: number; high: number; medium: number; low: number; info: number };
}

/** That somebody skips the step with a reason, and for how long. */
export interface StepWaiver {
  reason: string;
  /** Its last day, `YYYY-MM-DD` in UTC; absent in records of before every waiver had one. */
  expires?: string;
  /** Who says so. It is a claim. */
  actor: 'human';
  /** Whose proof it takes in CI, as `by` names them; absent where anybody's word counts. */
  provenBy?: string[];
}

export interface StepStatus {
  id: string;
  title: string;
  kind: StepKind;
  state: StepState;
  /** Why it has that state, or why it is here (which `when` matched). */
  because: string;
  assurance: Assurance;
  expect: ExpectationStatus[];
  /** The record that settles the step, or settled it before it went stale. */
  evidence?: StepEvidence;
  /** Present while the step is `waived`. */
  waiver?: StepWaiver;
  why?: string;
  learn?: string;
  needs: string[];
  /** What a person still has to do, one sentence each; empty when settled. */
  missing: string[];
  /** The `when` of the step and the changed paths or facts that made it apply. */
  when?: { expression: string; applies: boolean; matched: string[]; error?: string };
  /** Paths whose change made the evidence stale. */
  staleBecause?: string[];
  /** Shell text of a command step, repository path of a prompt. */
  run?: string;
  prompt?: string;
  /** `agent`: a lead lets an agent say that the step is done. */
  performer?: 'agent';
  scope?: 'file' | 'working' | 'staged' | 'branch';
  /** Models that made what a review step has to be independent of, by what was recorded: they must not review it. */
  madeBy?: { step: string; title: string; model: string; modelId?: string }[];
  /** Role that a review or generate step names. */
  role?: string;
  /** Globs that limit what the step is about. */
  inputs?: string[];
  /** Who may approve an approval step, and who may not. */
  by?: { anyOf: string[]; not: string[] };
  /** Further attempts when performing it fails; present where there are any. */
  retry?: number;
  /** Present where a run of several steps goes on with what does not need this one when it failed. */
  continueOnFailure?: true;
}

/** A branch that is no more and whose records could be taken over, since its work goes on here. */
export interface FormerRun {
  branch: string;
  records: number;
  /** Git noted that it was renamed to this branch; else this branch goes on from its last commit. */
  renamed: boolean;
}

/** What a person said to the question whether their records may be committed. */
export type SharingState = 'undecided' | 'agreed' | 'declined';

export interface RunStatus {
  workflow: { id: string; title: string; digest: string; path: string } | null;
  /** Short branch name, or null on a detached head. */
  branch: string | null;
  /** Branch that changes are counted against. */
  base: string | null;
  steps: StepStatus[];
  next: string[];
  done: number;
  total: number;
  /** For how many days a step may be skipped with a reason; absent where there is no workflow. */
  waivers?: { usual: number; longest: number };
  /** Other workflows whose `on` matches too. */
  alternatives: { id: string; title: string }[];
  /** Present when there are any. */
  former?: FormerRun[];
  /** Whether this person's records are committed; present where the workflow tracks evidence. */
  sharing?: SharingState;
  /** Why there is no run, in one sentence, when `workflow` is null. */
  note?: string;
  /** Problems of the workflow files, the selected one or those that could not be read first. */
  problems: FileProblems[];
}

/** Of a branch that follows a workflow. */
export type Run = RunStatus & { workflow: NonNullable<RunStatus['workflow']> };
