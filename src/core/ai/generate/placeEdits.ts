import { Anchorer, type QuoteMatch, type Window } from '../review/anchor.ts';
import { indentOf, splitLines } from '../review/lines.ts';
import { cleaned, reindent } from '../review/place.ts';
import type { Redacted } from '../review/redact.ts';
import type { BlockReading, EditBlock } from './blocks.ts';
import type { GenerateTarget, PlacedEdit } from './generation.ts';
import { restoreSecrets } from './restore.ts';

/** A file as the model saw it. */
export interface ShownFile {
  path: string;
  /** As it is. */
  original: string;
  redacted: Pick<Redacted, 'text' | 'markers'>;
}

/** Where a block goes, or why nowhere. A block that changes nothing has neither. */
export type EditPlacement = { edit: PlacedEdit } | NoPlace | { nothing: true };

export interface NoPlace {
  /** One plain sentence. */
  because: string;
  /** The same change could have a place with another quote, so that asking once more may help. */
  requote?: true;
}

/** The same text elsewhere must be this many lines farther from the cursor, for the cursor to decide between the two. */
const CURSOR_MARGIN = 20;
/** A longer line is looked for only as it is. */
const MAX_LINE = 2000;
/** A blank line within so many lines of a quote may be the one that it quotes. */
const NEAR_BLANK = 12;

/** Places the blocks for one file. Every line of a block's first part has to be in the file: what was not read is not overwritten. */
export class EditPlacer {
  readonly #file: ShownFile;
  readonly #at: GenerateTarget | undefined;
  readonly #usedMarkers: ReadonlySet<string>;
  readonly #lines: readonly string[];
  readonly #originals: readonly string[];
  readonly #anchorer: Anchorer;

  /** `usedMarkers`: the markers of every secret in this request, for one may be copied from another file. */
  constructor(file: ShownFile, at: GenerateTarget | undefined, usedMarkers: ReadonlySet<string>) {
    this.#file = file;
    this.#at = at?.file === file.path ? at : undefined;
    this.#usedMarkers = usedMarkers;
    this.#lines = splitLines(file.redacted.text);
    this.#originals = splitLines(file.original);
    this.#anchorer = new Anchorer(this.#lines);
  }

  place(block: EditBlock): EditPlacement {
    const placements = block.readings.map((reading) => this.#placeReading(reading));
    const placed = placements.filter((placement) => !('because' in placement));
    if (placed.length > 1) {
      return { because: 'Its text holds a line of equals signs, so it can be read in several ways that all fit.', requote: true };
    }
    return placed[0] ?? placements[0] ?? { because: 'The block is empty.' };
  }

  #placeReading({ search, replacement }: BlockReading): EditPlacement {
    if (search.every((line) => line.trim() === '')) return this.#placeUnquoted(replacement);
    // Ways to read a line are tried by patterns, which must not meet a line as long as an answer.
    const long = search.find((line) => line.length > MAX_LINE && !this.#has(line));
    const found = long === undefined ? this.#anchorer.everywhere(search.map(withoutBlanks).join('\n')) : undefined;
    if (!found) return { because: 'The lines that it replaces are not in the file.', requote: true };
    const window = this.#choose(found.windows, found.match);
    if (!window) return { because: 'The lines that it replaces are in the file several times.', requote: true };
    return this.#edit(search, replacement, window, found);
  }

  #has(line: string): boolean {
    const bare = line.trim();
    return this.#lines.some((one) => one.length >= bare.length && one.trim() === bare);
  }

  /** A block that quotes nothing: the whole of an empty file, or what is to be added at the cursor. */
  #placeUnquoted(replacement: readonly string[]): EditPlacement {
    const wanted = trimEnds(cleaned(replacement.join('\n'), (line) => line).split('\n'));
    if (wanted.every((line) => line.trim() === '')) return { nothing: true };
    if (this.#file.original.trim() === '') {
      return this.#finished({ from: 1, to: Math.max(1, this.#lines.length - 1) }, wanted, 0.97);
    }
    const at = this.#at;
    if (!at || at.selected) {
      return { because: 'It quotes no lines of the file, so there is no place for it.', requote: true };
    }
    const line = Math.min(Math.max(1, at.startLine), this.#lines.length);
    const there = this.#lines[line - 1] ?? '';
    const isLast = line === this.#lines.length;
    if (there.trim() === '') return this.#finished({ from: line, to: isLast ? line - 1 : line }, wanted, 0.9);
    return this.#finished({ from: line + 1, to: line }, wanted, 0.9);
  }

