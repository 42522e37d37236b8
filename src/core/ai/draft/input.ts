import type { CoverageEntry } from '../finding.ts';
import type { ModelProvider, SecretScanner } from '../provider.ts';
import type { ReviewUnit } from '../review/collect.ts';
import type { DraftKind, DraftSource } from './draft.ts';
import type { Section } from './template.ts';

/** Everything a draft is made of, collected before it starts. */
export interface DraftInput {
  kind: DraftKind;
  source: DraftSource;
  branch: string | null;
  /** Files that changed, with their hunks. */
  units: readonly ReviewUnit[];
  /** Changed files that are not shown, with the reason. */
  skipped: readonly CoverageEntry[];
  /** Subjects of commits, the newest first: the last ones of the history for a commit message, the branch's own for a pull request. */
  subjects: readonly string[];
  /** The repository's conventions. */
  instructions: string;
  steps: readonly string[];
  hint: string;
  /** Of the repository's pull-request template. */
  sections?: readonly Section[];
  notices: readonly string[];
}

export interface DraftPorts {
  secrets: SecretScanner;
  provider: ModelProvider;
  /** An unpredictable word for the fence. */
  marker(): string;
}
