import { seededRandom } from '../../seededRandom.ts';
import type { StepKind } from '../../workflow/definition.ts';
import { HOUR, waitAt, type Waits, waitsOf } from './dwell.ts';
import type { KindCounts, WindowCounts } from './measuredWork.ts';
import type { ChangedStep } from './workflowChange.ts';

/** What a simulation rests on and releases do not say. */
export interface WhatIfAssumptions {
  /** Minutes in which a machine settles a step, each time as many as another on a logarithmic scale. */
  readonly automated: { readonly low: number; readonly high: number };
}

/** By what a step of a kind is drawn. */
export interface KindChances {
  readonly waits: Waits | undefined;
  /** The wait that half the steps are below, in milliseconds. */
  readonly medianWait: number | undefined;
  /** How likely it is waived, and an attempt at it fails, 0 to 1. */
  readonly skipped: number;
  readonly failed: number;
}

export type Chances = Readonly<Record<StepKind, KindChances>>;

export function chancesOf(counts: WindowCounts): Chances {
  const of = (one: KindCounts): KindChances => {
    const waits = waitsOf(one.dwell);
    return {
      waits,
      medianWait: waits === undefined ? undefined : waitAt(waits, 0.5),
      skipped: partOf(one.waived, one.doneBesideWaived),
      failed: partOf(one.failed, one.doneBesideFailed),
    };
  };
  const { manual, command, generate, review, approval } = counts;
  return { manual: of(manual), command: of(command), generate: of(generate), review: of(review), approval: of(approval) };
}

function partOf(some: number, others: number): number {
  return some + others > 0 && others > 0 ? some / (some + others) : 0;
}

/** A step is tried at most so often in a run. */
const MOST_ATTEMPTS = 10;
/** Numbers from 0 to below 1 that a run takes for a step: whether it is skipped, how many attempts fail, and the wait of each. */
const DRAWS = 2 + MOST_ATTEMPTS;

/** The luck of each run, by step. */
export type Luck = ReadonlyMap<string, Float64Array>;

/** The same steps, runs and seed give the same luck; a step has its own whatever the others are. */
export function luckOf(steps: readonly { id: string }[], runs: number, seed: string): Luck {
  return new Map(
    steps.map(({ id }) => {
      const random = seededRandom(`${seed} ${id}`);
      const draws = new Float64Array(runs * DRAWS);
      for (let at = 0; at < draws.length; at += 1) draws[at] = random();
      return [id, draws];
    }),
  );
}

export interface LeadTimesQuestion {
  /** Both in an order in which each step comes after those it needs. */
  readonly today: readonly ChangedStep[];
  readonly changed: readonly ChangedStep[];
  readonly chances: Chances;
  readonly assumptions: WhatIfAssumptions;
  /** As many as there is luck for, or fewer. */
  readonly runs: number;
  readonly luck: Luck;
}

/**
 * Lead times in hours, today's and the changed one of each run. Both are of the same luck (common random numbers), so that a difference is
 * the change's: a step that is left out, or waits less, never makes a run slower. A step begins when all it needs are settled, waits anew
 * for each attempt that fails, and takes no time when it is skipped; the lead time is that of the longest way through.
 */
export function leadTimes({ today, changed, chances, assumptions, runs, luck }: LeadTimesQuestion): {
  today: Float64Array;
  changed: Float64Array;
} {
  const known = new Map<string, Float64Array>();
  const timeOf = ({ id, kind, automated }: ChangedStep): Float64Array => {
    const key = `${automated} ${id}`;
    const time =
      known.get(key) ??
      timesOf(luck.get(id) ?? new Float64Array(0), chances[kind], { runs, automated: automated ? assumptions.automated : undefined });
    known.set(key, time);
    return time;
  };
  return { today: longest(today, timeOf, runs), changed: longest(changed, timeOf, runs) };
}

/** Milliseconds that a step takes in each run. A machine skips nothing, and fails as often. */
function timesOf(
  draws: Float64Array,
  { waits, skipped, failed }: KindChances,
  { runs, automated }: { runs: number; automated: WhatIfAssumptions['automated'] | undefined },
): Float64Array {
  const times = new Float64Array(runs);
  const least = Math.max(0, automated?.low ?? 0) * (HOUR / 60);
  const ratio = Math.max(1, ((automated?.high ?? 0) * (HOUR / 60)) / Math.max(1, least));
  for (let run = 0; run < runs; run += 1) {
    const at = run * DRAWS;
    if (automated === undefined && (draws[at] ?? 1) < skipped) continue;
    const attempts = 1 + failuresAt(draws[at + 1] ?? 0, failed);
    let time = 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const u = draws[at + 2 + attempt] ?? 0;
      if (automated !== undefined) time += least * ratio ** u;
      else if (waits !== undefined) time += waitAt(waits, u);
    }
    times[run] = time;
  }
  return times;
}

/** How many independent attempts fail before one that does not: geometric, at the part `u` of its distribution. */
function failuresAt(u: number, failed: number): number {
  if (!(failed > 0) || u < 1 - failed) return 0;
  return Math.min(MOST_ATTEMPTS - 1, Math.floor(Math.log(1 - u) / Math.log(Math.min(failed, 0.99))));
}

function longest(steps: readonly ChangedStep[], timeOf: (step: ChangedStep) => Float64Array, runs: number): Float64Array {
  const index = new Map(steps.map(({ id }, at) => [id, at]));
  const plan = steps.map((step) => ({
    needs: step.needs.map((need) => index.get(need) ?? -1),
    time: timeOf(step),
    factor: step.factor,
  }));
  const hours = new Float64Array(runs);
  const ends = new Float64Array(steps.length);
  for (let run = 0; run < runs; run += 1) {
    let last = 0;
    // Counted loops: iterators would take most of the time here.
    for (let at = 0; at < plan.length; at += 1) {
      const step = plan[at];
      if (step === undefined) continue;
      let begin = 0;
      for (let need = 0; need < step.needs.length; need += 1) begin = Math.max(begin, ends[step.needs[need] ?? -1] ?? 0);
      const end = begin + (step.time[run] ?? 0) * step.factor;
      ends[at] = end;
      if (end > last) last = end;
    }
    hours[run] = last / HOUR;
  }
  return hours;
}
