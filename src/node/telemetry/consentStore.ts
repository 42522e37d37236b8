import { existsSync } from 'node:fs';
import { constants, lstat, mkdir, open, rm, utimes, writeFile } from 'node:fs/promises';
import { HandrailError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { isRetention, RETENTION_RANGE } from '../../core/telemetry/catalogue.ts';
import { CONSENT_VERSION, editorForbids, environmentForbids, type ConsentRecord, type ConsentState } from '../../core/telemetry/consent.ts';
import { fieldDigests, RECORDED_DIGEST } from '../../core/telemetry/digest.ts';
import { dayOf, isPlausible } from '../../core/telemetry/week.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { systemClock } from '../clock.ts';
import { hasVeto, readConsent, readRetention, readStored } from './consentFiles.ts';
import { removeOwnFiles } from '../team/ownFiles.ts';
import { removeAccepted } from './acceptedFiles.ts';
import { expireEvents } from './eventFiles.ts';
import { deleteEverything, hasEvents, readEvents, removeEmptyFolder, type RecordedEvents } from './eventStore.ts';
import { telemetryPaths, type TelemetryPaths } from './paths.ts';
import { misplaced } from './place.ts';

export interface TelemetryStoreOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  env?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  /** The workspace folders that are worked in: no decision in them counts. */
  roots?(): readonly string[];
}

/**
 * What a person decided about telemetry, and what was recorded. Shared by editor and command line; what one does counts for all
 * processes at once. Nothing is created but by {@link turnOn}.
 */
export interface TelemetryStore {
  /** Where everything is kept, for people. */
  readonly folder: string;
  /** Never fails: what cannot be read counts as off. */
  state(): ConsentState;
  /** Days that events are kept. */
  retention(): number;
  /**
   * Looks whether it may be turned on at all, before a person is asked.
   * @throws HandrailError `config` when the editor's setting or the environment forbids it, the folder cannot be taken for the person's
   *   own, or the consent comes from a later version.
   */
  requireAllowed(): void;
  /**
   * Begins recording, in the name of a person who was told what is recorded.
   * @throws HandrailError `config` as {@link requireAllowed}, `usage` for days out of range, `read-only` when it cannot be stored, `io` when the clock cannot be believed.
   */
  turnOn(options?: { days?: number }): Promise<void>;
  /**
   * Ends recording for all processes. What was recorded stays until it expires or is deleted; returns whether there is anything. With
   * nothing left the folder goes too.
   * @throws HandrailError `read-only` when it cannot be stored.
   */
  turnOff(): Promise<{ kept: boolean }>;
  /** Keeps that the editor's telemetry setting forbids recording, or no longer does, for processes without an editor. Nothing is kept where nothing was ever turned on. */
  setVeto(vetoed: boolean): Promise<void>;
  /** Changes how long events are kept. Nothing is kept where nothing was ever turned on. */
  setRetention(days: number): Promise<void>;
  /** Everything recorded; deletes what has expired. */
  events(): RecordedEvents;
  /** Deletes what has expired; never fails. */
  expire(): void;
  /** Deletes consent and events, for all processes, also under their open descriptors. */
  deleteEverything(): void;
}

export function createTelemetryStore({
  home,
  env = process.env,
  clock = systemClock,
  roots = () => [],
}: TelemetryStoreOptions): TelemetryStore {
  return new FileTelemetryStore(telemetryPaths(home), env, clock, roots);
}

class FileTelemetryStore implements TelemetryStore {
  readonly #paths: TelemetryPaths;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #clock: Clock;
  readonly #roots: () => readonly string[];

  constructor(paths: TelemetryPaths, env: Readonly<Record<string, string | undefined>>, clock: Clock, roots: () => readonly string[]) {
    this.#paths = paths;
    this.#env = env;
    this.#clock = clock;
    this.#roots = roots;
  }

  get folder(): string {
    return this.#paths.folder;
  }

