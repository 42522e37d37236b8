import { HandrailError } from '../../../core/errors.ts';
import type { Registry } from '../../../core/team/registry.ts';
import type { Rejected } from '../../../core/team/release/admit.ts';
import { contributionTables } from '../../../core/team/release/contributionTables.ts';
import { coverageOf } from '../../../core/team/release/coverage.ts';
import { buildRelease, type Release } from '../../../core/team/release/release.ts';
import { proofProblems } from '../../../core/team/release/prove.ts';
import type { OpenWindow, ReleaseEngine } from '../../../core/team/release/tables.ts';
import { readReleases, restoreRelease, writeRelease } from './releaseFolder.ts';

export interface ReleaseTeamOptions {
  team: string;
  k: number;
  roster?: number;
  registry: Registry;
  /** Weeks of a window. */
  window: number;
  /** What has the contributions. */
  engine: ReleaseEngine;
  /** Where releases lie. */
  output: string;
  /** Runs the attacks against each release and the whole ledger before it is written. */
  prove: boolean;
  now: number;
}

export interface Released {
  release: Release;
  path: string;
  contributions: number;
  /** The part of everything counted that is inside published figures, 0 to 1. */
  eventCoverage: number;
  proved?: true;
}

export interface ReleasedTeam {
  /** In the order of their windows; none where nothing was due. */
  released: readonly Released[];
  restored: readonly string[];
  /** Contributions to windows that are not over. */
  waiting: number;
  rejected: Rejected;
}

/**
 * Releases every window that is over and that the ledger lacks, in their order. Deterministic: the same inputs give the same bytes. Fails
 * with `conflict` where something in the folder was changed, where more people contributed than the roster has, and where an attack
 * succeeds; then nothing is written.
 */
export async function releaseTeam(options: ReleaseTeamOptions): Promise<ReleasedTeam> {
  const { team, registry, window, engine, output, now } = options;
  const folder = readReleases(output, team);
  const restored = await restoreMissing(options, folder);
  const lastReleased = folder.ledger.entries.at(-1)?.window.from ?? '';
  const admitted = await engine.admit({ team, registry, window, now, lastReleased });
  const released: Released[] = [];
  let { ledger } = folder;
  const known = [...folder.releases];
  for (const open of admitted.windows) {
    await requireRoster(open, options.roster);
    const release = await releaseOf(open, options, ledger.entries.at(-1)?.digest ?? null);
    if (options.prove) await requireProof(release, known, open, options);
    const written = await writeRelease(output, ledger, release);
    ledger = written.ledger;
    known.push(release);
    released.push({
      release,
      path: written.path,
      contributions: open.contributions,
      eventCoverage: await coverageOf(release, open.tables, registry.counters),
      ...(options.prove ? { proved: true } : {}),
    });
  }
  return { released, restored, waiting: admitted.waiting, rejected: admitted.rejected };
}

async function restoreMissing(
  { team, registry, window, engine, output, now, k, roster }: ReleaseTeamOptions,
  { ledger, missing }: ReturnType<typeof readReleases>,
): Promise<string[]> {
  if (missing.length === 0) return [];
  const { windows } = await engine.admit({ team, registry, window, now, lastReleased: '' });
  for (const entry of missing) {
    const tables = windows.find(({ from }) => from === entry.window.from)?.tables ?? contributionTables([]);
    const before = ledger.entries[ledger.entries.indexOf(entry) - 1];
    const release = await releaseOf(
      { ...entry.window, tables },
      { team, k, registry, ...(roster === undefined ? {} : { roster }) },
      before?.digest ?? null,
    );
    await restoreRelease(output, entry, release);
  }
  return missing.map(({ release }) => release);
}

function releaseOf(
  { from, to, tables }: Pick<OpenWindow, 'from' | 'to' | 'tables'>,
  { team, k, roster, registry }: Pick<ReleaseTeamOptions, 'team' | 'k' | 'roster' | 'registry'>,
  previous: string | null,
): Promise<Release> {
  return buildRelease(tables, {
    team,
    k,
    counters: registry.counters,
    window: { from, to },
    previous,
    ...(roster === undefined ? {} : { roster }),
  });
}

async function requireRoster({ from, to, tables }: OpenWindow, roster: number | undefined): Promise<void> {
  if (roster === undefined || (await tables.people()) <= roster) return;
  throw new HandrailError(
    'conflict',
    `More people contributed to ${from} to ${to} than the roster of ${roster} has, so nothing was released.`,
    {
      hint: 'Correct roster in .handrail/telemetry.yml; if it is right, somebody contributes in the name of people who are not there.',
    },
  );
}

async function requireProof(release: Release, before: readonly Release[], open: OpenWindow, options: ReleaseTeamOptions): Promise<void> {
  const [problem] = await proofProblems(release, {
    before,
    contributions: await open.read(),
    counters: options.registry.counters,
    k: options.k,
    ...(options.roster === undefined ? {} : { roster: options.roster }),
  });
  if (problem === undefined) return;
  throw new HandrailError(
    'conflict',
    `The release of ${open.from} to ${open.to} did not withstand an attack, so it was not written: ${problem}`,
    {
      hint: 'This is a defect of Handrail. Please report it without the contributions.',
    },
  );
}
