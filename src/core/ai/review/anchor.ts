import { distance } from 'fastest-levenshtein';
import type { Anchor, Finding } from '../finding.ts';
import type { Hunk } from './hunks.ts';
import { touchedLines } from './hunks.ts';
import { collapse, splitLines, squeeze } from './lines.ts';
import type { QuoteReading } from './quote.ts';
import { readingsOf } from './quote.ts';
import { enclosingSymbol } from './symbols.ts';

/**
 * Finds the lines that a finding's quote is about. A wrong place is worse than no place: where the text does not decide and
 * the claimed line does not decide clearly, the answer is `unanchored`.
 *
 * `exact`: the quote stands there, up to the blanks at the ends of lines. `moved`: the same, but not where the model claimed.
 * `fuzzy`: the text is a little different (spacing inside lines, or a few characters).
 */
export interface Placement {
  anchor: Anchor;
  startLine?: number;
  endLine?: number;
  onUnchangedCode?: boolean;
  /** How the quote was read and what part of the line it is; needed to place a replacement. */
  match?: QuoteMatch;
}

export interface QuoteMatch {
  level: Level;
  reading: QuoteReading;
}

/**
 * Whole lines up to trailing blanks; up to indentation; up to all spacing; a part of its first and last line; all of its lines with others in
 * between; similar text.
 */
type Level = 'verbatim' | 'trimmed' | 'spacing' | 'part' | 'gaps' | 'similar';

const CONFIDENCE: Record<Level, number> = { verbatim: 0.99, trimmed: 0.97, spacing: 0.93, part: 0.9, gaps: 0.88, similar: 0.85 };
/** Lines that may be left out of a quote. */
const MOST_LEFT_OUT = 3;
/** How far off a claimed line may be and still count; models count badly, but rarely worse than this. */
const CLAIM_REACH = 5;
/** A claimed line decides between equal texts only when the runner-up is farther away than a claim is off: then it cannot mislead. */
const CLAIM_MARGIN = CLAIM_REACH + 1;
/** The same for a finding whose file was edited: insertions move lines farther than models miscount. */
const MOVE_MARGIN = 20;
/** Lines a quote may have wandered out of its function, e.g. when the function was renamed. */
const STRAY_REACH = 20;
const SIMILAR_BAR = 0.9;
const SIMILAR_MARGIN = 0.06;
/** Shorter texts are similar to too many others. */
const SIMILAR_MIN_LENGTH = 24;
const SIMILAR_MAX_LENGTH = 2000;
const PART_MIN_LENGTH = 8;
/** Text that stands in more places is not looked for further: each place costs the length of the quote. */
const MOST_WINDOWS = 1000;

/** Lines of the text, both ends inclusive. */
export interface Window {
  start: number;
  end: number;
}

/** The function a quote was in. */
interface Home {
  holds(line: number): boolean;
  /** The function is not there any more, so the quote may be in one of another name. */
  mayStray: boolean;
}