  state(): ConsentState {
    return readConsent(this.#paths, this.#env, this.#roots());
  }

  retention(): number {
    return readRetention(this.#paths);
  }

  async turnOn({ days }: { days?: number } = {}): Promise<void> {
    this.requireAllowed();
    const day = this.#day();
    if (days !== undefined) requireRetention(days);
    await this.#write(async () => {
      await mkdir(this.#paths.folder, { recursive: true, mode: 0o700 });
      if (days !== undefined) await this.#writeRetention(days);
      // Where ending it could not be stored, it does not go on by itself.
      if (this.#isOff()) removeOwnFiles(this.#paths.sharing);
      await this.#writeConsent({ version: CONSENT_VERSION, recording: true, day, catalogue: RECORDED_DIGEST, fields: fieldDigests() });
    }, 'Telemetry stays off: the decision could not be stored');
  }

  /** Whether nobody has said yes, or somebody no; a file that is damaged says neither. */
  #isOff(): boolean {
    const stored = readStored(this.#paths.consent);
    return stored.kind === 'none' || (stored.kind === 'record' && !stored.record.recording);
  }

  async turnOff(): Promise<{ kept: boolean }> {
    let failure: unknown;
    // Each step is tried even where one before it failed: what can be ended shall be.
    const step = async (work: () => Promise<void>, what: string, hint?: string): Promise<void> => {
      await this.#write(work, what, hint).catch((error: unknown) => (failure ??= error));
    };
    if (readStored(this.#paths.consent).kind !== 'none') await step(() => this.#writeOff(), 'Telemetry could not be turned off', NOT_OFF);
    // Whoever turns it on again is not taken to share again.
    await step(async () => removeOwnFiles(this.#paths.sharing), 'Sharing could not be ended', NOT_OFF);
    // Nothing will be measured any more. After the decision, so that nobody adds to it.
    await step(async () => removeAccepted(this.#paths), 'What was kept to be measured could not be deleted');
    // To connect assistants is a choice under this one, and is asked anew.
    await step(() => rm(this.#paths.assistants, { recursive: true, force: true }), 'Which assistants are connected could not be deleted');
    this.expire();
    if (failure !== undefined) throw failure;
    if (hasEvents(this.#paths)) return { kept: true };
    removeEmptyFolder(this.#paths);
    // A device that was linked keeps its secret until everything is deleted.
    return { kept: existsSync(this.#paths.folder) };
  }

  /** Neither a full disk nor a wrong clock nor a folder that is read-only may keep anybody from ending it, so any way will do. */
  async #writeOff(): Promise<void> {
    const stored = readStored(this.#paths.consent);
    const day = stored.kind === 'record' && !isPlausible(this.#clock.now()) ? stored.record.day : undefined;
    try {
      const off: ConsentRecord = { version: CONSENT_VERSION, recording: false, day: day ?? this.#day(), catalogue: RECORDED_DIGEST };
      await this.#writeConsent(off).catch(() => overwrite(this.#paths.consent, lineOf(off)));
    } catch {
      await rm(this.#paths.consent, { recursive: true, force: true });
    }
  }

  async setVeto(vetoed: boolean): Promise<void> {
    if (readStored(this.#paths.consent).kind === 'none' || hasVeto(this.#paths) === vetoed) return;
    await this.#write(async () => {
      if (vetoed) {
        await writeFile(this.#paths.veto, '', { mode: 0o600 });
        removeAccepted(this.#paths);
      } else await rm(this.#paths.veto, { force: true });
      // Recorders look at the consent only, so they have to see that something has changed.
      await disguiseTime(this.#paths.consent);
    }, "The editor's telemetry setting could not be stored");
  }

  async setRetention(days: number): Promise<void> {
    requireRetention(days);
    if (readStored(this.#paths.consent).kind === 'none' || this.retention() === days) return;
    await this.#write(() => this.#writeRetention(days), 'How long events are kept could not be stored');
    expireEvents(this.#paths, { now: this.#clock.now(), days });
  }

  events(): RecordedEvents {
    return readEvents(this.#paths, { now: this.#clock.now() });
  }

  expire(): void {
    expireEvents(this.#paths, { now: this.#clock.now(), days: this.retention() });
  }

  deleteEverything(): void {
    deleteEverything(this.#paths);
  }

  requireAllowed(): void {
    if (environmentForbids(this.#env)) {
      throw new HandrailError('config', 'Telemetry stays off: HANDRAIL_TELEMETRY or DO_NOT_TRACK in the environment forbids it.', {
        hint: 'Unset the variable first, if you want telemetry on.',
      });
    }
    const wrong = misplaced(this.#paths, this.#roots());
    if (wrong === 'workspace') {
      throw new HandrailError('config', `Telemetry stays off: ${this.#paths.folder} lies in a workspace or repository.`, {
        hint: 'Set HANDRAIL_HOME to a folder of your own outside of them, or unset it. A decision in one of them never counts.',
      });
    }
    if (wrong === 'owner') {
      throw new HandrailError('config', `Telemetry stays off: ${this.#paths.folder} belongs to another user of this machine.`, {
        hint: 'Run it as yourself, without sudo, or set HANDRAIL_HOME to a folder of your own.',
      });
    }
    if (editorForbids(this.#env) || hasVeto(this.#paths)) {
      throw new HandrailError('config', "Telemetry stays off: the editor's own telemetry setting forbids it.", {
        hint: 'Set telemetry.telemetryLevel to "all" in the editor first, and open the editor once, or a new terminal in it.',
      });
    }
    if (readStored(this.#paths.consent).kind === 'newer') {
      throw new HandrailError('config', `${this.#paths.consent} was written by a later version of Handrail.`, {
        hint: 'Update Handrail, or delete everything recorded and start anew.',
      });
    }
  }

  #day(): string {
    const now = this.#clock.now();
    if (isPlausible(now)) return dayOf(now);
    throw new HandrailError('io', 'Telemetry stays off: the clock of this machine is wrong.', { hint: 'Set the clock and try again.' });
  }

  async #writeConsent(record: ConsentRecord): Promise<void> {
    // What is no file cannot be replaced by one.
    if (readStored(this.#paths.consent).kind === 'damaged') await rm(this.#paths.consent, { recursive: true, force: true });
    await writeFileAtomic(this.#paths.consent, lineOf(record));
    await disguiseTime(this.#paths.consent);
  }

  async #writeRetention(days: number): Promise<void> {
    await rm(this.#paths.retention, { recursive: true, force: true });
    await writeFileAtomic(this.#paths.retention, `${JSON.stringify({ version: 1, days })}\n`);
  }

  async #write(work: () => Promise<void>, failure: string, hint = NOT_STORED): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new HandrailError('read-only', `${failure} in ${this.#paths.folder}.`, { hint, cause: error });
    }
  }
}

const NOT_STORED = 'Make the folder writable and the disk less full, or set HANDRAIL_HOME to another folder.';
const NOT_OFF = 'Make the folder writable and try again; until then, HANDRAIL_TELEMETRY=off in the environment ends it too.';

function requireRetention(days: number): void {
  const text = String(days);
  if (isRetention(days)) return;
  throw new HandrailError('usage', `Events cannot be kept for ${text} days.`, {
    hint: `Choose ${RETENTION_RANGE.least} to ${RETENTION_RANGE.most} days.`,
  });
}

function lineOf(record: ConsentRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** In the room that the file has already. Cut first, so that a part of the old and a part of the new never read as a yes. */
async function overwrite(path: string, text: string): Promise<void> {
  const link = await lstat(path);
  if (!link.isFile()) throw new TypeError('no file');
  const file = await open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    await file.truncate();
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** A random time of the day as the file's own: the day of a decision is enough, and a new time tells recorders to look again. */
async function disguiseTime(path: string): Promise<void> {
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400;
  const time = midnight + Math.random() * 86_400;
  await utimes(path, time, time);
}
