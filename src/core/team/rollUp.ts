import { COST, lowerEndOf, TOKENS } from '../telemetry/buckets.ts';
import type { TelemetryEvent } from '../telemetry/catalogue.ts';
import { BY_STEP, type Counter } from '../telemetry/counters.ts';
import { dayOf, lastDayOf, startOfWeek } from '../telemetry/week.ts';

/** One value of a table: a counter, its dimensions, and a whole number above zero. */
export interface Cell {
  counter: string;
  dims: Readonly<Record<string, string>>;
  value: number;
}

export interface RollUpOptions {
  /** ISO week such as `2026-W46`, in UTC. */
  week: string;
  team: string;
  counters: readonly Counter[];
  /** Whether usage of other assistants that belongs to no team counts for this one. A person may say so of one team at most. */
  assistants: boolean;
}

/**
 * What a person's events of one week say about a team's counters, and nothing else: events of other teams and weeks, and counters that
 * are not listed or have expired, do not count. Each cell is clipped; a cell of zero is no cell. In the order of the counters and of
 * their dimensions' values.
 */
export function rollUp(events: readonly TelemetryEvent[], { week, team, counters, assistants }: RollUpOptions): Cell[] {
  const [start, last] = [startOfWeek(week), lastDayOf(week)];
  if (start === undefined || last === undefined) return [];
  const first = dayOf(start);
  const counted = events.filter((event) => event.day >= first && event.day <= last && isOf(event, team, assistants));
  return counters.flatMap((counter) => tableOf(counter, counted));
}

/** An event belongs to one team, or to none; then it counts for nobody unless it is another assistant's. */
function isOf({ team, source }: TelemetryEvent, wanted: string, assistants: boolean): boolean {
  return team === wanted || (team === undefined && assistants && source !== 'handrail');
}

