import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import { environmentForbids } from '../../core/telemetry/consent.ts';
import { modelFamily } from '../../core/telemetry/modelFamily.ts';
import type { AcceptedChanges } from '../../core/telemetry/recorded.ts';
import { isDue, isForgotten, MOST_LINES, parseNote, type AcceptedNote } from '../../core/telemetry/acceptedNote.ts';
import { addedLines } from '../../core/telemetry/survival.ts';
import { dayOf, isPlausible } from '../../core/telemetry/week.ts';
import { workspaceKey } from '../ai/workspaceKey.ts';
import { systemClock } from '../clock.ts';
import { attempt, dayIn, names } from './acceptedFiles.ts';
import { readConsent } from './consentFiles.ts';
import { telemetryPaths, type TelemetryPaths } from './paths.ts';

export interface AcceptedNotesOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  env?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  /** The editor's own telemetry setting, asked each time beside what is stored; absent where there is no editor. */
  allowed?(): boolean;
}

/** What was accepted, and where. */
export interface Accepted extends AcceptedChanges {
  branch: string | null;
}

/**
 * Notes of what was accepted in workspace folders, kept until they are measured. While telemetry is off, looking at the consent is all
 * that happens. A note holds keyed hashes: neither a path nor a line can be read from it.
 */
export interface AcceptedNotes {
  /** Never throws: an acceptance is worth more than its note. */
  remember(root: string, accepted: Accepted): void;
  /** The notes of a folder that are due, taken out: each is handed to one process only. */
  takeDue(root: string): AcceptedNote[];
}

/** Nobody accepts more in a month. */
const MOST_NOTES = 500;
const LARGEST = 256 * 1024;

export function createAcceptedNotes({
  home,
  env = process.env,
  clock = systemClock,
  allowed = () => true,
}: AcceptedNotesOptions): AcceptedNotes {
  return new FileAcceptedNotes(telemetryPaths(home), env, clock, allowed);
}

/** The hash of a path, a branch or a line under a note's own key: eleven characters. */
export function keyed(salt: string, text: string): string {
  return createHmac('sha256', salt).update(text).digest('base64url').slice(0, 11);
}

class FileAcceptedNotes implements AcceptedNotes {
  readonly #paths: TelemetryPaths;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #clock: Clock;
  readonly #allowed: () => boolean;

  constructor(paths: TelemetryPaths, env: Readonly<Record<string, string | undefined>>, clock: Clock, allowed: () => boolean) {
    this.#paths = paths;
    this.#env = env;
    this.#clock = clock;
    this.#allowed = allowed;
  }

  remember(root: string, accepted: Accepted): void {
    attempt(() => {
      const consent = this.#consent(root);
      const now = this.#clock.now();
      if (consent === undefined || !isPlausible(now)) return;
      const note = noteOf(accepted, { root, day: dayOf(now) });
      if (note === undefined) return;
      // The folder alone: where everything was deleted, nothing must come back.
      makeFolder(this.#paths.accepted);
      if (names(this.#paths.accepted).length >= MOST_NOTES) return;
      const path = join(this.#paths.accepted, `${note.day}-${randomBytes(8).toString('hex')}.json`);
      writeFileSync(path, JSON.stringify(note), { flag: 'wx', mode: 0o600 });
      // The day is all that it may tell.
      const midnight = Date.parse(note.day) / 1000;
      attempt(() => utimesSync(path, midnight, midnight));
      // Withdrawn meanwhile, and perhaps given again: who withdrew may have looked before the note was there.
      if (!isSame(this.#consent(root), consent)) rmSync(path, { force: true });
    });
  }

  takeDue(root: string): AcceptedNote[] {
    const now = this.#clock.now();
    if (!isPlausible(now) || this.#consent(root) === undefined) return [];
    const key = workspaceKey(root);
    return names(this.#paths.accepted).flatMap((name) => {
      const day = dayIn(name);
      if (!isDue(day, now) || isForgotten(day, now)) return [];
      const path = join(this.#paths.accepted, name);
      const note = parseNote(attempt(() => (statSync(path).size > LARGEST ? '' : readFileSync(path, 'utf8'))) ?? '');
      if (note === undefined || note.root !== keyed(note.salt, key)) return [];
      // Of several processes, the one that removes the name has the note.
      return attempt(() => (unlinkSync(path), true)) === true ? [note] : [];
    });
  }

  /** The consent file as it is while it allows recording what happens in this folder. */
  #consent(root: string): Stats | undefined {
    if (environmentForbids(this.#env) || !this.#allowed()) return undefined;
    const stats = statSync(this.#paths.consent, { throwIfNoEntry: false });
    return stats !== undefined && readConsent(this.#paths, this.#env, [root]).recording ? stats : undefined;
  }
}

/** Undefined where nothing was added that tells anything. */
function noteOf({ changes, branch, provider, model }: Accepted, { root, day }: { root: string; day: string }): AcceptedNote | undefined {
  const salt = randomBytes(16).toString('base64url');
  const lines = changes
    .flatMap(({ file, before, after }) => addedLines({ before, after }).map((line) => ({ file, line: keyed(salt, line) })))
    // By their hashes, which is without any order, so that those that are kept are a fair sample.
    .toSorted((a, b) => (a.line < b.line ? -1 : 1))
    .slice(0, MOST_LINES);
  if (lines.length === 0) return undefined;
  const files = [...Map.groupBy(lines, ({ file }) => file)].map(([file, some]) => ({
    path: keyed(salt, file),
    lines: some.map(({ line }) => line),
  }));
  return {
    version: 1,
    day,
    salt,
    root: keyed(salt, workspaceKey(root)),
    ...(branch === null ? {} : { branch: keyed(salt, branch) }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { family: modelFamily(model) }),
    files,
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isSame(a: Stats | undefined, b: Stats): boolean {
  return a !== undefined && a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
}
