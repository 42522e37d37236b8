import { startOfWeek } from '../../telemetry/week.ts';
import type { Release } from '../release/release.ts';
import { windowsOf } from './enough.ts';
import type { Range } from './statistics.ts';

/** What is known of how many people of a team took part in a window: from `from` to `to` of `roster`. */
export interface Band {
  readonly team: string;
  readonly from: number;
  readonly to: number;
  readonly roster: number;
}

/** Who took part in a window, all teams that release together. */
export interface ParticipationWindow {
  /** Its first week, such as `2026-W45`, and when that begins, in milliseconds. */
  readonly week: string;
  readonly start: number;
  readonly bands: readonly Band[];
}

/** How many people a team has, by its name. Releases do not say it. */
export type Rosters = Readonly<Record<string, number>>;

/**
 * Windows in their order with what is known of participation. Teams without a roster are left out: without it there is no share. A window
 * before a team's last release that has none had fewer than `k` people, since releases come in order; one after it says nothing.
 */
export function participationWindows(releases: readonly Release[], rosters: Rosters): ParticipationWindow[] {
  const windows = windowsOf(releases);
  const known = new Map<string, { roster: number; k: number; last: string }>();
  for (const { team, k, window } of windows.flat()) {
    const roster = Object.hasOwn(rosters, team) ? rosters[team] : undefined;
    if (roster === undefined || !Number.isInteger(roster) || roster < 1) continue;
    known.set(team, { roster, k: Math.max(1, Math.floor(k)), last: window.from });
  }
  return windows.flatMap((window) => {
    const week = window[0]?.window.from ?? '';
    const start = startOfWeek(week);
    if (start === undefined) return [];
    const bands = [...known].flatMap(([team, { roster, k, last }]): Band[] => {
      const release = window.find((one) => one.team === team);
      if (release !== undefined) return bandOf(release, roster);
      return week < last ? [{ team, from: 0, to: Math.min(roster, k - 1), roster }] : [];
    });
    return bands.length === 0 ? [] : [{ week, start, bands }];
  });
}

function bandOf({ team, participation: { from, to } }: Release, roster: number): Band[] {
  const low = Math.max(0, Math.ceil(from));
  const high = Math.min(roster, Math.floor(to ?? roster));
  // A roster that changed since, or a release that is none: it cannot be read with this roster.
  return low <= high ? [{ team, from: low, to: high, roster }] : [];
}

/** The share of all rosters that took part, from the lower to the upper ends of the bands, 0 to 1. */
export function shareOf({ bands }: Pick<ParticipationWindow, 'bands'>): Range {
  const sum = (value: (band: Band) => number): number => bands.reduce((all, band) => all + value(band), 0);
  const roster = Math.max(
    1,
    sum((band) => band.roster),
  );
  return { low: sum(({ from }) => from) / roster, high: sum(({ to }) => to) / roster };
}

/**
 * What participation says about use: somebody who shares nothing may use it or not, so that the share of people who use it is between
 * the share that took part and all (worst-case bounds, Manski 1989).
 */
export function nonResponseBounds(window: Pick<ParticipationWindow, 'bands'>): Range {
  return { low: shareOf(window).low, high: 1 };
}
