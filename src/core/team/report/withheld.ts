import { COUNTERS } from '../../telemetry/counters.ts';
import { publishedCounters, recentlyPublished, type Release } from '../release/release.ts';
import { DROWNED, isDrowned } from './noise.ts';

/**
 * Why a counter of a team has no figure in a release: `linked`, because its figures would follow from those of another counter that is
 * published, in this release or in one of the weeks before; `withheld`, because too few people are behind it.
 */
export type Absence = 'linked' | 'withheld';

/** Of each counter that a release has no figure of. `before` are the team's releases of earlier windows. */
export function absencesOf(
  release: Pick<Release, 'cells' | 'withheld' | 'window'>,
  before: readonly Pick<Release, 'cells' | 'window'>[],
): Map<string, Absence> {
  const [now, then] = [publishedCounters(release), recentlyPublished(before, release.window)];
  return new Map(release.withheld.map((name) => [name, isLinked(name, now, then) ? 'linked' : 'withheld']));
}

function isLinked(name: string, now: ReadonlySet<string>, before: ReadonlySet<string>): boolean {
  const counter = COUNTERS.find((one) => one.name === name);
  if (counter === undefined) return false;
  const { excludes, repeats = [] } = counter;
  return (
    [...excludes, ...repeats].some((other) => now.has(other)) ||
    repeats.some((other) => before.has(other)) ||
    COUNTERS.some((other) => now.has(other.name) && (other.repeats?.includes(name) === true || other.excludes.includes(name)))
  );
}

/** Absences of many releases, each with those before it of the same team. Releases are in the order of their windows. */
export function absencesOfAll(releases: readonly Release[]): { release: Release; absences: Map<string, Absence> }[] {
  const earlier = new Map<string, Release[]>();
  return releases.map((release) => {
    const before = earlier.get(release.team) ?? [];
    const absences = absencesOf(release, before);
    before.push(release);
    earlier.set(release.team, before);
    return { release, absences };
  });
}

/** A release says no more than that, and not which of the two it is. */
export const WITHHELD = 'Withheld: too little was counted, or too few people are behind it.';

/** Why nothing is said of counters of which one would do, in a sentence. */
export function whyNothing(releases: readonly Release[], counter: string | readonly string[]): string {
  const counters = typeof counter === 'string' ? [counter] : counter;
  if (isDrowned(releases, counters)) return DROWNED;
  const found = absencesOfAll(releases).flatMap(({ absences }) => counters.flatMap((name) => absences.get(name) ?? []));
  if (found.includes('withheld')) return WITHHELD;
  if (found.includes('linked')) return 'Left out: it would follow from figures that are published.';
  if (releases.some(({ cells }) => cells.some((cell) => counters.includes(cell.counter))))
    return 'Withheld: only a part of it is published.';
  const teams = new Set(releases.map(({ team }) => team)).size;
  return `Not counted: ${teams > 1 ? 'no team lists' : 'the team does not list'} ${counters[0] ?? ''}.`;
}
