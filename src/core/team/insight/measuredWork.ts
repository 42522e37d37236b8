import { DWELL } from '../../telemetry/buckets.ts';
import type { StepKind } from '../../workflow/definition.ts';
import type { Release } from '../release/release.ts';
import { windowsOf } from './enough.ts';

/** What releases say about steps, by kind and window: whatever else is asked of steps is computed from this. */

export const STEP_KINDS: readonly StepKind[] = ['manual', 'command', 'generate', 'review', 'approval'];
/** Ranges of waiting that steps are published in. */
export const RANGES = DWELL.ranges.length;

export interface KindCounts {
  /** Steps that became done, by range of waiting. */
  readonly dwell: Float64Array;
  /** Steps that became done, those included of which it was not seen how long they waited. */
  done: number;
  /** Done in releases that publish anything about waivers, so that the two can be compared; the same for failed attempts. */
  doneBesideWaived: number;
  doneBesideFailed: number;
  waived: number;
  failed: number;
  /** What may be of this kind: the remainder of releases that do not name it. */
  maybeWaived: number;
  maybeFailed: number;
}

export type WindowCounts = Readonly<Record<StepKind, KindCounts>>;

/** Everything of steps that is published, one entry a window, all teams together. */
export function measuredWork(releases: readonly Release[]): WindowCounts[] {
  return windowsOf(releases).map((window) => {
    const counts = noCounts();
    for (const release of window) addRelease(counts, release);
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

const COUNTS = ['done', 'doneBesideWaived', 'doneBesideFailed', 'waived', 'failed', 'maybeWaived', 'maybeFailed'] as const;

function noCounts(): Record<StepKind, KindCounts> {
  const none = (): KindCounts => ({
    dwell: new Float64Array(RANGES),
    done: 0,
    doneBesideWaived: 0,
    doneBesideFailed: 0,
    waived: 0,
    failed: 0,
    maybeWaived: 0,
    maybeFailed: 0,
  });
  return { manual: none(), command: none(), generate: none(), review: none(), approval: none() };
}

function addRelease(counts: Record<StepKind, KindCounts>, release: Release): void {
  const table = (name: string) => release.cells.filter(({ counter, value }) => counter === name && Number.isFinite(value) && value > 0);
  const isOf = (kind: StepKind) => (cell: { dims: Readonly<Record<string, string>> }) => cell.dims['kind'] === kind;
  const sum = (cells: readonly { value: number }[]): number => cells.reduce((all, { value }) => all + value, 0);
  const [dwell, completed, waived, failed] = ['steps.dwell', 'steps.completed', 'steps.waived', 'steps.failed'].map(table);
  for (const kind of STEP_KINDS) {
    const to = counts[kind];
    const own = (dwell ?? []).filter(isOf(kind));
    for (const { dims, value } of own) {
      const range = DWELL.ranges.findIndex(({ label }) => label === dims['dwell']);
      if (range >= 0) to.dwell[range] = (to.dwell[range] ?? 0) + value;
    }
    // Never both are published; of a release that has both, the one would count the other's steps again.
    const done = sum(own.length > 0 ? own : (completed ?? []).filter(isOf(kind)));
    to.done += done;
    const beside = (cells: typeof waived = []): { named: number; maybe: number; done: number } => {
      const named = sum(cells.filter(isOf(kind)));
      return { named, maybe: named > 0 ? 0 : sum(cells.filter(({ dims }) => dims['*'] === 'other')), done: cells.length === 0 ? 0 : done };
    };
    const [ofWaived, ofFailed] = [beside(waived), beside(failed)];
    to.waived += ofWaived.named;
    to.maybeWaived += ofWaived.maybe;
    to.doneBesideWaived += ofWaived.done;
    to.failed += ofFailed.named;
    to.maybeFailed += ofFailed.maybe;
    to.doneBesideFailed += ofFailed.done;
  }
}
