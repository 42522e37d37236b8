import { HandrailError } from '../../errors.ts';
import type { RawFinding, ReviewEvent } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { addUsage } from '../usage.ts';
import { ask, damageOf, type Answer } from './ask.ts';
import { fileOf } from './attribute.ts';
import type { Piece } from './budget.ts';
import { ANSWER_SCHEMA } from './frame.ts';
import { answerTokens, filesOf, planModel, promptOf } from './modelPlan.ts';
import { admit, throwIfCancelled, type Review } from './review.ts';

/** Asks the model, request by request. Returns what it was asked, without the fences, for the digest of the prompt. */
export async function* askModel(review: Review, provider: ModelProvider): AsyncGenerator<ReviewEvent, string[]> {
  const { receipt, signal } = review;
  const { requests, shortened } = await planModel(review, provider);
  for (const entry of shortened) receipt.cover(entry.file, entry.status, entry.reason);
  const prompts: string[] = [];
  const course = { total: requests.length, done: 0, written: 0 };
  let unreadable = 0;
  for (const { pieces } of requests) {
    throwIfCancelled(signal);
    const files = filesOf(pieces);
    yield progress(`${provider.model} reads ${files.length === 1 ? (files[0] ?? '') : `${files.length} files`}`, course);
    const { system, user, fence } = promptOf(review, pieces);
    // The fence is new each time; the digest must not be.
    prompts.push(system, user.replaceAll(fence, ''));
    const answer = yield* askAbout(review, provider, { system, user }, pieces, course);
    yield* tellDamage(review, answer, files);
    if (answer.end.unreadable) unreadable++;
    course.done++;
  }
  if (unreadable > 0 && unreadable === requests.length) {
    throw new HandrailError('bad-response', `${provider.model} gave no answer that could be read as a list of findings.`, {
      hint: 'Try again, or use a model that follows instructions on the form of its answer.',
    });
  }
  return prompts;
}

interface Course {
  total: number;
  done: number;
  /** Tokens written by the model so far, estimated. */
  written: number;
}

async function* askAbout(
  review: Review,
  provider: ModelProvider,
  prompt: { system: string; user: string },
  pieces: readonly Piece[],
  course: Course,
): AsyncGenerator<ReviewEvent, Answer> {
  const { receipt, signal } = review;
  receipt.usage.requests++;
  const before = course.written;
  const steps = ask(provider, { ...prompt, schema: ANSWER_SCHEMA, maxOutputTokens: answerTokens(provider) }, signal);
  for (;;) {
    const { done, value } = await steps.next();
    if (done === true) return value;
    if (value.type === 'finding') yield* admitRaw(review, value.raw, pieces);
    else if (value.type === 'usage') addUsage(receipt.usage, value);
    else if (value.type === 'notice') yield* receipt.notice(value.message);
    else {
      course.written = before + value.tokens;
      yield progress(`${provider.model} writes`, course);
    }
  }
}

function* admitRaw(review: Review, raw: RawFinding, pieces: readonly Piece[]): Generator<ReviewEvent> {
  const files = new Set(filesOf(pieces));
  const prepared = fileOf(
    raw,
    review.units.filter(({ unit }) => files.has(unit.path)),
  );
  if (prepared) yield* admit(review, prepared.placer.fromModel(raw), prepared);
}

function* tellDamage({ receipt }: Review, answer: Answer, files: readonly string[]): Generator<ReviewEvent> {
  const { lost } = answer.end;
  if (lost > 0)
    yield* receipt.notice(
      `${lost === 1 ? 'One finding' : `${lost} findings`} of the model could not be read and ${lost === 1 ? 'is' : 'are'} left out.`,
    );
  const damage = damageOf(answer, files);
  if (damage === undefined) return;
  for (const file of files) receipt.cover(file, 'partial', damage.reason);
  if (damage.notice !== undefined) yield* receipt.notice(damage.notice);
}

function progress(message: string, { done, total, written }: Course): ReviewEvent {
  return { type: 'progress', message, done, total, outputTokens: written };
}
