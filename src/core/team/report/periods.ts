import { weeksBetween } from '../window.ts';
import type { Release } from '../release/release.ts';
import { firstDay, lastDay } from './words.ts';

/** Windows that are looked at as one. */
export interface Period {
  releases: readonly Release[];
  /** Releases by window, first one first. */
  windows: readonly (readonly Release[])[];
}

/** Long enough that a holiday or a release does not decide what is said, short enough to be now. */
const WEEKS = 12;

/** The last twelve weeks or so, and as many windows before them where there are that many. */
export function periodsOf(windows: Period['windows']): { recent: Period; before: Period | undefined } {
  const first = windows.at(-1)?.[0];
  const weeks = first === undefined ? 1 : weeksBetween(first.window);
  const count = Math.max(1, Math.round(WEEKS / weeks));
  const before = windows.slice(-2 * count, -count);
  return { recent: periodOf(windows.slice(-count)), before: before.length < count ? undefined : periodOf(before) };
}

function periodOf(windows: Period['windows']): Period {
  return { windows, releases: windows.flat() };
}

/** `10 Aug 2026 to 1 Nov 2026`. */
export function spanOf(windows: Period['windows']): string {
  return `${firstDay(windows[0]?.[0]?.window.from ?? '')} to ${lastDay(windows.at(-1)?.[0]?.window.to ?? '')}`;
}
