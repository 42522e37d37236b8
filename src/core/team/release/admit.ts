import { digestOf } from '../../workflow/digests.ts';
import { type Contribution, fitsRegistry } from '../contribution.ts';
import type { Registry } from '../registry.ts';
import { releasedFrom, windowOf } from '../window.ts';

/** Why a contribution does not count, as the operator is told; of whom, nobody is. */
export type Rejection = 'duplicate' | 'unreadable' | 'invalid' | 'late' | 'foreign';
export type Rejected = Record<Rejection, number>;

export const NONE_REJECTED: Readonly<Rejected> = { duplicate: 0, unreadable: 0, invalid: 0, late: 0, foreign: 0 };

export interface AdmitOptions {
  team: string;
  registry: Registry;
  /** Weeks of a window. */
  window: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Whether a window was released already, by its first week. */
  isReleased(from: string): boolean;
}

/** The contributions of one window, each person once a week. */
export interface OpenWindow {
  from: string;
  to: string;
  contributions: readonly Contribution[];
}

export interface Admitted {
  /** Windows that can be released now, first one first. */
  windows: readonly OpenWindow[];
  /** Contributions to windows that are not over, which count later. */
  waiting: number;
  rejected: Rejected;
}

/**
 * Sorts contributions into the windows that they count in. Of several with the same token the highest revision counts, then the one with
 * the smallest digest, so that the order they come in decides nothing. What is of another team, of a window that was released, or holds
 * what the team did not ask for, is rejected whole.
 */
export function admit(contributions: Iterable<Contribution>, options: AdmitOptions): Admitted {
  const rejected: Rejected = { ...NONE_REJECTED };
  const byToken = new Map<string, Contribution>();
  for (const contribution of contributions) {
    const rejection = rejectionOf(contribution, options);
    if (rejection !== undefined) {
      rejected[rejection] += 1;
      continue;
    }
    const key = `${contribution.week} ${contribution.token}`;
    const before = byToken.get(key);
    if (before !== undefined) rejected.duplicate += 1;
    if (before === undefined || isPreferred(contribution, before)) byToken.set(key, contribution);
  }
  const open = new Map<string, { to: string; contributions: Contribution[] }>();
  let waiting = 0;
  for (const contribution of byToken.values()) {
    // Says what an idle week says, so it must leave what an idle week leaves: nothing, in the band of participation neither.
    if (contribution.counters.every(({ value }) => value === 0)) continue;
    const block = windowOf(contribution.week, options.window);
    if (block === undefined || options.now < releasedFrom(block)) {
      waiting += 1;
      continue;
    }
    const window = open.get(block.from) ?? { to: block.to, contributions: [] };
    open.set(block.from, window);
    window.contributions.push(contribution);
  }
  const windows = [...open].map(([from, window]) => ({ from, ...window })).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return { windows, waiting, rejected };
}

function rejectionOf(contribution: Contribution, { team, registry, window, isReleased }: AdmitOptions): Rejection | undefined {
  if (contribution.team !== team) return 'foreign';
  const block = windowOf(contribution.week, window);
  if (block === undefined || !fitsRegistry(contribution, registry)) return 'invalid';
  return isReleased(block.from) ? 'late' : undefined;
}

function isPreferred(one: Contribution, other: Contribution): boolean {
  if (one.revision !== other.revision) return one.revision > other.revision;
  return digestOf(one) < digestOf(other);
}
