import { HandrailError } from '../../errors.ts';
import type { ModelUse, ReviewEvent } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { damageOf, type Answer } from './ask.ts';
import type { Asked } from './asked.ts';
import type { Review } from './review.ts';

/** What is missing of an answer: its files count as read in part. */
export function* tellDamage({ receipt }: Review, answer: Answer, files: readonly string[]): Generator<ReviewEvent> {
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

/** At the end: fails when nothing came of it, else says what was not read and what was left out. */
export function* settle({ admission, ports, receipt }: Review, { model }: ModelProvider, asked: readonly Asked[]): Generator<ReviewEvent> {
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
  const { weak } = admission;
  if (weak > 0)
    yield* receipt.notice(
      `The second pass by ${ports.scorer?.model ?? model} left out ${weak === 1 ? '1 weak finding' : `${weak} weak findings`}.`,
    );
  if (first === undefined) return;
  for (const { files, failure } of asked) {
    if (failure === undefined) continue;
    for (const file of files) receipt.cover(file, 'partial', `the model gave no answer about it: ${failure.message}`);
  }
  const count = failures.length === 1 ? '1 request' : `${failures.length} requests`;
  const kept = `${count} of ${asked.length} got no answer; what the others found is kept.`;
  yield* receipt.notice([kept, first.message, ...(first.hint === undefined ? [] : [first.hint])].join(' '));
}

/** Only what the chosen model said in full and undamaged, judged where it is to be judged, stands for what it would say again. */
export function isWhole(answer: Answer): boolean {
  const isMended = answer.end.findings.length > 0;
  return answer.by === undefined && answer.unjudged !== true && !isMended && damageOf(answer, []) === undefined;
}

/** Who answered, each once, in the order of the requests; only the chosen model's answers are remembered. */
export function whoAnswered({ name, model, origin }: ModelProvider, asked: readonly Asked[], isRecalled: boolean): ModelUse[] {
  const chosen = { name, model, origin };
  const uses = asked.flatMap(({ answer }) => (answer === undefined ? [] : [answer.by ?? chosen]));
  if (isRecalled) uses.unshift(chosen);
  return uses.filter((use, index) => uses.findIndex((other) => isSame(use, other)) === index);
}

export function isSame(a: ModelUse, b: ModelUse): boolean {
  return a.name === b.name && a.model === b.model && a.origin === b.origin;
}
