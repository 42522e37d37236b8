import { HandrailError } from '../../errors.ts';
import type { CoverageEntry } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { packRequests, type FileParts } from './budget.ts';
import type { ReviewUnit } from './collect.ts';
import { halve, type Piece } from './pieces.ts';
import type { TokenCounter } from './tokenCounter.ts';
import { estimateTokens } from './tokens.ts';

/** One request that fits into the model. */
export interface FittedRequest {
  pieces: Piece[];
  /** Of the whole prompt, as the model counts them; estimated where it does not. */
  inputTokens: number;
}

export interface FittedPlan {
  requests: FittedRequest[];
  /** For files that are not sent in full. */
  shortened: CoverageEntry[];
}

export interface FitInput {
  provider: ModelProvider;
  counter: TokenCounter;
  /** Kept free for the answer. */
  answerTokens: number;
  maxRequests: number;
  concurrency: number;
  /** Conventions and rules, which go along with every request. */
  asides: string;
  /** The whole prompt about some pieces; about none, everything that may go along with some. */
  frame(pieces: readonly Piece[]): string;
}

/** Fixed instructions, lists of known findings, and room for a rough estimate; for models that cannot count. */
const OVERHEAD_TOKENS = 3500;
const MIN_TEXT_TOKENS = 500;
/** Characters on which an estimate is compared with the model's count; enough to be typical, few enough to be counted at once. */
const SAMPLE_LENGTH = 30_000;
/** Packed a little looser than measured, so that splitting again stays the exception. */
const LOOSE = 0.95;

/**
 * Estimated tokens that the reviewed text of one request may have. Where the model counts tokens, the estimate is set right by a count
 * of the real text. Fails with `config` when there is no room beside the instructions.
 */
export async function textRoom(units: readonly ReviewUnit[], input: FitInput): Promise<number> {
  const { asides, counter, frame, provider } = input;
  const room = roomOf(input);
  const ratio = await counter.ratio(sampleOf(units));
  const left = counter.exact
    ? ((room - (await counter.count(frame([])))) / ratio) * LOOSE
    : room - OVERHEAD_TOKENS - estimateTokens(asides);
  if (left * ratio >= MIN_TEXT_TOKENS) return Math.floor(left);
  throw new HandrailError(
    'config',
    `The context of ${provider.model} (${provider.contextTokens} tokens) has no room for code beside the instructions.`,
    { hint: 'Set limits.contextTokens of the model in .handrail/models.yml to what its server really takes, or choose another model.' },
  );
}

/**
 * Packs pieces into requests that the model can take: each whole prompt is checked, and split until it fits. What does not fit is
 * named. `tokensPerRequest` is what {@link textRoom} gave.
 */
export async function fitRequests(files: readonly FileParts[], tokensPerRequest: number, input: FitInput): Promise<FittedPlan> {
  const { concurrency, maxRequests } = input;
  const plan = packRequests(files, { tokensPerRequest, maxRequests, concurrency });
  const tooLong = new Set<string>();
  const fitted: FittedRequest[] = [];
  for (const pieces of plan.requests) fitted.push(...(await fit(pieces, input, tooLong)));
  const requests = fitted.slice(0, maxRequests);
  const unsent = fitted.slice(maxRequests).flatMap(({ pieces }) => pieces.map(({ path }) => path));
  const read = new Set([
    ...requests.flatMap(({ pieces }) => pieces.map(({ path }) => path)),
    ...files.filter(({ known }) => known > 0).map(({ path }) => path),
  ]);
  const entries = [
    ...[...new Set(unsent)].map((file) => entry(file, read, `the review is limited to ${maxRequests} requests`)),
    ...[...tooLong].map((file) => entry(file, read, 'a line is longer than what the model can take')),
    ...plan.shortened,
  ];
  return { requests, shortened: entries.filter(({ file }, index) => entries.findIndex((one) => one.file === file) === index) };
}

function roomOf({ provider, answerTokens }: FitInput): number {
  return provider.contextTokens - answerTokens;
}

/** Some of every file, since languages differ in what they cost. */
function sampleOf(units: readonly ReviewUnit[]): string {
  const share = Math.ceil(SAMPLE_LENGTH / Math.max(1, units.length));
  return units
    .map((unit) => unit.text.slice(0, share))
    .join('\n')
    .slice(0, SAMPLE_LENGTH);
}

async function fit(pieces: readonly Piece[], input: FitInput, tooLong: Set<string>): Promise<FittedRequest[]> {
  const inputTokens = await input.counter.count(input.frame(pieces));
  if (inputTokens <= roomOf(input)) return [{ pieces: [...pieces], inputTokens }];
  const halves = halve(pieces);
  if (halves === undefined) {
    for (const { path } of pieces) tooLong.add(path);
    return [];
  }
  return [...(await fit(halves[0], input, tooLong)), ...(await fit(halves[1], input, tooLong))];
}

function entry(file: string, read: ReadonlySet<string>, because: string): CoverageEntry {
  return read.has(file)
    ? { file, status: 'partial', reason: `only a part read: ${because}` }
    : { file, status: 'skipped', reason: `not read: ${because}` };
}
