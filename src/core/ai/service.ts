import type { FailureReason } from '../errors.ts';
import type { CancelSignal } from '../ports.ts';
import type { ModelBudget, ModelPrice } from './models/models.ts';
import type { CoverageEntry, Finding, Redaction, ReviewEvent, ReviewResult } from './finding.ts';
import type { GenerateEvent, GenerateRequest, GenerateResult, ProposedChange } from './generate/generation.ts';

/** Something found on this machine that could answer instead of the built-in reviewer; offered, never used unasked. */
export interface ModelOffer {
  /** `editor`: a language model of the editor; `assistant`: a command-line assistant installed on this machine. */
  kind: 'environment' | 'local-server' | 'models-file' | 'editor' | 'assistant';
  /** Shown to the person, e.g. `Ollama on 127.0.0.1:11434: qwen2.5-coder:7b`. */
  label: string;
  name: string;
  model: string;
  /** Base address of the endpoint, e.g. `http://127.0.0.1:11434/v1`; for `editor` and `assistant` the same as `origin`. */
  baseURL: string;
  /** What is confirmed: `https://api.openai.com`, `editor:copilot`, `assistant:claude-code`. */
  origin: string;
  /** It is the one that answers now. */
  inUse?: boolean;
}

/** Which reviewer a request gets, and why. */
export interface ModelChoice {
  kind: 'builtin' | 'model';
  /** Name of the entry (`reviewer`), of the environment's choice, or `builtin`. */
  name: string;
  model?: string;
  origin?: string;
  /** {@link origin} in words for people, e.g. `Claude Code on this machine`; absent where the origin is plain enough. */
  destination?: string;
  /** One plain sentence. */
  because: string;
  /** False while the person has not yet agreed that this workspace's code goes to `origin`; a review then fails with `untrusted`. */
  confirmed: boolean;
  /** Needs a key that is not there yet; a review then fails with `no-key`. */
  needsKey: boolean;
  /** Tokens that a request may have, where it is known without asking the model. */
  contextTokens?: number;
  /** What its tokens cost and what may be spent, where the entry says so. */
  price?: ModelPrice;
  budget?: ModelBudget;
  /**
   * Why the model cannot be asked here at all, e.g. the editor no longer offers it; a review then fails with this. `origin` and
   * `model` are absent then, and there is nothing to confirm.
   */
  problem?: { reason: FailureReason; message: string; hint?: string };
  /** What could answer, the one in use included. */
  offers: ModelOffer[];
}

/** What the editor already reports; not repeated. Lines count from 1. */
export interface KnownProblem {
  file: string;
  line: number;
  message: string;
  source?: string;
}

export interface ReviewRequest {
  scope: 'selection' | 'file' | 'working' | 'staged' | 'branch';
  /** Relative to the workspace folder; one for `selection`. For the scopes of changes, an empty list means every changed file. */
  paths: string[];
  /** Of a `selection`: its lines, from 1, both ends inclusive. */
  lines?: { start: number; end: number };
  base?: string;
  role?: string;
  model?: string;
  /** Unsaved text of open documents by path; read instead of the file. */
  buffers?: Record<string, string>;
  known?: KnownProblem[];
  /** Rules of the workflow step that asks. */
  rules?: string;
  /**
   * What is reviewed must be what the files hold, as evidence is about files: a review of what is staged then fails with `conflict` while
   * anything is not.
   */
  asEvidence?: boolean;
  /** Asks the model about everything anew, also about what it was asked before. */
  fresh?: boolean;
}

/** What a review would do, found out without sending anything. */
export interface ReviewPreview {
  choice: ModelChoice;
  /** The files as the receipt would list them. */
  coverage: CoverageEntry[];
  redactions: Redaction[];
  /** What would be sent, one entry a request, secrets already replaced; empty for the built-in reviewer. */
  requests: { files: string[]; text: string; inputTokens: number; outputTokens?: number }[];
  /** Who would judge what the model finds before it is shown, in at most so many requests more; absent when nobody would. */
  scoring?: { model: string; origin: string; requests: number };
  /** What all requests together could take at most, as long as none has to be repeated; `cost` only where the entries have prices. */
  estimate?: { requests: number; inputTokens: number; outputTokens: number; cost?: { amount: number; currency: string } };
  /** Parts that the model was asked about before and that did not change, with their files: nothing is sent about them. */
  remembered?: { parts: number; files: string[] };
}

