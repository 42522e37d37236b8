import type { Severity } from '../ai/finding.ts';
import type { FailureReason } from '../errors.ts';
import type { StepKind } from '../workflow/definition.ts';
import type { StepState } from '../workflow/run.ts';
import type { FIELDS } from './catalogue.ts';

/** Assistants whose usage may be recorded beside Handrail's. */
export type AssistantSource = Exclude<(typeof FIELDS)['source']['values'][number], 'handrail'>;

/**
 * One finished operation as its caller knows it. Nothing of it is stored as it is: the catalogue (`catalogue.ts`) turns it into
 * buckets and enumerations, and what it does not list becomes `other` or is left out.
 */
export interface Observation {
  /** `other`: what another assistant did. */
  operation: 'generate' | 'review' | 'command' | 'manual' | 'approval' | 'other';
  outcome: 'completed' | 'accepted' | 'edited' | 'rejected' | 'abandoned' | 'cancelled' | 'error' | 'measured';
  /** The assistant it is about, when that is not Handrail. */
  source?: AssistantSource;
  provider?: 'openai' | 'vscode' | 'command' | 'builtin';
  /** As the endpoint calls it; only its family is kept. */
  model?: string;
  stepKind?: StepKind;
  /** Kept only where the team lists it. */
  stepId?: string;
  stepState?: StepState;
  errorReason?: FailureReason;
  /** Milliseconds. */
  duration?: number;
  inputTokens?: number;
  outputTokens?: number;
  cost?: { amount: number; currency: string };
  /** Of a review, all it made; of a decision, the one that was decided about. */
  findings?: Readonly<Partial<Record<Severity, number>>>;
  findingsApplied?: number;
  findingsDismissed?: number;
  /** The part of what was accepted earlier that is still there, 0 to 1. */
  survival?: number;
  /** Milliseconds from when a step became ready until it was settled. */
  dwell?: number;
}

/** Events that were allowed and are lost: they could not be written into the folder, or the clock was wrong. */
export interface DroppedEvents {
  count: number;
  folder: string;
}

/**
 * Takes note of finished operations, or does nothing at all while telemetry is off. Never throws and never waits: what was noted is
 * stored after the caller's turn, if it is still allowed then.
 */
export interface UsageRecorder {
  record(observation: Observation): void;
}
