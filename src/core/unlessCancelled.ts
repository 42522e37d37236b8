import { HandrailError } from './errors.ts';
import type { CancelSignal } from './ports.ts';

/**
 * The result of work that does not heed the signal itself, such as a scan in a worker or a call of git; fails with `cancelled` as soon
 * as the signal says so. The work goes on by itself, so only what may be left behind is handed over here.
 */
export function unlessCancelled<T>(work: Promise<T>, signal: CancelSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new HandrailError('cancelled', 'The request was cancelled.'));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    // Handled even when it fails after the cancellation: nobody is left to be told.
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}
