import { digestOf } from '../../workflow/digests.ts';
import { type Contribution, fitsRegistry } from '../contribution.ts';
import type { Registry } from '../registry.ts';
import { windowOf } from '../window.ts';

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
  /**
   * Last week of the last window that was released, or '' for none. Windows that begin in it or before stay closed: releases come in order,
   * and of windows of another length, the difference of two that overlap would be a figure of the weeks between.
   */
  lastReleased: string;
}

/** Why a contribution is rejected whole: it is of another team or of a window that was released, or holds what the team did not ask for. */
export function rejectionOf(contribution: Contribution, { team, registry, window, lastReleased }: AdmitOptions): Rejection | undefined {
  if (contribution.team !== team) return 'foreign';
  const block = windowOf(contribution.week, window);
  if (block === undefined || !fitsRegistry(contribution, registry)) return 'invalid';
  return block.from <= lastReleased ? 'late' : undefined;
}

/** Whether of two with the same token this one counts: the higher revision, then the smaller digest, so that order decides nothing. */
export function isPreferred(one: Contribution, other: Contribution): boolean {
  if (one.revision !== other.revision) return one.revision > other.revision;
  return digestOf(one) < digestOf(other);
}
