import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { ChangeTriple } from '../../core/workflow/digests.ts';
import { type EvidenceBody, type EvidenceRecord, toRecord } from '../../core/workflow/evidence.ts';
import type { ParsedRecord } from '../../core/workflow/evidenceGrammar.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { stamp } from '../git/fingerprint.ts';
import { BEAT, isAlive, markOf, parseMark, type ProcessMark } from './processLife.ts';

/**
 * Evidence of one run, one immutable file a record, named by the digest of its content. Nothing is ever rewritten, so any number of
 * windows and processes add records at once without a lock and none is lost; what a killed writer leaves behind is a temporary
 * name that readers pass over.
 *
 * Layout, under `<git common dir>/handrail/runs/<run key>/`: `<hex>.json` records, `covered/<hex>.json` what a change digest stood
 * for (to say what changed since), `running/<hex>.json` whose process a running record belongs to, `starting/<step>.json` who starts a step.
 */
export interface EvidenceStore {
  readonly folder: string;
  read(): Promise<{ records: EvidenceRecord[]; problems: string[] }>;
  /** Returns once the record is on disk. */
  add(body: EvidenceBody): Promise<EvidenceRecord>;
  /** Whether a record is among the committed ones, or would not be written there anyway. */
  isShared(record: EvidenceRecord): boolean;
  /** Remembers what a change digest stands for. */
  rememberCovered(changeDigest: string, triples: readonly ChangeTriple[]): Promise<void>;
  covered(changeDigest: string): Promise<readonly ChangeTriple[] | undefined>;
  /** Adds a `running` record of this process, which {@link interrupted} tells from one whose process is gone. */
  addRunning(body: EvidenceBody): Promise<EvidenceRecord>;
  /** Says until it is called off that the process behind a running record lives. */
  beat(running: EvidenceRecord): () => void;
  /** Forgets the process behind a running record, once the record that ends it is written. */
  ended(running: EvidenceRecord): Promise<void>;
  /** The records that were read, by the path of their file, with its stamp: for another process. */
  known(): Record<string, { stamp: string; record: EvidenceRecord }>;
  /** The process behind a running record; undefined where it runs on another machine, or nobody knows. */
  processOf(running: EvidenceRecord): Promise<number | undefined>;
  /** Ids of those of the given running records whose process is gone. */
  interrupted(running: readonly EvidenceRecord[]): Promise<Set<string>>;
}

export interface EvidenceStoreOptions {
  /** Folder of the run under the git common directory. */
  folder: string;
  runKey: string;
  /** Folder of committed records of this run, when the workflow tracks them; read beside the local ones. */
  trackedFolder?: string | undefined;
  /** Whether new records go to the committed folder; running ones never do. */
  writeTracked?: boolean | undefined;
  /** What another process read. */
  known?: Record<string, { stamp: string; record: EvidenceRecord }> | undefined;
}

/** A record is a few hundred bytes; whatever is much larger is not one. */
const MAX_RECORD_BYTES = 64_000;
const READS_AT_ONCE = 32;

export function createEvidenceStore(options: EvidenceStoreOptions): EvidenceStore {
  return new FileEvidenceStore(options);
}

class FileEvidenceStore implements EvidenceStore {
  readonly #options: EvidenceStoreOptions;
  /** Records never change under their name, so each is read once; one whose file was written all the same is read again. */
  readonly #known: Map<string, { stamp: string; record: EvidenceRecord }>;
  /** What digests stood for never changes either. */
  readonly #covered = new Map<string, readonly ChangeTriple[]>();

  constructor(options: EvidenceStoreOptions) {
    this.#options = options;
    this.#known = new Map(Object.entries(options.known ?? {}).filter(([, { record }]) => record.run === options.runKey));
  }