/** A line that only says that something was left out. */
const ELLIPSIS = /^(?:\/\/|#|\/\*|\{?\/\*)?(?:\.{3}|…)(?:\*\/\}?)?$/u;
const REDACTION = /\[redacted:[a-z0-9-]+\]/u;
const REDACTIONS = new RegExp(REDACTION, 'gu');

/** Places quotes in one text. Building it costs one pass; each placement is then cheap. Lines count from 1. */
export class Anchorer {
  readonly #lines: readonly string[];
  readonly #hunks: readonly Hunk[] | undefined;
  readonly #touched: ReadonlySet<number>;
  /** Numbers of the lines that are not blank, in order. */
  readonly #filled: number[] = [];
  readonly #squeezed: string[] = [];
  /** Filled lines with single spaces; made when similar text is first looked for. */
  #collapsed: string[] | undefined;
  readonly #positions = new Map<string, number[]>();

  /** `hunks` absent: the whole text is under review. */
  constructor(lines: readonly string[], hunks?: readonly Hunk[]) {
    this.#lines = lines;
    this.#hunks = hunks;
    this.#touched = hunks ? touchedLines(hunks) : new Set();
    lines.forEach((line, index) => {
      const key = squeeze(line);
      if (key === '') return;
      const known = this.#positions.get(key);
      if (known) known.push(this.#filled.length);
      else this.#positions.set(key, [this.#filled.length]);
      this.#filled.push(index + 1);
      this.#squeezed.push(key);
    });
  }

  /** Where the quote stands. `claimedLine` only breaks ties between equal texts. */
  place(quote: string, claimedLine?: number): Placement {
    const readings = readingsOf(quote);
    for (const levels of [['verbatim', 'trimmed', 'spacing'], ['part'], ['gaps']] as const) {
      for (const inside of this.#hunks ? [true, false] : [false]) {
        const placement = this.#placeIn(readings, levels, inside, claimedLine);
        if (placement) return placement;
      }
    }
    return this.#placeSimilar(readings, claimedLine) ?? unanchored();
  }

  /** Where a quote that stood in the text before stands now. */
  find(quote: string, oldLine: number | undefined, home?: Home): Placement {
    for (const level of ['verbatim', 'trimmed', 'spacing'] as const) {
      for (const reading of readingsOf(quote).slice(0, 1)) {
        const windows = this.#windows(reading, level);
        if (windows.length === 0) continue;
        const inHome = home ? windows.filter((window) => home.holds(window.start)) : windows;
        const [stray] = windows;
        const isNear = oldLine !== undefined && stray !== undefined && Math.abs(stray.start - oldLine) <= STRAY_REACH;
        const strayed = home?.mayStray && windows.length === 1 && isNear ? stray : undefined;
        const chosen = inHome.length > 0 ? nearestMoved(inHome, oldLine) : strayed;
        return chosen ? this.#placement(chosen, { level, reading }, oldLine, windows.length, false) : unanchored();
      }
    }
    return unanchored();
  }

  /** Which of the texts that are equal up to spacing begins at `line`; undefined when there is only one, or none there. */
  copiesAt(quote: string, line: number): Anchor['copies'] {
    const windows = this.#copies(quote)?.windows ?? [];
    const index = windows.findIndex((window) => window.start === line);
    return index < 0 || windows.length < 2 ? undefined : { index, of: windows.length };
  }

  /** Where one of several equal texts stands now. Once some of them were added or taken away, nothing tells which is which. */
  findCopy(quote: string, { index, of }: NonNullable<Anchor['copies']>, oldLine: number | undefined): Placement {
    const found = this.#copies(quote);
    const window = found?.windows[index];
    if (!window || found?.windows.length !== of) return unanchored();
    const { reading } = found;
    const level = (['verbatim', 'trimmed'] as const).find((one) => this.#equalLines(reading.lines, window.start, window.end, one));
    return this.#placement(window, { level: level ?? 'spacing', reading }, oldLine, of, false);
  }

  #copies(quote: string): { windows: Window[]; reading: QuoteReading } | undefined {
    const [reading] = readingsOf(quote);
    return reading && { reading, windows: this.#windows(reading, 'spacing', MOST_WINDOWS) };
  }

  /**
   * Every place where the whole quote stands, however long it is, up to the blanks around its lines; the most literal reading that
   * stands anywhere decides. Nothing is guessed: for text that is about to be replaced.
   */
  everywhere(quote: string): { windows: Window[]; match: QuoteMatch } | undefined {
    const readings = readingsOf(quote);
    for (const level of ['verbatim', 'trimmed'] as const) {
      for (const reading of readings) {
        // A redaction marker stands for itself here, not for any text.
        const same = (window: Window): boolean =>
          reading.lines.every((line, index) => line.trim() === (this.#lines[window.start - 1 + index] ?? '').trim());
        const windows = this.#windows(reading, level, MOST_WINDOWS).filter(same);
        if (windows.length > 0) return { windows, match: { level, reading } };
      }
    }
    return undefined;
  }

  #placeIn(readings: QuoteReading[], levels: readonly Level[], insideHunks: boolean, claimedLine?: number): Placement | undefined {
    for (const level of levels) {
      for (const reading of readings) {
        const windows = this.#windows(reading, level).filter(
          (window) => (!insideHunks || this.#hunkOf(window) !== undefined) && (level === 'part' || this.#sameMarkers(reading, window)),
        );
        if (windows.length === 0) continue;
        // A bare brace outside the hunks proves nothing unless the model also named its line.
        const telling = insideHunks || !this.#hunks || /[\p{L}\p{N}]{2}/u.test(reading.lines.join(' '));
        const chosen = this.#choose(windows, claimedLine, reading.copiedLine, telling);
        return chosen ? this.#placement(chosen, { level, reading }, claimedLine, windows.length, insideHunks) : unanchored();
      }
    }
    return undefined;
  }

  #placement(window: Window, match: QuoteMatch, claimedLine: number | undefined, rivals: number, insideHunks: boolean): Placement {
    const claimHolds = claimedLine === undefined || (claimedLine >= window.start && claimedLine <= window.end);
    const loose = match.level === 'spacing' || match.level === 'gaps' || match.level === 'similar';
    const confidence = CONFIDENCE[match.level] - (rivals > 1 ? 0.1 : 0) - (this.#hunks && !insideHunks ? 0.05 : 0);
    const status = loose ? 'fuzzy' : claimHolds ? 'exact' : 'moved';
    const placement: Placement = {
      anchor: { status, confidence: Math.round(confidence * 100) / 100 },
      startLine: window.start,
      endLine: window.end,
      match,
    };
    if (this.#hunks && this.#touchedIn(window) === 0) placement.onUnchangedCode = true;
    return placement;
  }

  /** All places where the reading stands at this level. */
  #windows(reading: QuoteReading, level: Level, most = Number.POSITIVE_INFINITY): Window[] {
    if (level === 'part') return this.#partWindows(reading);
    if (level === 'gaps') return this.#gapWindows(reading);
    const wanted = reading.lines.filter((line) => line.trim() !== '');
    const keys = wanted.map(squeeze);
    const windows: Window[] = [];
    // The line that stands in the fewest places decides soonest, however long the quote is.
    const places = keys.map((key) => (REDACTION.test(key) ? this.#filled.length : (this.#positions.get(key)?.length ?? 0)));
    const pivot = places.reduce((best, count, index) => (count < (places[best] ?? 0) ? index : best), 0);
    for (const position of this.#starts(keys[pivot] ?? '')) {
      const first = position - pivot;
      if (windows.length >= most) break;
      if (!keys.every((key, index) => sameKey(key, this.#squeezed[first + index]))) continue;
      const start = this.#filled[first];
      const end = this.#filled[first + keys.length - 1];
      if (start === undefined || end === undefined) continue;
      if (level === 'spacing' || this.#equalLines(reading.lines, start, end, level)) windows.push({ start, end });
    }
    return windows;
  }

  /**
   * In the text as a model was shown it a redaction marker stands for a marker, of whatever kind: a quote that holds nothing else would
   * stand on every line, and its replacement would overwrite what nobody quoted.
   */
  #sameMarkers(reading: QuoteReading, { start, end }: Window): boolean {
    if (reading.cutShort || !reading.lines.some((line) => REDACTION.test(line))) return true;
    const levelled = (lines: readonly string[]): string => squeeze(lines.join('')).replace(REDACTIONS, '[redacted]');
    return levelled(this.#lines.slice(start - 1, end)) === levelled(reading.lines);
  }

  #starts(key: string): readonly number[] {
    return REDACTION.test(key) ? this.#filled.map((_, position) => position) : (this.#positions.get(key) ?? []);
  }

  #equalLines(wanted: string[], start: number, end: number, level: Level): boolean {
    if (end - start + 1 !== wanted.length) return false;
    return wanted.every((line, index) => {
      const there = this.#lines[start - 1 + index] ?? '';
      return level === 'verbatim' ? sameKey(line.trimEnd(), there.trimEnd()) : sameKey(line.trim(), there.trim());
    });
  }

  /** Places where the quote is a part of a line, or begins within one line and ends within another. */
  #partWindows(reading: QuoteReading): Window[] {
    const wanted = reading.lines.map((line) => line.trim()).filter((line) => line !== '');
    if (squeeze(wanted.join('')).length < PART_MIN_LENGTH) return [];
    const last = wanted.length - 1;
    const windows: Window[] = [];
    for (let first = 0; first + last < this.#filled.length; first++) {
      const fits = wanted.every((part, index) => {
        const there = this.#line(first + index).trim();
        if (last === 0) return there.includes(part);
        if (index === 0) return there.endsWith(part);
        return index === last ? there.startsWith(part) : there === part;
      });
      const start = this.#filled[first];
      const end = this.#filled[first + last];
      if (fits && start !== undefined && end !== undefined) windows.push({ start, end });
    }
    return windows;
  }

  /** Places where all lines of the quote stand in their order, a few others in between, up to spacing. */
  #gapWindows(reading: QuoteReading): Window[] {
    const keys = reading.lines.map(squeeze).filter((key) => key !== '' && !ELLIPSIS.test(key));
    if (keys.length < 2 || keys.some((key) => REDACTION.test(key))) return [];
    const windows: Window[] = [];
    for (const first of this.#starts(keys[0] ?? '')) {
      const limit = first + keys.length + MOST_LEFT_OUT;
      let last = first;
      const inOrder = keys.slice(1).every((key) => {
        for (last++; last < limit; last++) if (this.#squeezed[last] === key) return true;
        return false;
      });
      const [start, end] = [this.#filled[first], this.#filled[last]];
      if (inOrder && start !== undefined && end !== undefined) windows.push({ start, end });
    }
    return windows;
  }

  /** The filled line at this position. */
  #line(position: number): string {
    const number = this.#filled[position];
    return number === undefined ? '' : (this.#lines[number - 1] ?? '');
  }

  #choose(windows: Window[], claimedLine: number | undefined, copiedLine: number | undefined, telling: boolean): Window | undefined {
    const best = this.#mostTouched(windows);
    const copied = best.find((window) => window.start === copiedLine);
    if (copied) return copied;
    if (best.length === 1 && telling) return best[0];
    if (claimedLine === undefined) return undefined;
    const [nearest, second] = byDistance(best, claimedLine);
    if (!nearest || nearest.off > CLAIM_REACH) return undefined;
    if (second && second.off - nearest.off < CLAIM_MARGIN) return undefined;
    return nearest.window;
  }

  /** Wholly changed places before partly changed ones before context. */
  #mostTouched(windows: Window[]): Window[] {
    if (!this.#hunks || windows.length < 2) return windows;
    const share = (window: Window): number => {
      const touched = this.#touchedIn(window);
      return touched === 0 ? 0 : touched === window.end - window.start + 1 ? 2 : 1;
    };
    const top = Math.max(...windows.map(share));
    return windows.filter((window) => share(window) === top);
  }

  #touchedIn(window: Window): number {
    let count = 0;
    for (let line = window.start; line <= window.end; line++) if (this.#touched.has(line)) count++;
    return count;
  }

  #hunkOf(window: Window): Hunk | undefined {
    return this.#hunks?.find((hunk) => window.start >= hunk.startLine && window.end <= hunk.endLine);
  }

  /** The one clearly most similar place, hunks first. Similarity is 1 minus the edit distance over the longer length. */
  #placeSimilar(readings: QuoteReading[], claimedLine: number | undefined): Placement | undefined {
    for (const inside of this.#hunks ? [true, false] : [false]) {
      for (const reading of readings) {
        const wanted = reading.lines.filter((line) => line.trim() !== '').map(collapse);
        const text = wanted.join('\n');
        if (text.length < SIMILAR_MIN_LENGTH || text.length > SIMILAR_MAX_LENGTH) continue;
        const window = this.#mostSimilar(text, wanted.length, inside);
        if (window) return this.#placement(window, { level: 'similar', reading }, claimedLine, 1, inside);
      }
    }
    return undefined;
  }

  #mostSimilar(text: string, count: number, insideHunks: boolean): Window | undefined {
    const lines = (this.#collapsed ??= this.#filled.map((number) => collapse(this.#lines[number - 1] ?? '')));
    const scored: { window: Window; score: number }[] = [];
    for (let first = 0; first + count <= this.#filled.length; first++) {
      const start = this.#filled[first];
      const end = this.#filled[first + count - 1];
      if (start === undefined || end === undefined) continue;
      const window = { start, end };
      if (insideHunks && !this.#hunkOf(window)) continue;
      const score = similarity(text, lines.slice(first, first + count).join('\n'));
      if (score >= SIMILAR_BAR - SIMILAR_MARGIN) scored.push({ window, score });
    }
    scored.sort((a, b) => b.score - a.score);
    const [best, second] = scored;
    if (!best || best.score < SIMILAR_BAR) return undefined;
    return second && best.score - second.score < SIMILAR_MARGIN ? undefined : best.window;
  }
}

/**
 * Where a finding stands after its file changed: only where its quoted text still stands, in the function it was in, nearest to
 * where it was; when that function is gone, in the one place near. Of texts that stood in the file several times, the same one in order, as
 * long as they are all there. `unanchored` means that the finding is stale.
 */
export function reanchor(
  finding: Pick<Finding, 'quote' | 'startLine' | 'symbol'> & Partial<Pick<Finding, 'anchor'>>,
  newText: string,
): Placement {
  const lines = splitLines(newText);
  const { quote, startLine, symbol, anchor } = finding;
  const anchorer = new Anchorer(lines);
  const home = symbol === undefined ? undefined : homeOf(symbol, lines, newText);
  if (anchor?.copies === undefined) return anchorer.find(quote, startLine, home);
  const placement = anchorer.findCopy(quote, anchor.copies, startLine);
  const strayed = placement.startLine !== undefined && home?.holds(placement.startLine) === false && !home.mayStray;
  return strayed ? unanchored() : placement;
}

/** While its function is there, the same text elsewhere is another place; a function that is gone may have been renamed. */
function homeOf(symbol: string, lines: readonly string[], text: string): Home {
  const name = symbol.split('.').at(-1) ?? '';
  return { holds: (line) => enclosingSymbol(lines, line) === symbol, mayStray: name !== '' && !text.includes(name) };
}

/** Whether the finding's lines still hold its quote, to be asked before a fix replaces them. Redacted parts may be anything. */
export function verifyQuote(finding: Pick<Finding, 'quote' | 'startLine' | 'endLine'>, text: string): boolean {
  if (finding.startLine === undefined || finding.endLine === undefined) return false;
  const there = splitLines(text).slice(finding.startLine - 1, finding.endLine);
  const quoted = splitLines(finding.quote);
  return there.length === quoted.length && quoted.every((line, index) => sameKey(line.trimEnd(), (there[index] ?? '').trimEnd()));
}

function unanchored(): Placement {
  return { anchor: { status: 'unanchored', confidence: 0 } };
}

/** After edits: the one place, the one where it was, or one so much nearer that an edit in between is unlikely to explain it. */
function nearestMoved(windows: readonly Window[], oldLine: number | undefined): Window | undefined {
  if (windows.length === 1) return windows[0];
  if (oldLine === undefined) return undefined;
  const [nearest, second] = byDistance(windows, oldLine);
  if (!nearest || !second) return undefined;
  return nearest.off === 0 || second.off - nearest.off >= MOVE_MARGIN ? nearest.window : undefined;
}

function byDistance(windows: readonly Window[], line: number): { window: Window; off: number }[] {
  return windows.map((window) => ({ window, off: Math.abs(window.start - line) })).sort((a, b) => a.off - b.off);
}

/** Equal, where a redaction marker on the left stands for any text. */
function sameKey(wanted: string, there: string | undefined): boolean {
  if (there === undefined) return false;
  if (wanted === there) return true;
  if (!REDACTION.test(wanted)) return false;
  const parts = wanted.split(REDACTION);
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!there.startsWith(first) || !there.endsWith(last) || there.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = there.indexOf(part, from);
    if (at < 0 || at + part.length > there.length - last.length) return false;
    from = at + part.length;
  }
  return true;
}

function similarity(wanted: string, there: string): number {
  const longer = Math.max(wanted.length, there.length);
  // A difference in length alone can rule a place out, and does for most.
  if (Math.min(wanted.length, there.length) / longer < SIMILAR_BAR - SIMILAR_MARGIN) return 0;
  return 1 - distance(wanted, there) / longer;
}
