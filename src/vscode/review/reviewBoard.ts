import type { CoverageEntry, Finding, Redaction } from '../../core/ai/finding.ts';

import { follow, settle, track } from './trackedFinding.ts';
import type { QuoteCheck, Reviewer, TrackedFinding } from './trackedFinding.ts';
import type { TextChange } from './tracking.ts';

/** What a review said besides its findings; kept across reloads of the window. */
export interface ReviewSummary {
  reviewer: Reviewer;
  because: string;
  promptDigest?: string;
  /** Identifiers of what this review itself found; absent in what an older version kept. */
  found?: string[];
  coverage: CoverageEntry[];
  redactions: Redaction[];
  notices: string[];
  /** Why the review ended early, in one sentence. */
  stopped?: string;
}

export interface DismissedFinding {
  id: string;
  reason: string;
  /** Absent for a dismissal whose finding this window never saw. */
  title?: string;
  file?: string;
}

export interface RunningReview {
  reviewer: Reviewer;
  /** File name, or what is reviewed. */
  subject: string;
  message: string;
  done: number;
  total: number;
  outputTokens: number;
  /** Findings so far. */
  found: number;
}

/** The review state of one workspace folder. Views read it; commands and the editor's events change it. */
export class ReviewBoard {
  readonly #entries = new Map<string, TrackedFinding>();
  readonly #listeners = new Set<() => void>();
  #dismissed: DismissedFinding[] = [];
  #summary: ReviewSummary | undefined;
  #running: RunningReview | undefined;
  /** A review has taken the text that it is about, and has not ended. */
  #asked = false;
  /** Findings that were mended or dismissed since: the review reads the text as it was before that, and may not bring them back. */
  readonly #dealtWith = new Set<string>();
  /** Findings whose fix the editor is just making: their text is still the one before it. */
  readonly #mending = new Set<string>();

