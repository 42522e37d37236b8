import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import { parseEvent } from '../../core/telemetry/event.ts';
import { dayOf, isPlausible, oldestKept } from '../../core/telemetry/week.ts';
import { TEMPORARY_PREFIX } from '../atomicFile.ts';
import { readRetention } from './consentFiles.ts';
import { removeAccepted } from './acceptedFiles.ts';
import { eventFiles, expireEvents } from './eventFiles.ts';
import type { TelemetryPaths } from './paths.ts';

export interface RecordedEvents {
  /** Oldest day first; within a day in no particular order. */
  events: TelemetryEvent[];
  /** Last lines that were cut off, because a process was killed while it wrote. */
  torn: number;
  /** Lines that are no events of this version's catalogue: edited, or of another version. */
  foreign: number;
}

/** Everything recorded that has not expired, up to today. Deletes what has. Never fails: a file that cannot be read counts as one foreign line. */
export function readEvents(paths: TelemetryPaths, { now }: { now: number }): RecordedEvents {
  const days = readRetention(paths);
  expireEvents(paths, { now, days });
  const shown = { from: oldestKept(now, days), to: isPlausible(now) ? dayOf(now) : '9' };
  const found: RecordedEvents = { events: [], torn: 0, foreign: 0 };
  for (const { path } of eventFiles(paths)) {
    const text = attempt(() => readFileSync(path, 'latin1'));
    if (text === undefined) found.foreign += existsSync(path) ? 1 : 0;
    else addLines(found, text, shown);
  }
  found.events.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  return found;
}

function addLines(found: RecordedEvents, text: string, { from, to }: { from: string; to: string }): void {
  const lines = text.split('\n');
  // A complete line ends with a line break, so what follows the last one is a line that was not finished.
  if (lines.pop() !== '') found.torn += 1;
  for (const line of lines) {
    const event = parseEvent(line);
    if (event === undefined) found.foreign += 1;
    // A day that has not come yet was told by a clock that was wrong, then or now.
    else if (event.day >= from && event.day <= to) found.events.push(event);
  }
}

/** Whether anything recorded is kept. */
export function hasEvents(paths: TelemetryPaths): boolean {
  return eventFiles(paths).length > 0;
}

/**
 * Deletes everything telemetry ever kept, consent first, so that nobody records any more. Each file of events is emptied through a
 * descriptor as well, because another window that has it open would keep its content alive beyond its name; see `recorder.ts` for
 * the other half.
 * @throws HandrailError `read-only` when the system refuses; what could be deleted is gone then.
 */
export function deleteEverything(paths: TelemetryPaths): void {
  let failure: unknown;
  // Each step is tried even where one before it failed: what can be deleted shall be gone.
  const step = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failure ??= error;
    }
  };
  step(() => rmSync(paths.consent, { recursive: true, force: true }));
  // A recorder that saw the consent just before may still add a file, so look again until the folder is empty.
  for (let round = 0; round < ROUNDS && failure === undefined; round += 1) {
    for (const { path } of eventFiles(paths)) step(() => eraseFile(path));
    step(() => removeAccepted(paths));
    for (const path of [paths.assistants, paths.imported]) step(() => rmSync(path, { recursive: true, force: true }));
    for (const path of [paths.veto, paths.retention, paths.overSince, paths.aheadSince])
      step(() => rmSync(path, { recursive: true, force: true }));
    if (attempt(() => removed(paths.events) && removed(paths.folder))) return;
  }
  for (const { path } of eventFiles(paths)) step(() => eraseFile(path));
  // What is left is none of ours, or was left by a process that was killed while it wrote a consent.
  step(() => rmSync(paths.folder, { recursive: true, force: true }));
  if (!existsSync(paths.folder)) return;
  throw new HandrailError('read-only', `What telemetry kept in ${paths.folder} could not all be deleted.`, {
    hint: 'Make the folder writable and delete again, or delete the folder yourself.',
    cause: failure,
  });
}

const ROUNDS = 20;

/** Removes the folder when nothing recorded is in it, with what was decided. Leaves events alone that were added just now. */
export function removeEmptyFolder(paths: TelemetryPaths): void {
  attempt(() => removeAccepted(paths));
  if (!attempt(() => removed(paths.events))) return;
  for (const path of [paths.consent, paths.veto, paths.retention, paths.overSince, paths.aheadSince, paths.assistants, paths.imported])
    attempt(() => rmSync(path, { recursive: true, force: true }));
  const left = attempt(() => readdirSync(paths.folder)) ?? [];
  // Left by a process that was killed, or found the disk full, while it wrote a consent.
  for (const name of left) if (name.startsWith(TEMPORARY_PREFIX)) attempt(() => rmSync(join(paths.folder, name), { force: true }));
  attempt(() => removed(paths.folder));
}

/** Windows has no such flag, and its links are rarely made by others than administrators. */
const WRITE_NO_FOLLOW = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

function eraseFile(path: string): void {
  // Without following a link: what a name of ours points to elsewhere is not ours to empty.
  const fd = attempt(() => openSync(path, WRITE_NO_FOLLOW));
  try {
    if (fd !== undefined) attempt(() => ftruncateSync(fd, 0));
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    // Once more, for what was written between the two; a writer that comes later sees that the name is gone.
    if (fd !== undefined) {
      attempt(() => ftruncateSync(fd, 0));
      closeSync(fd);
    }
  }
}

/** Whether the folder is gone; false while something is in it. */
function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false;
    throw error;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
