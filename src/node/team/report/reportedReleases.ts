import { HandrailError } from '../../../core/errors.ts';
import type { Rosters } from '../../../core/team/insight/participationBands.ts';
import type { Release } from '../../../core/team/release/release.ts';
import { parseTeam } from '../../../core/team/teamFile.ts';
import { textIn } from '../release/releaseFolder.ts';
import { readReleaseFolders } from '../release/releaseFolders.ts';

/** Releases of one team or of many, each checked against its ledger, and how many people the teams have where it is known. */
export interface ReportedReleases {
  releases: readonly [Release, ...Release[]];
  rosters: Rosters;
}

/**
 * What a report is made of: every release of a folder, or of the folders in it. The roster of a team is taken from a `telemetry.yml` beside
 * its ledger. Fails with `not-found` where there is nothing to report, with `conflict` where anything was changed or is missing.
 */
export function readReportedReleases(folder: string): ReportedReleases {
  const releases: Release[] = [];
  const rosters: Record<string, number> = {};
  const teams = new Set<string>();
  for (const { ledger, releases: own, missing, folder: place } of readReleaseFolders(folder)) {
    const { team } = ledger;
    if (teams.has(team)) {
      throw new HandrailError('conflict', `The team ${team} has two folders of releases in ${folder}.`, {
        hint: 'Leave one of them out: a team has one ledger.',
      });
    }
    teams.add(team);
    const [lost] = missing;
    if (lost !== undefined) {
      throw new HandrailError('conflict', `The release ${lost.release} of ${team} is in the ledger, and its file is missing.`, {
        hint: 'Put the file back, or run handrail team release over the same contributions, which rebuilds it.',
      });
    }
    releases.push(...own);
    const roster = rosterIn(place, team);
    if (roster !== undefined) rosters[team] = roster;
  }
  const [first, ...others] = releases;
  if (first !== undefined) return { releases: [first, ...others], rosters };
  throw new HandrailError('not-found', `There is no release in ${folder} yet.`, {
    hint: 'A window is released a week after it ended: handrail team release',
  });
}

function rosterIn(folder: string, team: string): number | undefined {
  const text = textIn(folder, 'telemetry.yml');
  if (text === undefined) return undefined;
  const { config } = parseTeam(text);
  return config?.team === team ? config.roster : undefined;
}
