import type { Severity } from '../ai/finding.ts';

/** The typed form of a workflow file, after defaults. The grammar and its diagnostics are in `schema.ts` and `parse.ts`. */

export type StepKind = 'manual' | 'command' | 'generate' | 'review' | 'approval';
export type ReviewScope = 'file' | 'working' | 'staged' | 'branch';
/** Who may approve or waive. `codeowners`, `author`, `agent`, or a name as in CODEOWNERS (`@org/team`). */
export interface Approvers {
  anyOf: string[];
  not: string[];
}

export type Expectation =
  | { kind: 'file'; path: string; sections: string[] }
  | { kind: 'changed'; glob: string }
  | { kind: 'exit'; code: number }
  | { kind: 'findings'; max: Partial<Record<Severity, number>> }
  | { kind: 'diagnostics'; max: Partial<Record<'error' | 'warning' | 'info' | 'hint', number>> }
  | { kind: 'attest'; statement: string }
  | { kind: 'clean' }
  | { kind: 'commit'; subject: string }
  | { kind: 'coverage-receipt' };

interface StepBase {
  id: string;
  title: string;
  why?: string;
  /** A document to learn from: a repository path or an https address. */
  learn?: string;
  needs: string[];
  /** CEL; absent means always. */
  when?: string;
  expect: Expectation[];
  /** Globs that limit what the step's evidence covers. */
  inputs?: string[];
  protects?: string[];
  final: boolean;
}

/** How machines perform a step. */
export interface Performance {
  /** Further attempts after one that failed, at most 5; none when absent. */
  retry?: number;
  /** Whether a run of several steps goes on with what does not need this one when it failed. */
  continueOnFailure?: boolean;
}

export interface ManualStep extends StepBase {
  kind: 'manual';
  /** A lead lets an agent say that it is done. */
  performer?: 'agent';
}
export interface CommandStep extends StepBase, Performance {
  kind: 'command';
  /** Shell text, never interpolated. */
  run: string;
}
export interface GenerateStep extends StepBase, Performance {
  kind: 'generate';
  prompt: string;
  role?: string;
  /** A lead lets an agent do what the prompt says by itself, and say that it is done. */
  performer?: 'agent';
}
export interface ReviewStep extends StepBase, Performance {
  kind: 'review';
  role?: string;
  scope: ReviewScope;
  require?: 'model';
  independentOf: string[];
}
export interface ApprovalStep extends StepBase {
  kind: 'approval';
  by: Approvers;
}
export type Step = ManualStep | CommandStep | GenerateStep | ReviewStep | ApprovalStep;

export interface Workflow {
  version: 1;
  id: string;
  title: string;
  /** Branch globs; absent means every branch. */
  on?: { branches: string[] };
  extends: string[];
  evidence: 'local' | 'tracked';
  /** Name to CEL. */
  vars: Record<string, string>;
  steps: Step[];
  waive?: { require?: 'reason'; expires?: string; by?: Approvers };
}
