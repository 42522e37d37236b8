import { COST, lowerEndOf, SURVIVAL, TOKENS } from './buckets.ts';
import type { TelemetryEvent } from './catalogue.ts';
import { startOfWeek, weekOf } from './week.ts';

/**
 * What a person's own events say about their weeks, for nobody but them. Of ranges the lower end counts, so tokens and costs are lower
 * bounds; ends of several ways are told apart, and nothing is made of few.
 */

export interface MyWeek {
  /** ISO week in UTC. */
  week: string;
  reviews: number;
  /** What was decided about findings. */
  findingsApplied: number;
  findingsDismissed: number;
  /** What became of proposals. */
  accepted: number;
  edited: number;
  rejected: number;
  /** Steps that became done. */
  steps: number;
  /** Thousands of tokens that models read and wrote, by who asked them. */
  tokens: Readonly<Partial<Record<Source, number>>>;
  /** Cents. */
  cost: number;
}

export type Source = TelemetryEvent['source'];
type Family = NonNullable<TelemetryEvent['modelFamily']>;

/** How often something came out well, and of how many. */
export interface Share {
  good: number;
  all: number;
}

export interface Worked {
  family: Family;
  /** Proposals that were accepted, wholly or in part, of those that were decided. */
  accepted: Share;
  /** Accepted proposals of which at least two thirds were still there a week later, of those that were measured. */
  survived: Share;
}

export interface MyWeeks {
  /** Without gaps, oldest first; empty where nothing is kept. */
  weeks: MyWeek[];
  /** By family of models, the most used first. */
  worked: Worked[];
  /** Findings that were applied, of those that were decided. Which model made them is not recorded with that. */
  applied: Share;
  /** Cents by family of models, the dearest first. */
  cost: { family: Family; cents: number }[];
}

/** More weeks than a year has are never kept. */
const MOST_WEEKS = 54;
const WEEK = 7 * 24 * 3600 * 1000;

/** Sums of these events up to the week of `now`, milliseconds since the Unix epoch. */
export function myWeeks(events: readonly TelemetryEvent[], now: number): MyWeeks {
  const byWeek = Map.groupBy(events, ({ day }) => weekOf(Date.parse(day)));
  const weeks = weeksBetween([...byWeek.keys()].toSorted()[0], weekOf(now));
  const families = [...Map.groupBy(events, ({ modelFamily }) => modelFamily)].flatMap(([family, some]) =>
    family === undefined ? [] : [{ family, some }],
  );
  return {
    weeks: weeks.map((week) => sumsOf(week, byWeek.get(week) ?? [])),
    worked: families
      .map(({ family, some }) => ({ family, accepted: acceptedOf(some), survived: survivedOf(some) }))
      .filter(({ accepted, survived }) => accepted.all + survived.all > 0)
      .toSorted((a, b) => b.accepted.all - a.accepted.all || compare(a.family, b.family)),
    applied: appliedOf(events),
    cost: families
      .map(({ family, some }) => ({ family, cents: centsOf(some) }))
      .filter(({ cents }) => cents > 0)
      .toSorted((a, b) => b.cents - a.cents || compare(a.family, b.family)),
  };
}

function weeksBetween(first: string | undefined, last: string): string[] {
  const weeks: string[] = [];
  for (let start = startOfWeek(first ?? ''); start !== undefined && weekOf(start) <= last; start += WEEK) weeks.push(weekOf(start));
  return weeks.slice(-MOST_WEEKS);
}

function sumsOf(week: string, events: readonly TelemetryEvent[]): MyWeek {
  const count = (fits: (event: TelemetryEvent) => boolean): number => events.filter(fits).length;
  const applied = appliedOf(events);
  const tokens: Partial<Record<Source, number>> = {};
  for (const event of events) {
    const thousands = thousandsOf(event);
    if (thousands > 0) tokens[event.source] = (tokens[event.source] ?? 0) + thousands;
  }
  return {
    week,
    reviews: count((event) => isOwn(event, 'review') && event.outcome === 'completed' && !isDecision(event)),
    findingsApplied: applied.good,
    findingsDismissed: applied.all - applied.good,
    accepted: count((event) => isOwn(event, 'generate') && event.outcome === 'accepted'),
    edited: count((event) => isOwn(event, 'generate') && event.outcome === 'edited'),
    rejected: count((event) => isOwn(event, 'generate') && event.outcome === 'rejected'),
    steps: count(({ stepState, outcome }) => stepState === 'done' && outcome === 'completed'),
    tokens,
    cost: centsOf(events),
  };
}

/** Something that was done, and no step that was settled by it. */
function isOwn(event: TelemetryEvent, operation: TelemetryEvent['operation']): boolean {
  return event.source === 'handrail' && event.operation === operation && event.workflowStepKind === undefined;
}

function isDecision({ findingsApplied, findingsDismissed }: TelemetryEvent): boolean {
  return findingsApplied !== undefined || findingsDismissed !== undefined;
}

function acceptedOf(events: readonly TelemetryEvent[]): Share {
  const own = events.filter((event) => isOwn(event, 'generate'));
  const good = own.filter(({ outcome }) => outcome === 'accepted' || outcome === 'edited').length;
  return { good, all: good + own.filter(({ outcome }) => outcome === 'rejected').length };
}

function appliedOf(events: readonly TelemetryEvent[]): Share {
  const good = events.reduce((sum, { findingsApplied = 0 }) => sum + findingsApplied, 0);
  return { good, all: good + events.reduce((sum, { findingsDismissed = 0 }) => sum + findingsDismissed, 0) };
}

function survivedOf(events: readonly TelemetryEvent[]): Share {
  const measured = events.flatMap(({ outcome, survivalBucket }) =>
    outcome === 'measured' && survivalBucket !== undefined ? [survivalBucket] : [],
  );
  const good = measured.filter((bucket) => (lowerEndOf(bucket, SURVIVAL) ?? 0) >= 2 / 3).length;
  return { good, all: measured.length };
}

function thousandsOf({ inputTokensBucket, outputTokensBucket }: TelemetryEvent): number {
  const tokens = (label: string | undefined): number => lowerEndOf(label ?? '', TOKENS) ?? 0;
  return (tokens(inputTokensBucket) + tokens(outputTokensBucket)) / 1000;
}

/** Cents to two decimals: small costs add up. */
function centsOf(events: readonly TelemetryEvent[]): number {
  const sum = events.reduce((all, { costBucket }) => all + (lowerEndOf(costBucket ?? '', COST) ?? 0), 0);
  return Math.round(sum * 100 * 100) / 100;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
