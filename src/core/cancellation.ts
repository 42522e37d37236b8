import type { CancelSignal } from './ports.ts';

/** A signal that this side gives, and that a wider one gives too: for work that must end when its reader leaves. */
export class Cancellation implements CancelSignal {
  #aborted = false;
  readonly #listeners = new Set<() => void>();
  readonly #wider: CancelSignal;
  readonly #follow = (): void => this.cancel();

  constructor(wider: CancelSignal) {
    this.#wider = wider;
    if (wider.aborted) this.#aborted = true;
    else wider.addEventListener('abort', this.#follow, { once: true });
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** A listener is called once at most, whatever it asks for: a signal is given once. */
  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Gives the signal, and stops listening to the wider one. Twice is as good as once. */
  cancel(): void {
    this.#wider.removeEventListener('abort', this.#follow);
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
