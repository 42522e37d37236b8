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
import { toEvent } from '../../core/telemetry/event.ts';
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
}

/** Appends events to a file of its own. While telemetry is off, looking at the consent file once per event is all it does. */
export interface Recorder extends UsageRecorder {
  /** Events that were allowed but could not be written: disk full, folder not writable, clock wrong. */
  readonly dropped: number;
  /** Closes what is open; the next event opens it again. */
  close(): void;
}

const DAY = 24 * 3600 * 1000;
const HIDE_AFTER = 1000;
const LINE_BREAK = 10;
/** Bytes; a longer one costs a new buffer. */
const LONGEST_EVENT = 1024;

/**
 * A kept descriptor on the consent file tells with one cheap call that it was replaced, deleted or touched. Windows would not let
 * anybody replace it meanwhile, so there the path is looked up each time.
 */
const KEEPS_CONSENT_OPEN = process.platform !== 'win32';

export function createRecorder({ home, env = process.env, clock = systemClock, allowed = () => true }: RecorderOptions): Recorder {
  return new FileRecorder(telemetryPaths(home), env, clock, allowed);
}

/** The file of this process for one week. Nobody else writes to it. */
interface Opened {
  fd: number;
  path: string;
  week: string;
  size: number;
}

/** A consent that allowed recording, and how to see that it is still the same. */
interface Allowed {
  fd: number | undefined;
  seen: Stats;
}

/**
 * Order matters when somebody deletes everything meanwhile. The deleter removes the consent, then unlinks each file of events and
 * empties it. The recorder looks at the consent, writes, and afterwards, when nobody waits for it, looks whether its file still has a
 * name. A write that came before the emptying is emptied with the rest; one that came after is in a file without a name, which the
 * recorder empties itself. Should it be killed before it can, the nameless file goes with its descriptor.
 */
class FileRecorder implements Recorder {
  readonly #paths: TelemetryPaths;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #forbidden: boolean;
  readonly #clock: Clock;
  readonly #allowed: () => boolean;
  #consent: Allowed | undefined;
  /** A consent that does not allow recording, so that it is read again only once it has changed. */
  #refused: Stats | undefined;
  #file: Opened | undefined;
  #today = { number: Number.NaN, day: '', week: '' };
  #bytes = Buffer.alloc(LONGEST_EVENT);
  #tidying = false;
  #hiding = false;
  #dropped = 0;

  constructor(paths: TelemetryPaths, env: Readonly<Record<string, string | undefined>>, clock: Clock, allowed: () => boolean) {
    this.#paths = paths;
    this.#env = env;
    this.#forbidden = environmentForbids(env);
    this.#clock = clock;
    this.#allowed = allowed;
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(observation: Observation): void {
    try {
      if (this.#forbidden || !this.#allowed()) return this.#rest();
      this.#record(observation);
    } catch {
      // An operation is worth more than its record. What is broken is opened anew with the next event.
      this.#dropped += 1;
      this.#closeEmpty();
    }
  }

  close(): void {
    this.#closeFile();
    this.#closeConsent();
    this.#refused = undefined;
  }

  #record(observation: Observation): void {
    if (!this.#mayRecord()) return this.#rest();
    const now = this.#clock.now();
    if (!isPlausible(now)) {
      this.#dropped += 1;
      return;
    }
    const isNewDay = this.#look(now);
    const event = toEvent(observation, this.#today.day);
    if (event === undefined) return;
    const file = this.#fileFor(now);
    if (isNewDay) expireEvents(this.#paths, { now, days: readRetention(this.#paths) });
    this.#append(file, JSON.stringify(event));
  }

  /** What was recorded before expires also while nothing is recorded any more; once a day, and only where there is a decision. */
  #rest(): void {
    this.#closeFile();
    this.#closeConsent();
    const now = this.#clock.now();
    if (!isPlausible(now) || !this.#look(now) || !existsSync(this.#paths.consent)) return;
    expireEvents(this.#paths, { now, days: readRetention(this.#paths) });
  }

  /** Remembers day and week of the time. Returns whether they are other ones than before. */
  #look(now: number): boolean {
    const number = Math.floor(now / DAY);
    if (number === this.#today.number) return false;
    this.#today = { number, day: dayOf(now), week: weekOf(now) };
    return true;
  }

  #mayRecord(): boolean {
    if (this.#consent !== undefined) {
      if (this.#isUnchanged(this.#consent)) return true;
      this.#closeConsent();
    }
    const stats = statSync(this.#paths.consent, { throwIfNoEntry: false });
    if (stats === undefined || (this.#refused !== undefined && isSame(stats, this.#refused))) return false;
    return this.#readConsent();
  }

  #isUnchanged({ fd, seen }: Allowed): boolean {
    const stats = fd === undefined ? statSync(this.#paths.consent, { throwIfNoEntry: false }) : fstatSync(fd);
    return stats !== undefined && stats.nlink > 0 && isSame(stats, seen);
  }

  /** The descriptor comes first: what changes while we read shows in it afterwards. */
  #readConsent(): boolean {
    const stats = statSync(this.#paths.consent);
    // Not a file (a folder, a pipe): never opened.
    const fd = KEEPS_CONSENT_OPEN && stats.isFile() ? openSync(this.#paths.consent, 'r') : undefined;
    const seen = fd === undefined ? stats : fstatSync(fd);
    if (readConsent(this.#paths, this.#env).recording) {
      this.#consent = { fd, seen };
      this.#refused = undefined;
      return true;
    }
    if (fd !== undefined) closeSync(fd);
    this.#refused = seen;
    return false;
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
    return (this.#file = { fd: openSync(path, 'ax', 0o600), path, week, size: 0 });
  }

  /** Events hold only ASCII, so a character is a byte. The bytes are put together in place: to pass text on is felt with each event. */
  #append(file: Opened, line: string): void {
    const length = line.length + 1;
    if (length > this.#bytes.length) this.#bytes = Buffer.alloc(2 * length);
    this.#bytes.write(line, 'latin1');
    this.#bytes[line.length] = LINE_BREAK;
    const written = writeSync(file.fd, this.#bytes, 0, length);
    if (written < length) {
      // The disk is full: half an event would spoil the next one too.
      ftruncateSync(file.fd, file.size);
      throw new RangeError('The disk is full.');
    }
    file.size += written;
    if (!this.#tidying) {
      this.#tidying = true;
      queueMicrotask(this.#tidy);
    }
  }

  /** Once for many events, when the caller is done. */
  readonly #tidy = (): void => {
    this.#tidying = false;
    if (this.#file !== undefined && isNameless(this.#file.fd)) this.#closeFile();
    else this.#hideTimeLater();
  };

  /** Once a second at most: after it, the system has to note a new time with the next write, which that event would wait for. */
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

  #closeConsent(): void {
    const fd = this.#consent?.fd;
    if (fd !== undefined) attempt(() => closeSync(fd));
    this.#consent = undefined;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
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
