import { failureOf } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import type { Receiver } from './receiver.ts';

/**
 * Listens while the person wants it. Of several windows one has the port; the others look now and then whether it was given back.
 */
export interface ReceiverKeeper {
  /** Looks at once whether to listen or to end it; to be called when something was decided. */
  look(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

export interface ReceiverKeeperOptions {
  /** Whether recording is on and an assistant is connected. */
  wanted(): boolean;
  open(): Promise<Receiver>;
  log: Log;
  /** Milliseconds between looks, while it is wanted. */
  interval?: number;
}

const INTERVAL = 15_000;

export function createReceiverKeeper({ wanted, open, log, interval = INTERVAL }: ReceiverKeeperOptions): ReceiverKeeper {
  let receiver: Receiver | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  // One look at a time, in their order.
  let last: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => (last = last.then(lookOnce));
  const lookOnce = async (): Promise<void> => {
    clearTimeout(timer);
    const isWanted = !closed && wanted();
    if (!isWanted) {
      const ending = receiver;
      receiver = undefined;
      await ending?.close();
      return;
    }
    if (receiver === undefined) {
      try {
        receiver = await open();
        log.info(`usage: listening on port ${receiver.port} for connected assistants`);
      } catch (error) {
        // Another window has it, or it was turned off just now.
        if (failureOf(error) === undefined) log.warn(`usage: ${String(error)}`);
      }
    }
    timer = setTimeout(() => void look(), interval);
    timer.unref();
  };
  return {
    look,
    close() {
      closed = true;
      return look();
    },
  };
}
