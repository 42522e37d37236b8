import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { parseLedger } from '../../../core/team/release/ledgerFile.ts';
import { type ReleaseFolder, readReleases, textIn } from './releaseFolder.ts';

/**
 * The releases of a team's folder, or of every folder in it where teams of an organisation have one each; links are not followed. Each
 * chain is checked. Fails with `not-found` where there is no ledger, with `conflict` where anything was changed.
 */
export function readReleaseFolders(folder: string): (ReleaseFolder & { folder: string })[] {
  const places = hasLedger(folder) ? [folder] : foldersIn(folder).filter(hasLedger);
  if (places.length === 0) {
    throw new HandrailError('not-found', `There are no releases in ${folder}.`, {
      hint: 'Name the folder that handrail team release writes into, or one that has such folders: --in DIR',
    });
  }
  return places.map((place) => ({ ...readReleases(place, teamOf(place)), folder: place }));
}

function hasLedger(folder: string): boolean {
  return existsSync(join(folder, 'ledger.json'));
}

function foldersIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new HandrailError('not-found', `${folder} cannot be read.`, { hint: 'Name a folder of releases: --in DIR', cause: error });
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .toSorted();
}

function teamOf(folder: string): string {
  const ledger = parseLedger(textIn(folder, 'ledger.json') ?? '');
  if (ledger !== undefined) return ledger.team;
  throw new HandrailError('conflict', `${join(folder, 'ledger.json')} is no ledger.`, {
    hint: 'Take the folder back from where releases are kept.',
  });
}
