import type { ReviewUnit } from './collect.ts';
import { selectionHunk, touchedLines, type Hunk } from './hunks.ts';
import { indentOf, splitLines, type LineRange } from './lines.ts';
import { enclosingDeclarations, enclosingRange } from './symbols.ts';
import { estimateTokens } from './tokens.ts';

/** One line as the model gets it. */
export interface Row {
  mark: ' ' | '+' | '-';
  /** Line on the new side; absent for a removed line. */
  line?: number;
  text: string;
}

/** A stretch of one file that goes to the model in one piece. */
export interface Piece {
  path: string;
  rows: Row[];
  /** The symbol around its first line, without one that begins there; empty at the top of the file. */
  symbol: string;
  /** Estimated. */
  tokens: number;
  /** Lines of it that are under review, when the others are only there for understanding. */
  focus?: LineRange;
  /** The piece that this one was cut out of because it did not fit into a request. */
  root?: Piece;
}

/** Line number, mark and line end of a row. */
const ROW_TOKENS = 2;
/** Fence and heading of a piece. */
export const PIECE_TOKENS = 40;
/** A file up to here is sent whole: the surroundings of a change are worth more than they cost. About 120 lines. */
const WHOLE_FILE_TOKENS = 1500;
/** The function or class around a change is sent up to here. */
const SYMBOL_TOKENS = 1500;
/** Lines around a selection that no symbol encloses. */
const SELECTION_CONTEXT = 20;
/** Part of the limit within which a nicer place to cut is looked for. */
const CUT_SEARCH = 0.3;

/**
 * What of a file goes to a model, in pieces of at most `limit` estimated tokens: the file, where it is under review or cheap; else each
 * change with the symbol around it, where that fits; else the change with the lines around it. What is still too long is cut at a gap
 * between blocks. A piece depends on nothing but its own file, so that the same change makes the same piece in the next review.
 */
export function piecesOf(unit: ReviewUnit, limit: number): Piece[] {
  const lines = splitLines(unit.text);
  if (lines.at(-1) === '') lines.pop();
  return stretchesOf(unit, lines, limit)
    .map(({ range, hunks }) => toPiece(unit.path, rowsOf(range, hunks, lines), lines))
    .filter(({ rows }) => rows.length > 0)
    .flatMap((piece) => split(piece, limit))
    .flatMap((piece) => focused(piece, unit.selection));
}

interface Stretch {
  range: LineRange;
  hunks: readonly Hunk[];
}

function stretchesOf({ hunks, selection }: ReviewUnit, lines: readonly string[], limit: number): Stretch[] {
  const whole = { start: 1, end: lines.length };
  if (selection !== undefined) return [{ range: around(selection, lines, limit), hunks: [] }];
  if (hunks === undefined) return [{ range: whole, hunks: [] }];
  if (hunks.length === 0) return [];
  if (tokensOf(rowsOf(whole, hunks, lines)) <= Math.min(limit, WHOLE_FILE_TOKENS)) return [{ range: whole, hunks }];
  const stretches: { range: LineRange; hunks: Hunk[] }[] = [];
  for (const hunk of hunks) {
    const range = widened(hunk, lines, Math.min(limit, SYMBOL_TOKENS));
    const last = stretches.at(-1);
    if (last !== undefined && range.start <= last.range.end + 1) {
      last.range = { start: last.range.start, end: Math.max(last.range.end, range.end) };
      last.hunks.push(hunk);
    } else stretches.push({ range, hunks: [hunk] });
  }
  return stretches;
}

/** A selection with what helps to understand it: the whole small file, the symbol around it, or the lines around it. */
function around(selection: LineRange, lines: readonly string[], limit: number): LineRange {
  const most = Math.min(limit, WHOLE_FILE_TOKENS);
  const whole = { start: 1, end: lines.length };
  if (tokensOf(rowsOf(whole, [], lines)) <= most) return whole;
  const wide = widened(selectionHunk(lines, selection), lines, most);
  if (wide.start < selection.start || wide.end > selection.end) return wide;
  return {
    start: Math.max(1, selection.start - SELECTION_CONTEXT),
    end: Math.min(lines.length, selection.end + SELECTION_CONTEXT),
  };
}

/** A piece of a selection with its lines under review named; none when it holds none of them. */
function focused(piece: Piece, selection: LineRange | undefined): Piece[] {
  if (selection === undefined) return [piece];
  const selected = piece.rows.flatMap(({ line = 0 }) => (line >= selection.start && line <= selection.end ? [line] : []));
  const [start, end] = [selected[0], selected.at(-1)];
  return start === undefined || end === undefined ? [] : [{ ...piece, focus: { start, end } }];
}

