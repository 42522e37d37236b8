import type { Problem } from './problem.ts';
import type { StepStatus } from './run.ts';

/** What a workflow file, saved or not, would mean on the branch as it is. */
export interface DryRun {
  /** Of the file, relative to the workspace folder. */
  path: string;
  /** Of the file, with everything it refers to. */
  problems: Problem[];
  branch: string | null;
  base: string;
  /** Paths that the branch changes. */
  changes: readonly string[];
  /** The workflow that the branch follows, which may be another one. */
  follows?: { title: string; path: string };
  /** Absent while the file does not mean exactly one thing. */
  workflow?: DryRunWorkflow;
}

export interface DryRunWorkflow {
  id: string;
  title: string;
  /** Whether its `on` takes the branch. */
  takesBranch: boolean;
  /** Globs of its `on`; none when it takes every branch. */
  branches: readonly string[];
  vars: readonly DryRunVar[];
  steps: readonly StepStatus[];
  next: readonly string[];
  done: number;
  total: number;
}

/** What one of the workflow's own expressions gives. */
export interface DryRunVar {
  name: string;
  expression: string;
  value: unknown;
  matched: readonly string[];
  error?: string;
}
