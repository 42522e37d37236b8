import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import type { Clock } from '../../core/ports.ts';
import { toEvent, type RecordedTeam } from '../../core/telemetry/event.ts';
import { environmentForbids } from '../../core/telemetry/consent.ts';
import type { Observation, UsageRecorder } from '../../core/telemetry/observation.ts';
import { dayOf, isPlausible, weekOf } from '../../core/telemetry/week.ts';
import { systemClock } from '../clock.ts';
import { readConsent, readRetention } from './consentFiles.ts';
import { expireEvents, midnightOf, newEventFile } from './eventFiles.ts';
import { telemetryPaths, type TelemetryPaths } from './paths.ts';

export interface RecorderOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  env?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  /** The editor's own telemetry setting, asked at every event beside what is stored; absent where there is no editor. */
  allowed?(): boolean;
  /** The team whose folder is worked in, asked at every event; absent where there is none. */
  team?(): RecordedTeam | undefined;
  /** Whether what expires by the clock is deleted on the way; not where that clock tells the days of what is long past. */
  expires?: boolean;
  /** The workspace folders that are worked in, asked whenever a consent is read: none in them counts. */
  roots?(): readonly string[];
}

/**
 * Appends events to a file of its own. `record()` only takes note; what was noted is stored together, once the caller's turn of the
 * event loop is over or the process ends. While telemetry is off, looking at the consent file once per event is all it does.
 */
export interface Recorder extends UsageRecorder {
  /** Events that were allowed but could not be written: disk full, folder not writable, clock wrong. */
  readonly dropped: number;
  /**
   * Stores now what waits. Afterwards everything recorded before is stored or counted as dropped, unless it was withdrawn meanwhile.
   * Never throws. What is recorded while the process is already ending needs it, or `close()`.
   */
  flush(): void;
  /** Stores what waits and closes what is open; the next event opens it again. */
  close(): void;
}

const DAY = 24 * 3600 * 1000;
const MOST_WAITING = 1000;
const HIDE_AFTER = 1000;

/**
 * A kept descriptor on the consent file tells with one cheap call that it was replaced, deleted or touched. Windows would not let
 * anybody replace it meanwhile, so there the path is looked up each time.
 */
const KEEPS_CONSENT_OPEN = process.platform !== 'win32';

export function createRecorder({ home, env = process.env, clock = systemClock, ...asked }: RecorderOptions): Recorder {
  return new FileRecorder(telemetryPaths(home), env, clock, asked);
}

/** The file of this process for one week. Nobody else writes to it. */
interface Opened {
  fd: number;
  path: string;
  week: string;
  size: number;
  inode: number;
}

/** An observation as it was noted, in milliseconds since the Unix epoch. */
interface Noted {
  time: number;
  team: RecordedTeam | undefined;
  observation: Observation;
}

/** A consent that allowed recording, how to see that it is still the same, and what was noted under it. */
interface Allowed {
  fd: number | undefined;
  seen: Stats;
  noted: Noted[];
}

/**
 * What is noted belongs to the consent that allowed it and goes with it: an event is stored only if the same consent, untouched,
 * allowed it when it happened and when it is written. Off and on again in between is a withdrawal.
 *
 * Order matters when somebody deletes everything meanwhile. The deleter removes the consent, then unlinks each file of events and
 * empties it. The recorder looks at the consent, writes, and then looks whether its file is still in its place. A write that came before
 * the emptying is emptied with the rest; one that came after is in a file without a name, which the recorder empties itself. Should it be
 * killed before it can, the nameless file goes with its descriptor. Where only the file went, and the consent is still there, it writes
 * the same once more into a new file. What is moved away is left as it was.
 */
class FileRecorder implements Recorder {
  readonly #paths: TelemetryPaths;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #forbidden: boolean;
  readonly #clock: Clock;
  readonly #allowed: () => boolean;
  readonly #team: () => RecordedTeam | undefined;
  readonly #roots: () => readonly string[];
  readonly #expires: boolean;
  #consent: Allowed | undefined;
  /** A consent that does not allow recording, so that it is read again only once it has changed. */
  #refused: Stats | undefined;
  #file: Opened | undefined;
  #today = { number: Number.NaN, day: '', week: '' };
  /** The end of this turn of the event loop, while something waits for it. */
  #turn: NodeJS.Immediate | undefined;
  #hiding = false;
  #dropped = 0;