  get entries(): readonly TrackedFinding[] {
    return [...this.#entries.values()];
  }

  get dismissed(): readonly DismissedFinding[] {
    return this.#dismissed;
  }

  get summary(): ReviewSummary | undefined {
    return this.#summary;
  }

  get running(): RunningReview | undefined {
    return this.#running;
  }

  entry(id: string): TrackedFinding | undefined {
    return this.#entries.get(id);
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** A review was asked for. It may still have to ask the person before it begins. */
  ask(): void {
    this.#asked = true;
  }

  begin(running: RunningReview): void {
    this.#asked = true;
    this.#running = running;
    this.#changed();
  }

  progress(part: Partial<RunningReview>): void {
    if (this.#running === undefined) return;
    this.#running = { ...this.#running, ...part };
    this.#changed();
  }

  end(): void {
    this.#asked = false;
    this.#running = undefined;
    this.#dealtWith.clear();
    this.#changed();
  }

  /** Adds a finding, or replaces the one with the same identifier. `text` is the file as it was reviewed. */
  add(finding: Finding, text?: string): void {
    if (this.#running !== undefined) this.#running = { ...this.#running, found: this.#running.found + 1 };
    if (this.#dealtWith.has(finding.id)) return;
    this.#entries.set(finding.id, this.#track(finding, text));
    this.#changed();
  }

  /**
   * Takes over a finished review: `findings` become all there is. One that is followed already keeps its place if the review
   * says nothing newer about it.
   */
  finish(
    findings: readonly Finding[],
    summary: ReviewSummary,
    dismissed: readonly DismissedFinding[],
    texts: ReadonlyMap<string, string>,
  ): void {
    this.replace(findings, texts);
    this.#summary = summary;
    for (const one of dismissed) this.#remember(one);
    this.#changed();
  }

  /** Makes `findings` all there is; those followed already keep their place. */
  replace(findings: readonly Finding[], texts: ReadonlyMap<string, string> = new Map()): void {
    const before = new Map(this.#entries);
    this.#entries.clear();
    for (const finding of findings) {
      const known = before.get(finding.id);
      const dealtWith = this.#dealtWith.has(finding.id);
      // Dismissed while the review ran.
      if (dealtWith && known === undefined) continue;
      const keeps = known !== undefined && (dealtWith || (known.state !== 'resolved' && sameClaim(known.finding, finding)));
      this.#entries.set(finding.id, keeps ? known : this.#track(finding, texts.get(finding.file)));
    }
    this.#changed();
  }

  /** What was kept of the last review when the window was closed. */
  restore(summary: ReviewSummary | undefined, dismissed: readonly DismissedFinding[]): void {
    this.#summary ??= summary;
    for (const one of dismissed) this.#remember(one);
    this.#changed();
  }

  summarise(summary: ReviewSummary): void {
    this.#summary = summary;
    this.#changed();
  }

  dismiss(id: string, reason: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (this.#asked) this.#dealtWith.add(id);
    this.#remember({ id, reason, ...(entry === undefined ? {} : { title: entry.finding.title, file: entry.finding.file }) });
    this.#changed();
  }

  /**
   * Resolves a finding and makes its fix, `fix`, which tells whether it was made. Until then no comparison opens the finding again: what
   * is read meanwhile is the text as it was, and what is read after it would make the finding stale.
   */
  async mend(id: string, fix: () => PromiseLike<boolean>): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.set(id, { ...entry, state: 'resolved' });
    if (this.#asked) this.#dealtWith.add(id);
    this.#mending.add(id);
    this.#changed();
    try {
      return await fix();
    } finally {
      this.#mending.delete(id);
    }
  }

  /** Moves the findings of `file` through edits of it. Cheap; {@link compared} follows when typing pauses. */
  edited(file: string, changes: readonly TextChange[]): void {
    this.#update(file, (entry) => follow(entry, changes));
  }

  /** Compares the findings of `file` with its text, e.g. when it is opened. */
  compared(file: string, text: string, quotes: QuoteCheck): void {
    this.#update(file, (entry) => (this.#mending.has(entry.finding.id) ? entry : settle(entry, text, quotes)));
  }

  #update(file: string, next: (entry: TrackedFinding) => TrackedFinding): void {
    let changed = false;
    for (const [id, entry] of this.#entries) {
      if (entry.finding.file !== file) continue;
      const updated = next(entry);
      if (updated === entry) continue;
      this.#entries.set(id, updated);
      changed = true;
    }
    if (changed) this.#changed();
  }

  #track(finding: Finding, text: string | undefined): TrackedFinding {
    const reviewer = this.#running?.reviewer ?? this.#summary?.reviewer;
    const entry = track(finding, text);
    return reviewer === undefined ? entry : { ...entry, reviewer };
  }

  #remember(dismissed: DismissedFinding): void {
    const known = this.#dismissed.find((one) => one.id === dismissed.id);
    this.#dismissed = [...this.#dismissed.filter((one) => one.id !== dismissed.id), { ...known, ...dismissed }];
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function sameClaim(a: Finding, b: Finding): boolean {
  return a.quote === b.quote && a.startLine === b.startLine && a.message === b.message;
}

const RANK = { critical: 0, high: 1, medium: 2, low: 3, info: 4 } as const;

/** Open and stale findings, by file, then line, then severity: the order of *Next* and of the view. */
export function shownEntries(board: ReviewBoard): TrackedFinding[] {
  return board.entries.filter((entry) => entry.state !== 'resolved').sort(byPlace);
}

function byPlace(a: TrackedFinding, b: TrackedFinding): number {
  if (a.finding.file !== b.finding.file) return a.finding.file < b.finding.file ? -1 : 1;
  const lines = (a.span?.startLine ?? Infinity) - (b.span?.startLine ?? Infinity);
  if (lines !== 0 && !Number.isNaN(lines)) return lines;
  return RANK[a.finding.severity] - RANK[b.finding.severity] || (a.finding.id < b.finding.id ? -1 : 1);
}

/** The finding after (or before) a place, wrapping round at the ends; undefined when there is none. */
export function neighbour(
  entries: readonly TrackedFinding[],
  from: { file: string; line: number } | undefined,
  direction: 'next' | 'previous',
): TrackedFinding | undefined {
  const placed = entries.filter((entry) => entry.span !== undefined);
  if (from === undefined) return direction === 'next' ? placed[0] : placed.at(-1);
  const isAfter = (entry: TrackedFinding): boolean =>
    entry.finding.file === from.file ? (entry.span?.startLine ?? 0) > from.line : entry.finding.file > from.file;
  const isBefore = (entry: TrackedFinding): boolean =>
    entry.finding.file === from.file ? (entry.span?.startLine ?? 0) < from.line : entry.finding.file < from.file;
  return direction === 'next' ? (placed.find(isAfter) ?? placed[0]) : (placed.findLast(isBefore) ?? placed.at(-1));
}