/** The new side of a hunk, with the symbol around what it changes when that is not too long. */
function widened(hunk: Hunk, lines: readonly string[], limit: number): LineRange {
  const own = { start: Math.max(1, hunk.startLine), end: Math.min(hunk.endLine, lines.length) };
  const touched = [...touchedLines([hunk])].sort((a, b) => a - b);
  const [first, last] = [touched[0], touched.at(-1)];
  const around = first === undefined || last === undefined ? undefined : enclosingRange(lines, first, last);
  if (around === undefined) return own;
  const both = { start: Math.min(own.start, around.start), end: Math.max(own.end, around.end) };
  return tokensOf(rowsOf(both, [hunk], lines)) <= limit ? both : own;
}

/** The lines of a range as they are now, with what the hunks in it say about them. */
function rowsOf({ start, end }: LineRange, hunks: readonly Hunk[], lines: readonly string[]): Row[] {
  const rows: Row[] = [];
  let next = start;
  const context = (until: number): void => {
    for (; next < until; next++) rows.push({ mark: ' ', line: next, text: lines[next - 1] ?? '' });
  };
  for (const hunk of hunks) {
    context(hunk.startLine);
    for (const line of hunk.lines) {
      if (line.kind === 'removed') rows.push({ mark: '-', text: line.text });
      else rows.push({ mark: line.kind === 'added' ? '+' : ' ', line: next, text: lines[next++ - 1] ?? line.text });
    }
  }
  context(end + 1);
  return rows;
}

function toPiece(path: string, rows: Row[], lines: readonly string[]): Piece {
  const first = rows.find((row) => row.line !== undefined)?.line ?? 1;
  const around = enclosingDeclarations(lines, first).filter(({ line }) => line < first);
  return { path, rows, symbol: around.map(({ name }) => name).join('.'), tokens: tokensOf(rows) };
}

function tokensOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + rowTokens(row), PIECE_TOKENS);
}

function rowTokens(row: Row): number {
  return estimateTokens(row.text) + ROW_TOKENS;
}

function split(piece: Piece, limit: number): Piece[] {
  if (piece.tokens <= limit) return [piece];
  const result: Piece[] = [];
  let rows: Row[] = [];
  let tokens = PIECE_TOKENS;
  const close = (count: number): void => {
    const taken = rows.slice(0, count);
    rows = rows.slice(count);
    result.push({ ...piece, rows: taken, tokens: tokensOf(taken) });
    tokens = tokensOf(rows);
  };
  for (const row of piece.rows) {
    const cost = Math.min(rowTokens(row), limit - PIECE_TOKENS);
    if (tokens + cost > limit && rows.length > 0) close(cutAt(rows));
    rows.push(row);
    tokens += cost;
  }
  if (rows.length > 0) close(rows.length);
  return result;
}

/** Two requests out of one; undefined when it is a single line. */
export function halve(pieces: readonly Piece[]): [Piece[], Piece[]] | undefined {
  if (pieces.length > 1) {
    const middle = Math.ceil(pieces.length / 2);
    return [pieces.slice(0, middle), pieces.slice(middle)];
  }
  const [piece] = pieces;
  if (piece === undefined || piece.rows.length < 2) return undefined;
  const rows = piece.rows.slice(0, Math.ceil(piece.rows.length / 2));
  const count = rows.length < 4 ? rows.length : cutAt(rows);
  return [[partOf(piece, 0, count)], [partOf(piece, count)]];
}

function partOf(piece: Piece, start: number, end?: number): Piece {
  const rows = piece.rows.slice(start, end);
  return { ...piece, rows, tokens: tokensOf(rows), root: rootOf(piece) };
}

/** The piece as it was before it had to be cut to fit into a request. */
export function rootOf(piece: Piece): Piece {
  return piece.root ?? piece;
}

/** Number of rows before the best gap in the last part: a blank line before the least indented line. */
function cutAt(rows: readonly Row[]): number {
  let best = rows.length;
  let bestIndent = Number.POSITIVE_INFINITY;
  for (let index = rows.length - 1; index > rows.length * (1 - CUT_SEARCH); index--) {
    const text = rows[index]?.text ?? '';
    if (text.trim() === '' || (rows[index - 1]?.text ?? '').trim() !== '') continue;
    const indent = indentOf(text).length;
    if (indent < bestIndent) {
      best = index;
      bestIndent = indent;
    }
  }
  return best;
}
