import { HandrailError } from '../../../core/errors.ts';
import type { Registry } from '../../../core/team/registry.ts';
import { admit, type OpenWindow, type Rejected } from '../../../core/team/release/admit.ts';
import { coverageOf } from '../../../core/team/release/coverage.ts';
import { buildRelease, peopleOf, publishedCounters, type Release } from '../../../core/team/release/release.ts';
import { proofProblems } from '../../../core/team/release/prove.ts';
import type { TeamKey } from '../keys.ts';
import { openInputs } from './openInputs.ts';
import { readReleases, restoreRelease, writeRelease } from './releaseFolder.ts';

export interface ReleaseTeamOptions {
  team: string;
  k: number;
  roster?: number;
  registry: Registry;
  /** Weeks of a window. */
  window: number;
  /** Where contributions were collected, and where releases lie. */
  input: string;
  output: string;
  key?: TeamKey;
  allowPlain: boolean;
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
  const { team, registry, window, output, now, allowPlain, key } = options;
  const opened = await openInputs(options.input, { allowPlain, ...(key === undefined ? {} : { key }) });
  const folder = readReleases(output, team);
  const restored = await restoreMissing(options, opened.contributions, folder);
  const lastReleased = folder.ledger.entries.at(-1)?.window.to ?? '';
  // A window before the last one released stays closed, too: releases come in order. So does one that begins within it, as windows of
  // another length do: the difference of the two would be a figure of the weeks between.
  const isReleased = (from: string): boolean => from <= lastReleased;
  const admitted = admit(opened.contributions, { team, registry, window, now, isReleased });
  const released: Released[] = [];
  let { ledger } = folder;
  const known = [...folder.releases, ...restored].toSorted((a, b) => (a.window.from < b.window.from ? -1 : 1));
  for (const open of admitted.windows) {
    requireRoster(open, options.roster);
    const release = releaseOf(open, options, { digest: ledger.entries.at(-1)?.digest ?? null, release: known.at(-1) });
    if (options.prove) requireProof(release, known, open, options);
    const written = await writeRelease(output, ledger, release);
    ledger = written.ledger;
    known.push(release);
    released.push({
      release,
      path: written.path,
      contributions: open.contributions.length,
      eventCoverage: coverageOf(release, open.contributions, registry.counters),
      ...(options.prove ? { proved: true } : {}),
    });
  }
  const rejected = Object.fromEntries(
    Object.entries(opened.rejected).map(([reason, count]) => [reason, count + admitted.rejected[reason as keyof Rejected]]),
  ) as Rejected;
  return { released, restored: restored.map(({ id }) => id), waiting: admitted.waiting, rejected };
}

async function restoreMissing(
  { team, registry, window, output, now, k, roster }: ReleaseTeamOptions,
  contributions: Parameters<typeof admit>[0],
  { ledger, missing, releases }: ReturnType<typeof readReleases>,
): Promise<Release[]> {
  if (missing.length === 0) return [];
  const { windows } = admit(contributions, { team, registry, window, now, isReleased: () => false });
  const known = new Map(releases.map((release) => [release.id, release]));
  const restored: Release[] = [];
  for (const entry of missing) {
    const open = windows.find(({ from }) => from === entry.window.from) ?? { ...entry.window, contributions: [] };
    const before = ledger.entries[ledger.entries.indexOf(entry) - 1];
    const release = releaseOf(
      open,
      { team, k, registry, ...(roster === undefined ? {} : { roster }) },
      { digest: before?.digest ?? null, release: known.get(before?.release ?? '') },
    );
    await restoreRelease(output, entry, release);
    known.set(release.id, release);
    restored.push(release);
  }
  return restored;
}

function releaseOf(
  { from, to, contributions }: OpenWindow,
  { team, k, roster, registry }: Pick<ReleaseTeamOptions, 'team' | 'k' | 'roster' | 'registry'>,
  before: { digest: string | null; release: Release | undefined },
): Release {
  return buildRelease(contributions, {
    team,
    k,
    counters: registry.counters,
    window: { from, to },
    previous: before.digest,
    published: publishedCounters(before.release),
    ...(roster === undefined ? {} : { roster }),
  });
}

function requireRoster({ from, to, contributions }: OpenWindow, roster: number | undefined): void {
  if (roster === undefined || peopleOf(contributions) <= roster) return;
  throw new HandrailError(
    'conflict',
    `More people contributed to ${from} to ${to} than the roster of ${roster} has, so nothing was released.`,
    {
      hint: 'Correct roster in .handrail/telemetry.yml; if it is right, somebody contributes in the name of people who are not there.',
    },
  );
}

function requireProof(release: Release, before: readonly Release[], open: OpenWindow, options: ReleaseTeamOptions): void {
  const [problem] = proofProblems(release, {
    before,
    contributions: open.contributions,
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
