import type { Release } from '../release/release.ts';

/** Below these a forecast or a simulation would say more about chance than about the team. */
export const LEAST_CONTRIBUTORS = 50;
export const LEAST_WINDOWS = 8;
/** Fewer steps of a kind than this say nothing about it. */
export const LEAST_STEPS = 30;

/** Why a question is not answered: how much there is of what, and how much it takes. */
export interface NotEnough {
  readonly enough: false;
  /**
   * `contributors`: people in the fullest window, at the lower ends of the bands. `windows`: released windows. `roster`: of no team is it
   * known how many people it has. `steps`: steps of `kind` of which it was published how long they waited; a step's id where a team tells steps
   * apart, or `any`. `units`: teams' windows that
   * could be compared. `counter`: nothing of the counter `kind` is published. `names`: as `steps`, where steps are told by names that the
   * workflow at hand has too few of.
   */
  readonly reason: 'contributors' | 'windows' | 'roster' | 'steps' | 'units' | 'counter' | 'names';
  readonly have: number;
  readonly need: number;
  /** With `steps`, the kind of step; with `counter`, its name. */
  readonly kind?: string;
}

export type Answered<T> = ({ readonly enough: true } & T) | NotEnough;

/** Whether there are enough people and windows for a forecast or a simulation; undefined where there are. */
export function notEnough(releases: readonly Release[]): NotEnough | undefined {
  const windows = windowsOf(releases);
  const contributors = Math.max(0, ...windows.map(contributorsOf));
  if (contributors < LEAST_CONTRIBUTORS) return { enough: false, reason: 'contributors', have: contributors, need: LEAST_CONTRIBUTORS };
  if (windows.length < LEAST_WINDOWS) return { enough: false, reason: 'windows', have: windows.length, need: LEAST_WINDOWS };
  return undefined;
}

/** Releases of one team or several by the week in which their windows begin, first one first, each release once. */
export function windowsOf(releases: readonly Release[]): (readonly Release[])[] {
  const once = new Map(releases.map((release) => [`${release.team} ${release.window.from}`, release]));
  const windows = new Map<string, Release[]>();
  for (const release of once.values()) {
    const { from } = release.window;
    windows.set(from, [...(windows.get(from) ?? []), release]);
  }
  return [...windows]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, window]) => window.toSorted((one, other) => (one.team < other.team ? -1 : 1)));
}

/** At least so many people contributed in a window: the lower ends of its teams' bands. */
function contributorsOf(window: readonly Release[]): number {
  return window.reduce((sum, { participation }) => sum + Math.max(0, participation.from), 0);
}

/** Says in one sentence why there is no answer. */
export function notEnoughText({ reason, have, need, kind = '' }: NotEnough): string {
  const there = have === 0 ? 'there are none' : `there ${have === 1 ? 'is' : 'are'} ${have}`;
  if (reason === 'contributors')
    return `Not enough data: it takes ${need} contributors in a window, and only ${have} ${have === 1 ? 'is' : 'are'} sure.`;
  if (reason === 'windows') return `Not enough data: it takes ${need} released windows, and ${there}.`;
  if (reason === 'roster') return 'Not enough data: of no team is it known how many people it has (roster in .handrail/telemetry.yml).';
  if (reason === 'units') return `Not enough data: it takes ${need} windows of teams that can be compared, and ${there}.`;
  if (reason === 'counter') return `Not enough data: nothing of ${kind} is published.`;
  if (reason === 'names') {
    return 'Not enough data: these releases tell steps by name, and too few of them are in the workflow at hand. Ask again in the folder with the team’s workflow.';
  }
  return `Not enough data: it takes ${need} published waits of ${kind === 'any' ? '' : `${kind} `}steps, and ${there}.`;
}