function tableOf({ name, dims, clip, expires }: Counter, events: readonly TelemetryEvent[]): Cell[] {
  const sum = SUMS.get(name);
  if (sum === undefined) return [];
  const cells = new Map<string, Cell>();
  for (const { values, amount } of sum(events.filter(({ day }) => day <= expires))) {
    const listed = Object.entries(dims).map(([dim, known], index): [string, string] => {
      const value = values[index] ?? 'other';
      return [dim, known.includes(value) ? value : 'other'];
    });
    const key = listed.map(([, value]) => value).join('\n');
    const value = Math.min(clip, (cells.get(key)?.value ?? 0) + amount);
    if (value > 0) cells.set(key, { counter: name, dims: Object.fromEntries(listed), value });
  }
  const position = (cell: Cell): number[] => Object.entries(dims).map(([dim, known]) => known.indexOf(cell.dims[dim] ?? ''));
  return [...cells.values()].toSorted((a, b) => compare(position(a), position(b)));
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What one event adds: the values of the counter's dimensions in their order, and how much. */
interface Part {
  values: readonly (string | undefined)[];
  amount: number;
}

type Sum = (events: readonly TelemetryEvent[]) => Part[];

/** A sum in which each event that fits adds one. */
function oneOfEach(fits: (event: TelemetryEvent) => boolean, value: (event: TelemetryEvent) => string | undefined): Sum {
  return (events) => events.filter(fits).map((event) => ({ values: [value(event)], amount: 1 }));
}

const SUMS: ReadonlyMap<string, Sum> = new Map([
  ['review.runs', oneOfEach(isReview, ended)],
  [
    'review.findings',
    (events) =>
      events
        .filter(isReview)
        .flatMap(({ findingsBySeverity = {} }) =>
          Object.entries(findingsBySeverity).map(([severity, amount]) => ({ values: [severity], amount })),
        ),
  ],
  ['review.decisions', (events) => events.flatMap(decisionsOf)],
  ['generate.outcomes', oneOfEach(isGeneration, ended)],
  [
    'generate.survival',
    oneOfEach(
      ({ outcome }) => outcome === 'measured',
      ({ survivalBucket }) => survivalBucket,
    ),
  ],
  [BY_STEP, (events) => events.filter(isDone).map(({ stepId, dwellBucket = 'unknown' }) => ({ values: [stepId, dwellBucket], amount: 1 }))],
  ['steps.completed', oneOfEach(isDone, ({ workflowStepKind }) => workflowStepKind)],
  [
    'steps.dwell',
    (events) =>
      events
        .filter(isDone)
        .map(({ workflowStepKind, dwellBucket = 'unknown' }) => ({ values: [workflowStepKind, dwellBucket], amount: 1 })),
  ],
  ['steps.failed', oneOfEach(isFailed, ({ workflowStepKind }) => workflowStepKind)],
  [
    'steps.waived',
    oneOfEach(
      ({ stepState }) => stepState === 'waived',
      ({ workflowStepKind }) => workflowStepKind,
    ),
  ],
  ['models.calls', oneOfEach(isAnswered, ({ modelFamily }) => modelFamily)],
  [
    'models.cost',
    (events) => events.filter(isAnswered).map(({ modelFamily, costBucket }) => ({ values: [modelFamily], amount: centsOf(costBucket) })),
  ],
  [
    'assistants.tokens',
    (events) =>
      events.filter(isAssistant).flatMap(({ source, inputTokensBucket, outputTokensBucket }) => [
        { values: [source, 'input'], amount: thousandsOf(inputTokensBucket) },
        { values: [source, 'output'], amount: thousandsOf(outputTokensBucket) },
      ]),
  ],
  ['assistants.days', daysOfAssistants],
]);

/** A review that ran. Settled review steps and decisions about findings are events of the same operation. */
function isReview({ operation, source, workflowStepKind, outcome }: TelemetryEvent): boolean {
  return source === 'handrail' && operation === 'review' && workflowStepKind === undefined && RAN.has(outcome);
}

const RAN: ReadonlySet<TelemetryEvent['outcome']> = new Set(['completed', 'cancelled', 'error', 'other']);

function isGeneration({ operation, source, workflowStepKind, outcome }: TelemetryEvent): boolean {
  return source === 'handrail' && operation === 'generate' && workflowStepKind === undefined && outcome !== 'measured';
}

function isDone({ outcome, workflowStepKind, stepState }: TelemetryEvent): boolean {
  return outcome === 'completed' && workflowStepKind !== undefined && stepState === 'done';
}

/** A decision names how severe the finding was, unless an earlier version noted it. */
function decisionsOf({ findingsApplied = 0, findingsDismissed = 0, findingsBySeverity = {} }: TelemetryEvent): Part[] {
  const [severity] = Object.keys(findingsBySeverity);
  return [
    { values: ['applied', severity], amount: findingsApplied },
    { values: ['dismissed', severity], amount: findingsDismissed },
  ].filter(({ amount }) => amount > 0);
}

/** An attempt at a step that ended without its being done: it was checked and failed, or its command did not run to an end. */
function isFailed({ outcome, workflowStepKind, stepState }: TelemetryEvent): boolean {
  return workflowStepKind !== undefined && (stepState === 'failed' || outcome === 'error');
}

function isAnswered(event: TelemetryEvent): boolean {
  return (isReview(event) || isGeneration(event)) && event.modelFamily !== undefined;
}

function isAssistant({ source }: TelemetryEvent): boolean {
  return source !== 'handrail';
}

function ended({ outcome }: TelemetryEvent): string {
  return outcome === 'error' ? 'failed' : outcome;
}

/** A range tells no more than its lower end, and a sum of lower ends is a lower bound, which says what it is. */
function centsOf(costBucket: string | undefined): number {
  return Math.floor(100 * (lowerEndOf(costBucket ?? '', COST) ?? 0));
}

function thousandsOf(tokensBucket: string | undefined): number {
  return Math.floor((lowerEndOf(tokensBucket ?? '', TOKENS) ?? 0) / 1000);
}

function daysOfAssistants(events: readonly TelemetryEvent[]): Part[] {
  const days = new Set(events.filter(isAssistant).map(({ source, day }) => `${source} ${day}`));
  return [...days].map((sourceAndDay) => ({ values: [sourceAndDay.split(' ')[0]], amount: 1 }));
}
