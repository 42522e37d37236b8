import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitCommand } from './gitCommand.ts';

export interface BlobFacts {
  /** Git object name after clean filters. */
  oid: string;
  mode: string;
  /** Lines of the content, 0 for binary content. */
  lines: number;
}

interface Known extends BlobFacts {
  stamp: string;
}

/** Above it, listing more paths on standard input gains nothing and a failure costs more. */
const BATCH = 5_000;
const READS_AT_ONCE = 16;
/** As git does: content with a NUL among its first bytes is binary. */
const BINARY_PROBE_BYTES = 8_000;

/**
 * Names the content of working tree files the way `git add` would, without writing anything. Remembers what it has read by size and
 * times of the file, since a status is asked for after every save.
 */
export class BlobReader {
  readonly #git: GitCommand;
  readonly #root: string;
  readonly #prefix: string;
  readonly #known = new Map<string, Known>();

  /**
   * `git` runs at the top of the working tree and `prefix` leads from there to `root`: listed on standard input, paths count from
   * the top wherever git runs.
   */
  constructor(git: GitCommand, { root, prefix }: { root: string; prefix: string }) {
    this.#git = git;
    this.#root = root;
    this.#prefix = prefix;
  }

  /**
   * Facts by path. Paths that are gone, or are neither files nor symbolic links, are left out. `algorithm` is that of the
   * repository; symbolic links are hashed here, because git would follow them.
   */
  async read(paths: readonly string[], algorithm: 'sha1' | 'sha256'): Promise<Map<string, BlobFacts>> {
    const facts = new Map<string, BlobFacts>();
    const unread: { path: string; mode: string; stamp: string | undefined }[] = [];
    await inParallel(paths, async (path) => {
      const stat = await lstat(join(this.#root, path), { bigint: true }).catch(() => undefined);
      if (stat?.isSymbolicLink() === true) {
        facts.set(path, { oid: blobName(await readlink(join(this.#root, path), 'buffer'), algorithm), mode: '120000', lines: 1 });
      } else if (stat?.isFile() === true) {
        const stamp = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.mode].join(' ');
        const known = this.#known.get(path);
        if (known?.stamp === stamp) facts.set(path, known);
        else unread.push({ path, mode: modeOf(stat.mode), stamp: isSettled(stat.mtimeNs, stat.ctimeNs) ? stamp : undefined });
      }
    });
    const oids = await this.#hash(unread.map((file) => file.path));
    await inParallel(unread, async ({ path, mode, stamp }) => {
      const oid = oids.get(path);
      if (oid === undefined) return;
      const read = { oid, mode, lines: await countLines(join(this.#root, path)) };
      facts.set(path, read);
      if (stamp === undefined) this.#known.delete(path);
      else this.#known.set(path, { ...read, stamp });
    });
    return facts;
  }

  async #hash(paths: readonly string[]): Promise<Map<string, string>> {
    const oids = new Map<string, string>();
    // Standard input separates paths by line breaks, so a path that holds one goes as an argument.
    const awkward = paths.filter((path) => /[\r\n"]/.test(path));
    const plain = paths.filter((path) => !/[\r\n"]/.test(path));
    for (let start = 0; start < plain.length; start += BATCH) {
      const batch = plain.slice(start, start + BATCH);
      assign(oids, batch, await this.#git(['hash-object', '--stdin-paths'], `${batch.map((path) => this.#prefix + path).join('\n')}\n`));
    }
    for (const path of awkward) assign(oids, [path], await this.#git(['hash-object', '--', this.#prefix + path]));
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
  let lines = 0;
  let seen = 0;
  let last = 10;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      if (seen < BINARY_PROBE_BYTES && chunk.subarray(0, BINARY_PROBE_BYTES - seen).includes(0)) return 0;
      seen += chunk.length;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      last = chunk.at(-1) ?? last;
    }
  } catch {
    // Gone or unreadable since it was hashed; the next status sees it.
    return 0;
  }
  return last === 10 ? lines : lines + 1;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, items.length) }, worker));
}
