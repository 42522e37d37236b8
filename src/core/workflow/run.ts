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
  scope?: 'file' | 'working' | 'staged' | 'branch';
  /** Role that a review or generate step names. */
  role?: string;
  /** Globs that limit what the step is about. */
  inputs?: string[];
}

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
  /** Other workflows whose `on` matches too. */
  alternatives: { id: string; title: string }[];
  /** Why there is no run, in one sentence, when `workflow` is null. */
  note?: string;
  /** Problems of the workflow files, the selected one or those that could not be read first. */
  problems: FileProblems[];
}
