import { readdirSync, readFileSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { jsonObject } from '../../core/jsonObject.ts';
import { releasedFrom, windowOf } from '../../core/team/window.ts';
import { TEAM_NAME } from '../../core/telemetry/catalogue.ts';
import { lastDayOf } from '../../core/telemetry/week.ts';

/** Names of the notes of what was contributed, and which of them are over; without what checks and seals them, since every recorder looks. */

export function contributionName({ team, week }: { team: string; week: string }): string {
  return `${week}-${team}.json`;
}

/** The file that says who sends or takes back contributions of the team just now. */
export function leaseName(team: string): string {
  return `${team}.lease`;
}

/**
 * Without its events a week can never be counted again: deletes the notes, and what waits, of weeks whose last day is before the oldest
 * one that is kept. A note of what was sent stays until the window of its week can be released, since it takes the note to take it back.
 * The folder goes with the last of them. Never fails.
 */
export function forgetContributions(folder: string, { oldest, now }: { oldest: string; now: number }): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (isForgettable(folder, name, { oldest, now })) attempt(() => unlinkSync(path));
    // Of a process that was killed; whoever lives says so all the time.
    if (LEASE.test(name) && Date.now() - (attempt(() => statSync(path).mtimeMs) ?? Infinity) > DAY) attempt(() => unlinkSync(path));
  }
  attempt(() => rmdirSync(folder));
}

/** Whether {@link forgetContributions} would forget the note of any week. Never fails. */
export function hasForgettable(folder: string, before: { oldest: string; now: number }): boolean {
  return namesIn(folder).some((name) => isForgettable(folder, name, before));
}

function isForgettable(folder: string, name: string, { oldest, now }: { oldest: string; now: number }): boolean {
  const week = weekIn(name);
  const last = lastDayOf(week);
  return last !== undefined && last < oldest && !isToBeTakenBack(join(folder, name), week, now);
}

const DAY = 24 * 3600 * 1000;
/** A lease, or the mark of who is removing one. */
const LEASE = /\.lease(\.[0-9a-f]+)?$/;

/** Whether something of the note may be where it was sent, in a window that cannot be released yet. */
function isToBeTakenBack(path: string, week: string, now: number): boolean {
  const note = noteIn(path);
  const window = note?.['window'];
  const block = typeof window === 'number' && window >= 1 ? windowOf(week, window) : undefined;
  return block !== undefined && isSomewhere(note) && now < releasedFrom(block);
}

/** What was never tried waits here, and is nowhere else. */
function isSomewhere(note: Readonly<Record<string, unknown>> | undefined): boolean {
  return note !== undefined && (note['at'] !== undefined || note['envelope'] === undefined || note['earlier'] !== undefined);
}

function noteIn(path: string): Readonly<Record<string, unknown>> | undefined {
  return jsonObject(attempt(() => readFileSync(path, 'utf8')) ?? '');
}

/** Whether anything of a team was contributed, or waits to be. */
export function hasContributions(folder: string, team: string): boolean {
  return namesIn(folder).some((name) => name === contributionName({ team, week: weekIn(name) }));
}

/** Whether anything of any team was sent somewhere, as far as is remembered. */
export function hasSent(folder: string): boolean {
  return namesIn(folder).some((name) => weekIn(name) !== '' && isSomewhere(noteIn(join(folder, name))));
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
