/**
 * When a window looks for what leaves by itself. What came due while none was open would else leave the moment one opens, and where it
 * arrives would show at what time somebody begins to work.
 */

const MINUTE = 60_000;
/** Milliseconds after the start of a window, or after the machine slept. */
export const FIRST_LOOK = { least: 5 * MINUTE, most: 150 * MINUTE } as const;
/** Milliseconds between looks. */
export const NEXT_LOOK = { least: 30 * MINUTE, most: 90 * MINUTE } as const;
/** A timer that comes later than this was held up by sleep. */
const LATE = 2 * MINUTE;

/** Does the work a random while from now on, again and again; `random` gives a number from 0 up to 1. */
export function unhurried(work: () => void, random: () => number = Math.random): { dispose(): void } {
  let timer: NodeJS.Timeout;
  const wait = ({ least, most }: { least: number; most: number }): void => {
    const delay = least + Math.floor(random() * (most - least));
    const due = Date.now() + delay;
    timer = setTimeout(() => {
      const slept = Date.now() - due > LATE;
      if (!slept) work();
      wait(slept ? FIRST_LOOK : NEXT_LOOK);
    }, delay);
  };
  wait(FIRST_LOOK);
  return { dispose: () => clearTimeout(timer) };
}
