import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { parseLedger } from '../../../core/team/release/ledgerFile.ts';
import { readReleases } from '../release/releaseFolder.ts';
import type { PublishedRelease } from './toPostgres.ts';

/**
 * The releases of a folder, checked as `readReleases` does, of the team that its ledger names. Fails with `not-found` where there is no
 * ledger, with `conflict` where anything was changed or is missing.
 */
export function releasesToPublish(folder: string): { team: string; releases: readonly PublishedRelease[] } {
  const team = teamIn(folder);
  const { ledger, releases, missing } = readReleases(folder, team);
  const [lost] = missing;
  if (lost !== undefined) {
    throw new HandrailError('conflict', `${lost.release}.json is missing in ${folder}, so nothing was published.`, {
      hint: 'Put it back from where releases are kept.',
    });
  }
  return {
    team,
    releases: ledger.entries.flatMap((entry, index) => {
      const release = releases.find(({ id }) => id === entry.release);
      return release === undefined ? [] : [{ release, entry, position: index + 1 }];
    }),
  };
}

function teamIn(folder: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, 'ledger.json'), 'utf8');
  } catch (error) {
    throw new HandrailError('not-found', `There is no ledger in ${folder}.`, {
      hint: 'Name the folder that handrail team release writes into: --in DIR',
      cause: error,
    });
  }
  const ledger = parseLedger(text);
  if (ledger !== undefined) return ledger.team;
  throw new HandrailError('conflict', `${join(folder, 'ledger.json')} is no ledger.`, {
    hint: 'Take the folder back from where releases are kept.',
  });
}
