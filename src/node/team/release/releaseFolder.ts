import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { appended, chainProblems, emptyLedger, type Ledger } from '../../../core/team/release/ledger.ts';
import { parseLedger, parseRelease } from '../../../core/team/release/ledgerFile.ts';
import { type Release, releaseId, releaseText } from '../../../core/team/release/release.ts';
import { canonicalJson, digestOf } from '../../../core/workflow/digests.ts';
import { createFileAtomic, writeFileAtomic } from '../../atomicFile.ts';

/** Where releases lie, one file each, with the ledger that chains them. */
export interface ReleaseFolder {
  readonly ledger: Ledger;
  /** Those of the ledger whose file is there, in its order. */
  readonly releases: readonly Release[];
  /** Entries whose file is missing. */
  readonly missing: Ledger['entries'];
}

const LEDGER = 'ledger.json';

/**
 * Reads the folder and checks the chain. Fails with `conflict` where anything was changed, with `config` where the ledger is another
 * team's. A folder that is not there yet is an empty one.
 */
export function readReleases(folder: string, team: string): ReleaseFolder {
  const text = textIn(folder, LEDGER);
  const ledger = text === undefined ? emptyLedger(team) : parseLedger(text);
  if (ledger === undefined) throw damaged(`${join(folder, LEDGER)} is no ledger.`);
  if (ledger.team !== team) {
    throw new HandrailError('config', `The ledger in ${folder} is of the team ${ledger.team}.`, { hint: 'Name another folder: --out DIR' });
  }
  const [problem] = chainProblems(ledger);
  if (problem !== undefined) throw damaged(problem);
  const releases: Release[] = [];
  const missing: Ledger['entries'][number][] = [];
  for (const entry of ledger.entries) {
    const stored = textIn(folder, `${entry.release}.json`);
    if (stored === undefined) {
      missing.push(entry);
      continue;
    }
    const release = parseRelease(stored);
    if (release === undefined || digestOf(release) !== entry.digest || idOf(release) !== entry.release) {
      throw damaged(`The release ${entry.release} was changed after it was written.`);
    }
    releases.push(release);
  }
  return { ledger, releases, missing };
}

export function releasePath(folder: string, { id }: Pick<Release, 'id'>): string {
  return join(folder, `${id}.json`);
}

/** Writes a release and then the ledger that names it: a release without an entry is none. Fails with `read-only`. */
export async function writeRelease(folder: string, ledger: Ledger, release: Release): Promise<{ ledger: Ledger; path: string }> {
  const next = appended(ledger, release);
  const path = releasePath(folder, release);
  try {
    mkdirSync(folder, { recursive: true });
    await putRelease(path, release);
    await writeFileAtomic(join(folder, LEDGER), `${canonicalJson(next)}\n`);
  } catch (error) {
    throw new HandrailError('read-only', `Nothing could be written into ${folder}.`, {
      hint: 'Make it writable, or name another folder: --out DIR',
      cause: error,
    });
  }
  return { ledger: next, path };
}

/**
 * Whole releases that follow the ledger's last one, and that it lacks: a run that was killed wrote the file and not the ledger. Somebody may
 * have seen it, so noise is not drawn again for it.
 */
export function unlistedReleases(folder: string, ledger: Ledger): Release[] {
  return strayReleases(folder, ledger).filter(({ previous }) => previous === (ledger.entries.at(-1)?.digest ?? null));
}

/** Every whole release in the folder that the ledger lacks, whatever it follows. */
export function strayReleases(folder: string, { entries }: Ledger): Release[] {
  if (!existsSync(folder)) return [];
  const listed = new Set(entries.map(({ release }) => `${release}.json`));
  return readdirSync(folder)
    .filter((name) => /^r-[0-9a-f]{16}\.json$/.test(name) && !listed.has(name))
    .toSorted()
    .map((name) => parseRelease(textIn(folder, name) ?? ''))
    .filter((release) => release !== undefined)
    .filter((release) => idOf(release) === release.id);
}

/** Puts back a release whose file was lost: only exactly the one that the ledger names. Fails with `conflict` for any other. */
export async function restoreRelease(folder: string, entry: Ledger['entries'][number], release: Release): Promise<void> {
  if (digestOf(release) !== entry.digest) {
    throw new HandrailError('conflict', `${entry.release}.json is missing, and these contributions give another release.`, {
      hint: 'Put the file back from where releases are kept; a released window never changes.',
    });
  }
  await putRelease(releasePath(folder, release), release);
}

async function putRelease(path: string, release: Release): Promise<void> {
  const text = `${releaseText(release)}\n`;
  // Written by a run that was killed before its ledger was: the same contributions give the same file.
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  await createFileAtomic(path, text);
}

function idOf({ id: _id, ...body }: Release): string {
  return releaseId(body);
}

/** Bytes that no ledger and no release has. */
const LARGEST = 64 * 1024 * 1024;

/** A file of the folder, or undefined where there is none. What is no file, such as a link to a device, could be read for ever: it is refused. */
export function textIn(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > LARGEST) throw damaged(`${path} is no file of releases.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof HandrailError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
      throw new HandrailError('io', `${folder} is no folder.`, { hint: 'Name the folder of releases.', cause: error });
    }
    throw new HandrailError('io', `${path} cannot be read.`, { hint: 'Look at its rights.', cause: error });
  }
}

function damaged(message: string): HandrailError {
  return new HandrailError('conflict', message, {
    hint: 'Take the folder back from where releases are kept. Nothing was released.',
  });
}
