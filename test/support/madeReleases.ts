import { seededRandom, type Random } from '../../src/core/seededRandom.ts';
import { DWELL } from '../../src/core/telemetry/buckets.ts';
import { weekOf } from '../../src/core/telemetry/week.ts';
import { STEP_KINDS } from '../../src/core/team/insight/measuredWork.ts';
import { participationOf } from '../../src/core/team/release/participation.ts';
import { GUARANTEE, type Release, type ReleasedCell } from '../../src/core/team/release/release.ts';

/** Releases of teams whose parameters are known, so that a test can ask for them back. */

const FIRST = Date.UTC(2025, 11, 29);
const WEEK = 7 * 24 * 3600 * 1000;

export const weekOfWindow = (window: number): string => weekOf(FIRST + 4 * window * WEEK);

export function releaseOf(window: number, fields: Partial<Release> = {}): Release {
  return {
    schema: 'handrail.release/1',
    id: `r-${String(window).padStart(16, '0')}`,
    team: 'payments',
    window: { from: weekOfWindow(window), to: weekOf(FIRST + (4 * window + 3) * WEEK) },
    k: 5,
    participation: { from: 60, to: 64 },
    cells: [],
    withheld: [],
    guarantee: GUARANTEE,
    previous: null,
    ...fields,
  };
}

export interface Curve {
  ceiling: number;
  level: number;
  slope: number;
}

export const shareIn = ({ ceiling, level, slope }: Curve, window: number): number => ceiling / (1 + Math.exp(-(level + slope * window)));

export function binomial(n: number, p: number, random: Random): number {
  let count = 0;
  for (let one = 0; one < n; one += 1) if (random() < p) count += 1;
  return count;
}

/** Releases of teams whose people take part by a logistic curve, and how many really did in each window. */
export function adopting(
  seed: string,
  { teams, roster, windows, curve, k = 5 }: { teams: number; roster: number; windows: number; curve: Curve; k?: number },
): { releases: Release[]; people: number[]; rosters: Record<string, number> } {
  const random = seededRandom(seed);
  const people: number[] = [];
  const releases: Release[] = [];
  const names = Array.from({ length: teams }, (_, index) => `team-${index}`);
  for (let window = 0; window < windows; window += 1) {
    const counts = names.map(() => binomial(roster, shareIn(curve, window), random));
    people.push(counts.reduce((sum, count) => sum + count, 0));
    for (const [index, team] of names.entries()) {
      releases.push(releaseOf(window, { team, k, participation: participationOf(counts[index] ?? 0, { k, roster }) }));
    }
  }
  return { releases, people, rosters: Object.fromEntries(names.map((team) => [team, roster])) };
}

/** What is known of a kind of step: how likely it is in each range of waiting, and of an attempt that it is waived or fails. */
export interface KindTruth {
  dwell: readonly number[];
  waived: number;
  failed: number;
}

export const TRUTH: KindTruth = { dwell: [0.1, 0.2, 0.25, 0.2, 0.15, 0.07, 0.03], waived: 0.1, failed: 0.2 };

/** The cells of a window in which `steps` of each kind were begun. */
export function stepCells(random: Random, steps: number, truthOf: (kind: string) => KindTruth = () => TRUTH): ReleasedCell[] {
  return STEP_KINDS.flatMap((kind) => {
    const { dwell, waived, failed } = truthOf(kind);
    const waivers = binomial(steps, waived, random);
    const ranges = new Map<string, number>();
    let failures = 0;
    for (let step = 0; step < steps - waivers; step += 1) {
      while (random() < failed) failures += 1;
      let left = random();
      const range = DWELL.ranges[dwell.findIndex((part) => (left -= part) < 0)]?.label ?? 'unknown';
      ranges.set(range, (ranges.get(range) ?? 0) + 1);
    }
    const cell = (counter: string, dims: Record<string, string>, value: number): ReleasedCell[] =>
      value === 0 ? [] : [{ counter, dims, value }];
    return [
      ...[...ranges].flatMap(([range, value]) => cell('steps.dwell', { kind, dwell: range }, value)),
      ...cell('steps.waived', { kind }, waivers),
      ...cell('steps.failed', { kind }, failures),
    ];
  });
}

/** A team's windows of measured steps. */
export function working(seed: string, windows: number, steps: number, truthOf?: (kind: string) => KindTruth): Release[] {
  const random = seededRandom(seed);
  return Array.from({ length: windows }, (_, window) => releaseOf(window, { cells: stepCells(random, steps, truthOf) }));
}
