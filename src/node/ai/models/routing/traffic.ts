import { HandrailError } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';

/**
 * The requests of this process to models, counted by where they go, so that reviews and generations of all folders keep to one limit
 * together. One is made at the composition root and handed to everybody who asks models.
 */
export interface Traffic {
  /** Waits, in turn, until fewer than `limit` requests to `key` run. The result ends the request. Fails with `cancelled`. */
  enter(key: string, limit: number, signal: CancelSignal): Promise<() => void>;
  /** Money for a request to `key` is in use until the result is called. */
  useMoney(key: string): () => void;
  /** Resolves when some of the money in use for `key` has been accounted for; undefined when none is in use. */
  nextAccount(key: string): Promise<void> | undefined;
}

interface Queue {
  running: number;
  waiting: (() => void)[];
}

interface Money {
  uses: number;
  waiting: (() => void)[];
}

export function createTraffic(): Traffic {
  const queues = new Map<string, Queue>();
  const money = new Map<string, Money>();
  return {
    async enter(key, limit, signal) {
      const queue = queues.get(key) ?? { running: 0, waiting: [] };
      queues.set(key, queue);
      if (queue.running >= limit) await turn(queue, signal);
      else queue.running++;
      return once(() => {
        // Whoever waits takes the place over, so that nobody who comes now gets in between.
        const next = queue.waiting.shift();
        if (next) next();
        else queue.running--;
        if (queue.running === 0) queues.delete(key);
      });
    },
    useMoney(key) {
      const use = money.get(key) ?? { uses: 0, waiting: [] };
      money.set(key, use);
      use.uses++;
      return once(() => {
        use.uses--;
        if (use.uses === 0) money.delete(key);
        for (const tell of use.waiting.splice(0)) tell();
      });
    },
    nextAccount(key) {
      const use = money.get(key);
      return use && new Promise((resolve) => use.waiting.push(resolve));
    },
  };
}

function turn(queue: Queue, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      queue.waiting.splice(queue.waiting.indexOf(proceed), 1);
      reject(new HandrailError('cancelled', 'The request was cancelled.'));
    };
    const proceed = (): void => {
      signal.removeEventListener('abort', cancel);
      resolve();
    };
    if (signal.aborted) return reject(new HandrailError('cancelled', 'The request was cancelled.'));
    queue.waiting.push(proceed);
    signal.addEventListener('abort', cancel, { once: true });
  });
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
