import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TEAM_NAME } from '../../core/telemetry/catalogue.ts';
import { lastDayOf } from '../../core/telemetry/week.ts';

/** Names of the notes of what was contributed, and which of them are over; without what reads and seals them, since every recorder looks. */

export function contributionName({ team, week }: { team: string; week: string }): string {
  return `${week}-${team}.json`;
}

/** The file that says who sends or takes back contributions of the team just now. */
export function leaseName(team: string): string {
  return `${team}.lease`;
}

/**
 * Without its events a week can never be counted again, so there is nothing to remember of it: deletes the notes, and what waits, of weeks
 * whose last day is before the oldest one that is kept. The folder goes with the last of them. Never fails.
 */
export function forgetContributions(folder: string, oldest: string): void {
  for (const name of namesIn(folder)) {
    const last = lastDayOf(weekIn(name));
    if (last !== undefined && last < oldest) attempt(() => unlinkSync(join(folder, name)));
  }
  attempt(() => rmdirSync(folder));
}

/** Whether anything of a team was contributed, or waits to be. */
export function hasContributions(folder: string, team: string): boolean {
  return namesIn(folder).some((name) => name === contributionName({ team, week: weekIn(name) }));
}

/** The week that a name begins with; an empty text where the name is none of ours. */
function weekIn(name: string): string {
  const [, week = '', team = ''] = /^(\d{4}-W\d{2})-(.+)\.json$/u.exec(name) ?? [];
  return TEAM_NAME.test(team) ? week : '';
}

function namesIn(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? [];
}

/** What somebody else may have done already, or what the system refuses; the next time comes soon. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
