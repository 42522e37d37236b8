import type { CancelSignal } from '../../ports.ts';
import type { CoverageEntry, Redaction, Usage } from '../finding.ts';
import type { GeneratePreview } from '../service.ts';

/** Shapes of a draft: text about a change, written by a model for a person who reads it before it is used. */

export type DraftKind = 'commit-message' | 'pull-request';

/** What a draft tells of: what is staged, else what is not committed, or all that the branch brings. */
export type DraftSource = 'staged' | 'working' | 'branch';

export interface DraftRequest {
  kind: DraftKind;
  /** What the person has written so far, or wants said; the draft builds on it. */
  hint?: string;
  /** Titles of the steps that the branch's workflow asks for. */
  steps?: readonly string[];
  /** Of a pull request: what the branch is compared with. */
  base?: string;
  /** Absolute folder of a repository inside of the workspace folder, where it is about that one. */
  at?: string;
  role?: string;
  model?: string;
}

export interface DraftResult {
  kind: DraftKind;
  /** A commit message as git takes it, or Markdown in which text of the model draws nothing but paragraphs, lists and code. */
  text: string;
  source: DraftSource;
  /** Name of the model's entry. */
  model: string;
  /** What the endpoint calls it. */
  modelId: string;
  promptDigest: string;
  usage: Usage;
  /** What the model was shown, in full, in part, or not at all and why. */
  coverage: CoverageEntry[];
  redactions: Redaction[];
  /** Plain sentences for the person. */
  notices: string[];
}

export type DraftEvent =
  /** `origin` is where the text goes, see `ModelProvider`. */
  | { type: 'chosen'; model: string; because: string; origin?: string }
  | { type: 'progress'; message: string; outputTokens: number }
  /** The draft as far as it is written. */
  | { type: 'text'; text: string }
  | { type: 'notice'; message: string };

/** Drafts in one workspace folder. Implemented in `src/node/ai/draftService.ts`. Choosing and confirming are the review service's. */
export interface DraftService {
  /**
   * Asks the model; writes nothing. Fails with `not-found` where nothing has changed, with `no-git`, with `config` when only the
   * built-in reviewer would answer, with `untrusted` or `no-key` as a review does, with `bad-response` for an answer that holds no
   * text, with `cancelled`.
   */
  draft(request: DraftRequest, options: { signal: CancelSignal; onEvent(event: DraftEvent): void }): Promise<DraftResult>;
  /** What {@link draft} would send, and where. Sends nothing. */
  preview(request: DraftRequest, options: { signal: CancelSignal }): Promise<GeneratePreview>;
}
