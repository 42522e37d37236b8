import type { Contribution } from '../../../src/core/team/contribution.ts';
import type { Release } from '../../../src/core/team/release/release.ts';
import { leastCombinations } from './combinations.ts';

/**
 * What a reader of releases could work out, found by linear algebra and bounds instead of by the rule that releases are made by. Nothing
 * of that rule is used here. The unknowns are what each token gave in a week to a cell; every published figure is an equation over them.
 */

export interface Given {
  contribution: Contribution;
  /** Who it is of. No reader knows; the check does, since somebody's weeks may be put together by who comes and goes. */
  person: number;
}

export interface Published {
  release: Pick<Release, 'cells' | 'window' | 'participation'>;
  /** What this release was made of. */
  given: readonly Given[];
  /** Weeks of its window. */
  weeks: number;
}

/** A counter whose sum is that of others, for the same person: of the same week, or of so many weeks before. */
export interface Link {
  whole: string;
  parts: readonly { counter: string; value?: string }[];
  weeksBefore?: (week: string) => string;
}

/** Cells of two counters that count mostly the same events of the same person and week: all with one of the values, in any dimension. */
export interface Alike {
  one: { counter: string; values: readonly string[] };
  other: { counter: string; values: readonly string[] };
}

export interface Knowledge {
  k: number;
  roster?: number;
  counters: readonly { name: string; dims: Readonly<Record<string, readonly string[]>>; clip: number }[];
  links?: readonly Link[];
  alike?: readonly Alike[];
}

/** `few`: of fewer than k people in every week. `half`, `two`: mostly of one or two. `known`: somebody's within a tenth. `wrong`: no sum. */
export interface Disclosure {
  kind: 'few' | 'half' | 'two' | 'known' | 'wrong';
  what: string;
}

interface Unknown {
  person: number;
  week: string;
  value: number;
  figures: Set<number>;
}

interface Figure {
  name: string;
  unknowns: Unknown[];
  /** The most that one person can have in it. */
  most: number;
  /** The most people that the release says there were; undefined where it does not. */
  people?: number;
}

/** Everything that can be worked out from these releases and must not be; none where they keep what they promise. */
export function disclosures(published: readonly Published[], knowledge: Knowledge): Disclosure[] {
  const { figures, wrong } = figuresOf(published, knowledge);
  const atoms = atomsOf(figures);
  const rows = figures.map((_, figure) => atoms.map(({ figures: of }) => (of.has(figure) ? 1n : 0n)));
  const combined = leastCombinations(rows).flatMap((combination) => ofCombination(combination, atoms, knowledge.k));
  const bounded = figures.flatMap((figure) => ofBounds(figure, knowledge));
  return [...wrong, ...combined, ...bounded];
}

/** Unknowns that are in the same figures: no combination of figures can tell them apart. */
interface Atom {
  figures: ReadonlySet<number>;
  unknowns: Unknown[];
}

function atomsOf(figures: readonly Figure[]): Atom[] {
  const atoms = new Map<string, Atom>();
  for (const unknown of new Set(figures.flatMap(({ unknowns }) => unknowns))) {
    const key = [...unknown.figures].toSorted((a, b) => a - b).join();
    const atom = atoms.get(key) ?? { figures: unknown.figures, unknowns: [] };
    atoms.set(key, atom);
    atom.unknowns.push(unknown);
  }
  return [...atoms.values()];
}

