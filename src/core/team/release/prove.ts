import type { Counter } from '../../telemetry/counters.ts';
import { FORGOTTEN_AFTER } from '../../telemetry/acceptedNote.ts';
import { startOfWeek } from '../../telemetry/week.ts';
import type { Contribution } from '../contribution.ts';
import { contributionTables } from './contributionTables.ts';
import { differenceProblem } from './differences.ts';
import { buildRelease, recentlyPublished, type Release, type ReleasedCell, releaseText, REMAINDER } from './release.ts';
import { participationOf } from './participation.ts';
import { endOfWeek } from '../window.ts';

/**
 * The attacks of docs/reference/team.md, run against a release that is about to be written and all that were written before. Each looks
 * for what it forbids by another way than the one that the release was made by.
 */

export interface ProofParts {
  /** Everything released before. */
  before: readonly Release[];
  /** What the release is made of, each person once a week. */
  contributions: readonly Contribution[];
  counters: readonly Counter[];
  k: number;
  roster?: number;
}

type Attack = (release: Release, parts: ProofParts) => string | undefined | Promise<string | undefined>;

/** What an attack found out, one sentence each; empty where the release withstands them all. */
export async function proofProblems(release: Release, parts: ProofParts): Promise<string[]> {
  const problems: string[] = [];
  for (const attack of ATTACKS) {
    const problem = await attack(release, parts);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

/** Complement, differencing, rolling windows: no token-week of a counter and its dimensions is in two figures. */
const overlap: Attack = ({ cells, window }, { before }) => {
  if (before.some((other) => other.window.from <= window.to && window.from <= other.window.to)) {
    return 'A window that overlaps it was released before, so the difference of the two would tell of the weeks between.';
  }
  const keys = cells.map(({ counter, dims }) => JSON.stringify([counter, Object.entries(dims).toSorted()]));
  return new Set(keys).size === keys.length ? undefined : 'A figure is there twice.';
};

/** Small cell and dominance: each published group, put together from the contributions once more, holds by the rule. */
const smallGroup: Attack = (release, parts) => {
  for (const cell of release.cells) {
    const { counter, value } = cell;
    const given = givenTo(cell, release, parts);
    const total = given.flat().reduce((sum, one) => sum + one, 0);
    const one = given.reduce((sum, [first = 0]) => sum + first, 0);
    const two = given.reduce((sum, [, second = 0]) => sum + second, one);
    if (total !== value) return `A figure of ${counter} is not the sum of what was given.`;
    if (!given.some((values) => values.length >= parts.k))
      return `A figure of ${counter} has fewer than ${parts.k} people behind it in every week.`;
    if (2 * one > total) return `One person could be more than half of a figure of ${counter}.`;
    if (10 * (total - two) < one) return `Two people are nearly all of a figure of ${counter}.`;
  }
  return undefined;
};

/** What was given to a figure: of each week, each person's part, the largest first. */
function givenTo({ counter, dims }: ReleasedCell, { cells }: Release, { contributions, counters }: ProofParts): number[][] {
  const clip = counters.find(({ name }) => name === counter)?.clip ?? 0;
  const named = cells.filter((cell) => cell.counter === counter && !isRemainder(cell.dims));
  const isIn = (given: Readonly<Record<string, string>>): boolean =>
    isRemainder(dims) ? !named.some((cell) => isSame(cell.dims, given)) : isSame(dims, given);
  const weeks = new Map<string, number[]>();
  for (const { week, counters: own } of contributions) {
    const part = own.reduce((sum, one) => (one.counter === counter && isIn(one.dims) ? sum + Math.min(one.value, clip) : sum), 0);
    if (part > 0) weeks.set(week, [...(weeks.get(week) ?? []), part]);
  }
  return [...weeks.values()].map((values) => values.toSorted((a, b) => b - a));
}

/**
 * What a sum tells of each person in it: somebody takes away what they gave themselves, and looks at the least and the most that is left for
 * any other one. The rule decides by the sum alone; here the contributions say how many there were and what the largest of them was.
 */
const eachPerson: Attack = (release, parts) => {
  const { contributions, counters, k, roster } = parts;
  const people = mostOfAnyWeek(contributions);
  // By the band that is published so many could have taken part; without one, whoever is in the team may know how many did.
  const couldBe = release.participation.to ?? people;
  // A team that names no roster may be as small as one can be.
  const inTeam = roster ?? k + 1;
  for (const cell of release.cells) {
    const { counter, dims, value } = cell;
    const listed = counters.find(({ name }) => name === counter);
    if (listed === undefined) continue;
    const named = release.cells.filter((other) => other.counter === counter && !isRemainder(other.dims)).length;
    const all = Object.values(listed.dims).reduce((count, values) => count * values.length, 1);
    const most = weeksOf(release) * listed.clip * (isRemainder(dims) ? all - named : 1);
    // Somebody who gave nothing: where all others but one gave the most, that one has what remains, and nobody can have less.
    const least = value - (couldBe - 2) * most;
    if (5 * least > 4 * most) return `A figure of ${counter} tells of each person in it: they gave nearly the most that counts.`;
    if (inTeam > k + 1) continue;
    // Whoever gave the most takes it away, or whoever gave nothing looks at the whole: of the others, nobody can have more than this.
    const largest = givenTo(cell, release, parts).reduce((sum, [first = 0]) => sum + first, 0);
    const mostOfOne = Math.min(value - largest - (k - 2), inTeam > k ? value - (k - 1) : Number.POSITIVE_INFINITY);
    if (mostOfOne <= 1) return `A figure of ${counter} tells of each person in it: they cannot have given more than one.`;
  }
  return undefined;
};

/** How many there were in the week that had most of them, those aside who gave nothing but zeros. */
function mostOfAnyWeek(contributions: readonly Contribution[]): number {
  const weeks = new Map<string, Set<string>>();
  for (const { week, token, counters } of contributions) {
    if (counters.some(({ value }) => value > 0)) weeks.set(week, (weeks.get(week) ?? new Set()).add(token));
  }
  return Math.max(0, ...[...weeks.values()].map(({ size }) => size));
}

/** How many weeks the window has. */
function weeksOf({ window: { from, to } }: Release): number {
  return ((endOfWeek(to) ?? 0) - (startOfWeek(from) ?? 0)) / (7 * 24 * 3600 * 1000);
}

/** Rare model, step, assistant: nothing outside the catalogue is named, and of two linked counters at most one. */
const rareValue: Attack = ({ cells, window }, { counters, before }) => {
  // What is accepted on the last day of a release can be measured while it is remembered, whatever was released in between.
  const remembered = (startOfWeek(window.from) ?? 0) - FORGOTTEN_AFTER * 24 * 3600 * 1000;
  const earlier = new Set(
    before.flatMap((one) => ((endOfWeek(one.window.to) ?? 0) >= remembered ? one.cells.map(({ counter }) => counter) : [])),
  );
  const published = new Set(cells.map(({ counter }) => counter));
  for (const { counter, dims } of cells) {
    const known = counters.find(({ name }) => name === counter);
    if (known === undefined) return `${counter} is none of the team's counters.`;
    if ([...known.excludes, ...(known.repeats ?? [])].some((other) => published.has(other)))
      return `${counter} and a counter that follows from it are both published.`;
    if (known.repeats?.some((other) => earlier.has(other)) === true) {
      return `${counter} says again what a release before said, so the two would tell who left in between.`;
    }
    const named = Object.entries(dims);
    if (!isRemainder(dims) && !named.every(([dim, value]) => value !== 'other' && known.dims[dim]?.includes(value) === true)) {
      return `A figure of ${counter} names something that the catalogue does not.`;
    }
  }
  return undefined;
};

/** Refuser exposure: participation is one of the bands, and a person who gave nothing changes no byte. */
const refuser: Attack = async (release, { k, roster, contributions }) => {
  const band = participationOf(await contributionTables(contributions).people(), { k, ...(roster === undefined ? {} : { roster }) });
  if (JSON.stringify(band) !== JSON.stringify(release.participation)) return 'Participation is no band of the roster.';
  return undefined;
};

/** Replay, and the order in which contributions come: the same release, byte for byte. */
const replay: Attack = async (release, parts) => {
  const { team, k, window, previous } = release;
  const published = recentlyPublished(parts.before, window);
  const options = {
    team,
    k,
    counters: parts.counters,
    window,
    previous,
    published,
    ...(parts.roster === undefined ? {} : { roster: parts.roster }),
  };
  const again = await buildRelease(contributionTables(parts.contributions.toReversed()), options);
  return releaseText(again) === releaseText(release) ? undefined : 'The same contributions in another order give another release.';
};

/** Time: nothing finer than a window of whole weeks. */
const time: Attack = ({ window }) =>
  startOfWeek(window.from) !== undefined && startOfWeek(window.to) !== undefined && window.from <= window.to
    ? undefined
    : 'Its window is none of whole weeks.';

const ATTACKS: readonly Attack[] = [overlap, smallGroup, eachPerson, differenceProblem, rareValue, refuser, replay, time];

function isRemainder(dims: Readonly<Record<string, string>>): boolean {
  return isSame(dims, REMAINDER);
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