  known(): Record<string, { stamp: string; record: EvidenceRecord }> {
    return Object.fromEntries(this.#known);
  }

  get folder(): string {
    return this.#options.folder;
  }

  async read(): Promise<{ records: EvidenceRecord[]; problems: string[] }> {
    const records = new Map<string, EvidenceRecord>();
    const problems: string[] = [];
    for (const folder of [this.#options.folder, this.#options.trackedFolder]) {
      if (folder === undefined) continue;
      const names = await recordNames(folder);
      for (let start = 0; start < names.length; start += READS_AT_ONCE) {
        const batch = names.slice(start, start + READS_AT_ONCE);
        for (const parsed of await Promise.all(batch.map((hex) => this.#readOne(folder, hex)))) {
          if (parsed === undefined) continue;
          if ('record' in parsed) records.set(parsed.record.id, parsed.record);
          else problems.push(parsed.problem);
        }
      }
    }
    return { records: [...records.values()], problems };
  }

  async add(body: EvidenceBody): Promise<EvidenceRecord> {
    const tracked = this.#options.writeTracked === true && body.result.outcome !== 'running' ? this.#options.trackedFolder : undefined;
    const record = toRecord(tracked === undefined ? body : withoutTime(body));
    const { id, ...content } = record;
    const path = join(tracked ?? this.#options.folder, `${hexOf(id)}.json`);
    await this.#write(path, content);
    return record;
  }

  isShared({ id }: EvidenceRecord): boolean {
    const { trackedFolder, writeTracked } = this.#options;
    return trackedFolder === undefined || writeTracked !== true || existsSync(join(trackedFolder, `${hexOf(id)}.json`));
  }

  async rememberCovered(changeDigest: string, triples: readonly ChangeTriple[]): Promise<void> {
    const path = join(this.#options.folder, 'covered', `${hexOf(changeDigest)}.json`);
    // Named by its content: one that is there is the same.
    if (!existsSync(path)) await this.#write(path, triples);
  }

  async covered(changeDigest: string): Promise<readonly ChangeTriple[] | undefined> {
    const known = this.#covered.get(changeDigest);
    if (known !== undefined) return known;
    const text = await readIfThere(join(this.#options.folder, 'covered', `${hexOf(changeDigest)}.json`));
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (!Array.isArray(value) || !value.every(isTriple)) return undefined;
      this.#covered.set(changeDigest, value);
      return value;
    } catch {
      return undefined;
    }
  }

  async addRunning(body: EvidenceBody): Promise<EvidenceRecord> {
    // The mark first: a running record without one would count as interrupted.
    await this.#write(this.#markPath(toRecord(body)), await markOf(process.pid));
    return await this.add(body);
  }

  beat(running: EvidenceRecord): () => void {
    const path = this.#markPath(running);
    const touch = (): void => {
      const now = new Date();
      // Without the mark the record counts as interrupted, which is what a person who removed it wants.
      utimes(path, now, now).catch(() => undefined);
    };
    const timer = setInterval(touch, BEAT);
    return () => clearInterval(timer);
  }

  async ended(running: EvidenceRecord): Promise<void> {
    await rm(this.#markPath(running), { force: true });
  }

  async processOf(running: EvidenceRecord): Promise<number | undefined> {
    const mark = await this.#markOf(running);
    return mark?.host === hostname() ? mark.pid : undefined;
  }

  async interrupted(running: readonly EvidenceRecord[]): Promise<Set<string>> {
    const gone = new Set<string>();
    for (const record of running) {
      const mark = await this.#markOf(record);
      if (mark === undefined || !(await isAlive(mark, ageOf(this.#markPath(record))))) gone.add(record.id);
    }
    return gone;
  }

  async #markOf(running: EvidenceRecord): Promise<ProcessMark | undefined> {
    const text = await readIfThere(this.#markPath(running));
    return text === undefined ? undefined : parseMark(text);
  }

  #markPath(running: EvidenceRecord): string {
    return join(this.#options.folder, 'running', `${hexOf(running.id)}.json`);
  }

  async #readOne(folder: string, hex: string): Promise<ParsedRecord | undefined> {
    const path = join(folder, `${hex}.json`);
    const written = stamp(path);
    const known = this.#known.get(path);
    if (known?.stamp === written) return { record: known.record };
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    if (text.length > MAX_RECORD_BYTES) return { problem: `Record ${hex} is too large to be one.` };
    // Loaded only for records that were not read before.
    const { parseRecord } = await import('../../core/workflow/evidenceGrammar.ts');
    const parsed = parseRecord(text, hex, this.#options.runKey);
    if ('record' in parsed) this.#known.set(path, { stamp: written, record: parsed.record });
    return parsed;
  }

  async #write(path: string, content: unknown): Promise<void> {
    try {
      await writeFileAtomic(path, `${JSON.stringify(content, undefined, 1)}\n`);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const reason = code === 'EROFS' || code === 'EACCES' || code === 'EPERM' ? 'read-only' : 'io';
      throw new HandrailError(reason, `What was done could not be recorded in ${path}.`, {
        hint: code === 'ENOSPC' ? 'Free some disk space and try again.' : 'Make the folder writable and try again.',
        cause: error,
      });
    }
  }
}

/** Hex digits of the records in a folder, sorted. Whatever has another name is not a record. */
async function recordNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new HandrailError('io', `The evidence in ${folder} cannot be read.`, { hint: 'Check the rights of that folder.', cause: error });
  });
  const hexes = names.map((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1]);
  return hexes.filter((hex) => hex !== undefined).sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

/** Milliseconds since a file was written or touched; endless where there is none. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? Infinity : Date.now() - stat.mtimeMs;
}

function withoutTime(body: EvidenceBody): EvidenceBody {
  const { time: _, ...rest } = body;
  return rest;
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

function isTriple(value: unknown): value is ChangeTriple {
  return Array.isArray(value) && value.length === 5 && typeof value[0] === 'string';
}
