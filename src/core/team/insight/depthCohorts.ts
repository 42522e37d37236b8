import { publishedCounters, type Release } from '../release/release.ts';
import { weeksBetween } from '../window.ts';
import { type Answered, notEnough } from './enough.ts';
import type { Range } from './statistics.ts';

/**
 * How deep use goes: what was asked of AI in a week, for each of those who took part. A release says how much was asked in its window, and
 * of how many people the fullest week had something as a band; so the rate is a range, and lower than that of a week in which somebody did
 * take part. People cannot be put into cohorts, since no release tells one from another: teams can.
 */

/** What is asked of AI: reviews and generations, or the calls that both follow from. */
const ASKED: readonly string[] = ['review.runs', 'generate.outcomes'];
const CALLS = 'models.calls';

/** Ends of the cohorts, in reviews and generations a week for each person: now and then, on some days, each day, several times a day. */
const DEPTHS: readonly DepthCohort['depth'][] = [
  { from: 0, below: 1 },
  { from: 1, below: 5 },
  { from: 5, below: 20 },
  { from: 20, below: Infinity },
];

export interface DepthCohort {
  /** From so many on, and below so many. */
  readonly depth: { readonly from: number; readonly below: number };
  /** Teams that are surely in it, and that may be: their range reaches into it. */
  readonly least: number;
  readonly most: number;
}

export interface DepthCohorts {
  readonly cohorts: readonly DepthCohort[];
  /** Teams of which the rate is known, and all. */
  readonly known: number;
  readonly teams: number;
}

/**
 * Teams by how deep their use goes in these releases, of which there is more than one team. It takes as many people and windows as a
 * forecast: `all` are the releases of every window, for that.
 */
export function depthCohorts(releases: readonly Release[], all: readonly Release[]): Answered<DepthCohorts> {
  const missing = notEnough(all);
  if (missing !== undefined) return missing;
  const names = [...new Set(releases.map(({ team }) => team))];
  const rates = names.flatMap((team) => depthOf(releases.filter((release) => release.team === team)) ?? []);
  if (rates.length < 2) return { enough: false, reason: 'units', have: rates.length, need: 2 };
  const cohorts = DEPTHS.map((depth) => ({
    depth,
    least: rates.filter(({ low, high }) => low >= depth.from && high < depth.below).length,
    most: rates.filter(({ low, high }) => high >= depth.from && low < depth.below).length,
  }));
  return { enough: true, cohorts, known: rates.length, teams: names.length };
}

/** Reviews and generations a week for each person of one team, over the releases that publish all of them. Undefined where none does. */
export function depthOf(releases: readonly Release[]): Range | undefined {
  let [low, high, asked] = [0, 0, 0];
  for (const release of releases) {
    const { from, to } = release.participation;
    const sum = askedOf(release);
    // Noise hides how many took part, and without an upper end there is no rate that is sure.
    if (sum === undefined || to === undefined || from < 1 || release.privacy !== undefined) continue;
    const weeks = weeksBetween(release.window);
    asked += sum;
    low += to * weeks;
    high += from * weeks;
  }
  return high === 0 ? undefined : { low: asked / low, high: asked / high };
}

function askedOf(release: Release): number | undefined {
  const published = publishedCounters(release);
  // A part of it would look like less of it.
  const counters = [[CALLS], ASKED].find((names) => names.every((name) => published.has(name)));
  if (counters === undefined) return undefined;
  return release.cells.reduce((sum, { counter, value }) => sum + (counters.includes(counter) && value > 0 ? value : 0), 0);
}