  #choose(windows: readonly Window[], { reading }: QuoteMatch): Window | undefined {
    if (windows.length === 1) return windows[0];
    const at = this.#at;
    if (at?.selected) {
      const inside = windows.filter((window) => window.start >= at.startLine && window.end <= at.endLine);
      if (inside.length > 0) return inside.length === 1 ? inside[0] : undefined;
    }
    const copied = windows.find((window) => window.start === reading.copiedLine);
    if (copied || !at || at.selected) return copied;
    const away = (window: Window): number => Math.max(0, window.start - at.startLine, at.startLine - window.end);
    const [nearest, second] = [...windows].sort((a, b) => away(a) - away(b));
    return nearest && second && away(second) - away(nearest) >= CURSOR_MARGIN ? nearest : undefined;
  }

  #edit(
    search: readonly string[],
    replacement: readonly string[],
    window: Window,
    found: { windows: Window[]; match: QuoteMatch },
  ): EditPlacement {
    const { reading, level } = found.match;
    const rows = cleaned(`${replacement.join('\n')}\n`, copiedAlong(search, replacement, reading));
    const blanks = this.#blanksAround(cleaned(`${search.join('\n')}\n`, reading.clean).split('\n'), window);
    if (this.#skipsToBlank(blanks, window)) {
      return { because: 'It quotes a blank line that is not beside the others, so it may have left lines out.', requote: true };
    }
    const quoted = [...blankLines(blanks.above), ...reading.lines, ...blankLines(blanks.below)];
    const area = { from: window.start - blanks.above, to: window.end + blanks.below };
    const there = this.#lines.slice(area.from - 1, area.to);
    const wanted = withoutMissingBlanks(replacement.length === 0 ? [] : rows.split('\n'), blanks);
    const placed = this.#indented(inventsBlanks(search, there) ? wanted.map((line) => line.trimEnd()) : wanted, quoted, there);
    for (const [row, line] of keptLines(quoted, wanted)) placed[row] = there[line] ?? '';
    if (this.#repeatsNeighbour(placed, there, area)) {
      return { because: 'It would repeat a line beside what it quotes, so it may have left one out.', requote: true };
    }
    // What the model left as it quoted it stays as it is in the file, whatever the model made of its blanks.
    const head = commonStart(quoted, wanted);
    const tail = commonStart(quoted.slice(head).reverse(), wanted.slice(head).reverse());
    const confidence = (level === 'verbatim' ? 0.99 : 0.97) - (found.windows.length > 1 ? 0.1 : 0);
    return this.#finished({ from: area.from + head, to: area.to - tail }, placed.slice(head, placed.length - tail), confidence);
  }

  /** How many of the blank lines around the quote are in the file too; they belong to what is replaced. */
  #blanksAround(search: readonly string[], window: Window): Blanks {
    const first = search.findIndex((line) => line.trim() !== '');
    const last = search.findLastIndex((line) => line.trim() !== '');
    const wantedBelow = search.length - 1 - last;
    let above = 0;
    while (above < first && isBlank(this.#lines[window.start - 2 - above])) above++;
    let below = 0;
    // The empty piece after the last line's end is no line.
    while (below < wantedBelow && window.end + below < this.#lines.length - 1 && isBlank(this.#lines[window.end + below])) below++;
    return { above, below, missingAbove: first - above, missingBelow: wantedBelow - below };
  }

  #indented(wanted: readonly string[], quoted: readonly string[], there: readonly string[]): string[] {
    if (wanted.length === 0) return [];
    const tabs = stepOf(this.#lines) !== undefined && wanted.some((line) => indentOf(line).includes('\t'));
    if (!tabs) {
      const first = quoted.findIndex((line) => line.trim() !== '');
      const [quotedFirst, thereFirst] = [quoted[first] ?? '', there[first] ?? ''];
      const indented = withMissing(wanted, quoted, there);
      if (indented) return indented;
      if (indentOf(thereFirst).endsWith(indentOf(quotedFirst))) return reindent(wanted.join('\n'), quotedFirst, thereFirst).split('\n');
    }
    return withoutSurplus(wanted, quoted, there) ?? otherBlanks(wanted, quoted, there, stepOf(this.#lines));
  }

  /**
   * A blank line at one end of the quote that stands a little farther away in the file. Models put blank lines around a whole quote, but
   * one at one end more likely means that what is between was left out.
   */
  #skipsToBlank({ missingAbove, missingBelow, above, below }: Blanks, { start, end }: Window): boolean {
    if (missingAbove > 0 === missingBelow > 0) return false;
    const near = (from: number, step: number): boolean => {
      for (let away = 0; away < NEAR_BLANK; away++) {
        const index = from + away * step;
        // The empty piece after the last line's end is no line.
        if (index < this.#lines.length - 1 && isBlank(this.#lines[index])) return true;
      }
      return false;
    };
    return missingAbove > 0 ? above === 0 && near(start - 2, -1) : below === 0 && near(end, 1);
  }

  /** A line of the file that the replacement begins or ends with, and that stands right outside of what is quoted. */
  #repeatsNeighbour(rows: readonly string[], there: readonly string[], { from, to }: { from: number; to: number }): boolean {
    const [above, below] = [this.#lines[from - 2], this.#lines[to]];
    const repeats = (outside: string | undefined, row: string | undefined, quoted: string | undefined): boolean =>
      outside !== undefined && outside === row && outside !== quoted && /[\p{L}\p{N}]/u.test(outside);
    return repeats(above, rows[0], there[0]) || repeats(below, rows.at(-1), there.at(-1));
  }

  #finished(area: { from: number; to: number }, rows: readonly string[], confidence: number): EditPlacement {
    const { from, to } = area;
    const original = this.#originals.slice(from - 1, to);
    const markers = this.#file.redacted.markers.filter(({ line }) => line >= from && line <= to);
    const redacted = this.#lines.slice(from - 1, to);
    const restored = restoreSecrets(rows, { redacted, original, markers, firstLine: from }, this.#usedMarkers);
    if (!restored) return { because: 'It would remove or move a secret that was hidden from the model.' };
    if (restored.length === original.length && restored.every((line, index) => line === original[index])) return { nothing: true };
    const anchor = { status: 'exact' as const, confidence: Math.round(confidence * 100) / 100 };
    if (restored.length !== 1 || restored[0] !== '')
      return { edit: { startLine: from, endLine: to, newText: restored.join('\n'), anchor } };
    // One blank line: its text is empty, which would mean no line, so a neighbour goes along.
    if (from === 1 && to === this.#originals.length) return { edit: { startLine: from, endLine: to, newText: '', anchor } };
    if (to < this.#originals.length) {
      return { edit: { startLine: from, endLine: to + 1, newText: `\n${this.#originals[to] ?? ''}`, anchor } };
    }
    return { edit: { startLine: from - 1, endLine: to, newText: `${this.#originals[from - 2] ?? ''}\n`, anchor } };
  }
}

interface Blanks {
  above: number;
  below: number;
  missingAbove: number;
  missingBelow: number;
}

function withoutBlanks(line: string): string {
  return line.trim() === '' ? '' : line;
}

function isBlank(line: string | undefined): boolean {
  return line !== undefined && line.trim() === '';
}

function blankLines(count: number): string[] {
  return Array.from({ length: count }, () => '');
}

function trimEnds(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

/** Blank lines that the model invented around its quote stand around its replacement too, and are left out there as well. */
function withoutMissingBlanks(wanted: readonly string[], { missingAbove, missingBelow }: Blanks): string[] {
  let from = 0;
  let to = wanted.length;
  for (let left = missingAbove; left > 0 && from < to && isBlank(wanted[from]); left--) from++;
  for (let left = missingBelow; left > 0 && to > from && isBlank(wanted[to - 1]); left--) to--;
  return wanted.slice(from, to);
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  let count = 0;
  while (count < left.length && count < right.length && left[count]?.trimEnd() === right[count]?.trimEnd()) count++;
  return count;
}

/**
 * What takes line numbers or marks off the replacement. Models copy them along with the quote and most often write the new lines
 * without, so they go only where the replacement shows that it has them.
 */
function copiedAlong(
  search: readonly string[],
  replacement: readonly string[],
  { clean, lines }: QuoteMatch['reading'],
): (line: string) => string {
  const filled = replacement.filter((line) => line.trim() !== '');
  const plain = (line: string): string => line;
  if (lines.join('\n') === search.join('\n')) return clean;
  const raw = new Set(search.map((line) => line.trim()));
  const bare = new Set(lines.map((line) => line.trim()));
  if (filled.some((line) => raw.has(line.trim()) && !bare.has(line.trim()))) return clean;
  if (filled.some((line) => bare.has(line.trim()))) return plain;
  return filled.every((line) => clean(line) !== line) ? clean : plain;
}

/** More than this is not compared line by line. */
const MAX_COMPARED = 250_000;

/** Which lines of the replacement are lines of the quote, as pairs of indices from 0: the longest common sequence. */
function keptLines(quoted: readonly string[], wanted: readonly string[]): [row: number, line: number][] {
  if (quoted.length * wanted.length > MAX_COMPARED) return [];
  const same = (row: number, line: number): boolean => quoted[line]?.trimEnd() === wanted[row]?.trimEnd();
  const width = quoted.length + 1;
  const lengths = new Uint32Array((wanted.length + 1) * width);
  for (let row = wanted.length - 1; row >= 0; row--) {
    for (let line = quoted.length - 1; line >= 0; line--) {
      const [both, down, right] = [
        lengths[(row + 1) * width + line + 1] ?? 0,
        lengths[(row + 1) * width + line] ?? 0,
        lengths[row * width + line + 1] ?? 0,
      ];
      lengths[row * width + line] = same(row, line) ? both + 1 : Math.max(down, right);
    }
  }
  const kept: [number, number][] = [];
  for (let row = 0, line = 0; row < wanted.length && line < quoted.length;) {
    if (same(row, line)) kept.push([row++, line++]);
    else if ((lengths[(row + 1) * width + line] ?? 0) >= (lengths[row * width + line + 1] ?? 0)) row++;
    else line++;
  }
  return kept;
}

/** The model ends lines with blanks where the file never does, and would bring them into new lines too. */
function inventsBlanks(search: readonly string[], there: readonly string[]): boolean {
  return search.some((line) => /[ \t]$/u.test(line)) && !there.some((line) => /[ \t]$/u.test(line));
}

/**
 * With the blanks by which all lines of the quote stand farther out than those of the file; undefined when that is not so, or when the
 * replacement is indented already. Of a quote of one line only what follows tells whether the others lack them as well.
 */
function withMissing(wanted: readonly string[], quoted: readonly string[], there: readonly string[]): string[] | undefined {
  const pairs = quoted.map((line, index) => [line, there[index] ?? ''] as const).filter(([line]) => line.trim() !== '');
  const [line = '', file = ''] = pairs[0] ?? [];
  const missing = indentOf(file).slice(0, Math.max(0, indentOf(file).length - indentOf(line).length));
  if (missing === '' || !pairs.every(([one, other]) => indentOf(other) === missing + indentOf(one))) return undefined;
  if (indentOf(wanted[0] ?? '').startsWith(indentOf(file))) return undefined;
  const rest = wanted.slice(1).filter((row) => row.trim() !== '');
  if (pairs.length === 1 && rest.length > 0) {
    const least = Math.min(...rest.map((row) => indentOf(row).length));
    const opens = /[[{(:,]$/u.test(wanted[0]?.trim() ?? '');
    if (opens ? least > indentOf(file).length : least >= indentOf(file).length) return undefined;
  }
  return wanted.map((row) => (row.trim() === '' ? row : missing + row));
}

/** Without the blanks by which all lines of the quote stand farther in than those of the file; undefined when that is not so. */
function withoutSurplus(wanted: readonly string[], quoted: readonly string[], there: readonly string[]): string[] | undefined {
  const pairs = quoted.map((line, index) => [line, there[index] ?? ''] as const).filter(([line]) => line.trim() !== '');
  const [line = '', file = ''] = pairs[0] ?? [];
  const surplus = indentOf(line).slice(0, Math.max(0, indentOf(line).length - indentOf(file).length));
  if (surplus === '' || !pairs.every(([one, other]) => indentOf(one) === surplus + indentOf(other))) return undefined;
  if (!wanted.every((row) => row.trim() === '' || row.startsWith(surplus))) return undefined;
  return wanted.map((row) => (row.trim() === '' ? row : row.slice(surplus.length)));
}

/** Blanks of one step where a file is indented with spaces only; undefined where it has tabs or no indentation. */
function stepOf(lines: readonly string[]): string | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const indent = indentOf(line);
    if (indent.includes('\t')) return undefined;
    if (line.trim() !== '' && indent.length > 1) least = Math.min(least, indent.length);
  }
  return Number.isFinite(least) ? ' '.repeat(least) : undefined;
}

/** Tabs where the model wrote spaces, or the reverse: each indentation becomes what it is in the file. */
function otherBlanks(wanted: readonly string[], quoted: readonly string[], there: readonly string[], step: string | undefined): string[] {
  const known = new Map<string, string>();
  for (const [index, line] of quoted.entries()) if (line.trim() !== '') known.set(indentOf(line), indentOf(there[index] ?? ''));
  const unit =
    [...known].map(([from, to]) => unitOf(from, to)).find((one) => one !== undefined) ??
    (step === undefined ? undefined : { from: '\t', to: step });
  return wanted.map((line) => {
    const indent = indentOf(line);
    if (line.trim() === '') return line;
    const same = known.get(indent);
    if (same !== undefined) return same + line.slice(indent.length);
    if (!unit) return line;
    let depth = 0;
    while (indent.startsWith(unit.from, depth * unit.from.length)) depth++;
    return unit.to.repeat(depth) + indent.slice(depth * unit.from.length) + line.slice(indent.length);
  });
}

/** One step of indentation on either side, from one pair: so many spaces for each tab. */
function unitOf(from: string, to: string): { from: string; to: string } | undefined {
  if (/^ +$/u.test(from) && /^\t+$/u.test(to) && from.length % to.length === 0)
    return { from: ' '.repeat(from.length / to.length), to: '\t' };
  if (/^\t+$/u.test(from) && /^ +$/u.test(to) && to.length % from.length === 0)
    return { from: '\t', to: ' '.repeat(to.length / from.length) };
  return undefined;
}
