import { HandrailError } from '../errors.ts';
import { seededRandom, type Random } from '../seededRandom.ts';
import type { Counter } from '../telemetry/counters.ts';
import { coverageOf } from './release/coverage.ts';
import { buildRelease, type Release, REMAINDER } from './release/release.ts';
import type { WindowTables } from './release/tables.ts';
import { MadeUpTables } from './madeUpTables.ts';
import { LEAST_K } from './teamFile.ts';
import { modelHabits, modelPerson, modelTeam, modelWeek, USUAL_PRESENCE } from './usageModel.ts';

/**
 * What a team would get to see if so many of its people shared: made-up teams of the usage model are released by the rule that releases
 * real ones. A forecast of suppression under the assumptions of the model, and of nothing else.
 */

/** Above this nearly everything can be published anyway, and simulating it takes long. */
const MOST_PEOPLE = 200;

export interface YieldQuestion {
  /** In the team. */
  people: number;
  /** How likely each of them shares, above 0 to 1; they decide independently. */
  optIn: number;
  k: number;
  /** How many the team's file says there are; `people` when absent. */
  roster?: number;
  /** Weeks of a window. */
  window: number;
  counters: readonly Counter[];
  /** Made-up teams. The same question gives the same answer. */
  runs: number;
}

/** The middle of the runs, and what nine of ten of them are within. */
export interface YieldRange {
  median: number;
  from: number;
  to: number;
}

export interface CounterYield {
  name: string;
  /** The part of the runs in which something of it was published, 0 to 1. */
  published: number;
  /** Counters before it that take its place where they are published. */
  after: readonly string[];
}

export interface Yield {
  /** How many people share. */
  sharing: YieldRange;
  /** The part of everything counted that is inside published figures, 0 to 1. */
  events: YieldRange;
  /** The part of the cells that anybody has anything in that are published by themselves, 0 to 1; the others are in `other`. */
  cells: YieldRange;
  /** How many counters are withheld of which no linked one is published. */
  withheld: YieldRange;
  /** The part of the runs in which nothing at all could be published, 0 to 1. */
  nothing: number;
  counters: readonly CounterYield[];
}

/** Enough made-up teams for steady figures, and few enough for an answer at once. */
export function usualRuns(people: number): number {
  return Math.min(150, Math.max(40, Math.round(2000 / people)));
}

/** Numbers of people sharing that are worth comparing, from k to everybody. */
export function sharingSteps({ people, k }: Pick<YieldQuestion, 'people' | 'k'>): number[] {
  const steps = [k, k + 1, k + 2, Math.round(1.6 * k), 2 * k, 3 * k].filter((step) => step < people);
  return [...new Set([...steps, people])].toSorted((a, b) => a - b);
}

/** Answers the question. Fails with `usage` for numbers that no team has, and with `cancelled` once the signal has ended. */
export async function estimateYield(question: YieldQuestion, signal?: { readonly aborted: boolean }): Promise<Yield> {
  requireSensible(question);
  const runs: Run[] = [];
  for (let index = 0; index < question.runs; index += 1) {
    if (signal?.aborted === true) throw new HandrailError('cancelled', 'The calculation was cancelled.');
    runs.push(await oneRun(question, seededRandom(`${question.people} people, run ${index}`)));
  }
  const part = (is: (run: Run) => boolean): number => runs.filter(is).length / runs.length;
  return {
    sharing: rangeOf(runs.map(({ sharing }) => sharing)),
    events: rangeOf(runs.map(({ events }) => events)),
    cells: rangeOf(runs.map(({ cells }) => cells)),
    withheld: rangeOf(runs.map(({ withheld }) => withheld)),
    nothing: part(({ published }) => published.size === 0),
    counters: question.counters.map(({ name, excludes }, at) => ({
      name,
      published: part(({ published }) => published.has(name)),
      after: question.counters.slice(0, at).flatMap((before) => (excludes.includes(before.name) ? [before.name] : [])),
    })),
  };
}

interface Run {
  sharing: number;
  events: number;
  cells: number;
  withheld: number;
  published: ReadonlySet<string>;
}

async function oneRun({ people, optIn, k, roster = people, window, counters }: YieldQuestion, random: Random): Promise<Run> {
  // Each person is drawn whether they share or not, so that a higher opt-in adds people and changes nobody.
  const team = modelTeam(random);
  const everybody = Array.from({ length: people }, () => ({ decides: random(), person: modelPerson(random, team), own: String(random()) }));
  const sharing = everybody.filter(({ decides }) => decides < optIn);
  const weeks = Array.from({ length: window }, (_, index) => `2026-W${String(index + 1).padStart(2, '0')}`);
  const made = new MadeUpTables();
  sharing.forEach(({ person, own }, index) => {
    const draw = seededRandom(own);
    const habits = modelHabits(person, team, counters);
    for (const week of weeks) {
      if (draw() < USUAL_PRESENCE) made.add({ week, token: String(index), cells: modelWeek(habits, draw) });
    }
  });
  const tables = made.tables();
  const [from = '', to = from] = [weeks[0], weeks.at(-1)];
  const release = await buildRelease(tables, { team: 'made-up', k, roster, counters, window: { from, to }, previous: null });
  return { sharing: sharing.length, ...(await measured(release, tables, counters)) };
}

async function measured(release: Release, tables: WindowTables, counters: readonly Counter[]): Promise<Omit<Run, 'sharing'>> {
  const published = new Set(release.cells.map(({ counter }) => counter));
  // One whose linked counter is published is left out by rule, not for want of people.
  const counted = counters.filter(({ name, excludes }) => published.has(name) || !excludes.some((other) => published.has(other)));
  let all = 0;
  for (const counter of counted) all += (await tables.cells(counter)).length;
  const named = release.cells.filter(({ dims }) => dims['*'] !== REMAINDER['*']).length;
  return {
    events: all === 0 ? 0 : await coverageOf(release, tables, counters),
    cells: all === 0 ? 0 : named / all,
    withheld: counted.filter(({ name }) => !published.has(name)).length,
    published,
  };
}

function rangeOf(values: readonly number[]): YieldRange {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  return { median: at(0.5), from: at(0.05), to: at(0.95) };
}

function requireSensible({ people, optIn, k, window, counters, runs }: YieldQuestion): void {
  const refuse = (message: string, hint: string): never => {
    throw new HandrailError('usage', message, { hint });
  };
  if (!isWhole(people, 1, MOST_PEOPLE)) {
    refuse(
      `A team has 1 to ${MOST_PEOPLE} people here.`,
      'In a larger one nearly everything can be published: there is nothing to calculate.',
    );
  }
  if (!(optIn > 0 && optIn <= 1)) refuse('How many share is a part of the team.', 'For example --opt-in 70%');
  if (!isWhole(k, LEAST_K, 1000))
    refuse(`k is a whole number from ${LEAST_K} to 1000.`, 'Fewer than five people could be told apart by who is missing.');
  if (people < k) refuse(`A team of ${people} can never have ${k} people behind a figure.`, 'Share figures with a neighbouring team.');
  if (!isWhole(window, 1, 52)) refuse('A window has 1 to 52 weeks.', 'For example --window 4w');
  if (counters.length === 0) refuse('No counter is named.', 'handrail telemetry catalogue lists them all.');
  if (!isWhole(runs, 1, 10_000)) refuse('The number of runs is 1 to 10000.', 'Correct it.');
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
