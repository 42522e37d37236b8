import { failureOf } from '../../errors.ts';
import type { ReviewEvent } from '../finding.ts';
import { admit, throwIfCancelled, type Review } from './review.ts';

/** Everything the built-in engines find, file by file. An engine that fails costs its file only. */
export async function* askEngines(review: Review): AsyncGenerator<ReviewEvent> {
  const { admission, input, ports, receipt, signal, units } = review;
  for (const [index, prepared] of units.entries()) {
    throwIfCancelled(signal);
    const { path } = prepared.unit;
    yield { type: 'progress', message: `Checking ${path} with the built-in reviewer`, done: index, total: units.length, outputTokens: 0 };
    try {
      const found = await ports.builtin.review(path, prepared.original, signal);
      for (const raw of found) yield* admit(review, prepared.placer.fromEngine(raw), prepared);
      if (!ports.provider && !ports.builtin.reads(path)) {
        receipt.cover(path, 'partial', 'searched for secrets only: no built-in engine reads this kind of file');
      }
    } catch (error) {
      if (failureOf(error)?.reason === 'cancelled') throw error;
      yield* receipt.notice(`The built-in reviewer could not read ${path}: ${failureOf(error)?.message ?? 'an engine failed'}`);
      if (!ports.provider) receipt.cover(path, 'skipped', 'the built-in engine failed');
    }
  }
  if (admission.aside === 0) return;
  const what = admission.aside === 1 ? '1 finding' : `${admission.aside} findings`;
  const where = input.scope === 'selection' ? 'outside the selection' : 'on lines that did not change';
  yield* receipt.notice(`The built-in reviewer left out ${what} ${where}.`);
}
