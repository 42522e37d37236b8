import { HandrailError } from '../../errors.ts';
import type { CoverageEntry } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { halve, planRequests, type Piece } from './budget.ts';
import type { ReviewUnit } from './collect.ts';
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
  units: readonly ReviewUnit[];
  provider: ModelProvider;
  counter: TokenCounter;
  /** Kept free for the answer. */
  answerTokens: number;
  maxRequests: number;
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
 * Packs what is under review into requests that the model can take. Where the model counts tokens, the estimate is first set
 * right by a count of the real text; each whole prompt is then checked, and split until it fits. What does not fit is named.
 * Fails with `config` when there is no room beside the instructions.
 */
export async function fitRequests(input: FitInput): Promise<FittedPlan> {
  const { units, maxRequests } = input;
  const room = input.provider.contextTokens - input.answerTokens;
  const tokensPerRequest = await textBudget(input, room);
  const plan = planRequests(units, { tokensPerRequest, maxRequests });
  const tooLong = new Set<string>();
  const fitted: FittedRequest[] = [];
  for (const pieces of plan.requests) fitted.push(...(await fit(pieces, input, room, tooLong)));
  const requests = fitted.slice(0, maxRequests);
  const unsent = fitted.slice(maxRequests).flatMap(({ pieces }) => pieces.map(({ path }) => path));
  const sent = new Set(requests.flatMap(({ pieces }) => pieces.map(({ path }) => path)));
  const entries = [
    ...[...new Set(unsent)].map((file) => entry(file, sent, `the review is limited to ${maxRequests} requests`)),
    ...[...tooLong].map((file) => entry(file, sent, 'a line is longer than what the model can take')),
    ...plan.shortened,
  ];
  return { requests, shortened: entries.filter(({ file }, index) => entries.findIndex((one) => one.file === file) === index) };
}

/** Estimated tokens that the reviewed text of one request may have. */
async function textBudget(input: FitInput, room: number): Promise<number> {
  const { asides, counter, frame, provider, units } = input;
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

/** Some of every file, since languages differ in what they cost. */
function sampleOf(units: readonly ReviewUnit[]): string {
  const share = Math.ceil(SAMPLE_LENGTH / Math.max(1, units.length));
  return units
    .map((unit) => unit.text.slice(0, share))
    .join('\n')
    .slice(0, SAMPLE_LENGTH);
}

async function fit(pieces: readonly Piece[], input: FitInput, room: number, tooLong: Set<string>): Promise<FittedRequest[]> {
  const inputTokens = await input.counter.count(input.frame(pieces));
  if (inputTokens <= room) return [{ pieces: [...pieces], inputTokens }];
  const halves = halve(pieces);
  if (halves === undefined) {
    for (const { path } of pieces) tooLong.add(path);
    return [];
  }
  return [...(await fit(halves[0], input, room, tooLong)), ...(await fit(halves[1], input, room, tooLong))];
}

function entry(file: string, sent: ReadonlySet<string>, because: string): CoverageEntry {
  return sent.has(file)
    ? { file, status: 'partial', reason: `only a part read: ${because}` }
    : { file, status: 'skipped', reason: `not read: ${because}` };
}