  constructor(
    paths: TelemetryPaths,
    env: Readonly<Record<string, string | undefined>>,
    clock: Clock,
    {
      allowed = () => true,
      team = () => undefined,
      roots = () => [],
      expires = true,
    }: Pick<RecorderOptions, 'allowed' | 'team' | 'roots' | 'expires'>,
  ) {
    this.#paths = paths;
    this.#env = env;
    this.#forbidden = environmentForbids(env);
    this.#clock = clock;
    this.#allowed = allowed;
    this.#team = team;
    this.#roots = roots;
    this.#expires = expires;
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(observation: Observation): void {
    try {
      const consent = this.#consentNow();
      if (consent === undefined) return this.#rest();
      const time = this.#clock.now();
      if (!isPlausible(time)) {
        this.#dropped += 1;
        return;
      }
      consent.noted.push({ time, team: this.#team(), observation: copyOf(observation) });
      if (consent.noted.length < MOST_WAITING) this.#flushLater();
      else this.flush();
    } catch {
      // An operation is worth more than its record.
      this.#dropped += 1;
    }
  }

  flush(): void {
    this.#stopWaiting();
    const consent = this.#consent;
    if (consent === undefined || consent.noted.length === 0) return;
    const noted = consent.noted;
    consent.noted = [];
    try {
      const now = this.#consentNow(true);
      if (now === consent) for (const ofDay of splitByDay(noted)) this.#store(ofDay, consent);
      else if (now === undefined) this.#rest();
    } catch {
      this.#dropped += noted.length;
    }
  }

  close(): void {
    this.flush();
    this.#closeFile();
    this.#closeConsent();
    this.#refused = undefined;
  }

  /** An immediate keeps a process only until its turn is over, and one that ends before that tells so. */
  #flushLater(): void {
    if (this.#turn !== undefined) return;
    this.#turn = setImmediate(this.#flushNow);
    process.on('exit', this.#flushNow);
  }

  readonly #flushNow = (): void => this.flush();

  #stopWaiting(): void {
    if (this.#turn === undefined) return;
    clearImmediate(this.#turn);
    process.off('exit', this.#flushNow);
    this.#turn = undefined;
  }

  /** Writes what was noted on one day, and counts what could not be written. */
  #store(noted: readonly [Noted, ...Noted[]], consent: Allowed): void {
    const [{ time }] = noted;
    let left = noted.length;
    try {
      const isNewDay = this.#look(time);
      const lines = this.#linesOf(noted);
      left = lines.length;
      if (lines.length > 0) left -= this.#write(time, lines, consent);
      if (isNewDay) this.#expire(time);
    } catch {
      // Counted below. What could not be opened is tried again with the next events.
    }
    this.#dropped += left;
    if (left > 0) this.#closeEmpty();
    if (this.#file !== undefined) this.#hideTimeLater();
  }

  /** Returns how many of them are stored, or are no longer to be because the consent went as well. */
  #write(time: number, lines: readonly string[], consent: Allowed): number {
    const file = this.#fileFor(time);
    const { size } = file;
    const stored = this.#append(file, lines);
    if (isInPlace(file)) return stored;
    attempt(() => ftruncateSync(file.fd, size));
    this.#closeFile();
    return this.#consentNow(true) === consent ? this.#append(this.#fileFor(time), lines) : lines.length;
  }

  #linesOf(noted: readonly Noted[]): string[] {
    return noted.flatMap(({ team, observation }) => {
      try {
        const event = toEvent(observation, this.#today.day, team);
        return event === undefined ? [] : [`${JSON.stringify(event)}\n`];
      } catch {
        // Not what its type says; the others are.
        this.#dropped += 1;
        return [];
      }
    });
  }

  /** What was recorded before expires also while nothing is recorded any more; once a day, and only where there is a decision. */
  #rest(): void {
    this.#closeFile();
    this.#closeConsent();
    const now = this.#clock.now();
    if (!isPlausible(now) || !this.#look(now) || !existsSync(this.#paths.consent)) return;
    this.#expire(now);
  }

  #expire(now: number): void {
    if (this.#expires) expireEvents(this.#paths, { now, days: readRetention(this.#paths) });
  }

  /** Remembers day and week of the time. Returns whether they are other ones than before. */
  #look(now: number): boolean {
    const number = dayNumber(now);
    if (number === this.#today.number) return false;
    this.#today = { number, day: dayOf(now), week: weekOf(now) };
    return true;
  }

  /**
   * The consent that allows recording at this moment, if any: the same object as long as nobody touched it. With `inPlace` also whether it
   * is still where it was: the folder may have been moved away, or another one be in its place.
   */
  #consentNow(inPlace = false): Allowed | undefined {
    if (this.#forbidden || !this.#allowed()) return undefined;
    if (this.#consent !== undefined) {
      if (this.#isUnchanged(this.#consent, inPlace)) return this.#consent;
      this.#closeConsent();
    }
    const stats = statSync(this.#paths.consent, { throwIfNoEntry: false });
    if (stats === undefined || (this.#refused !== undefined && isSame(stats, this.#refused))) return undefined;
    return this.#readConsent();
  }

  #isUnchanged({ fd, seen }: Allowed, inPlace: boolean): boolean {
    const stats = fd === undefined || inPlace ? statSync(this.#paths.consent, { throwIfNoEntry: false }) : fstatSync(fd);
    return stats !== undefined && stats.nlink > 0 && isSame(stats, seen);
  }

  /** The descriptor comes first: what changes while we read shows in it afterwards. */
  #readConsent(): Allowed | undefined {
    const stats = statSync(this.#paths.consent);
    // Not a file (a folder, a pipe): never opened.
    const fd = KEEPS_CONSENT_OPEN && stats.isFile() ? openSync(this.#paths.consent, 'r') : undefined;
    const seen = fd === undefined ? stats : fstatSync(fd);
    if (readConsent(this.#paths, this.#env, this.#roots()).recording) {
      this.#refused = undefined;
      return (this.#consent = { fd, seen, noted: [] });
    }
    if (fd !== undefined) closeSync(fd);
    this.#refused = seen;
    return undefined;
  }

  #fileFor(now: number): Opened {
    const { week } = this.#today;
    if (this.#file?.week === week) return this.#file;
    this.#closeFile();
    // Only the last folder: where everything was deleted, nothing must come back.
    try {
      mkdirSync(this.#paths.events, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const path = newEventFile(this.#paths, now);
    const fd = openSync(path, 'ax', 0o600);
    return (this.#file = { fd, path, week, size: 0, inode: fstatSync(fd).ino });
  }

  /** All with one write. Events hold only ASCII, so a character is a byte. Returns how many of them are stored. */
  #append(file: Opened, lines: readonly string[]): number {
    const text = lines.join('');
    const written = writeSync(file.fd, text, null, 'latin1');
    if (written === text.length) {
      file.size += written;
      return lines.length;
    }
    // The disk is full: half an event would spoil the next one too.
    const whole = text.slice(0, written).lastIndexOf('\n') + 1;
    ftruncateSync(file.fd, file.size + whole);
    file.size += whole;
    return text.slice(0, whole).split('\n').length - 1;
  }

  /** Once a second at most: after it, the system has to note a new time with the next write, which is the slower by it. */
  #hideTimeLater(): void {
    if (this.#hiding) return;
    this.#hiding = true;
    setTimeout(() => {
      this.#hiding = false;
      if (this.#file !== undefined) hideTimeOfDay(this.#file.fd, this.#today.day);
    }, HIDE_AFTER).unref();
  }

  #closeFile(): void {
    if (this.#file === undefined) return;
    const { fd } = this.#file;
    this.#file = undefined;
    if (isNameless(fd)) attempt(() => ftruncateSync(fd, 0));
    else hideTimeOfDay(fd, this.#today.day);
    attempt(() => closeSync(fd));
  }

  /** After a failure: a file that nothing was written to would stay behind at every attempt while the disk is full. */
  #closeEmpty(): void {
    if (this.#file?.size !== 0) return;
    const { path } = this.#file;
    this.#closeFile();
    attempt(() => unlinkSync(path));
  }

  /** What was noted under it and not stored goes with it. */
  #closeConsent(): void {
    this.#stopWaiting();
    const fd = this.#consent?.fd;
    if (fd !== undefined) attempt(() => closeSync(fd));
    this.#consent = undefined;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
}

/** So that the caller may go on with its own. */
function copyOf(observation: Observation): Observation {
  const { cost, findings } = observation;
  const copy = { ...observation };
  if (cost !== undefined) copy.cost = { ...cost };
  if (findings !== undefined) copy.findings = { ...findings };
  return copy;
}

/** Neighbours of one day together, in their order. */
function splitByDay(noted: readonly Noted[]): [Noted, ...Noted[]][] {
  const days: [Noted, ...Noted[]][] = [];
  for (const one of noted) {
    const last = days.at(-1);
    if (last !== undefined && dayNumber(last[0].time) === dayNumber(one.time)) last.push(one);
    else days.push([one]);
  }
  return days;
}

function dayNumber(time: number): number {
  return Math.floor(time / DAY);
}

/** Whether the file is still found by its name: neither deleted nor moved, nor the folder that it is in. */
function isInPlace({ path, inode }: Opened): boolean {
  return attempt(() => statSync(path, { throwIfNoEntry: false }))?.ino === inode;
}

/** Whether the file was deleted under its descriptor. */
function isNameless(fd: number): boolean {
  return attempt(() => fstatSync(fd))?.nlink === 0;
}

function hideTimeOfDay(fd: number, day: string): void {
  const midnight = midnightOf(Date.parse(day));
  attempt(() => futimesSync(fd, midnight, midnight));
}

/** Housekeeping: the event is written, and what fails here is done by the next event, day or telemetry command. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
