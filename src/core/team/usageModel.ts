import { normalDraw, poissonDraw, type Random, seededRandom } from '../seededRandom.ts';
import type { Counter } from '../telemetry/counters.ts';
import type { Cell } from './rollUp.ts';

/**
 * How people might use Handrail, for figures before there are any: what a team would get to see, and data to try a report on. It is an
 * assumption, not a measurement:
 *
 * - Some do much, most do little: the pace of people is log-normal. With a spread of 0.7 the busiest fifth does about 45 % of everything.
 * - What was counted in a week is a Poisson number around a person's usual amount.
 * - Everyone sees about the same outcomes, severities and kinds of step. Models and assistants are a matter of taste: a team has a few,
 *   and each person uses mostly one.
 */

/** Deviation of the logarithm of people's pace. */
export const USUAL_SPREAD = 0.7;
/** How likely someone who takes part has anything to count in a week: leave, meetings, other work. */
export const USUAL_PRESENCE = 0.85;

/** Dimensions in which people differ by taste: values a team may have, the most common first, and how many it has. */
const TASTES: Readonly<Record<string, { values: readonly string[]; most: number }>> = {
  family: { values: ['claude', 'gpt', 'gemini', 'mistral', 'o-series', 'qwen', 'llama', 'deepseek'], most: 4 },
  source: { values: ['copilot', 'claude-code', 'codex', 'gemini-cli'], most: 3 },
};
/** How much of a matter of taste goes to a person's first choice; the team's others share the rest. */
const FAVOURITE = 0.75;

/** About how many a person of usual pace has in a week, and how the values of its dimension share it, unless by taste. */
interface Usual {
  amount: number;
  weights?: Readonly<Record<string, number>>;
  /** How the values are moved by a team that cares more: each is multiplied by e to this power. */
  care?: Readonly<Record<string, number>>;
}

const KINDS = { manual: 30, command: 30, generate: 10, review: 22, approval: 8 };
const USUAL: Readonly<Record<string, Usual>> = {
  'review.runs': { amount: 9, weights: { completed: 86, cancelled: 8, failed: 5, other: 1 }, care: { completed: 0.3 } },
  'review.decisions': { amount: 14, weights: { applied: 60, dismissed: 40 }, care: { applied: 0.4 } },
  'review.findings': { amount: 22, weights: { critical: 2, high: 10, medium: 40, low: 30, info: 18 } },
  'generate.outcomes': {
    amount: 6,
    weights: { accepted: 45, edited: 20, rejected: 17, abandoned: 8, cancelled: 5, failed: 3, other: 2 },
    care: { edited: 0.5, rejected: 0.2, abandoned: -0.5 },
  },
  'generate.survival': {
    amount: 4,
    weights: { none: 8, some: 12, half: 18, most: 32, all: 30 },
    care: { none: -0.8, some: -0.4, all: 0.4 },
  },
  'steps.completed': { amount: 18, weights: KINDS },
  'steps.dwell': { amount: 18, weights: KINDS },
  'steps.failed': { amount: 2.5, weights: KINDS, care: { manual: -0.5, command: -0.5, generate: -0.5, review: -0.5, approval: -0.5 } },
  'steps.waived': { amount: 0.7, weights: KINDS, care: { manual: -1, command: -1, generate: -1, review: -1, approval: -1 } },
  'steps.waits': { amount: 18 },
  'models.calls': { amount: 14 },
  'models.cost': { amount: 120 },
  'assistants.tokens': { amount: 400 },
  'assistants.days': { amount: 4 },
};
/** The other dimension that a counter may have. Of tokens, most are read; of steps, those of a person wait longer than a machine's. */
const SECOND: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  direction: { input: 85, output: 15 },
  severity: { critical: 3, high: 14, medium: 42, low: 27, info: 14 },
  dwell: { 'under-10m': 16, '10m-1h': 18, '1h-4h': 16, '4h-1d': 14, '1d-3d': 9, '3d-1w': 4, '1w-or-more': 2, unknown: 21 },
};
/** How much longer steps of a kind wait, and how much shorter those of a team that cares: powers of e for each range of waiting further up. */
const WAITS: Readonly<Record<string, number>> = { manual: 0.1, command: -0.6, generate: -0.3, review: 0.2, approval: 0.5 };
const CARE_FOR_WAITS = -0.3;

/** A team as the model knows it. */
export interface ModelTeam {
  /** How much it cares, 0 as usual, 1 much: steps wait less, fewer are waived, changes last longer. */
  readonly care: number;
  /** Of each dimension of taste, the values that it has. */
  readonly tastes: Readonly<Record<string, readonly string[]>>;
}

