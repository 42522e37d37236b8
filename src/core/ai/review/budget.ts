import type { CoverageEntry } from '../finding.ts';
import type { ReviewUnit } from './collect.ts';
import { piecesOf, type Piece } from './pieces.ts';

export interface Budget {
  /** Estimated tokens for the reviewed text of one request; instructions and answer are counted elsewhere. */
  tokensPerRequest: number;
  maxRequests: number;
  /** Requests that are asked at the same time. */
  concurrency?: number;
}

export interface Plan {
  requests: Piece[][];
  /** For files that are not sent in full. */
  shortened: CoverageEntry[];
}

/** What of one file is to be asked about. */
export interface FileParts {
  path: string;
  pieces: readonly Piece[];
  /** Parts whose answer is known from before. */
  known: number;
}

/** A piece is never longer than this, whatever the model takes: an edit in a long file then costs one piece of it. About 500 lines. */
const PIECE_LIMIT = 6000;
/** Requests that run side by side are not made smaller than this: each carries the instructions along. */
const LEAST_SPREAD = 12_000;
/** Names of code that guards something, or that cannot be undone. */
const RISKY = /auth|login|session|passw|secret|crypt|token|permission|payment|billing|migrat|\bsql\b/iu;
/** Tests, documentation and the like. */
const ASIDE = /(?:^|\/)(?:docs?|tests?|__tests__|spec|fixtures|examples?)\/|\.(?:test|spec)\.\w+$|\.(?:md|txt|svg|csv)$/iu;
/** Pieces do not fill requests evenly. */
const SPREAD_SLACK = 1.15;

/**
 * The longest piece where a request has room for so many tokens: some pieces fill a request. In steps of a fifth, so that a room that
 * differs a little from review to review still makes the same pieces.
 */
export function pieceLimit(tokensPerRequest: number): number {
  const room = Math.floor(2 ** (Math.floor(Math.log2(Math.max(1, tokensPerRequest)) * 4) / 4));
  return Math.floor(room / Math.ceil(room / PIECE_LIMIT));
}

/**
 * Everything under review in pieces. Files with most changed lines come first, so that a limit costs the least; those where a mistake is
 * dear before others, and what no user runs after them.
 */
export function partsOf(units: readonly ReviewUnit[], limit: number): FileParts[] {
  return units
    .map((unit) => ({ unit, value: valueOf(unit) }))
    .sort((a, b) => b.value - a.value)
    .map(({ unit }) => ({ path: unit.path, pieces: piecesOf(unit, limit), known: 0 }));
}

/** Packs pieces into requests; those of one file stay together where they fit. What does not fit is named. */
export function packRequests(files: readonly FileParts[], budget: Budget): Plan {
  const capacity = capacityOf(files, budget);
  const requests: { pieces: Piece[]; left: number }[] = [];
  const shortened: CoverageEntry[] = [];
  const put = (pieces: readonly Piece[]): boolean => {
    const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
    let request = requests.find((one) => one.left >= tokens);
    if (!request) {
      if (requests.length >= budget.maxRequests || (pieces.length > 1 && tokens > capacity)) return false;
      request = { pieces: [], left: capacity };
      requests.push(request);
    }
    request.pieces.push(...pieces);
    request.left -= tokens;
    return true;
  };
  for (const { path, pieces, known } of files) {
    if (pieces.length === 0 || put(pieces)) continue;
    const sent = pieces.filter((piece) => put([piece])).length;
    if (sent === pieces.length) continue;
    const [read, all] = [known + sent, known + pieces.length];
    const reason = `${read === 0 ? 'not' : `only ${read} of ${all} parts`} read: the review is limited to ${budget.maxRequests} requests`;
    shortened.push({ file: path, status: read === 0 ? 'skipped' : 'partial', reason });
  }
  return { requests: requests.map((request) => request.pieces), shortened };
}

/** Where several requests run at once, all of them get something to do; where one runs, each is filled. */
function capacityOf(files: readonly FileParts[], { tokensPerRequest, concurrency = 1 }: Budget): number {
  if (concurrency === 1) return tokensPerRequest;
  const total = files.flatMap(({ pieces }) => pieces).reduce((sum, { tokens }) => sum + tokens, 0);
  return Math.min(tokensPerRequest, Math.max(LEAST_SPREAD, Math.ceil((total / concurrency) * SPREAD_SLACK)));
}

function valueOf(unit: ReviewUnit): number {
  const size = unit.hunks
    ? unit.hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.kind !== 'context').length, 0)
    : unit.text.length;
  return size * riskOf(unit.path);
}

/** By its name: what a mistake in the file may cost, beside others. */
function riskOf(path: string): number {
  if (ASIDE.test(path)) return 0.5;
  return RISKY.test(path) ? 2 : 1;
}
