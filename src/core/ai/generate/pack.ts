import type { CoverageEntry } from '../finding.ts';
import { splitLines } from '../review/lines.ts';
import type { FramedFile } from './frame.ts';
import { outlineOf } from './outline.ts';

/** A file that could be shown, secrets already replaced. */
export interface Candidate {
  path: string;
  text: string;
  /** The part around this line is shown when the whole does not fit; without it, the beginning. */
  around?: { startLine: number; endLine: number };
  /** Has to be shown at least in part: it is what the request is about. */
  needed: boolean;
}

export interface Packed {
  files: FramedFile[];
  coverage: CoverageEntry[];
}

/** Fence and heading of a file. */
const FILE_TOKENS = 40;
/** A part smaller than this says too little to be worth its place. */
const MIN_PART_TOKENS = 120;
/** Tokens are longer than this many characters so rarely that a text can be left out without counting them. */
const MOST_CHARACTERS_A_TOKEN = 8;

/**
 * Fills the room with files in their order: whole where they fit; otherwise, of what the request is about the part around the place, of
 * others what they declare. What is left out, in whole or in part, is in the coverage with the reason.
 */
export async function packFiles(candidates: readonly Candidate[], room: number, count: (text: string) => Promise<number>): Promise<Packed> {
  const files: FramedFile[] = [];
  const coverage: CoverageEntry[] = [];
  let left = room;
  for (const candidate of candidates) {
    const { path, text } = candidate;
    const fits = text.length / MOST_CHARACTERS_A_TOKEN + FILE_TOKENS <= left;
    const cost = fits ? FILE_TOKENS + (await count(text)) : Number.POSITIVE_INFINITY;
    if (cost <= left) {
      left -= cost;
      files.push({ path, text });
      coverage.push({ file: path, status: 'full' });
      continue;
    }
    const piece =
      left < MIN_PART_TOKENS
        ? undefined
        : await (candidate.needed ? partOf(candidate, left - FILE_TOKENS, count) : outlined(candidate, left - FILE_TOKENS, count));
    if (piece) {
      left -= FILE_TOKENS + piece.tokens;
      files.push(piece.file);
      coverage.push({ file: path, status: 'partial', reason: `${piece.what}: the model takes no more` });
    } else coverage.push({ file: path, status: 'skipped', reason: 'no room: the model takes no more' });
  }
  return { files, coverage };
}

interface Piece {
  file: FramedFile;
  tokens: number;
  /** What of the file it is. */
  what: string;
}

/** What the file declares, where that fits. */
async function outlined({ path, text }: Candidate, limit: number, count: (text: string) => Promise<number>): Promise<Piece | undefined> {
  const outline = outlineOf(text);
  if (outline === undefined || outline.text.length / MOST_CHARACTERS_A_TOKEN > limit) return undefined;
  const tokens = await count(outline.text);
  if (tokens > limit) return undefined;
  const { declarations, of } = outline;
  const what = `an outline, ${declarations === 1 ? '1 line that declares something' : `the ${declarations} lines that declare something`}`;
  return { file: { path, text: outline.text, outline: { of } }, tokens, what };
}

/** The longest stretch of lines around the place that fits, found by halving. */
async function partOf(
  { path, text, around }: Candidate,
  limit: number,
  count: (text: string) => Promise<number>,
): Promise<Piece | undefined> {
  const lines = splitLines(text);
  const start = Math.min(Math.max(1, around?.startLine ?? 1), lines.length);
  const end = Math.min(Math.max(start, around?.endLine ?? start), lines.length);
  let best: Piece | undefined;
  let low = 0;
  let high = lines.length;
  while (low <= high) {
    const reach = (low + high) >> 1;
    const from = Math.max(1, start - reach);
    const to = Math.min(lines.length, end + reach);
    const shown = lines.slice(from - 1, to).join('\n');
    const tokens = shown.length / MOST_CHARACTERS_A_TOKEN > limit ? Number.POSITIVE_INFINITY : await count(shown);
    if (tokens <= limit) {
      const part = { from, to, of: lines.length };
      best = { file: { path, text: shown, part }, tokens, what: `lines ${from} to ${to} of ${part.of}` };
      low = reach + 1;
    } else high = reach - 1;
  }
  return best;
}
