import type { StepKind } from '../definition.ts';
import type { RunStatus, StepStatus } from '../run.ts';

/**
 * A run of several steps: what machines can do is done, in the order that `needs` gives, until a step is reached or a person has to act.
 * It keeps nothing of its own: where it goes on after a restart follows from the records alone.
 */

/** How far to go, and how. */
export interface AutomationRules {
  /** Id of the step to reach; every step when absent. */
  until?: string;
  /** How many steps may be performed at once. */
  jobs: number;
  /** Whether what a model writes can be accepted: by somebody who is asked, or because it was said before. */
  generates: boolean;
}

/** One attempt at a step. */
export interface Attempt {
  /** `busy`: somebody else performs it at this moment. */
  outcome: 'done' | 'failed' | 'cancelled' | 'busy';
  /** One plain sentence or less. */
  detail: string;
  /** Whether another attempt could end otherwise: a command that failed, a model that could not be reached. */
  again?: boolean;
  /** Of a command; null when a signal ended it. */
  exitCode?: number | null;
}

/** What was done about a step. */
export interface StepPerformance {
  id: string;
  title: string;
  kind: StepKind;
  outcome: 'done' | 'failed' | 'cancelled';
  attempts: number;
  detail: string;
  exitCode?: number | null;
  /** Milliseconds, over all attempts. */
  duration: number;
}

/** A step that only a person can move on. */
export interface WaitingStep {
  id: string;
  title: string;
  kind: StepKind;
  /** Who may approve, as the workflow names them; absent where anybody may act. */
  by?: string[];
  /** What is to be done, one sentence each. */
  missing: string[];
}

/**
 * How a run ended. `reached`: what was asked for is done; `waiting`: only people can go on; `failed`: a step failed; `unsettled`: everything
 * was performed, but a step does not count as done, since what it looked at was changed by another one.
 */
export type AutomationEnd = 'reached' | 'waiting' | 'failed' | 'unsettled' | 'cancelled';

export interface AutomationResult {
  ended: AutomationEnd;
  /** In the order in which they ended. */
  performed: StepPerformance[];
  waitingFor: WaitingStep[];
  /** Steps that were meant and are neither done nor among the others, with the reason. */
  left: { id: string; title: string; because: string }[];
  status: RunStatus;
}

/** How many of the steps that are meant are settled. */
export interface AutomationProgress {
  settled: number;
  total: number;
}

export type AutomationEvent =
  | ({ type: 'started'; step: StepStatus; attempt: number; of: number } & AutomationProgress)
  | { type: 'again'; step: StepStatus; attempt: number; detail: string }
  | ({ type: 'ended'; performance: StepPerformance } & AutomationProgress)
  | { type: 'elsewhere'; steps: StepStatus[] };
