import type { Finding, FixEdit } from '../../core/ai/finding.ts';
import { linesOf, shiftSpan } from './tracking.ts';
import type { LineSpan, TextChange } from './tracking.ts';

/**
 * - `open`: stands in the file (or is unanchored, see `span`);
 * - `stale`: its quote is no longer in the file;
 * - `resolved`: its fix was applied here. Undoing the fix opens it again.
 */
export type FindingState = 'open' | 'stale' | 'resolved';

export interface TrackedEdit extends FixEdit {
  /** The lines it replaces, as they stood when the finding was placed; undefined when that is not known. */
  before: string | undefined;
}

/** A finding and where it is now, after the edits made since. */
export interface TrackedFinding {
  finding: Finding;
  state: FindingState;
  /** Absent when unanchored. */
  span: LineSpan | undefined;
  edits: TrackedEdit[];
  /** Who answered in the review that said it. */
  reviewer?: Reviewer;
}

/** Who reviewed: the name of the entry in models.yml or `builtin`, and the model behind it. */
export interface Reviewer {
  name: string;
  model?: string;
}

/** How the core checks quotes; injected, so that the matching rules stand in one place (`core/ai/review/anchor.ts`). */
export interface QuoteCheck {
  /** Whether the finding's quote still stands at its lines. */
  verify(finding: Finding, text: string): boolean;
  /** The lines where the quote stands now, or undefined when it is gone or ambiguous. */
  locate(finding: Finding, text: string): LineSpan | undefined;
}

/** Begins to follow a finding. `text` is the document as reviewed, when it is known. */
export function track(finding: Finding, text?: string): TrackedFinding {
  const span =
    finding.startLine === undefined ? undefined : { startLine: finding.startLine, endLine: finding.endLine ?? finding.startLine };
  const edits = (finding.fix?.edits ?? []).map((edit) => ({ ...edit, before: text === undefined ? undefined : linesOf(text, edit) }));
  return { finding, state: 'open', span, edits };
}

/** Moves a finding through edits of its own file, in the order in which the editor reports them. */
export function follow(entry: TrackedFinding, changes: readonly TextChange[]): TrackedFinding {
  if (entry.span === undefined) return entry;
  let { span, edits } = entry;
  for (const change of changes) {
    span = shiftSpan(span, change);
    edits = edits.map((edit) => (edit.file === entry.finding.file ? { ...edit, ...shiftSpan(edit, change) } : edit));
  }
  return span === entry.span && edits === entry.edits ? entry : { ...entry, span, edits };
}

/**
 * Compares a finding with the text as it is: stays, moves to where its quote is now, or becomes stale; a stale or resolved one
 * whose quote is back (undo) opens again.
 */
export function settle(entry: TrackedFinding, text: string, quotes: QuoteCheck): TrackedFinding {
  if (entry.span === undefined) return entry;
  // A fix may leave the quoted text as it was and add lines beside it: only the lines as they were before reopen the finding.
  if (entry.state === 'resolved' && !fixIsOut(entry, text)) return entry;
  if (quotes.verify(placedAt(entry), text)) {
    const edits = entry.edits.map((edit) => withBefore(edit, entry, text));
    return entry.state === 'open' && edits.every((edit, index) => edit === entry.edits[index]) ? entry : { ...entry, state: 'open', edits };
  }
  if (entry.state === 'resolved') return entry;
  const found = quotes.locate(placedAt(entry), text);
  if (found === undefined) return entry.state === 'stale' ? entry : { ...entry, state: 'stale' };
  return moved(entry, found, text);
}

/** Whether the lines that the fix replaced stand in the finding's file again. */
function fixIsOut(entry: TrackedFinding, text: string): boolean {
  return entry.edits.every(
    (edit) => edit.file !== entry.finding.file || (edit.before !== undefined && linesOf(text, edit) === edit.before),
  );
}

function moved(entry: TrackedFinding, span: LineSpan, text: string): TrackedFinding {
  const delta = span.startLine - (entry.span?.startLine ?? span.startLine);
  const next: TrackedFinding = { ...entry, state: 'open', span };
  next.edits = entry.edits.map((edit) =>
    withBefore({ ...edit, startLine: edit.startLine + delta, endLine: edit.endLine + delta }, next, text),
  );
  return next;
}

/** Lines of a fix that lie inside the checked quote are known from the text itself. */
function withBefore(edit: TrackedEdit, entry: TrackedFinding, text: string): TrackedEdit {
  const { span } = entry;
  if (edit.before !== undefined || span === undefined || edit.file !== entry.finding.file) return edit;
  if (edit.startLine < span.startLine || edit.endLine > span.endLine) return edit;
  return { ...edit, before: linesOf(text, edit) };
}

/** The finding with the lines where it is now. */
export function placedAt(entry: TrackedFinding): Finding {
  return entry.span === undefined ? entry.finding : { ...entry.finding, ...entry.span };
}

export type FixVerdict = { ok: true; edits: TrackedEdit[] } | { ok: false; why: 'no-fix' | 'unplaced' | 'quote-changed' | 'lines-changed' };

/**
 * Whether the fix may be applied to the text as it is now. The quote must stand at its lines, and so must every line that the
 * fix replaces. `text` holds the documents the fix touches, by path.
 */
export function judgeFix(entry: TrackedFinding, text: ReadonlyMap<string, string>, quotes: QuoteCheck): FixVerdict {
  if (entry.edits.length === 0) return { ok: false, why: 'no-fix' };
  if (entry.span === undefined) return { ok: false, why: 'unplaced' };
  const own = text.get(entry.finding.file);
  if (own === undefined || !quotes.verify(placedAt(entry), own)) return { ok: false, why: 'quote-changed' };
  for (const edit of entry.edits) {
    const now = linesOf(text.get(edit.file) ?? '', edit);
    if (edit.before === undefined || now !== edit.before) return { ok: false, why: 'lines-changed' };
  }
  return { ok: true, edits: entry.edits };
}