function figuresOf(
  published: readonly Published[],
  { counters, links = [], alike = [] }: Knowledge,
): { figures: Figure[]; wrong: Disclosure[] } {
  const unknowns = new Map<string, Unknown>();
  const figures: Figure[] = [];
  const wrong: Disclosure[] = [];
  for (const { release, given, weeks } of published) {
    const { window, cells, participation } = release;
    const flat = given.flatMap(({ contribution, person }) =>
      contribution.counters.map((cell) => ({ person, cell, of: contribution, name: nameOf(cell.counter, cell.dims) })),
    );
    const unknownOf = ({ person, cell, of, name }: (typeof flat)[number]): Unknown => {
      // A changed revision is another unknown: what is learnt of the two is their difference.
      const key = `${of.week} ${of.token} ${of.revision} ${name}`;
      const clip = counters.find((counter) => counter.name === cell.counter)?.clip ?? 0;
      const unknown = unknowns.get(key) ?? { person, week: of.week, value: Math.min(clip, cell.value), figures: new Set() };
      unknowns.set(key, unknown);
      return unknown;
    };
    const add = (name: string, of: Unknown[], most: number): void => {
      for (const unknown of of) unknown.figures.add(figures.length);
      figures.push({ name, unknowns: of, most, ...(participation.to === undefined ? {} : { people: participation.to }) });
    };
    const named = new Set(cells.map(({ counter, dims }) => nameOf(counter, dims)));
    for (const { counter, dims, value } of cells) {
      const isRest = '*' in dims;
      const of = flat
        .filter(({ cell, name }) => cell.counter === counter && (isRest ? !named.has(name) : name === nameOf(counter, dims)))
        .map(unknownOf);
      const known = counters.find((one) => one.name === counter);
      const all = Object.values(known?.dims ?? {}).reduce((count, values) => count * values.length, 1);
      const inIt = isRest ? all - cells.filter((cell) => cell.counter === counter && !('*' in cell.dims)).length : 1;
      add(`${window.from} ${nameOf(counter, dims)}`, of, weeks * inIt * (known?.clip ?? 0));
      if (value !== sumOf(of)) wrong.push({ kind: 'wrong', what: `${counter} is ${value}, and ${sumOf(of)} was given` });
    }
    for (const { one, other } of alike) {
      const sides = [one, other].map(({ counter, values }) =>
        flat.filter(
          ({ cell }) => cell.counter === counter && cell.value > 0 && Object.values(cell.dims).some((value) => values.includes(value)),
        ),
      );
      // What is in a rest with others cannot be told from them.
      if (sides.some((side) => side.length === 0 || side.some(({ name }) => !named.has(name)))) continue;
      const differences = new Map<Contribution, Unknown>();
      for (const [at, side] of sides.entries()) {
        for (const { person, cell, of } of side) {
          const clip = counters.find(({ name }) => name === cell.counter)?.clip ?? 0;
          const unknown = differences.get(of) ?? { person, week: of.week, value: 0, figures: new Set() };
          unknown.value += (at === 0 ? 1 : -1) * Math.min(clip, cell.value);
          differences.set(of, unknown);
        }
      }
      const some = [...differences.values()].filter(({ value }) => value !== 0);
      for (const unknown of some) unknown.value = Math.abs(unknown.value);
      if (some.length > 0) add(`what ${one.counter} and ${other.counter} differ by`, some, Number.POSITIVE_INFINITY);
    }
    for (const { whole, parts, weeksBefore = (week: string) => week } of links) {
      if (!cells.some(({ counter }) => counter === whole)) continue;
      const whose = new Set(flat.filter(({ cell }) => cell.counter === whole).map(({ person, of }) => `${person} ${weeksBefore(of.week)}`));
      const everything = published.flatMap((one) => one.given).filter((one) => whose.has(`${one.person} ${one.contribution.week}`));
      const of = everything.flatMap(({ contribution, person }) =>
        contribution.counters
          .filter(({ counter, dims }) =>
            parts.some((part) => part.counter === counter && (part.value === undefined || Object.values(dims).includes(part.value))),
          )
          .map((cell) => unknownOf({ person, cell, of: contribution, name: nameOf(cell.counter, cell.dims) })),
      );
      const parted = [...new Set(of)];
      // Nothing follows where a clip cut somebody's: the equation would be false, though the sums could be the same by chance.
      const wholes = flat
        .filter(({ cell }) => cell.counter === whole)
        .map(({ person, of: given, cell, name }) => unknownOf({ person, cell, of: given, name }));
      if (isSameOfEach(wholes, parted)) add(`what follows from ${whole}`, parted, Number.POSITIVE_INFINITY);
    }
  }
  return { figures, wrong };
}

