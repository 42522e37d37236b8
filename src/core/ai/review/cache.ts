import type { RawFinding } from '../finding.ts';
import { reanchor } from './anchor.ts';
import { digest } from './fingerprint.ts';
import type { Piece } from './pieces.ts';

/** What a model said about one piece of text, as it is remembered: without lines of the file, so that it survives being moved. */
export interface RememberedAnswer {
  /** Digests of the prompts that it came from. */
  prompts: string[];
  /** Fingerprints of the dismissals that the model was told, so that it kept quiet about them. */
  told: string[];
  findings: RememberedFinding[];
}

/** A finding as the model said it. */
export interface SaidFinding {
  raw: RawFinding;
  /** The file that it is about, however the model wrote its name. */
  file: string;
  /** The piece that it is remembered with. */
  piece: Piece;
  /** What the second pass gave it, 0 to 10. */
  score?: number;
}

export interface RememberedFinding extends Omit<RawFinding, 'file' | 'line' | 'endLine'> {
  /** When it is about another file than the piece is of; then it has no lines. */
  file?: string;
  /** Lines below the first one of the piece; of a finding above it, negative. */
  offset?: number;
  endOffset?: number;
  /** What the second pass gave it, 0 to 10. */
  score?: number;
}

/**
 * Answers of earlier reviews by the key of the piece. Neither reading nor writing ever fails: what cannot be read is asked again, what
 * cannot be written is not remembered. Implemented in `src/node/ai/reviewCache.ts`.
 */
export interface ReviewCache {
  read(keys: readonly string[]): Promise<ReadonlyMap<string, RememberedAnswer>>;
  write(answers: ReadonlyMap<string, RememberedAnswer>): Promise<void>;
}

/** Everything besides the piece that decides an answer. */
export interface KeyContext {
  /** See `promptIdentity`. */
  prompt: string;
  origin: string;
  model: string;
  /** Pinned parameters and the like. */
  variant: string;
  scope: string;
  instructions: string;
  rules: string;
  /** See `scorerIdentity`. */
  scorer: string;
}

/**
 * 64 hex digits that stand for what a model is asked about a piece. Line numbers are left out, so an answer holds when the piece only
 * moved; so are findings already known or dismissed, which are filtered out of the answer afterwards.
 */
export function pieceKey(piece: Piece, context: KeyContext): string {
  const { prompt, origin, model, variant, scope, instructions, rules, scorer } = context;
  const rows = piece.rows.map(({ mark, text }) => mark + text).join('\n');
  const focus = piece.focus === undefined ? '' : `${piece.focus.start - firstLine(piece)} ${piece.focus.end - firstLine(piece)}`;
  return digest([prompt, scorer, origin, model, variant, kindOf(scope), rules, instructions, piece.path, piece.symbol, focus, rows]);
}

/** Changes are asked about in the same words, wherever they come from. */
function kindOf(scope: string): string {
  return scope === 'file' || scope === 'selection' ? scope : 'changes';
}

export function remembered({ file, raw, score }: Omit<SaidFinding, 'piece'>, piece: Piece): RememberedFinding {
  const { file: _, line, endLine, ...words } = raw;
  const rest = score === undefined ? words : { ...words, score };
  if (file !== piece.path) return { ...rest, file };
  const first = firstLine(piece);
  return {
    ...rest,
    ...(line === undefined ? {} : { offset: line - first }),
    ...(endLine === undefined ? {} : { endOffset: endLine - first }),
  };
}

/** The finding as the model would say it of the piece where it is now. */
export function recalled(finding: RememberedFinding, piece: Piece): RawFinding {
  const { file, offset, endOffset, score: _, ...rest } = finding;
  const lineAt = (at: number): number => Math.max(1, firstLine(piece) + at);
  return {
    ...rest,
    file: file ?? piece.path,
    ...(offset === undefined ? {} : { line: lineAt(offset) }),
    ...(endOffset === undefined ? {} : { endLine: lineAt(endOffset) }),
  };
}

/**
 * Whether an answer still counts: what the model was told to keep quiet about must still be dismissed, and what it quoted of other files
 * must still stand in them whole. `textOf` gives the text of a file under review.
 */
export function stillHolds(
  { told, findings }: RememberedAnswer,
  dismissed: ReadonlySet<string>,
  textOf: (path: string) => string | undefined,
): boolean {
  const stands = ({ file, quote }: RememberedFinding): boolean => {
    const text = file === undefined ? undefined : textOf(file);
    return text === undefined || reanchor({ quote }, text).anchor.status !== 'unanchored';
  };
  return told.every((fingerprint) => dismissed.has(fingerprint)) && findings.every(stands);
}

/** The piece of its file that a finding belongs to: the one around the line, else the nearest. */
export function pieceOf(line: number | undefined, pieces: readonly Piece[]): Piece | undefined {
  if (line === undefined) return pieces[0];
  const away = (piece: Piece): number => {
    const numbers = piece.rows.flatMap((row) => row.line ?? []);
    const [first, last] = [numbers[0], numbers.at(-1)];
    return first === undefined || last === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, first - line, line - last);
  };
  return pieces.toSorted((a, b) => away(a) - away(b))[0];
}

function firstLine({ rows }: Piece): number {
  return rows.find(({ line }) => line !== undefined)?.line ?? 1;
}
