import type { CancelSignal } from '../../ports.ts';
import type { ModelUse, RawFinding, ReviewEvent } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { addUsage } from '../usage.ts';
import { ask, type Answer, type AskStep } from './ask.ts';
import { askAll, concurrencyOf, type AskedStep } from './askAll.ts';
import { attributed, progress, toAsk, type Asked } from './asked.ts';
import { recalled } from './cache.ts';
import { ANSWER_SCHEMA } from './frame.ts';
import { isWhole, settle, tellDamage, whoAnswered } from './modelEnd.ts';
import { answerTokens, dismissedIn, planModel, shownPathsOf, type ModelPlan } from './modelPlan.ts';
import { rootOf } from './pieces.ts';
import type { PlacedFinding } from './place.ts';
import type { PreparedUnit } from './prepare.ts';
import { Remembering } from './remembering.ts';
import { admit, throwIfCancelled, type Review } from './review.ts';
import { WEAK_BELOW } from './score.ts';
import { judged } from './secondPass.ts';

export interface ModelReview {
  /** Digests of all prompts that the findings come from, those of remembered answers included, in order. */
  prompts: string[];
  /** Keys of all pieces that were read, in order: what the findings depend on, however it was packed. */
  keys: string[];
  /** Who answered, in that order; empty when nobody was asked. */
  answeredBy: ModelUse[];
}

/**
 * Asks the model about everything that no earlier answer is remembered of, several requests at once. What a failed request was about
 * counts as read in part; when none was answered, it fails as the first one did, with `bad-response` when no answer could be read.
 */
export async function* askModel(review: Review, provider: ModelProvider): AsyncGenerator<ReviewEvent, ModelReview> {
  const { ports, receipt, signal } = review;
  const plan = await planModel(review, provider);
  for (const entry of plan.shortened) receipt.cover(entry.file, entry.status, entry.reason);
  throwIfCancelled(signal);
  yield* tellRecalled(review, plan);
  const asked = plan.requests.map(({ pieces }) => toAsk(review, pieces));
  const remembering = ports.cache && new Remembering(ports.cache.answers, plan.keys);
  const askOne = (index: number, cancel: CancelSignal) => askAbout(review, provider, asked[index], cancel);
  try {
    for await (const step of askAll(askOne, asked.length, concurrencyOf(provider), signal)) {
      yield* tell(review, provider, asked, step);
      const one = asked[step.index];
      if (remembering !== undefined && step.type === 'answered' && one !== undefined && isWhole(step.answer))
        await remembering.add({ ...one, told: (path) => dismissedIn(review.asides.dismissed, path) });
    }
  } catch (error) {
    for (const one of asked) for (const raw of one.held) yield* admitSaid(review, raw, one);
    throw error;
  }
  yield* settle(review, provider, asked);
  const read = new Set([...plan.recalled.map(({ piece }) => piece), ...asked.flatMap(({ pieces }) => pieces.map(rootOf))]);
  return {
    prompts: sorted([...plan.recalled.flatMap(({ answer }) => answer.prompts), ...asked.map(({ prompt }) => prompt)]),
    keys: sorted([...read].flatMap((piece) => plan.keys.get(piece) ?? [])),
    answeredBy: whoAnswered(provider, asked, plan.recalled.length > 0),
  };
}

async function* askAbout(
  review: Review,
  provider: ModelProvider,
  one: Asked | undefined,
  signal: CancelSignal,
): AsyncGenerator<AskStep, Answer> {
  if (one === undefined) throw new RangeError('There is no such request.');
  const { scorer, marker } = review.ports;
  const { system, user, held } = one;
  const steps = ask(provider, { system, user, schema: ANSWER_SCHEMA, maxOutputTokens: answerTokens(provider) }, signal);
  if (scorer === undefined) return yield* steps;
  return yield* judged(
    steps,
    { scorer, marker, shownPaths: shownPathsOf(review), held, pieceOf: (raw) => attributed(review, raw, one)?.piece },
    signal,
  );
}

/** Hands out what is remembered, as if the model had just said it. */
function* tellRecalled(review: Review, { keys, recalled: known }: ModelPlan): Generator<ReviewEvent> {
  const { receipt, units } = review;
  if (known.length === 0) return;
  receipt.usage.cacheHits += known.length;
  for (const { piece, answer } of known) {
    for (const finding of answer.findings) {
      const raw = recalled(finding, piece);
      const prepared = units.find(({ unit }) => unit.path === raw.file);
      if (prepared !== undefined) yield* admitJudged(review, prepared.placer.fromModel(raw), prepared, finding.score);
    }
  }
  const count = known.length === keys.size ? 'Nothing changed' : `${known.length} of ${keys.size} parts did not change`;
  yield* receipt.notice(`${count} since the model read it: what it said is remembered, and nothing was sent about it again.`);
}

function* tell(review: Review, provider: ModelProvider, asked: readonly Asked[], step: AskedStep): Generator<ReviewEvent> {
  const one = asked[step.index];
  if (one === undefined) return;
  const { files } = one;
  const what = files.length === 1 ? (files[0] ?? '') : `${files.length} files`;
  if (step.type === 'started') {
    review.receipt.usage.requests++;
    yield progress(`${provider.model} reads ${what}`, asked);
  } else if (step.type === 'says') yield* tellSaid(review, provider, asked, one, step.step);
  else {
    if (step.type === 'failed') one.failure = step.failure;
    else {
      one.answer = step.answer;
      yield* tellDamage(review, step.answer, files);
    }
    yield progress(`${provider.model} ${step.type === 'failed' ? 'gave no answer about' : 'has read'} ${what}`, asked);
  }
}

function* tellSaid(review: Review, { model }: ModelProvider, asked: readonly Asked[], one: Asked, step: AskStep): Generator<ReviewEvent> {
  const { ports, receipt } = review;
  if (step.type === 'finding') yield* admitSaid(review, step.raw, one, step.score);
  else if (step.type === 'usage') addUsage(receipt.usage, step);
  else if (step.type === 'notice') yield* receipt.notice(step.message);
  else if (step.type === 'scoring') {
    receipt.usage.requests++;
    yield progress(`${ports.scorer?.model ?? model} judges ${step.count === 1 ? '1 finding' : `${step.count} findings`}`, asked);
  } else {
    one.written = step.tokens;
    yield progress(`${model} writes`, asked);
  }
}

function* admitSaid(review: Review, raw: RawFinding, one: Asked, score?: number): Generator<ReviewEvent> {
  const about = attributed(review, raw, one);
  if (about === undefined) return;
  const { prepared, placed, piece } = about;
  if (piece !== undefined) one.findings.push({ raw, file: placed.file, piece, ...(score === undefined ? {} : { score }) });
  yield* admitJudged(review, placed, prepared, score);
}

function* admitJudged(review: Review, placed: PlacedFinding, prepared: PreparedUnit, score: number | undefined): Generator<ReviewEvent> {
  if (score !== undefined && score < WEAK_BELOW) review.admission.weak++;
  else yield* admit(review, placed, prepared);
}

/** Each once, in order. */
function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
