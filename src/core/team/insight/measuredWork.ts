import { DWELL } from '../../telemetry/buckets.ts';
import { BY_STEP } from '../../telemetry/counters.ts';
import type { StepKind } from '../../workflow/definition.ts';
import type { Release, ReleasedCell } from '../release/release.ts';
import { windowsOf } from './enough.ts';

/** What releases say about steps, by kind and window: whatever else is asked of steps is computed from this. */

export const STEP_KINDS: readonly StepKind[] = ['manual', 'command', 'generate', 'review', 'approval'];
/** Ranges of waiting that steps are published in. */
export const RANGES = DWELL.ranges.length;

export interface KindCounts {
  /** Steps that became done, by range of waiting. */
  readonly dwell: Float64Array;
  /** Steps that became done, those included of which it was not seen how long they waited, and a share of the remainder. */
  done: number;
  /** Done in releases that publish anything about waivers, so that the two can be compared; the same for failed attempts. */
  doneBesideWaived: number;
  doneBesideFailed: number;
  /** Waivers and failed attempts; of a remainder, a kind that is not named has the part that its done steps are of all such kinds'. */
  waived: number;
  failed: number;
  /** Those that are published as of this kind, and with all of the remainders that may be. */
  waivedAtLeast: number;
  waivedAtMost: number;
  failedAtLeast: number;
  failedAtMost: number;
}

export type WindowCounts = Readonly<Record<StepKind, KindCounts>>;

/**
 * Everything of steps that is published, one entry a window, all teams together. Releases of teams that tell steps apart by name say
 * nothing of kinds: `steps` says of which kind those of a workflow are, and others are left out.
 */
export function measuredWork(releases: readonly Release[], steps: readonly { id: string; kind: StepKind }[] = []): WindowCounts[] {
  const kindOf = new Map(steps.map(({ id, kind }) => [id, kind]));
  return windowsOf(releases).map((window) => {
    const counts = noCounts();
    for (const release of window) addRelease(counts, release, kindOf);
    return counts;
  });
}

/** Windows as one, each as often as it is in the list. */
export function sumOf(windows: readonly WindowCounts[]): WindowCounts {
  const sum = noCounts();
  for (const window of windows) {
    for (const kind of STEP_KINDS) {
      const [to, from] = [sum[kind], window[kind]];
      for (let range = 0; range < RANGES; range += 1) to.dwell[range] = (to.dwell[range] ?? 0) + (from.dwell[range] ?? 0);
      for (const key of COUNTS) to[key] += from[key];
    }
  }
  return sum;
}

/** Steps of which it is known how long they waited. */
export function seenOf({ dwell }: KindCounts): number {
  return dwell.reduce((sum, count) => sum + count, 0);
}

const COUNTS = [
  'done',
  'doneBesideWaived',
  'doneBesideFailed',
  'waived',
  'failed',
  'waivedAtLeast',
  'waivedAtMost',
  'failedAtLeast',
  'failedAtMost',
] as const;

function noCounts(): Record<StepKind, KindCounts> {
  const none = (): KindCounts => {
    const zeros = Object.fromEntries(COUNTS.map((key) => [key, 0])) as Record<(typeof COUNTS)[number], number>;
    return { dwell: new Float64Array(RANGES), ...zeros };
  };
  return { manual: none(), command: none(), generate: none(), review: none(), approval: none() };
}

function addRelease(counts: Record<StepKind, KindCounts>, release: Release, kindOf: ReadonlyMap<string, StepKind>): void {
  const table = (name: string): ReleasedCell[] =>
    release.cells.filter(({ counter, value }) => counter === name && Number.isFinite(value) && value > 0);
  const isOf = (kind: StepKind) => (cell: ReleasedCell) => cell.dims['kind'] === kind;
  const [dwell, waits, completed] = [table('steps.dwell'), table(BY_STEP), table('steps.completed')];
  const done = {} as Record<StepKind, number>;
  for (const kind of STEP_KINDS) {
    // Never two of the three are published; of a release that has them, one would count another's steps again.
    const seen = dwell.length > 0 ? dwell.filter(isOf(kind)) : waits.filter(({ dims }) => kindOf.get(dims['step'] ?? '') === kind);
    for (const { dims, value } of seen) {
      const range = DWELL.ranges.findIndex(({ label }) => label === dims['dwell']);
      if (range >= 0) counts[kind].dwell[range] = (counts[kind].dwell[range] ?? 0) + value;
    }
    done[kind] = sumOfCells(dwell.length + waits.length > 0 ? seen : completed.filter(isOf(kind)));
  }
  const all = STEP_KINDS.reduce((sum, kind) => sum + done[kind], 0);
  // What was waived or failed says nothing without what was done: beside other teams it would look like more of theirs.
  if (all === 0) return;
  const remainder = sumOfCells((dwell.length > 0 ? dwell : completed).filter(({ dims }) => dims['*'] === 'other'));
  for (const kind of STEP_KINDS) {
    // Rare kinds and waits are in the remainder: without their share, what was waived would look like more of all than it is.
    if (all > 0) done[kind] += (remainder * done[kind]) / all;
    counts[kind].done += done[kind];
  }
  for (const [kind, { share, least, most, isPublished }] of sharesOf(table('steps.waived'), done)) {
    counts[kind].waived += share;
    counts[kind].waivedAtLeast += least;
    counts[kind].waivedAtMost += most;
    if (isPublished) counts[kind].doneBesideWaived += done[kind];
  }
  for (const [kind, { share, least, most, isPublished }] of sharesOf(table('steps.failed'), done)) {
    counts[kind].failed += share;
    counts[kind].failedAtLeast += least;
    counts[kind].failedAtMost += most;
    if (isPublished) counts[kind].doneBesideFailed += done[kind];
  }
}

/** What a table says of each kind: its own cell, or else its share of the remainder. */
function sharesOf(cells: readonly ReleasedCell[], done: Readonly<Record<StepKind, number>>) {
  const remainder = sumOfCells(cells.filter(({ dims }) => dims['*'] === 'other'));
  const named = new Map(STEP_KINDS.map((kind) => [kind, sumOfCells(cells.filter(({ dims }) => dims['kind'] === kind))]));
  const others = STEP_KINDS.reduce((all, kind) => all + (named.get(kind) === 0 ? done[kind] : 0), 0);
  return STEP_KINDS.map((kind) => {
    const own = named.get(kind) ?? 0;
    const part = own > 0 || others === 0 ? 0 : (remainder * done[kind]) / others;
    return [kind, { share: own + part, least: own, most: own > 0 ? own : remainder, isPublished: cells.length > 0 }] as const;
  });
}

function sumOfCells(cells: readonly ReleasedCell[]): number {
  return cells.reduce((all, { value }) => all + value, 0);
}
