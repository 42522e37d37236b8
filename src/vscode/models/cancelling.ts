import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';

/** A cancellation of the core as the editor's API wants it. Dispose it when the work is over. */
export class TokenOf implements vscode.Disposable {
  readonly #source = new vscode.CancellationTokenSource();
  readonly #signal: CancelSignal;
  readonly #cancel = (): void => this.#source.cancel();

  constructor(signal: CancelSignal) {
    this.#signal = signal;
    if (signal.aborted) this.#source.cancel();
    else signal.addEventListener('abort', this.#cancel, { once: true });
  }

  get token(): vscode.CancellationToken {
    return this.#source.token;
  }

  /** Tells whoever still works that nobody waits. */
  cancel(): void {
    this.#source.cancel();
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#source.dispose();
  }
}

/**
 * The result of some work, or `cancelled` as soon as the token says so: other extensions, and questions that the editor asks the
 * person, need not heed a token.
 */
export function unlessCancelled<T>(work: PromiseLike<T>, token: vscode.CancellationToken): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = token.onCancellationRequested(() => {
      stop.dispose();
      reject(cancelled());
    });
    // Handled even when it fails after the cancellation: nobody is left to be told.
    work.then(resolve, reject).then(
      () => stop.dispose(),
      () => stop.dispose(),
    );
  });
}

export function cancelled(): HandrailError {
  return new HandrailError('cancelled', vscode.l10n.t('The request was cancelled.'));
}
