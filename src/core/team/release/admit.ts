import { digestOf } from '../../workflow/digests.ts';
import { type Contribution, fitsRegistry } from '../contribution.ts';
import type { Registry } from '../registry.ts';
import { releasedFrom, windowOf } from '../window.ts';
import { contributionTables } from './contributionTables.ts';
import type { Admitted } from './tables.ts';

/**
 * Why a contribution does not count, as the operator is told; of whom, nobody is. `registry`: by other counters, or by what another version
 * of Handrail means by them.
 */
export type Rejection = 'duplicate' | 'unreadable' | 'invalid' | 'registry' | 'late' | 'foreign';
export type Rejected = Record<Rejection, number>;

export const NONE_REJECTED: Readonly<Rejected> = { duplicate: 0, unreadable: 0, invalid: 0, registry: 0, late: 0, foreign: 0 };

export interface AdmitOptions {
  team: string;
  registry: Registry;
  /** Weeks of a window. */
  window: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
  /**
   * Last week of the last window that was released, or '' for none. Windows that begin in it or before stay closed: releases come in order,
   * and of windows of another length, the difference of two that overlap would be a figure of the weeks between.
   */
  lastReleased: string;
}

/**
 * Sorts contributions into the windows that they count in, each person once a week, whatever the order they come in. The plainest way there
 * is, which holds all of them: engines are compared with it.
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
  const windows = [...open]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, { to, contributions: counted }]) => ({
      from,
      to,
      contributions: counted.length,
      tables: contributionTables(counted),
      read: () => Promise.resolve(counted),
    }));
  return { windows, waiting, rejected };
}

/** Why a contribution is rejected whole: it is of another team or of a window that was released, or holds what the team did not ask for. */
export function rejectionOf(contribution: Contribution, { team, registry, window, lastReleased }: AdmitOptions): Rejection | undefined {
  if (contribution.team !== team) return 'foreign';
  const block = windowOf(contribution.week, window);
  if (block === undefined) return 'invalid';
  // Before its counters: what was released is over, whatever it was counted by.
  if (block.from <= lastReleased) return 'late';
  if (contribution.registry !== registry.digest) return 'registry';
  return fitsRegistry(contribution, registry) ? undefined : 'invalid';
}

/** Whether of two with the same token this one counts: the higher revision, then the smaller digest, so that order decides nothing. */
export function isPreferred(one: Contribution, other: Contribution): boolean {
  if (one.revision !== other.revision) return one.revision > other.revision;
  return digestOf(one) < digestOf(other);
}
