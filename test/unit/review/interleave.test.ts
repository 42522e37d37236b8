import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Cancellation } from '../../../src/core/cancellation.ts';
import { interleave, type Source } from '../../../src/core/interleave.ts';
import { never } from './support.ts';

/** A source that tells so many things, each after so many turns of the event loop. */
const telling = (name: string, count: number, turns = 0): Source<string> =>
  async function* () {
    for (let index = 0; index < count; index++) {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      yield `${name}${index}`;
    }
  };

async function all<T>(generator: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of generator) found.push(one);
  return found;
}

/** A source that never tells anything and does not heed its signal. */
const deaf: Source<string> = async function* () {
  await new Promise(() => {});
  yield 'never';
};

describe('interleave', () => {
  it('loses nothing, keeps each source in order, and never runs more than it may', async () => {
    const source = fc.record({ count: fc.integer({ min: 0, max: 5 }), turns: fc.integer({ min: 0, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(source, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), async (shapes, limit) => {
        let running = 0;
        let most = 0;
        const sources = shapes.map(
          ({ count, turns }, index): Source<string> =>
            async function* (signal) {
              most = Math.max(most, ++running);
              yield* telling(`${index}:`, count, turns)(signal);
              running--;
            },
        );
        const told = await all(interleave(sources, limit, never));
        assert.equal(
          told.length,
          shapes.reduce((sum, { count }) => sum + count, 0),
        );
        shapes.forEach(({ count }, index) =>
          assert.deepEqual(
            told.filter((one) => one.startsWith(`${index}:`)),
            Array.from({ length: count }, (_, at) => `${index}:${at}`),
          ),
        );
        assert.ok(most <= limit);
      }),
      { numRuns: 60 },
    );
  });

  it('lets a quick source pass a slow one', async () => {
    const told = await all(interleave([telling('slow', 1, 20), telling('quick', 3)], 2, never));
    assert.deepEqual(told, ['quick0', 'quick1', 'quick2', 'slow0']);
  });

  it('does not let a source go on before what it told was taken', async () => {
    const order: string[] = [];
    const source: Source<string> = async function* () {
      yield 'a';
      order.push('after a');
      yield 'b';
    };
    for await (const one of interleave([source], 1, never)) order.push(one);
    assert.deepEqual(order, ['a', 'after a', 'b']);
  });

  it('takes the next source only when there is room, so that it may decide not to come', async () => {
    const begun: string[] = [];
    function* sources(): Generator<Source<string>> {
      for (const name of ['a', 'b', 'c']) {
        if (begun.length === 2) return;
        begun.push(name);
        yield telling(name, 1);
      }
    }
    assert.deepEqual(await all(interleave(sources(), 1, never)), ['a0', 'b0']);
  });

  it('ends at once when cancelled, whether its sources heed that or not', async () => {
    const controller = new AbortController();
    let heard = false;
    const heeding: Source<string> = async function* (signal) {
      yield 'first';
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      heard = true;
    };
    const running = interleave([deaf, heeding], 2, controller.signal);
    assert.equal((await running.next()).value, 'first');
    const end = running.next();
    controller.abort();
    await assert.rejects(end, { reason: 'cancelled' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(heard);
    await assert.rejects(interleave([telling('a', 1)], 1, controller.signal).next(), { reason: 'cancelled' });
  });

  it('gives the signal to what still runs when one fails, and when its reader leaves', async () => {
    for (const leave of ['failure', 'reader'] as const) {
      let signal = false;
      const open: Source<string> = async function* (cancel) {
        cancel.addEventListener('abort', () => (signal = true));
        yield* deaf(cancel);
      };
      const other: Source<string> = async function* () {
        await Promise.resolve();
        if (leave === 'failure') throw new Error('broken');
        yield 'something';
      };
      const running = interleave([open, other], 2, never);
      if (leave === 'failure') await assert.rejects(running.next(), /broken/);
      else {
        await running.next();
        await running.return();
      }
      assert.ok(signal, leave);
    }
  });
});

describe('cancellation', () => {
  it('is given by either side, once, and leaves no listener behind', () => {
    const controller = new AbortController();
    const [one, two] = [new Cancellation(controller.signal), new Cancellation(controller.signal)];
    const heard: string[] = [];
    for (const [name, cancellation] of Object.entries({ one, two })) cancellation.addEventListener('abort', () => heard.push(name));
    const left = (): void => void heard.push('left');
    one.addEventListener('abort', left);
    one.removeEventListener('abort', left);
    one.cancel();
    assert.deepEqual([heard, one.aborted, two.aborted], [['one'], true, false]);
    controller.abort();
    assert.deepEqual(heard, ['one', 'two']);
    assert.equal(new Cancellation(controller.signal).aborted, true);
  });
});
