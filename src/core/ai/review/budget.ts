import type { CoverageEntry } from '../finding.ts';
import type { ReviewUnit } from './collect.ts';
import { indentOf, splitLines } from './lines.ts';
import { enclosingSymbol } from './symbols.ts';
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
  /** Enclosing symbol of its first line; empty at the top of the file. */
  symbol: string;
  tokens: number;
}

export interface Budget {
  /** For the reviewed text of one request; instructions and answer are counted elsewhere. */
  tokensPerRequest: number;
  maxRequests: number;
}

export interface Plan {
  requests: Piece[][];
  /** For files that are not sent in full. */
  shortened: CoverageEntry[];
}

/** Line number, mark and line end of a row. */
const ROW_TOKENS = 2;
/** Fence and heading of a piece. */
const PIECE_TOKENS = 40;
/** Part of the limit within which a nicer place to cut is looked for. */
const CUT_SEARCH = 0.3;

/**
 * Packs what is under review into requests. Files with most changed lines come first, so that a limit costs the least; the pieces
 * of one file stay together where they fit, a piece too long is cut at a gap between blocks. What does not fit is named.
 */
export function planRequests(units: readonly ReviewUnit[], budget: Budget): Plan {
  const ordered = [...units].sort((a, b) => valueOf(b) - valueOf(a));
  const requests: { pieces: Piece[]; left: number }[] = [];
  const shortened: CoverageEntry[] = [];
  for (const unit of ordered) {
    const pieces = piecesOf(unit).flatMap((piece) => split(piece, budget.tokensPerRequest));
    const sent = pieces.filter((piece) => pack(piece, requests, budget)).length;
    if (sent === pieces.length) continue;
    const reason = `${sent === 0 ? 'not' : `only ${sent} of ${pieces.length} parts`} read: the review is limited to ${budget.maxRequests} requests`;
    shortened.push({ file: unit.path, status: sent === 0 ? 'skipped' : 'partial', reason });
  }
  return { requests: requests.map((request) => request.pieces), shortened };
}

function valueOf(unit: ReviewUnit): number {
  if (!unit.hunks) return unit.text.length;
  return unit.hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.kind !== 'context').length, 0);
}

function piecesOf(unit: ReviewUnit): Piece[] {
  const lines = splitLines(unit.text);
  if (!unit.hunks) {
    const rows = lines.map((text, index): Row => ({ mark: ' ', line: index + 1, text }));
    if (rows.at(-1)?.text === '') rows.pop();
    return rows.length === 0 ? [] : [toPiece(unit.path, rows, lines)];
  }
  return unit.hunks.map((hunk) => {
    const rows = hunk.lines.map((line): Row => {
      if (line.kind === 'removed') return { mark: '-', text: line.text };
      const number = line.line ?? hunk.startLine;
      return { mark: line.kind === 'added' ? '+' : ' ', line: number, text: lines[number - 1] ?? line.text };
    });
    return toPiece(unit.path, rows, lines);
  });
}

function toPiece(path: string, rows: Row[], lines: readonly string[]): Piece {
  const first = rows.find((row) => row.line !== undefined)?.line ?? 1;
  const tokens = rows.reduce((sum, row) => sum + tokensOf(row), PIECE_TOKENS);
  return { path, rows, symbol: first === 1 ? '' : enclosingSymbol(lines, first), tokens };
}

function tokensOf(row: Row): number {
  return estimateTokens(row.text) + ROW_TOKENS;
}

/** Into the request that is being filled, else a new one; false when there may be no more. */
function pack(piece: Piece, requests: { pieces: Piece[]; left: number }[], budget: Budget): boolean {
  let request = requests.find((one) => one.left >= piece.tokens);
  if (!request) {
    if (requests.length >= budget.maxRequests) return false;
    request = { pieces: [], left: budget.tokensPerRequest };
    requests.push(request);
  }
  request.pieces.push(piece);
  request.left -= piece.tokens;
  return true;
}

function split(piece: Piece, limit: number): Piece[] {
  if (piece.tokens <= limit) return [piece];
  const result: Piece[] = [];
  let rows: Row[] = [];
  let tokens = PIECE_TOKENS;
  const close = (count: number): void => {
    const taken = rows.slice(0, count);
    rows = rows.slice(count);
    result.push({ ...piece, rows: taken, tokens: taken.reduce((sum, row) => sum + tokensOf(row), PIECE_TOKENS) });
    tokens = rows.reduce((sum, row) => sum + tokensOf(row), PIECE_TOKENS);
  };
  for (const row of piece.rows) {
    const cost = Math.min(tokensOf(row), limit - PIECE_TOKENS);
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
  return { ...piece, rows, tokens: rows.reduce((sum, row) => sum + tokensOf(row), PIECE_TOKENS) };
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
