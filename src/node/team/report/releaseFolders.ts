import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import type { Rosters } from '../../../core/team/insight/participationBands.ts';
import { parseLedger } from '../../../core/team/release/ledgerFile.ts';
import type { Release } from '../../../core/team/release/release.ts';
import { parseTeam } from '../../../core/team/teamFile.ts';
import { readReleases } from '../release/releaseFolder.ts';

/** Releases of one team or of many, each checked against its ledger, and how many people the teams have where it is known. */
export interface ReportedReleases {
  releases: readonly [Release, ...Release[]];
  rosters: Rosters;
}

/** More teams than an organisation has. */
const MOST_TEAMS = 10_000;

/**
 * Reads a folder of releases with its `ledger.json`, or folders of teams within it that each are one. The roster of a team is taken from
 * a `telemetry.yml` beside the ledger. Fails with `not-found` where there is nothing to report, with `conflict` where anything was changed.
 */
export function readReleaseFolders(folder: string): ReportedReleases {
  const releases: Release[] = [];
  const rosters: Record<string, number> = {};
  for (const one of foldersIn(folder)) {
    const read = readReleases(one.path, one.team);
    const [lost] = read.missing;
    if (lost !== undefined) {
      throw new HandrailError('conflict', `The release ${lost.release} of ${one.team} is in the ledger, and its file is missing.`, {
        hint: 'Put the file back, or run handrail team release over the same contributions, which rebuilds it.',
      });
    }
    releases.push(...read.releases);
    const roster = rosterIn(one.path, one.team);
    if (roster !== undefined) rosters[one.team] = roster;
  }
  const [first, ...others] = releases;
  if (first !== undefined) return { releases: [first, ...others], rosters };
  throw new HandrailError('not-found', `There is no release in ${folder}.`, {
    hint: 'Name the folder that handrail team release wrote into: --in DIR',
  });
}

function foldersIn(folder: string): { path: string; team: string }[] {
  const own = teamOf(folder);
  if (own !== undefined) return [{ path: folder, team: own }];
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    throw new HandrailError('not-found', `The folder ${folder} cannot be read.`, {
      hint: 'Name a folder of releases: --in DIR',
      cause: error,
    });
  }
  const found = names
    .toSorted()
    .slice(0, MOST_TEAMS)
    .flatMap((name) => {
      const team = teamOf(join(folder, name));
      return team === undefined ? [] : [{ path: join(folder, name), team }];
    });
  const twice = found.find(({ team }, index) => found.findIndex((other) => other.team === team) !== index);
  if (twice === undefined) return found;
  throw new HandrailError('conflict', `The team ${twice.team} has two folders of releases in ${folder}.`, {
    hint: 'Leave one of them out: a team has one ledger.',
  });
}

/** The team of the ledger in a folder, or undefined where there is none. */
function teamOf(folder: string): string | undefined {
  const path = join(folder, 'ledger.json');
  if (!existsSync(path)) return undefined;
  const ledger = parseLedger(readFileSync(path, 'utf8'));
  if (ledger !== undefined) return ledger.team;
  throw new HandrailError('conflict', `${path} is no ledger.`, { hint: 'Take the folder back from where releases are kept.' });
}

function rosterIn(folder: string, team: string): number | undefined {
  const path = join(folder, 'telemetry.yml');
  if (!existsSync(path)) return undefined;
  const { config } = parseTeam(readFileSync(path, 'utf8'));
  return config?.team === team ? config.roster : undefined;
}
