/** Shapes of a review as fixed by the contract (`handrail review --format json`). */

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type AnchorStatus = 'exact' | 'moved' | 'fuzzy' | 'unanchored';
export interface Anchor {
  status: AnchorStatus;
  /** 0 to 1. */
  confidence: number;
  /** Which of the equal texts of the file it is, counted from 0; absent when the text stands there once. Needed to follow later edits. */
  copies?: { index: number; of: number };
}

/** Lines count from 1, both ends inclusive. An edit replaces whole lines; empty `newText` deletes them. */
export interface FixEdit {
  file: string;
  startLine: number;
  endLine: number;
  newText: string;
}

export interface Finding {
  /** Stable for the same fingerprint. */
  id: string;
  file: string;
  /** Absent when unanchored. */
  startLine?: number;
  endLine?: number;
  severity: Severity;
  category: string;
  title: string;
  message: string;
  /** The one to three lines the finding is about, as they stand in the file when anchored. */
  quote: string;
  /** Enclosing function or class, e.g. `Cart.total`; empty at the top of the file, absent when unanchored. */
  symbol?: string;
  source: 'model' | 'builtin';
  /** Rule name of the engine, for built-in findings. */
  rule?: string;
  anchor: Anchor;
  /** The finding is about lines that the change did not touch. */
  onUnchangedCode?: boolean;
  /** Lines were selected for review, and the finding is not about them. */
  outsideSelection?: boolean;
  fix?: { edits: FixEdit[] };
}

/** A finding before it is placed: what a model or engine says. */
export interface RawFinding {
  file: string;
  line?: number;
  endLine?: number;
  severity: Severity;
  category: string;
  title: string;
  message: string;
  quote: string;
  rule?: string;
  /** Replacement for the quoted lines (`line` to `endLine` for an engine); empty to delete them. */
  replacement?: string;
}

export interface CoverageEntry {
  file: string;
  status: 'full' | 'partial' | 'skipped';
  reason?: string;
}

export interface Redaction {
  file: string;
  line: number;
  kind: string;
}

export interface Usage {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cost?: { amount: number; currency: string };
  cacheHits: number;
}

/** A model that was used. */
export interface ModelUse {
  /** Name of its entry. */
  name: string;
  /** What the endpoint calls it. */
  model: string;
  origin: string;
}

export interface ReviewResult {
  /** Name of the model entry that was chosen, or `builtin`. */
  model: string;
  /** What the endpoint calls the model; absent for the built-in reviewer. */
  modelId?: string;
  /** Every model that answered, when it was not the chosen one alone. */
  answeredBy?: ModelUse[];
  /** Who judged the findings in the second pass; absent when nobody did. */
  scoredBy?: ModelUse;
  /** Digest of the prompt the model got; absent for the built-in reviewer. */
  promptDigest?: string;
  /** Digest of everything that decides the model's answers; absent for the built-in reviewer. */
  cacheKey?: string;
  findings: Finding[];
  /** `finding` is what was found and not shown. */
  dismissed: { id: string; reason: string; finding?: Finding }[];
  coverage: CoverageEntry[];
  usage: Usage;
  redactions: Redaction[];
  /** Plain sentences for the person: model chosen and why, parameter dropped, answer cut off. */
  notices: string[];
}

/** What a running review tells its view, in order; the findings also stand in the final result. */
export type ReviewEvent =
  /** `origin` is where the text goes, see `ModelProvider`; absent for the built-in reviewer. */
  | { type: 'chosen'; model: string; because: string; origin?: string }
  | { type: 'progress'; message: string; done: number; total: number; outputTokens: number }
  | { type: 'finding'; finding: Finding }
  | { type: 'notice'; message: string };
