import { HandrailError } from '../../../core/errors.ts';
import type { Registry } from '../../../core/team/registry.ts';
import type { Rejected } from '../../../core/team/release/admit.ts';
import { contributionTables } from '../../../core/team/release/contributionTables.ts';
import { coverageOf } from '../../../core/team/release/coverage.ts';
import { buildRelease, recentlyPublished, type Release } from '../../../core/team/release/release.ts';
import { proofProblems } from '../../../core/team/release/prove.ts';
import { requireExactLedger } from '../../../core/team/privacy/budget.ts';
import type { RandomBytes } from '../../../core/team/privacy/discreteGaussian.ts';
import { noisyProofProblems } from '../../../core/team/privacy/noisyProof.ts';
import type { PrivacyOptions } from '../../../core/team/privacy/privacy.ts';
import { appended, type Ledger } from '../../../core/team/release/ledger.ts';
import type { OpenWindow, ReleaseEngine } from '../../../core/team/release/tables.ts';
import { noisyTeamRelease } from './noisyTeamRelease.ts';
import { requireTerms } from './terms.ts';
import { readReleases, releasePath, restoreRelease, strayReleases, writeRelease } from './releaseFolder.ts';

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
  /** Makes differentially private releases instead of groups that are safe by the rule. */
  noise?: { privacy: PrivacyOptions; random: RandomBytes };
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
  /** Windows that are over and in which fewer than `k` people shared in every week: there is no release of them. */
  tooFew: number;
  rejected: Rejected;
}

/**
 * Releases every window that is over and that the ledger lacks, in their order. Deterministic: the same inputs give the same bytes. Fails
 * with `conflict` where something in the folder was changed, where the terms are not those of the ledger, where more people contributed than
 * the roster has, and where an attack succeeds; then nothing is written.
 */
export async function releaseTeam(options: ReleaseTeamOptions): Promise<ReleasedTeam> {
  const { team, registry, window, engine, output, now } = options;
  const folder = readReleases(output, team);
  requireTerms(folder.releases.at(-1), options);
  const restored = await restoreMissing(options, folder);
  const lastReleased = folder.ledger.entries.at(-1)?.window.to ?? '';
  const admitted = await engine.admit({ team, registry, window, now, lastReleased });
  const known = [...folder.releases, ...restored].toSorted((a, b) => (a.window.from < b.window.from ? -1 : 1));
  // Before anything is written: a run that fails has released nothing.
  for (const open of admitted.windows) await requireRoster(open, options.roster);
  const { released, tooFew } = await releaseAll(admitted.windows, options, { ledger: folder.ledger, known });
  return { released, restored: restored.map(({ id }) => id), waiting: admitted.waiting, tooFew, rejected: admitted.rejected };
}

/** Releases the windows in their order. While one is written, the next is looked at; where one cannot be, no later one is. */
async function releaseAll(
  windows: readonly OpenWindow[],
  options: ReleaseTeamOptions,
  { ledger: first, known }: { ledger: Ledger; known: Release[] },
): Promise<Pick<ReleasedTeam, 'released' | 'tooFew'>> {
  const released: Released[] = [];
  let [ledger, tooFew] = [first, 0];
  let written = Promise.resolve();
  try {
    for (const open of windows) {
      // All of it would be withheld, and that there is a release would tell that somebody shared.
      if (options.noise === undefined && (await open.tables.people()) < options.k) {
        tooFew += 1;
        continue;
      }
      const { release, eventCoverage } = await madeOf(open, options, { ledger, known });
      if (options.prove) await requireProof(release, known, open, options);
      const before = ledger;
      written = written.then(async () => void (await writeRelease(options.output, before, release)));
      // It is waited for below.
      written.catch(() => undefined);
      ledger = appended(before, release);
      known.push(release);
      const path = releasePath(options.output, release);
      released.push({ release, path, contributions: open.contributions, eventCoverage, ...(options.prove ? { proved: true } : {}) });
    }
  } finally {
    await written;
  }
  return { released, tooFew };
}

