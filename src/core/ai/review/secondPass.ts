import { failureOf } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { RawFinding } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import type { Answer, AskStep } from './ask.ts';
import type { Piece } from './pieces.ts';
import { score, type Judged } from './score.ts';

/** Who judges the findings of one answer. */
export interface Judge {
  scorer: ModelProvider;
  marker(): string;
  /** How a path is written to the model where it must not be told as it is. */
  shownPaths?: ReadonlyMap<string, string>;
  /** The piece of code that a finding is about. */
  pieceOf(raw: RawFinding): Piece | undefined;
  /** Findings that were said and not handed out yet: what a cancelled review still has to show. */
  held: RawFinding[];
}

/**
 * The same answer, with its findings handed out after they were judged, each with its score. Where judging fails they come without
 * one, and a notice says so; where the answer itself fails, what it said before comes first.
 */
export async function* judged(
  steps: AsyncGenerator<AskStep, Answer>,
  { scorer, marker, shownPaths, pieceOf, held }: Judge,
  signal: CancelSignal,
): AsyncGenerator<AskStep, Answer> {
  let answer: Answer;
  try {
    answer = yield* withoutFindings(steps, held);
  } catch (error) {
    // Cancelled, nobody reads on here: what is held is shown by whoever holds it.
    if (failureOf(error)?.reason !== 'cancelled') yield* handOut(held);
    throw error;
  }
  const judgeable = held.flatMap((raw): Judged[] => {
    const piece = pieceOf(raw);
    return piece === undefined ? [] : [{ raw, piece }];
  });
  if (judgeable.length === 0) {
    yield* handOut(held);
    return answer;
  }
  try {
    const scores = yield* score(judgeable, scorer, { marker, ...(shownPaths === undefined ? {} : { shownPaths }) }, signal);
    yield* handOut(held, new Map([...scores].map(([index, value]) => [judgeable[index]?.raw, value])));
    return answer;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || failure.reason === 'cancelled') throw error;
    yield { type: 'notice', message: `The second pass failed, so findings are shown unjudged. ${failure.message}` };
    yield* handOut(held);
    return { ...answer, unjudged: true };
  }
}

async function* withoutFindings(steps: AsyncGenerator<AskStep, Answer>, held: RawFinding[]): AsyncGenerator<AskStep, Answer> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done === true) return value;
    if (value.type === 'finding') held.push(value.raw);
    else yield value;
  }
}

function* handOut(held: RawFinding[], scores?: ReadonlyMap<RawFinding | undefined, number>): Generator<AskStep> {
  for (let raw = held.shift(); raw !== undefined; raw = held.shift()) {
    const value = scores?.get(raw);
    yield { type: 'finding', raw, ...(value === undefined ? {} : { score: value }) };
  }
}