/** What one combination of figures tells: it must be about many people, and of nobody mostly. */
function ofCombination(combination: readonly bigint[], atoms: readonly Atom[], k: number): Disclosure[] {
  const parts = atoms.flatMap((atom, index) => {
    const factor = Number(combination[index]);
    return factor === 0 ? [] : atom.unknowns.map((unknown) => ({ ...unknown, value: factor * unknown.value }));
  });
  const weeks = Map.groupBy(parts, ({ week }) => week);
  const most = Math.max(0, ...[...weeks.values()].map((week) => new Set(week.map(({ person }) => person)).size));
  const what = `a combination worth ${sumOf(parts)} of ${parts.length} contributions in ${weeks.size} weeks`;
  if (parts.length > 0 && most < k) return [{ kind: 'few', what: `${what}, ${most} people at most` }];
  // Parts that are taken away hide how much the others are.
  if (combination.some((factor) => factor < 0n)) return [];
  // Whoever comes and goes may be known by it: each person over all weeks, by who they really are, and by the week.
  const total = sumOf(parts);
  const shares = [...Map.groupBy(parts, ({ person }) => person).values()].map(sumOf).toSorted((a, b) => b - a);
  const [first = 0, second = 0] = shares;
  if (2 * first > total) return [{ kind: 'half', what: `${what}, of one person ${first}` }];
  if (10 * (total - first - second) < first) return [{ kind: 'two', what: `${what}, of two people ${first} and ${second}` }];
  return [];
}

/**
 * What somebody who is in a figure learns of another in it, by taking their own away. At least k gave something, everybody at most the clip,
 * and no more people than the release says. Both ends must lie within a tenth of the truth for it to be known.
 */
function ofBounds({ name, unknowns, most, people }: Figure, { k, roster }: Knowledge): Disclosure[] {
  if (most === Number.POSITIVE_INFINITY) return [];
  const total = sumOf(unknowns);
  const shares = [...Map.groupBy(unknowns, ({ person }) => person).values()].map(sumOf);
  const capacity = people === undefined ? Number.POSITIVE_INFINITY : most;
  // Somebody outside the figure is as if their own were zero.
  const readers = [{ own: 0, others: k - 1, left: (people ?? Number.POSITIVE_INFINITY) - 1, self: -1 }].concat(
    shares.map((own, self) => ({ own, others: k - 2, left: (people ?? Number.POSITIVE_INFINITY) - 2, self })),
  );
  for (const { own, others, left, self } of readers) {
    for (const [index, share] of shares.entries()) {
      if (index === self) continue;
      const highest = Math.min(capacity, total - own - others);
      // Where all who can have given something must have, nobody gave nothing.
      const all = roster !== undefined && (self < 0 ? roster - 1 : roster) <= k;
      const lowest = Math.max(all ? 1 : 0, left === Number.POSITIVE_INFINITY ? 0 : total - own - left * most);
      if (lowest > 0.9 * share && highest < 1.1 * share) {
        return [{ kind: 'known', what: `${name}: ${share} is known to be from ${lowest} to ${highest}` }];
      }
    }
  }
  return [];
}

/** Whether each person has the same sum in both. */
function isSameOfEach(one: readonly Unknown[], other: readonly Unknown[]): boolean {
  const differences = new Map<number, number>();
  for (const { person, value } of one) differences.set(person, (differences.get(person) ?? 0) + value);
  for (const { person, value } of other) differences.set(person, (differences.get(person) ?? 0) - value);
  return [...differences.values()].every((difference) => difference === 0);
}

function sumOf(parts: readonly { value: number }[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

function nameOf(counter: string, dims: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(dims).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${counter} ${sorted.map(([dim, value]) => `${dim}=${value}`).join(' ')}`;
}
