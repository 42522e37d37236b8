import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { createFileAtomic } from '../../atomicFile.ts';
import type { TransportOptions } from '../transports/transport.ts';
import { collectGit, type GitContribution } from './collectGit.ts';
import { LARGEST } from './inputPieces.ts';
import { releasedUntil } from './releasedWeeks.ts';

export interface Collected {
  /** Contributions that are new in the folder. */
  added: number;
  /** Those that were there already. */
  known: number;
  /** What is larger than any contribution, or named otherwise. */
  skipped: number;
  /** What this operator may not read; missing where there is none. */
  unreadable?: number;
  /** Those of weeks that the team's ledger has released, which were left where they are; missing where there are none. */
  released?: number;
}

/**
 * Copies what people sent into a folder, sealed as it is, for `team release`. Nothing is opened, and nothing is deleted where it came
 * from. `from` is `folder:PATH` or `git:REMOTE`. Fails with `usage` for another.
 */
export async function collect(from: string, out: string, options: TransportOptions): Promise<Collected> {
  const [kind, ...rest] = from.split(':');
  const place = rest.join(':');
  const collected: Collected = { added: 0, known: 0, skipped: 0 };
  makeFolder(out);
  const put = async (name: string, content: Buffer): Promise<void> => {
    if (content.length > LARGEST) collected.skipped += 1;
    else if (await putNew(join(out, name), content)) collected.added += 1;
    else collected.known += 1;
  };
  if (kind === 'folder' && place !== '') await fromFolder(resolve(options.root, place), put, collected);
  else if (kind === 'git' && place !== '') await fromGit(place, put, collected, { ...options, out });
  else {
    throw new HandrailError('usage', `--from ${JSON.stringify(from)} is neither a folder nor a git remote.`, {
      hint: 'Write it like --from folder:PATH or --from git:REMOTE.',
    });
  }
  return collected;
}

/** One folder after the other: where the system refuses one, Node's own way of making all of them may never end. */
function makeFolder(folder: string): void {
  try {
    if (isFolder(folder)) return;
    if (dirname(folder) !== folder) makeFolder(dirname(folder));
    mkdirSync(folder);
  } catch (error) {
    if (error instanceof HandrailError) throw error;
    throw new HandrailError('read-only', `The folder ${folder} cannot be made.`, {
      hint: 'Look whether a file has its name, or name a folder that you may write to: --out DIR',
      cause: error,
    });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

type Put = (name: string, content: Buffer) => Promise<void>;

async function fromFolder(folder: string, put: Put, collected: Collected): Promise<void> {
  let names: string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch (error) {
    throw new HandrailError('not-found', `The folder ${folder} cannot be read.`, {
      hint: 'Look whether the share is connected.',
      cause: error,
    });
  }
  for (const name of names) {
    if (!name.endsWith('.json')) continue;
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    // A link could lead anywhere, and what is too large need not be read to be known.
    if (stats?.isFile() !== true || stats.size > LARGEST) collected.skipped += 1;
    else {
      const content = contentOf(path);
      if (content === undefined) collected.unreadable = (collected.unreadable ?? 0) + 1;
      else await put(name, content);
    }
  }
}

/** What this operator may not read is one that does not count, and no reason to leave out the others. */
function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** What is here already, and what cannot count any more, is not fetched again: a remote keeps what was ever sent. */
async function fromGit(
  remote: string,
  put: Put,
  collected: Collected,
  { out, ...options }: TransportOptions & { out: string },
): Promise<void> {
  const until = releasedUntil(options.root);
  const here = new Set(readdirSync(out));
  const fileOf = ({ week, name }: GitContribution): string => `${week}-${name}.json`;
  let released = 0;
  await collectGit(
    {
      remote,
      isWanted: (one) => {
        if (here.has(fileOf(one))) collected.known += 1;
        else if (one.week <= until) released += 1;
        else return true;
        return false;
      },
      put: (one, content) => put(fileOf(one), content),
      skip: () => void (collected.skipped += 1),
    },
    options,
  );
  if (released > 0) collected.released = released;
}

async function putNew(path: string, content: Buffer): Promise<boolean> {
  try {
    await createFileAtomic(path, content);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new HandrailError('read-only', `${path} could not be written.`, { hint: 'Make the folder writable: --out DIR', cause: error });
  }
}
