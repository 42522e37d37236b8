import { HandrailError } from '../../../core/errors.ts';
import { requireBudget, requireLegible } from '../../../core/team/privacy/budget.ts';
import type { RandomBytes } from '../../../core/team/privacy/discreteGaussian.ts';
import { clippedCoverage, noisyRelease } from '../../../core/team/privacy/noisyRelease.ts';
import { noisyCounters, type PrivacyOptions } from '../../../core/team/privacy/privacy.ts';
import type { Registry } from '../../../core/team/registry.ts';
import type { Ledger } from '../../../core/team/release/ledger.ts';
import type { Release } from '../../../core/team/release/release.ts';
import type { OpenWindow } from '../../../core/team/release/tables.ts';
import { unlistedReleases } from './releaseFolder.ts';

export interface NoisyTeamOptions {
  team: string;
  k: number;
  roster?: number;
  registry: Registry;
  /** Weeks of a window. */
  window: number;
  output: string;
  noise: { privacy: PrivacyOptions; random: RandomBytes };
}

/**
 * The differentially private release of a window, within the budget of its ledger. Noise is drawn once for a window: a release that a run
 * wrote before it was killed is taken as it is. Fails with `usage` without a roster, and with `conflict` where the budget is spent or the
 * figures would drown.
 */
export async function noisyTeamRelease(
  open: OpenWindow,
  { team, k, roster, registry, window, output, noise }: NoisyTeamOptions,
  { ledger, known }: { ledger: Ledger; known: readonly Release[] },
): Promise<{ release: Release; eventCoverage: number }> {
  const { privacy, random } = noise;
  if (roster === undefined) {
    throw new HandrailError('usage', 'How large noise may be depends on how many people there are, and the team names no roster.', {
      hint: 'Write roster in .handrail/telemetry.yml, or say --roster N.',
    });
  }
  requireBudget(known, privacy);
  requireLegible(privacy, { roster, weeks: window, counters: noisyCounters(registry.counters).length });
  const contributions = await open.read();
  const written = unlistedReleases(output, ledger).find(
    (release) => release.privacy !== undefined && release.window.from === open.from && release.window.to === open.to,
  );
  if (written !== undefined && !(written.team === team && isOf(written, privacy))) {
    throw new HandrailError('conflict', `${written.id}.json is of this window already, with other noise, and is not in the ledger.`, {
      hint: 'Say --dp as it was said then: noise is drawn once for a window.',
    });
  }
  const release =
    written ??
    noisyRelease(contributions, {
      team,
      k,
      roster,
      counters: registry.counters,
      window: { from: open.from, to: open.to },
      previous: ledger.entries.at(-1)?.digest ?? null,
      privacy,
      random,
    });
  return { release, eventCoverage: clippedCoverage(contributions, registry.counters, privacy) };
}

function isOf({ privacy }: Release, asked: PrivacyOptions): boolean {
  return (['unit', 'epsilon', 'delta', 'budget', 'clip'] as const).every((key) => privacy?.[key] === asked[key]);
}
