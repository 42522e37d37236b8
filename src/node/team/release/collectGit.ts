import { failureOf } from '../../../core/errors.ts';
import { startOfWeek } from '../../../core/telemetry/week.ts';
import type { FetchLimits } from '../../git/guardedGit.ts';
import { parseBatch } from '../../git/objects.ts';
import { addressOf, withGit } from '../transports/git.ts';
import type { TransportOptions } from '../transports/transport.ts';
import { LARGEST } from './inputPieces.ts';

const REF = /^([0-9a-f]{40,64})\trefs\/handrail\/(\d{4}-W\d{2})\/([0-9a-f]{16})$/;

/** Contributions that are fetched at once: some 22 megabytes. */
const BATCH = 1000;

/** Of the list of references: some 800,000 of them. */
const LISTING: FetchLimits = { milliseconds: 60_000, bytes: LARGEST, output: 64 * 1024 * 1024 };
/** Of a batch: one of the largest contributions that count still fits. */
const FETCHING: FetchLimits = { milliseconds: 60_000, bytes: BATCH * LARGEST, output: 2 * BATCH * LARGEST };

export interface GitContribution {
  week: string;
  /** Chosen by the sender at random. */
  name: string;
  /** Object that the reference names. */
  oid: string;
}

export interface GitCollection {
  remote: string;
  /** Whether it is to be fetched. */
  isWanted(one: GitContribution): boolean;
  put(one: GitContribution, content: Buffer): Promise<void>;
  /** Told of what is no contribution: named otherwise, of another type, or too large. */
  skip(): void;
  /** Of a batch. */
  limits?: FetchLimits;
  /** Of the list of references. */
  listing?: FetchLimits;
}

/**
 * Brings the contributions of a git remote, some at a time so that there may be any number of them: only what is wanted is fetched, by the
 * objects that the references name, and each time into a folder that is gone afterwards. Fails with HandrailError.
 */
export async function collectGit(
  { remote, isWanted, put, skip, limits = FETCHING, listing = LISTING }: GitCollection,
  options: TransportOptions,
): Promise<void> {
  const url = await addressOf(remote, options.root);
  const wanted: GitContribution[] = [];
  for (const line of await linesOf(url, options, listing)) {
    const [, oid, week, name] = REF.exec(line) ?? [];
    if (oid === undefined || week === undefined || name === undefined || startOfWeek(week) === undefined) skip();
    else if (isWanted({ week, name, oid })) wanted.push({ week, name, oid });
  }
  const batches = Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, at) => wanted.slice(at * BATCH, (at + 1) * BATCH));
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    const contents = await contentsOf(batch, url, { options, limits });
    if (contents !== undefined) {
      for (const [at, one] of batch.entries()) {
        const content = contents[at];
        if (content === undefined) skip();
        else await put(one, content);
      }
    } else if (batch.length === 1) {
      skip();
    } else {
      // Something in it is far larger than a contribution, or leads to more. Halves find out what, and the others are brought all the same.
      const half = Math.ceil(batch.length / 2);
      batches.unshift(batch.slice(0, half), batch.slice(half));
    }
  }
}

async function linesOf(url: string, options: TransportOptions, limits: FetchLimits): Promise<string[]> {
  const list = await withGit(options, (git) => git(['ls-remote', '--quiet', '--refs', '--', url, 'refs/handrail/*']), {
    could: 'list the contributions',
    tooLarge: 'Delete the references of weeks that are released, below refs/handrail/, on the server.',
    limits,
  });
  return list
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

/** The contents in their order, undefined for what is no contribution; undefined for all where they are together too large to be fetched. */
async function contentsOf(
  batch: readonly GitContribution[],
  url: string,
  { options, limits }: { options: TransportOptions; limits: FetchLimits },
): Promise<(Buffer | undefined)[] | undefined> {
  const use = { could: 'fetch the contributions', tooLarge: 'Delete what is no contribution below refs/handrail/ on the server.', limits };
  const names = batch.map(({ oid }) => oid);
  const input = (oids: readonly string[]): string => oids.map((oid) => `${oid}\n`).join('');
  try {
    return await withGit(
      options,
      async (git) => {
        await git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--stdin', '--', url], input([...new Set(names)]));
        const told = (await git(['cat-file', '--batch-check=%(objecttype) %(objectsize)'], input(names))).toString().split('\n');
        const isOne = names.map((_, at) => {
          const [type, size] = told[at]?.split(' ') ?? [];
          return type === 'blob' && Number(size) <= LARGEST;
        });
        // What is larger than any contribution is not even read.
        const asked = names.filter((_, at) => isOne[at]);
        const read = asked.length === 0 ? [] : parseBatch(await git(['cat-file', '--batch'], input(asked)), asked.length);
        return isOne.map((is) => (is ? read.shift()?.content : undefined));
      },
      use,
    );
  } catch (error) {
    if (failureOf(error)?.reason === 'too-large') return undefined;
    throw error;
  }
}
