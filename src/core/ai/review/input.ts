import type { CoverageEntry } from '../finding.ts';
import type { BuiltinReviewer, ModelProvider, SecretScanner } from '../provider.ts';
import type { KnownProblem, ReviewRequest } from '../service.ts';
import type { ReviewUnit } from './collect.ts';
import type { ReviewCache } from './cache.ts';
import type { Dismissal, DismissalFacts } from './dismissals.ts';
import type { Instruction } from './instructions.ts';

/** Everything a review is made of, collected before it starts. */
export interface ReviewInput {
  scope: ReviewRequest['scope'];
  units: readonly ReviewUnit[];
  /** Files that are not read, with the reason. */
  skipped: readonly CoverageEntry[];
  /** What the editor already reports. */
  known: readonly KnownProblem[];
  rules: string;
  /** Conventions for all of it. */
  instructions: string;
  /** The repository's conventions; each goes along with what it applies to. */
  instructionFiles?: readonly Instruction[];
  dismissals: readonly Dismissal[];
  facts: DismissalFacts;
  /** Said at the beginning: what could not be read or honoured. */
  notices: readonly string[];
}

export interface ReviewPorts {
  builtin: BuiltinReviewer;
  secrets: SecretScanner;
  /** Absent: the built-in reviewer answers alone. */
  provider?: ModelProvider;
  /** Judges what the model found before it is shown; absent: everything is. */
  scorer?: ModelProvider;
  /** What is remembered of earlier reviews; absent: everything is asked. */
  cache?: {
    answers: ReviewCache;
    /** What besides the model decides its answers, such as pinned parameters. */
    variant?: string;
    /** Asks everything anew, and remembers what comes. */
    fresh?: boolean;
  };
  /** An unpredictable word for the fence of a request. */
  marker(): string;
}
