import type { CoverageEntry } from '../finding.ts';
import type { BuiltinReviewer, ModelProvider, SecretScanner } from '../provider.ts';
import type { KnownProblem, ReviewRequest } from '../service.ts';
import type { ReviewUnit } from './collect.ts';
import type { Dismissal, DismissalFacts } from './dismissals.ts';

/** Everything a review is made of, collected before it starts. */
export interface ReviewInput {
  scope: ReviewRequest['scope'];
  units: readonly ReviewUnit[];
  /** Files that are not read, with the reason. */
  skipped: readonly CoverageEntry[];
  /** What the editor already reports. */
  known: readonly KnownProblem[];
  rules: string;
  /** The repository's conventions that apply. */
  instructions: string;
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
  /** An unpredictable word for the fence of a request. */
  marker(): string;
}