/** The next release of the ledger, and how much of what was counted is in it. */
async function madeOf(
  open: OpenWindow,
  options: ReleaseTeamOptions,
  { ledger, known }: { ledger: Ledger; known: readonly Release[] },
): Promise<Pick<Released, 'release' | 'eventCoverage'>> {
  const strays = strayReleases(options.output, ledger);
  if (options.noise !== undefined) {
    requireOnce(
      { ...open, team: options.team },
      strays.filter(({ privacy }) => privacy === undefined),
    );
    return noisyTeamRelease(open, { ...options, noise: options.noise }, { ledger, known });
  }
  requireExactLedger(known);
  const release = await releaseOf(open, options, { digest: ledger.entries.at(-1)?.digest ?? null, releases: known });
  requireOnce({ ...open, team: options.team, id: release.id }, strays);
  return { release, eventCoverage: await coverageOf(release, open.tables, options.registry.counters) };
}

/** A window that is released twice tells of whoever is in one of the two only; a ledger that was lost must not let it happen. */
function requireOnce({ id, team, from, to }: { id?: string; team: string; from: string; to: string }, strays: readonly Release[]): void {
  const other = strays.find((one) => one.team === team && one.id !== id && one.window.from <= to && from <= one.window.to);
  if (other === undefined) return;
  throw new HandrailError('conflict', `${other.id}.json is a release of ${from} to ${to} already, and is not in the ledger.`, {
    hint: 'Take ledger.json back from where releases are kept: a window is released once. If nobody has seen that file, delete it.',
  });
}

async function restoreMissing(
  { team, registry, window, engine, output, now, k, roster, noise }: ReleaseTeamOptions,
  { ledger, missing, releases }: ReturnType<typeof readReleases>,
): Promise<Release[]> {
  const [lost] = missing;
  if (lost === undefined) return [];
  if (noise !== undefined || releases.some(({ privacy }) => privacy !== undefined)) {
    throw new HandrailError('conflict', `${lost.release}.json is missing, and noise is not drawn a second time.`, {
      hint: 'Put the file back from where releases are kept. Nothing was released.',
    });
  }
  const { windows } = await engine.admit({ team, registry, window, now, lastReleased: '' });
  const known = new Map(releases.map((release) => [release.id, release]));
  const restored: Release[] = [];
  for (const entry of missing) {
    const tables = windows.find(({ from }) => from === entry.window.from)?.tables ?? contributionTables([]);
    const before = ledger.entries[ledger.entries.indexOf(entry) - 1];
    const release = await releaseOf(
      { ...entry.window, tables },
      { team, k, registry, ...(roster === undefined ? {} : { roster }) },
      { digest: before?.digest ?? null, releases: [...known.values()] },
    );
    await restoreRelease(output, entry, release);
    known.set(release.id, release);
    restored.push(release);
  }
  return restored;
}

function releaseOf(
  { from, to, tables }: Pick<OpenWindow, 'from' | 'to' | 'tables'>,
  { team, k, roster, registry }: Pick<ReleaseTeamOptions, 'team' | 'k' | 'roster' | 'registry'>,
  before: { digest: string | null; releases: readonly Release[] },
): Promise<Release> {
  return buildRelease(tables, {
    team,
    k,
    counters: registry.counters,
    window: { from, to },
    previous: before.digest,
    published: recentlyPublished(before.releases, { from }),
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
  const parts = { before, counters: options.registry.counters, ...(options.roster === undefined ? {} : { roster: options.roster }) };
  const [problem] =
    release.privacy === undefined
      ? await proofProblems(release, { ...parts, contributions: await open.read(), k: options.k })
      : noisyProofProblems(release, parts);
  if (problem === undefined) return;
  throw new HandrailError(
    'conflict',
    `The release of ${open.from} to ${open.to} did not withstand an attack, so it was not written: ${problem}`,
    {
      hint: 'This is a defect of Handrail. Please report it without the contributions.',
    },
  );
}
