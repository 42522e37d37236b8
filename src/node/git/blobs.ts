import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Attributes, AttributeStamps, convertedPaths } from './attributes.ts';
import type { GitCommand } from './gitCommand.ts';

export interface BlobFacts {
  /** Git object name after clean filters. */
  oid: string;
  mode: string;
  /** Lines of the content, 0 for binary content. */
  lines: number;
}

/** Facts that hold as long as the file and what says how it is converted have this stamp. */
export interface KnownBlob extends BlobFacts {
  stamp: string;
}

interface Unread {
  path: string;
  mode: string;
  size: bigint;
  stamp: string;
  /** What says how its content is converted. */
  attributes: string;
  isSettled: boolean;
}

/** Above it, listing more paths on standard input gains nothing and a failure costs more. */
const BATCH = 5_000;
const READS_AT_ONCE = 16;
/** Larger files are hashed by git, not by the process that draws the view. */
const MAX_HASHED_HERE = 1_000_000n;
const CARRIAGE_RETURN = 13;
/** As git does: content with a NUL among its first bytes is binary. */
const BINARY_PROBE_BYTES = 8_000;

export interface BlobReaderOptions extends Attributes {
  root: string;
  /** Leads from the top of the working tree to `root`: listed on standard input, paths count from the top wherever git runs. */
  prefix: string;
}

/**
 * Names the content of working tree files the way `git add` would, without writing anything. Remembers what it has read by size and
 * times of the file, and by what says how it is converted, since a status is asked for after every save.
 */
export class BlobReader {
  readonly #git: GitCommand;
  readonly #options: BlobReaderOptions;
  readonly #known: Map<string, KnownBlob>;
  /** Whether content is converted by more than its line endings, by path; with what says so. */
  readonly #converted = new Map<string, { attributes: string; isConverted: boolean }>();

  /** `git` runs at the top of the working tree. `known` is what another reader {@link known knew}. */
  constructor(git: GitCommand, options: BlobReaderOptions, known: Iterable<readonly [string, KnownBlob]> = []) {
    this.#git = git;
    this.#options = options;
    this.#known = new Map(known);
  }

  /** What was read of these paths and holds while they stay as they are. */
  known(paths: Iterable<string>): [string, KnownBlob][] {
    return [...paths].flatMap((path): [string, KnownBlob][] => {
      const one = this.#known.get(path);
      return one === undefined ? [] : [[path, one]];
    });
  }

