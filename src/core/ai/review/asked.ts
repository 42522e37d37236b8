import type { HandrailError } from '../../errors.ts';
import type { RawFinding, ReviewEvent } from '../finding.ts';
import type { Answer } from './ask.ts';
import { fileOf } from './attribute.ts';
import { pieceOf, type SaidFinding } from './cache.ts';
import { digest } from './fingerprint.ts';
import { filesOf, promptOf } from './modelPlan.ts';
import type { Piece } from './pieces.ts';
import type { PlacedFinding } from './place.ts';
import type { PreparedUnit } from './prepare.ts';
import type { Review } from './review.ts';

/** One request, and what became of it. */
export interface Asked {
  pieces: readonly Piece[];
  files: readonly string[];
  system: string;
  user: string;
  /** Digest of the prompt without the fence, which is new each time. */
  prompt: string;
  findings: SaidFinding[];
  /** Findings that wait to be judged. */
  held: RawFinding[];
  /** Tokens of the answer so far, estimated. */
  written: number;
  answer?: Answer;
  failure?: HandrailError;
}

/** A request about these pieces. */
export function toAsk(review: Review, pieces: readonly Piece[]): Asked {
  const { system, user, fence } = promptOf(review, pieces);
  const prompt = digest([system, user.replaceAll(fence, '')]);
  return { pieces, files: filesOf(pieces), system, user, prompt, findings: [], held: [], written: 0 };
}

/** What a finding of an answer is about: the file, the place in it, and the piece of the request it is remembered with. */
export function attributed(
  { units }: Review,
  raw: RawFinding,
  { files, pieces }: Asked,
): { prepared: PreparedUnit; placed: PlacedFinding; piece: Piece | undefined } | undefined {
  const own = units.filter(({ unit }) => files.includes(unit.path));
  const prepared = fileOf(raw, own, units);
  if (prepared === undefined) return undefined;
  const placed = prepared.placer.fromModel(raw);
  const inFile = pieces.filter(({ path }) => path === placed.file);
  return { prepared, placed, piece: pieceOf(placed.startLine ?? raw.line, inFile) ?? pieces[0] };
}

/** How far all of it is. */
export function progress(message: string, asked: readonly Asked[]): ReviewEvent {
  const done = asked.filter(({ answer, failure }) => answer !== undefined || failure !== undefined).length;
  const outputTokens = asked.reduce((sum, { written }) => sum + written, 0);
  return { type: 'progress', message, done, total: asked.length, outputTokens };
}