export interface ModelPerson {
  /** 1 on average. */
  readonly pace: number;
  /** Of each dimension of taste, the first choice among the team's values. */
  readonly favourites: Readonly<Record<string, string>>;
}

/** A team with its own choice of models and assistants. */
export function modelTeam(random: Random, care = 0): ModelTeam {
  const tastes = Object.entries(TASTES).map(([dim, { values, most }]): [string, string[]] => {
    const ranked = values.map((value, index) => ({ value, at: index + 3 * random() })).toSorted((a, b) => a.at - b.at);
    return [dim, ranked.slice(0, most).map(({ value }) => value)];
  });
  return { care, tastes: Object.fromEntries(tastes) };
}

export function modelPerson(random: Random, { tastes }: ModelTeam, spread: number = USUAL_SPREAD): ModelPerson {
  const pace = Math.exp(spread * normalDraw(random) - spread ** 2 / 2);
  const favourites = Object.entries(tastes).map(([dim, values]): [string, string] => {
    // The first of the team's is the choice of most.
    return [dim, values[Math.floor(random() ** 2 * values.length)] ?? ''];
  });
  return { pace, favourites: Object.fromEntries(favourites) };
}

/** What a person does of a cell in a usual week. */
export interface ModelHabit {
  counter: string;
  dims: Cell['dims'];
  mean: number;
  clip: number;
}

/** What a person does in a usual week, in the order of the counters. The same in every week, so it is worked out once a person. */
export function modelHabits(person: ModelPerson, team: ModelTeam, counters: readonly Counter[]): ModelHabit[] {
  return counters.flatMap(({ name, dims, clip }) => {
    const [first = '', second = ''] = Object.keys(dims);
    const usual = USUAL[name];
    if (usual === undefined) return [];
    return weightsOf({ dim: first, values: dims[first] ?? [] }, usual, { person, team }).flatMap(([value, weight]) =>
      othersOf(second, value, team).map(({ dims: more, part }) => ({
        counter: name,
        dims: { [first]: value, ...more },
        mean: usual.amount * person.pace * weight * part,
        clip,
      })),
    );
  });
}

/** What comes of somebody's habits in one week, cells of zero left out. `intensity`: how much of the usual they do, 1 when absent. */
export function modelWeek(habits: readonly ModelHabit[], random: Random, intensity = 1): Cell[] {
  const busy = intensity * Math.exp(0.3 * normalDraw(random));
  return habits.flatMap(({ counter, dims, mean, clip }) => {
    const value = Math.min(clip, poissonDraw(mean * busy, random));
    return value === 0 ? [] : [{ counter, dims, value }];
  });
}

/** How a value of the first dimension is shared by those of the second; whole where there is no second. */
function othersOf(second: string, first: string, team: ModelTeam): { dims: Readonly<Record<string, string>>; part: number }[] {
  if (second === '') return [{ dims: {}, part: 1 }];
  const slope = second === 'dwell' ? (WAITS[first] ?? ownWait(first)) + CARE_FOR_WAITS * team.care : 0;
  const weights = Object.entries(SECOND[second] ?? {}).map(([value, weight], index): [string, number] => [
    value,
    value === 'unknown' ? weight : weight * Math.exp(slope * index),
  ]);
  return partsOf(Object.fromEntries(weights)).map(([value, part]) => ({ dims: { [second]: value }, part }));
}

/** The same of a step that a team names itself: by its name alone, so that the same step is slow in every week. */
function ownWait(step: string): number {
  return seededRandom(`how long ${step} waits`)() - 0.5;
}

/** How many times the counter's usual amount each value of a dimension has. */
function weightsOf(
  { dim, values }: { dim: string; values: readonly string[] },
  { weights, care = {} }: Usual,
  { person, team }: { person: ModelPerson; team: ModelTeam },
): [string, number][] {
  if (weights !== undefined) {
    return partsOf(weights).map(([value, part]) => [value, part * Math.exp(team.care * (care[value] ?? 0))]);
  }
  const tastes = team.tastes[dim];
  // What a team names itself, such as its steps: each a bit rarer than the one before.
  if (tastes === undefined) return partsOf(Object.fromEntries(values.map((value, index) => [value, 1 / (index + 2)])));
  const rest = (1 - FAVOURITE) / Math.max(1, tastes.length - 1);
  return tastes.map((value) => [value, value === person.favourites[dim] ? FAVOURITE : rest]);
}

/** Weights as parts of 1. */
function partsOf(weights: Readonly<Record<string, number>>): [string, number][] {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.entries(weights).map(([value, weight]) => [value, weight / all]);
}
