import { HandrailError } from '../../errors.ts';
import type { ModelUse, RawFinding, ReviewEvent } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { addUsage } from '../usage.ts';
import { damageOf, type Answer, type AskStep } from './ask.ts';
import { askAll, askWith, concurrencyOf, type AskedStep } from './askAll.ts';
import { fileOf } from './attribute.ts';
import { pieceOf, recalled } from './cache.ts';
import { rootOf, type Piece } from './pieces.ts';
import { Remembering, type SaidFinding } from './remembering.ts';
import { digest } from './fingerprint.ts';
import { ANSWER_SCHEMA } from './frame.ts';
import { answerTokens, dismissedIn, filesOf, planModel, promptOf, type ModelPlan } from './modelPlan.ts';
import { admit, throwIfCancelled, type Review } from './review.ts';

/** One request, and what became of it. */
interface Asked {
  pieces: readonly Piece[];
  files: readonly string[];
  system: string;
  user: string;
  /** Digest of the prompt without the fence, which is new each time. */
  prompt: string;
  findings: SaidFinding[];
  /** Tokens of the answer so far, estimated. */
  written: number;
  answer?: Answer;
  failure?: HandrailError;
}

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
  const { recalled: known, requests } = plan;
  for (const entry of plan.shortened) receipt.cover(entry.file, entry.status, entry.reason);
  throwIfCancelled(signal);
  yield* tellRecalled(review, plan);
  const asked = requests.map(({ pieces }) => toAsk(review, pieces));
  const steps = askAll(
    askWith(provider),
    asked.map(({ system, user }) => ({ system, user, schema: ANSWER_SCHEMA, maxOutputTokens: answerTokens(provider) })),
    concurrencyOf(provider),
    signal,
  );
  const remembering = ports.cache && new Remembering(ports.cache.answers, plan.keys);
  for await (const step of steps) {
    yield* tell(review, provider, asked, step);
    const one = asked[step.index];
    if (remembering !== undefined && step.type === 'answered' && one !== undefined && isWhole(step.answer))
      await remembering.add({ ...one, told: (path) => dismissedIn(review.asides.dismissed, path) });
  }
  yield* settle(review, provider, asked);
  const read = new Set([...known.map(({ piece }) => piece), ...asked.flatMap(({ pieces }) => pieces.map(rootOf))]);
  return {
    prompts: sorted([...known.flatMap(({ answer }) => answer.prompts), ...asked.map(({ prompt }) => prompt)]),
    keys: sorted([...read].flatMap((piece) => plan.keys.get(piece) ?? [])),
    answeredBy: whoAnswered(provider, asked, known.length > 0),
  };
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
      if (prepared !== undefined) yield* admit(review, prepared.placer.fromModel(raw), prepared);
    }
  }
  const count = known.length === keys.size ? 'Nothing changed' : `${known.length} of ${keys.size} parts did not change`;
  yield* receipt.notice(`${count} since the model read it: what it said is remembered, and nothing was sent about it again.`);
}

/** Only what the chosen model said in full stands for what it would say again. */
function isWhole(answer: Answer): boolean {
  return answer.by === undefined && damageOf(answer, []) === undefined;
}

/** Each once, in order. */
function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function toAsk(review: Review, pieces: readonly Piece[]): Asked {
  const { system, user, fence } = promptOf(review, pieces);
  const prompt = digest([system, user.replaceAll(fence, '')]);
  return { pieces, files: filesOf(pieces), system, user, prompt, findings: [], written: 0 };
}

function* tell(review: Review, provider: ModelProvider, asked: readonly Asked[], step: AskedStep): Generator<ReviewEvent> {
  const one = asked[step.index];
  if (one === undefined) return;
  const { files } = one;
  if (step.type === 'started') {
    review.receipt.usage.requests++;
    yield progress(`${provider.model} reads ${files.length === 1 ? (files[0] ?? '') : `${files.length} files`}`, asked);
  } else if (step.type === 'says') yield* tellSaid(review, provider, asked, one, step.step);
  else {
    if (step.type === 'failed') one.failure = step.failure;
    else {
      one.answer = step.answer;
      yield* tellDamage(review, step.answer, files);
    }
    yield progress(`${provider.model} read ${files.length === 1 ? (files[0] ?? '') : `${files.length} files`}`, asked);
  }
}

function* tellSaid(review: Review, { model }: ModelProvider, asked: readonly Asked[], one: Asked, step: AskStep): Generator<ReviewEvent> {
  if (step.type === 'finding') yield* admitRaw(review, step.raw, one);
  else if (step.type === 'usage') addUsage(review.receipt.usage, step);
  else if (step.type === 'notice') yield* review.receipt.notice(step.message);
  else {
    one.written = step.tokens;
    yield progress(`${model} writes`, asked);
  }
}

function* admitRaw(review: Review, raw: RawFinding, { files, findings, pieces }: Asked): Generator<ReviewEvent> {
  const prepared = fileOf(
    raw,
    review.units.filter(({ unit }) => files.includes(unit.path)),
    review.units,
  );
  if (prepared === undefined) return;
  const placed = prepared.placer.fromModel(raw);
  const own = pieces.filter(({ path }) => path === placed.file);
  const piece = pieceOf(placed.startLine ?? raw.line, own) ?? pieces[0];
  if (piece !== undefined) findings.push({ raw, file: placed.file, piece });
  yield* admit(review, placed, prepared);
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

/** At the end: fails when nothing came of it, else says what was not read. */
function* settle({ receipt }: Review, { model }: ModelProvider, asked: readonly Asked[]): Generator<ReviewEvent> {
  const failures = asked.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (asked.length > 0 && asked.every(({ answer }) => answer === undefined || answer.end.unreadable)) {
    throw (
      first ??
      new HandrailError('bad-response', `${model} gave no answer that could be read as a list of findings.`, {
        hint: 'Try again, or use a model that follows instructions on the form of its answer.',
      })
    );
  }
  if (first === undefined) return;
  for (const { files, failure } of asked) {
    if (failure === undefined) continue;
    for (const file of files) receipt.cover(file, 'partial', `the model gave no answer about it: ${failure.message}`);
  }
  const count = failures.length === 1 ? '1 request' : `${failures.length} requests`;
  const kept = `${count} of ${asked.length} got no answer; what the others found is kept.`;
  yield* receipt.notice([kept, first.message, ...(first.hint === undefined ? [] : [first.hint])].join(' '));
}

/** Who answered, each once, in the order of the requests; only the chosen model's answers are remembered. */
function whoAnswered({ name, model, origin }: ModelProvider, asked: readonly Asked[], isRecalled: boolean): ModelUse[] {
  const chosen = { name, model, origin };
  const uses = asked.flatMap(({ answer }) => (answer === undefined ? [] : [answer.by ?? chosen]));
  if (isRecalled) uses.unshift(chosen);
  return uses.filter((use, index) => uses.findIndex((other) => isSame(use, other)) === index);
}

export function isSame(a: ModelUse, b: ModelUse): boolean {
  return a.name === b.name && a.model === b.model && a.origin === b.origin;
}

function progress(message: string, asked: readonly Asked[]): ReviewEvent {
  const done = asked.filter(({ answer, failure }) => answer !== undefined || failure !== undefined).length;
  const outputTokens = asked.reduce((sum, { written }) => sum + written, 0);
  return { type: 'progress', message, done, total: asked.length, outputTokens };
}