  /**
   * Facts by path. Paths that are gone, or are neither files nor symbolic links, are left out. `algorithm` is that of the
   * repository; symbolic links are hashed here, because git would follow them.
   */
  async read(paths: readonly string[], algorithm: 'sha1' | 'sha256'): Promise<Map<string, BlobFacts>> {
    const facts = new Map<string, BlobFacts>();
    const unread: Unread[] = [];
    const attributes = new AttributeStamps(this.#options);
    await inParallel(paths, async (path) => {
      const stat = await lstat(this.#at(path), { bigint: true }).catch(() => undefined);
      if (stat?.isSymbolicLink() === true) {
        facts.set(path, { oid: blobName(await readlink(this.#at(path), 'buffer'), algorithm), mode: '120000', lines: 1 });
      } else if (stat?.isFile() === true) {
        const converting = attributes.of(this.#options.prefix + path);
        const stamp = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.mode, converting].join(' ');
        const known = this.#known.get(path);
        if (known?.stamp === stamp) facts.set(path, known);
        else {
          const { size, mode, mtimeNs, ctimeNs } = stat;
          unread.push({ path, size, stamp, mode: modeOf(mode), attributes: converting, isSettled: isSettled(mtimeNs, ctimeNs) });
        }
      }
    });
    const read = new Map<string, { oid: string; lines: number }>();
    await inParallel(unread, async (file) => {
      const here = await this.#hashHere(file, algorithm);
      if (here !== undefined) read.set(file.path, here);
    });
    const oids = await this.#hash(unread.flatMap(({ path }) => (read.has(path) ? [] : [path])));
    await inParallel([...oids], async ([path, oid]) => void read.set(path, { oid, lines: await countLines(this.#at(path)) }));
    for (const { path, mode, stamp, isSettled: isLasting } of unread) {
      const one = read.get(path);
      if (one === undefined) continue;
      facts.set(path, { ...one, mode });
      if (isLasting) this.#known.set(path, { ...one, mode, stamp });
      else this.#known.delete(path);
    }
    return facts;
  }

  /** Learns how the content of these files is converted, so that they can be read without git from then on. */
  async prepare(paths: readonly string[]): Promise<void> {
    const stamps = new AttributeStamps(this.#options);
    const asked = paths.map((path) => ({ path, fromTop: this.#options.prefix + path, attributes: stamps.of(this.#options.prefix + path) }));
    const unknown = asked.filter(({ path, attributes }) => this.#converted.get(path)?.attributes !== attributes);
    if (unknown.length === 0) return;
    const converted = await convertedPaths(
      this.#git,
      unknown.map(({ fromTop }) => fromTop),
    );
    for (const { path, fromTop, attributes } of unknown) this.#converted.set(path, { attributes, isConverted: converted.has(fromTop) });
  }

  #at(path: string): string {
    return join(this.#options.root, path);
  }

  /** Undefined where git has to do it. Without a carriage return, no setting about line endings changes anything on the way in. */
  async #hashHere({ path, size, attributes }: Unread, algorithm: 'sha1' | 'sha256'): Promise<{ oid: string; lines: number } | undefined> {
    const known = this.#converted.get(path);
    if (size > MAX_HASHED_HERE || known?.attributes !== attributes || known.isConverted) return undefined;
    const content = await readFile(this.#at(path)).catch(() => undefined);
    if (content === undefined || content.includes(CARRIAGE_RETURN)) return undefined;
    const counter = new LineCounter();
    counter.add(content);
    return { oid: blobName(content, algorithm), lines: counter.lines };
  }

  async #hash(paths: readonly string[]): Promise<Map<string, string>> {
    const oids = new Map<string, string>();
    // Standard input separates paths by line breaks, so a path that holds one goes as an argument.
    const awkward = paths.filter((path) => /[\r\n"]/.test(path));
    const plain = paths.filter((path) => !/[\r\n"]/.test(path));
    for (let start = 0; start < plain.length; start += BATCH) {
      const batch = plain.slice(start, start + BATCH);
      assign(
        oids,
        batch,
        await this.#git(['hash-object', '--stdin-paths'], `${batch.map((path) => this.#options.prefix + path).join('\n')}\n`),
      );
    }
    for (const path of awkward) assign(oids, [path], await this.#git(['hash-object', '--', this.#options.prefix + path]));
    return oids;
  }
}

function assign(oids: Map<string, string>, paths: readonly string[], output: string): void {
  const names = output.trim().split('\n');
  paths.forEach((path, i) => {
    const name = names[i];
    if (name) oids.set(path, name);
  });
}

/** A file written within the resolution of the clock could change again without its times telling. */
function isSettled(mtimeNs: bigint, ctimeNs: bigint): boolean {
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return BigInt(Date.now()) * 1_000_000n - latest > 100_000_000n;
}

function modeOf(mode: bigint): string {
  return process.platform !== 'win32' && (mode & 0o100n) !== 0n ? '100755' : '100644';
}

function blobName(content: Buffer, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(`blob ${content.length}\0`).update(content).digest('hex');
}

async function countLines(path: string): Promise<number> {
  const counter = new LineCounter();
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) counter.add(chunk);
  } catch {
    // Gone or unreadable since it was hashed; the next status sees it.
    return 0;
  }
  return counter.lines;
}

/** Counts lines piece by piece; a last one without a line break counts, and binary content has none. */
class LineCounter {
  #breaks = 0;
  #seen = 0;
  #last = 10;
  #isBinary = false;

  add(chunk: Buffer): void {
    if (this.#seen < BINARY_PROBE_BYTES && chunk.subarray(0, BINARY_PROBE_BYTES - this.#seen).includes(0)) this.#isBinary = true;
    this.#seen += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.#breaks += 1;
    this.#last = chunk.at(-1) ?? this.#last;
  }

  get lines(): number {
    if (this.#isBinary) return 0;
    return this.#last === 10 ? this.#breaks : this.#breaks + 1;
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, items.length) }, worker));
}
