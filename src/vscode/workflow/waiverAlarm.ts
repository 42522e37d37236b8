import { nextWaiverEnd } from '../../core/workflow/waiver.ts';
import type { RunStatus } from '../../core/workflow/run.ts';

/** Timers hold 24 days at most, and a machine that slept has missed some of them: it is looked again once a day. Milliseconds. */
const LONGEST_WAIT = 86_400_000;

/** Rings when a waiver of the run has ended, since no file changes then. One timer at a time, and none while no waiver holds. */
export class WaiverAlarm {
  readonly #ring: () => void;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ring: () => void, now: () => number = Date.now) {
    this.#ring = ring;
    this.#now = now;
  }

  follow(run: RunStatus | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const end = nextWaiverEnd(run);
    if (end === undefined) return;
    // One that is over already is shown as such: the run was read after its end.
    const wait = Math.min(Math.max(end - this.#now(), 1000), LONGEST_WAIT);
    this.#timer = setTimeout(this.#ring, wait);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
