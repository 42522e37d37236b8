import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { DroppedEvents } from '../../core/telemetry/observation.ts';

/** How often each value occurs, the most frequent first. */
export type Tally<V extends string> = readonly { value: V; count: number }[];

/** What is kept on this machine. */
export interface RecordedCounts {
  events: number;
  /** Lines that no reader can use, e.g. the last one of a process that was ended. */
  unreadable: number;
  week: {
    events: number;
    reviews: Tally<TelemetryEvent['outcome']>;
    generations: Tally<TelemetryEvent['outcome']>;
    steps: Tally<NonNullable<TelemetryEvent['workflowStepKind']>>;
    findingsApplied: number;
    findingsDismissed: number;
  };
}

export interface OnState {
  kind: 'on';
  since: string;
  recorded: RecordedCounts;
  keepDays: number;
  /** The teams that the person shares weekly figures with, where there are any. */
  shared?: readonly string[];
  /** The team of the folder in use, where it has one. */
  team?: string;
  /** Events of this window that could not be written, where there are any, and where to. */
  dropped?: DroppedEvents;
}

/** What the *Telemetry* view shows. Its `kind` is the context key `handrail.telemetryState`. */
export type TelemetryState =
  | { kind: 'off' }
  /** Off, with events from before that wait for their day of deletion. */
  | { kind: 'kept'; recorded: RecordedCounts; keepDays: number }
  | OnState
  /** What would be recorded is no longer what the person agreed to, so nothing is until they agree again. */
  | { kind: 'changed'; since: string; recorded: RecordedCounts; keepDays: number }
  /** The editor's telemetry level is not `all`. */
  | { kind: 'vetoed'; wanted: boolean; events: number }
  /** An environment variable of the editor's process says no. */
  | { kind: 'forbidden'; because: string; events: number }
  /** The consent cannot be read, which counts as off. */
  | { kind: 'failed'; message: string };
