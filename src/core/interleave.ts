import { Cancellation } from './cancellation.ts';
import { HandrailError } from './errors.ts';
import type { CancelSignal } from './ports.ts';

/** Something that is told piece by piece, and that ends when its signal is given. */
export type Source<T> = (signal: CancelSignal) => AsyncGenerator<T, void>;

interface Arrived<T> {
  from: AsyncGenerator<T, void>;
  outcome: IteratorResult<T, void> | { error: unknown };
}

/**
 * Runs sources side by side, at most `limit` at once, in their order, and hands out what they tell as it arrives. A source goes on
 * only after what it told was taken. The next source is asked for when there is room, so an iterator may decide to end early.
 *
 * Fails with the first source that fails, and with `cancelled` as soon as the signal is given, without waiting for sources that do
 * not heed it. However it ends, also when its reader leaves, every source that still runs is given the signal.
 */
export async function* interleave<T>(sources: Iterable<Source<T>>, limit: number, signal: CancelSignal): AsyncGenerator<T, void> {
  const waiting = sources[Symbol.iterator]();
  const cancellation = new Cancellation(signal);
  const running = new Set<AsyncGenerator<T, void>>();
  const arrived: Arrived<T>[] = [];
  let wake = (): void => {};
  cancellation.addEventListener('abort', () => wake());
  const pull = (from: AsyncGenerator<T, void>): void => {
    const arrive = (outcome: Arrived<T>['outcome']): void => {
      arrived.push({ from, outcome });
      wake();
    };
    from.next().then(arrive, (error: unknown) => arrive({ error }));
  };
  try {
    for (;;) {
      if (cancellation.aborted) throw new HandrailError('cancelled', 'The request was cancelled.');
      while (running.size < limit) {
        const next = waiting.next();
        if (next.done === true) break;
        const source = next.value(cancellation);
        running.add(source);
        pull(source);
      }
      if (running.size === 0) return;
      const [first] = arrived;
      if (first === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      arrived.shift();
      const { from, outcome } = first;
      if ('error' in outcome) {
        running.delete(from);
        throw outcome.error;
      }
      if (outcome.done === true) running.delete(from);
      else {
        yield outcome.value;
        pull(from);
      }
    }
  } finally {
    cancellation.cancel();
    // Not awaited: a source that hangs would hold up the one who cancels.
    for (const source of running) void source.return().catch(() => {});
  }
}
