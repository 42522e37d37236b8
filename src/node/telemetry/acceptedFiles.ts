import { readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TelemetryPaths } from './paths.ts';

/** The files of notes about what was accepted. */

const NAME = /^(\d{4}-\d{2}-\d{2})-[0-9a-f]{16}\.json$/u;

/** Forgets what that tells of: what is too old to be measured, or of a day that never was. Never fails. */
export function forgetAccepted({ accepted }: TelemetryPaths, isGone: (day: string) => boolean): void {
  for (const name of names(accepted)) if (isGone(dayIn(name))) attempt(() => unlinkSync(join(accepted, name)));
}

/** The days of the notes there are. */
export function acceptedDays({ accepted }: TelemetryPaths): string[] {
  return names(accepted).map(dayIn);
}

/** Names of the notes in a folder, the oldest first. */
export function names(folder: string): string[] {
  return (attempt(() => readdirSync(folder)) ?? []).filter((name) => NAME.test(name)).toSorted();
}

/** The day of a note, by its name. */
export function dayIn(name: string): string {
  return NAME.exec(name)?.[1] ?? '';
}

/** All of them: nobody agrees any more that they are kept. */
export function removeAccepted({ accepted }: TelemetryPaths): void {
  rmSync(accepted, { recursive: true, force: true });
}

/** What somebody else may have done already, or what the system refuses. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
