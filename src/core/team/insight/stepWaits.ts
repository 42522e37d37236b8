import { seededRandom } from '../../seededRandom.ts';
import { DWELL } from '../../telemetry/buckets.ts';
import { BY_STEP } from '../../telemetry/counters.ts';
import type { Release } from '../release/release.ts';
import { hoursWaited, medianHours } from './dwell.ts';
import { type Answered, LEAST_STEPS, windowsOf } from './enough.ts';
import { RANGES } from './measuredWork.ts';
import { type Estimate, middleOf } from './statistics.ts';

/** A step that a team tells apart by name, and how it is waited for. Whether it was skipped, or failed, is published by kind only. */
export interface StepBottleneck {
  /** Its id in the team's workflow. */
  readonly step: string;
  /** How often it was done and it is published how long it had waited. */
  readonly seen: number;
  /** The wait that half of those are below, in hours, within 80 %. */
  readonly medianHours: Estimate;
  /** Its part of all the waiting that was seen, 0 to 1, within 80 %: how the list is ordered. */
  readonly partOfWaiting: Estimate;
}

export interface StepBottlenecks {
  /** The one that is waited for most first. */
  readonly steps: readonly StepBottleneck[];
  /** Steps of which there is something, but too little. */
  readonly tooFew: readonly string[];
}

const RESAMPLED = 400;

/**
 * Whether these releases are of one team that tells its steps apart. Of several teams the same id may mean different things, and no
 * figure of one stands beside another's.
 */
export function tellsStepsApart(releases: readonly Release[]): boolean {
  const teams = new Set(releases.map(({ team }) => team));
  return teams.size === 1 && releases.some(({ cells }) => cells.some(({ counter }) => counter === BY_STEP));
}

/** A team's own steps by how much of the waiting is for them. Intervals by drawing windows anew, whole ones. */
export function stepBottlenecks(releases: readonly Release[], { seed = 'steps' }: { seed?: string } = {}): Answered<StepBottlenecks> {
  const windows = windowsOf(releases).map(dwellBySteps);
  const all = sumOf(windows);
  const seen = [...all].map(([step, dwell]) => ({ step, seen: dwell.reduce((sum, count) => sum + count, 0), dwell }));
  if (seen.length === 0) return { enough: false, reason: 'counter', have: 0, need: 1, kind: BY_STEP };
  const enough = seen.filter((one) => one.seen >= LEAST_STEPS);
  if (enough.length === 0) {
    const most = seen.toSorted((a, b) => b.seen - a.seen)[0];
    return { enough: false, reason: 'steps', have: most?.seen ?? 0, need: LEAST_STEPS, kind: most?.step ?? '' };
  }
  const draws = resampled(windows, seed);
  const steps = enough.map(({ step, seen: count, dwell }): StepBottleneck => {
    const within = (value: number, of: (sums: Dwells) => number | undefined): Estimate => {
      const drawn = draws.flatMap((sums) => of(sums) ?? []);
      // One window says nothing of how much windows differ.
      if (drawn.length === 0) return { value, low: value, high: value };
      const { low, high } = middleOf(drawn, 0.8);
      return { value, low: Math.min(value, low), high: Math.max(value, high) };
    };
    return {
      step,
      seen: count,
      medianHours: within(medianHours(dwell), (sums) => {
        const drawn = sums.get(step);
        return drawn === undefined ? undefined : medianHours(drawn);
      }),
      partOfWaiting: within(partOf(all, step) ?? 0, (sums) => partOf(sums, step)),
    };
  });
  return {
    enough: true,
    steps: steps.toSorted((a, b) => b.partOfWaiting.value - a.partOfWaiting.value || (a.step < b.step ? -1 : 1)),
    tooFew: seen.filter((one) => one.seen < LEAST_STEPS).map(({ step }) => step),
  };
}

type Dwells = Map<string, Float64Array>;

function dwellBySteps(window: readonly Release[]): Dwells {
  const steps: Dwells = new Map();
  for (const { counter, dims, value } of window.flatMap(({ cells }) => cells)) {
    const step = dims['step'];
    // Of a release with noise there is a cell for steps that are not listed, too.
    if (counter !== BY_STEP || step === undefined || step === 'other') continue;
    const dwell = steps.get(step) ?? new Float64Array(RANGES);
    if (addTo(dwell, dims['dwell'], value)) steps.set(step, dwell);
  }
  return steps;
}

function addTo(dwell: Float64Array, label: string | undefined, value: number): boolean {
  const range = DWELL.ranges.findIndex((one) => one.label === label);
  if (range < 0 || !Number.isFinite(value) || value <= 0) return false;
  dwell[range] = (dwell[range] ?? 0) + value;
  return true;
}

function sumOf(windows: readonly Dwells[]): Dwells {
  const sums: Dwells = new Map();
  for (const window of windows) {
    for (const [step, dwell] of window) {
      const sum = sums.get(step) ?? new Float64Array(RANGES);
      dwell.forEach((count, range) => (sum[range] = (sum[range] ?? 0) + count));
      sums.set(step, sum);
    }
  }
  return sums;
}

function partOf(sums: Dwells, step: string): number | undefined {
  const all = [...sums.values()].reduce((sum, dwell) => sum + hoursWaited(dwell), 0);
  const own = sums.get(step);
  return all > 0 ? (own === undefined ? 0 : hoursWaited(own) / all) : undefined;
}

function resampled(windows: readonly Dwells[], seed: string): Dwells[] {
  const random = seededRandom(seed);
  if (windows.length < 2) return [];
  return Array.from({ length: RESAMPLED }, () => sumOf(windows.flatMap(() => windows[Math.floor(random() * windows.length)] ?? [])));
}
