import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SEVERITIES } from '../../core/ai/finding.ts';
import type { RememberedAnswer, ReviewCache } from '../../core/ai/review/cache.ts';
import type { Clock } from '../../core/ports.ts';
import { TEMPORARY_PREFIX, writeFileAtomic } from '../atomicFile.ts';

const SCHEMA = 'handrail.review-cache/1';
const DAY = 24 * 3600 * 1000;
/** Milliseconds. A model behind an endpoint changes without a word. */
const LONGEST = 30 * DAY;
/** An unfinished file this old belongs to nobody any more. */
const ABANDONED = 3600 * 1000;
/** Reads at once; more only fill the queue. */
const BATCH = 64;

export interface ReviewCacheLimits {
  entries: number;
  /** Of all entries together. */
  bytes: number;
  /** Larger ones are not kept. */
  bytesPerEntry: number;
}

const LIMITS: ReviewCacheLimits = { entries: 5000, bytes: 20_000_000, bytesPerEntry: 200_000 };

const finding = z.strictObject({
  file: z.string().optional(),
  severity: z.enum(SEVERITIES),
  category: z.string(),
  title: z.string(),
  message: z.string(),
  quote: z.string(),
  rule: z.string().optional(),
  replacement: z.string().optional(),
  offset: z.int().optional(),
  endOffset: z.int().optional(),
  score: z.number().min(0).max(10).optional(),
});
const entrySchema = z.strictObject({
  schema: z.literal(SCHEMA),
  /** So that a file that was renamed or copied is not taken for another piece's. */
  key: z.string(),
  /** Milliseconds since the Unix epoch. */
  at: z.number(),
  prompts: z.array(z.string()),
  told: z.array(z.string()),
  findings: z.array(finding),
});

/**
 * Answers about pieces of code, one file each, named by its key: several processes never write different things under one name, and
 * never see a part of one. Text in it has no secrets: it is what the model was shown and what it said. Bounded in number, size and
 * age, those longest unused go first: looked after with the first answer that is written. What is damaged counts as not there.
 */
export function createReviewCache(folder: string, clock: Clock, limits: ReviewCacheLimits = LIMITS): ReviewCache {
  const pathOf = (key: string): string => join(folder, `${key}.json`);
  let pruned = false;
  return {
    async read(keys) {
      const found = new Map<string, RememberedAnswer>();
      for (let at = 0; at < keys.length; at += BATCH) {
        await Promise.all(
          keys.slice(at, at + BATCH).map(async (key) => {
            const answer = await readEntry(pathOf(key), key, clock.now());
            if (answer !== undefined) found.set(key, answer);
          }),
        );
      }
      return found;
    },
    async write(answers) {
      try {
        for (const [key, answer] of answers) {
          const content = JSON.stringify({ schema: SCHEMA, key, at: clock.now(), ...answer });
          // Not flushed: what a crash leaves of it counts as not there.
          if (Buffer.byteLength(content) <= limits.bytesPerEntry) await writeFileAtomic(pathOf(key), content, { flush: false });
        }
        if (!pruned) await prune(folder, clock.now(), limits);
        pruned = true;
      } catch {
        // A disk that is full or not writable must not fail a review; the next one asks again.
      }
    },
  };
}

async function readEntry(path: string, key: string, now: number): Promise<RememberedAnswer | undefined> {
  try {
    const { schema: _, at, key: ownKey, ...answer } = entrySchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (ownKey !== key || now - at > LONGEST) return undefined;
    await touch(path, now);
    return answer as RememberedAnswer;
  } catch {
    return undefined;
  }
}

/** Its own time tells when an entry was last used; to the day is enough. */
async function touch(path: string, now: number): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > DAY) await utimes(path, now / 1000, now / 1000);
  } catch {
    // Deleted by another process in between, or not ours to change: it was read all the same.
  }
}

/** Deletes what is too old, and the longest unused of what is too much. Other processes may do the same. */
async function prune(folder: string, now: number, limits: ReviewCacheLimits): Promise<void> {
  const names = await readdir(folder);
  const files = (await Promise.all(names.map((name) => factsOf(join(folder, name))))).filter((file) => file !== undefined);
  const isUnfinished = (path: string): boolean => path.startsWith(join(folder, TEMPORARY_PREFIX));
  const gone = files.filter(({ path, used }) => now - used > (isUnfinished(path) ? ABANDONED : LONGEST));
  const kept = files.filter((file) => !gone.includes(file) && !isUnfinished(file.path)).sort((a, b) => b.used - a.used);
  let bytes = 0;
  kept.forEach((file, index) => {
    bytes += file.size;
    if (index >= limits.entries || bytes > limits.bytes) gone.push(file);
  });
  await Promise.all(gone.map(({ path }) => rm(path, { force: true })));
}

async function factsOf(path: string): Promise<{ path: string; used: number; size: number } | undefined> {
  try {
    const { mtimeMs, size } = await stat(path);
    return { path, used: mtimeMs, size };
  } catch {
    return undefined;
  }
}