/** Reviews in one workspace folder. Implemented in `src/node/ai/reviewService.ts`. */
export interface ReviewService {
  /** Servers on this machine, the editor's models and installed assistants are looked for only with `lookForServers`; they end up among the offers. */
  choose(request?: { role?: string; model?: string; lookForServers?: boolean }): Promise<ModelChoice>;
  /** Remembers that this workspace's code may go to this origin. */
  confirm(origin: string): Promise<void>;
  /** Follows an offer for this workspace from now on (per person, nothing is written to the repository); undefined returns to the built-in reviewer. */
  follow(offer: ModelOffer | undefined): Promise<void>;
  /** Findings are handed to `onEvent` as they are found. On cancellation it fails with `cancelled`; what was found stays kept. */
  review(request: ReviewRequest, options: { signal: CancelSignal; onEvent(event: ReviewEvent): void }): Promise<ReviewResult>;
  /** What {@link review} would send, and where. Sends nothing and needs neither key nor confirmation (`handrail review --dry-run`). */
  preview(request: ReviewRequest, options: { signal: CancelSignal }): Promise<ReviewPreview>;
  /** The last review's open findings of this worktree, as persisted. */
  findings(): Promise<Finding[]>;
  /** Remembers a dismissal, for this person or, with `team`, in `.handrail/dismissals.yml`. `expires` like `14d` or `2026-12-31`. */
  dismiss(findingId: string, options: { reason: string; expires?: string; team?: boolean }): Promise<Finding>;
}

/** Keys by origin, e.g. `https://api.openai.com`. The editor implements it over SecretStorage, the command line over the environment. */
export interface KeyStore {
  get(origin: string): Promise<string | undefined>;
  /** Origins that have a key, so that a wrong `baseURL` is told apart from a missing key. */
  origins?(): Promise<string[]>;
  /** Whether there is one, without fetching it: that may run a program or ask the person. Absent where {@link get} costs nothing. */
  has?(origin: string): Promise<boolean>;
  /** The endpoint refused the key; one that is held in memory is fetched again next time. */
  refused?(origin: string): void;
}

/** What a generation would send, found out without sending anything. */
export interface GeneratePreview {
  choice: ModelChoice;
  coverage: CoverageEntry[];
  redactions: Redaction[];
  text: string;
  inputTokens: number;
}

/** Generation in one workspace folder. Implemented in `src/node/ai/generateService.ts`. Choosing and confirming are the review service's. */
export interface RefusedChange {
  file: string;
  because: string;
  isReadOnly: boolean;
}

export interface GenerateService {
  /**
   * Asks the model and places what it answers; writes nothing. Fails with `config` and a hint when only the built-in reviewer would
   * answer, which cannot generate; with `untrusted` or `no-key` as a review does; with `not-found` or `config` for a prompt file that
   * is missing or leads out of the workspace; with `cancelled`.
   */
  generate(request: GenerateRequest, options: { signal: CancelSignal; onEvent(event: GenerateEvent): void }): Promise<GenerateResult>;
  preview(request: GenerateRequest, options: { signal: CancelSignal }): Promise<GeneratePreview>;
  /**
   * The changes that may not be written as things are now, each with the reason as a plain sentence: a path that leads out of the folder,
   * also by a link; a file that is ignored, read-only, or nobody's to write. Whether the text is still the same is the writer's to see.
   */
  refused(changes: readonly ProposedChange[]): Promise<RefusedChange[]>;
  /** Writes the accepted changes to disk, all or none. Fails with `conflict` when a file is no longer what the proposal was made for, with `read-only`. */
  apply(changes: readonly ProposedChange[]): Promise<void>;
  /** Hears that a person looked at the last proposal and said no. Absent where that makes no difference. */
  declined?(): void;
}
