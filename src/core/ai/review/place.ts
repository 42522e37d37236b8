import { hiddenIn, replaceHidden } from '../../hiddenCharacters.ts';
import type { Finding, FixEdit, RawFinding } from '../finding.ts';
import { Anchorer, type Placement } from './anchor.ts';
import type { ReviewUnit } from './collect.ts';
import { selectionHunk } from './hunks.ts';
import { indentOf, splitLines } from './lines.ts';
import type { RedactionMarker } from './redact.ts';
import { withoutSecrets } from './redact.ts';
import { enclosingSymbol } from './symbols.ts';

const REDACTION = '[redacted:';

/** A finding in its place, before it has an identifier. */
export type PlacedFinding = Omit<Finding, 'id'>;

/** One file's text as reviewed, ready to place findings in. `text` is the redacted text: a quote never shows a secret. */
export class Placer {
  readonly path: string;
  readonly lines: readonly string[];
  readonly #hunks: ReviewUnit['hunks'];
  /** Made for the first quote: most files of a large review get none. */
  #anchorer: Anchorer | undefined;
  readonly #touched: ReadonlySet<number> | undefined;
  readonly #secrets: readonly RedactionMarker[];
  /** What it is called that a finding is not about what is under review. */
  readonly #outside: 'onUnchangedCode' | 'outsideSelection';

  /** `secrets`: what was replaced in the text. Engines read it as it was, and may repeat it in what they say. */
  constructor(unit: ReviewUnit, touched?: ReadonlySet<number>, secrets: readonly RedactionMarker[] = []) {
    this.path = unit.path;
    this.lines = splitLines(unit.text);
    this.#hunks = unit.hunks ?? (unit.selection && [selectionHunk(this.lines, unit.selection)]);
    this.#outside = unit.selection === undefined ? 'onUnchangedCode' : 'outsideSelection';
    this.#touched = touched;
    this.#secrets = secrets;
  }

  /** A model's finding, placed by its quote. */
  fromModel(raw: RawFinding): PlacedFinding {
    const placement = this.#places().place(raw.quote, raw.line);
    return this.#finding(raw, 'model', placement, replacementEdit(this.path, this.lines, raw, placement));
  }

  /** An engine's finding: engines know their lines. */
  fromEngine(raw: RawFinding): PlacedFinding {
    const start = raw.line;
    if (start === undefined || start > this.lines.length) return this.fromModel(raw);
    const end = Math.min(raw.endLine ?? start, this.lines.length);
    const placement: Placement = { anchor: { status: 'exact', confidence: 1 }, startLine: start, endLine: end };
    if (this.#touched && !rangeHas(this.#touched, start, end)) placement.onUnchangedCode = true;
    // The engine read the text as it is, so its replacement could bring back what was redacted.
    const open = !this.lines.slice(start - 1, end).some((line) => line.includes(REDACTION));
    const edit =
      raw.replacement !== undefined && open ? { file: this.path, startLine: start, endLine: end, newText: raw.replacement } : undefined;
    return this.#finding(raw, 'builtin', placement, edit);
  }

  #places(): Anchorer {
    return (this.#anchorer ??= new Anchorer(this.lines, this.#hunks));
  }

  #finding(raw: RawFinding, source: Finding['source'], placement: Placement, edit: FixEdit | undefined): PlacedFinding {
    const { startLine, endLine } = placement;
    const placed = startLine !== undefined && endLine !== undefined;
    const quote = placed ? this.lines.slice(startLine - 1, endLine).join('\n') : this.#said(raw.quote);
    const copies = placed ? this.#places().copiesAt(quote, startLine) : undefined;
    return {
      file: this.path,
      ...(placed ? { startLine, endLine } : {}),
      severity: raw.severity,
      category: raw.category,
      title: this.#said(raw.title),
      message: this.#said(raw.message),
      quote,
      ...(placed ? { symbol: enclosingSymbol(this.lines, startLine) } : {}),
      source,
      ...(raw.rule === undefined ? {} : { rule: raw.rule }),
      anchor: { ...placement.anchor, ...(copies === undefined ? {} : { copies }) },
      ...(placement.onUnchangedCode ? { [this.#outside]: true } : {}),
      ...(edit ? { fix: { edits: [edit] } } : {}),
    };
  }

  /** Words of a model or an engine: no secret, nothing that steers a terminal, hides or turns text round. */
  #said(text: string): string {
    return replaceHidden(withoutSecrets(text, this.#secrets).replace(/\r\n?/gu, '\n'), '');
  }
}

/**
 * The model's replacement as an edit of whole lines. None where the text differs from what the model quoted (it would overwrite
 * what the model has not seen), where it holds a redaction marker, where it changes nothing, or where it would bring in characters
 * that nobody sees.
 */
function replacementEdit(path: string, lines: readonly string[], raw: RawFinding, placement: Placement): FixEdit | undefined {
  const { startLine, endLine, match } = placement;
  if (raw.replacement === undefined || !match || startLine === undefined || endLine === undefined) return undefined;
  if (['similar', 'spacing', 'gaps'].includes(match.level) || match.reading.cutShort || raw.replacement.includes(REDACTION))
    return undefined;
  const old = lines.slice(startLine - 1, endLine).join('\n');
  const wanted = cleaned(raw.replacement, match.reading.clean);
  const newText =
    match.level === 'part'
      ? splice(old, match.reading.lines, wanted)
      : reindent(wanted, match.reading.lines[0] ?? '', lines[startLine - 1] ?? '');
  if (newText === undefined || newText === old || hidesMore(newText, old)) return undefined;
  return { file: path, startLine, endLine, newText };
}

function hidesMore(newText: string, old: string): boolean {
  const before = hiddenIn(old);
  return [...hiddenIn(newText)].some((character) => !before.has(character));
}

/** The replacement without a code fence around it, and without what was copied along with the quote. */
export function cleaned(replacement: string, clean: (line: string) => string): string {
  const lines = splitLines(replacement.replace(/\r?\n$/u, ''));
  const fenced = lines.length > 1 && lines[0]?.trim().startsWith('```') && lines.at(-1)?.trim() === '```';
  return (fenced ? lines.slice(1, -1) : lines).map(clean).join('\n');
}

/** A quote of part of one line: only that part is replaced. */
function splice(old: string, quoted: readonly string[], wanted: string): string | undefined {
  const part = quoted[0]?.trim() ?? '';
  if (quoted.length !== 1 || old.split(part).length !== 2) return undefined;
  return old.replace(part, () => wanted.trim());
}

/** Models drop the indentation of the first line, or of all; the file's own is put back when the quote lacked it. */
export function reindent(wanted: string, quotedFirst: string, thereFirst: string): string {
  const quoted = indentOf(quotedFirst);
  const there = indentOf(thereFirst);
  if (quoted === there || !there.endsWith(quoted) || wanted === '') return wanted;
  const missing = there.slice(0, there.length - quoted.length);
  const rows = wanted.split('\n');
  // Already indented as in the file: only the quote had lost its blanks.
  if (indentOf(rows[0] ?? '').startsWith(there)) return wanted;
  const rest = rows.slice(1);
  const restIndented = rest.length > 0 && rest.filter((row) => row.trim() !== '').every((row) => row.startsWith(missing));
  return rows.map((row, index) => (row.trim() === '' || (index > 0 && restIndented) ? row : missing + row)).join('\n');
}

export function rangeHas(lines: ReadonlySet<number>, start: number, end: number): boolean {
  for (let line = start; line <= end; line++) if (lines.has(line)) return true;
  return false;
}
