import { FORGOTTEN_AFTER } from '../../telemetry/acceptedNote.ts';
import type { Counter } from '../../telemetry/counters.ts';
import { canonicalJson, sha256Hex } from '../../workflow/digests.ts';
import type { Privacy } from '../privacy/privacy.ts';
import { tellsOfEach } from './bounds.ts';
import { type Participation, participationOf } from './participation.ts';
import { decisionOrder, differsByFew } from './overlaps.ts';
import { type SafeGroups, safeGroups } from './safeGroups.ts';
import type { WindowTables } from './tables.ts';
import { weeksBetween } from '../window.ts';

/** What is published of a window, once and for ever. The format is fixed: others read it. */

export const RELEASE_SCHEMA = 'handrail.release/1';

export interface ReleasedCell {
  counter: string;
  /** Of the remainder, `{ '*': 'other' }`. */
  dims: Readonly<Record<string, string>>;
  value: number;
}

export interface Release {
  schema: typeof RELEASE_SCHEMA;
  /** `r-` and 16 hex digits of the SHA-256 of the release without its id. */
  id: string;
  team: string;
  window: { from: string; to: string };
  k: number;
  participation: Participation;
  cells: readonly ReleasedCell[];
  /** Counters of the team of which nothing is published. */
  withheld: readonly string[];
  guarantee: string;
  /** Digest of the release before, or null for the first. */
  previous: string | null;
  /** Of a differentially private release, what its noise is. */
  privacy?: Privacy;
}

export const GUARANTEE =
  'Every figure is of a group of at least k people in one week, of which nobody is more than half; groups never overlap, in this release or any other. ' +
  'This is disclosure control by a rule that a machine checks, not differential privacy: who knows what all others did, or k-1 people together, can still infer.';

export const REMAINDER = { '*': 'other' } as const;

export interface ReleaseOptions {
  team: string;
  k: number;
  roster?: number;
  counters: readonly Counter[];
  window: { from: string; to: string };
  previous: string | null;
  /** Counters of the releases before that this one could say again, see `recentlyPublished`. */
  published?: ReadonlySet<string>;
}

/** Counters of which a release says something. */
export function publishedCounters(release: Pick<Release, 'cells'> | undefined): ReadonlySet<string> {
  return new Set(release?.cells.map(({ counter }) => counter));
}

/**
 * How many weeks before a window the last week of another can be whose counters it may say again (`Counter.repeats`): what is accepted is
 * measured until it is forgotten, and a week counts whole.
 */
const REPEATED_WITHIN = Math.ceil(FORGOTTEN_AFTER / 7) + 1;

/** Counters of which releases before a window say something that could be said again in it, in whatever order these are. */
export function recentlyPublished(
  releases: readonly Pick<Release, 'cells' | 'window'>[],
  { from }: Pick<Release['window'], 'from'>,
): ReadonlySet<string> {
  const recent = releases.filter(({ window: { to } }) => to < from && weeksBetween({ from: to, to: from }) - 1 <= REPEATED_WITHIN);
  return new Set(recent.flatMap(({ cells }) => cells.map(({ counter }) => counter)));
}

/** The release of a window's contributions, each person once a week. The same contributions in any order give the same bytes. */
export async function buildRelease(tables: WindowTables, options: ReleaseOptions): Promise<Release> {
  const { team, k, roster, counters, window, previous } = options;
  const published = new Map<string, { counter: Counter; groups: SafeGroups }>();
  const people = await tables.people();
  const participation = participationOf(people, { k, ...(roster === undefined ? {} : { roster }) });
  const known = { k, people: participation.to ?? people, ...(roster === undefined ? {} : { roster }) };
  const weeks = weeksBetween(window);
  const tellsOfSomebody = ({ cells: named, other }: SafeGroups, { dims, clip }: Counter): boolean => {
    const all = Object.values(dims).reduce((count, values) => count * values.length, 1);
    return (
      named.some(({ figures }) => tellsOfEach(figures.total, { ...known, most: weeks * clip })) ||
      (other !== undefined && tellsOfEach(other, { ...known, most: weeks * clip * (all - named.length) }))
    );
  };
  for (const counter of decisionOrder(counters)) {
    if (isSaidAlready(counter, counters, published, options.published)) continue;
    const groups = await safeGroups(tables, counter, k);
    if (groups === undefined || tellsOfSomebody(groups, counter)) continue;
    if (await differsByFew(tables, { counter, groups, published, known })) continue;
    published.set(counter.name, { counter, groups });
  }
  const cells = counters.flatMap(({ name }) => {
    const { counter, groups } = published.get(name) ?? {};
    return counter === undefined || groups === undefined ? [] : releasedCells(counter, groups);
  });
  const withheld = counters.map(({ name }) => name).filter((name) => !published.has(name));
  const body = { schema: RELEASE_SCHEMA, team, window, k, participation, cells, withheld, guarantee: GUARANTEE, previous } as const;
  return { ...body, id: releaseId(body) };
}

function releasedCells(counter: Counter, { cells, other }: SafeGroups): ReleasedCell[] {
  const named = cells.map(({ dims, figures }) => ({ counter: counter.name, dims, value: figures.total }));
  return [
    ...named.toSorted((a, b) => compareDims(a.dims, b.dims, counter)),
    ...(other === undefined ? [] : [{ counter: counter.name, dims: REMAINDER, value: other }]),
  ];
}

/** The id that a release must have: of everything in it but the id. */
export function releaseId(body: Omit<Release, 'id'>): string {
  return `r-${sha256Hex(canonicalJson(body)).slice(0, 16)}`;
}

/** The one text of a release: RFC 8785. */
export function releaseText(release: Release): string {
  return canonicalJson(release);
}

/**
 * Whether a counter follows from others that are published, so that the difference would be of those few who are in one of the two: of
 * two that exclude each other, the first of the catalogue is published; what was said some weeks before is not said again.
 */
function isSaidAlready(
  { name, excludes, repeats = [] }: Counter,
  counters: readonly Counter[],
  published: ReadonlyMap<string, unknown>,
  before: ReadonlySet<string> = new Set(),
): boolean {
  return (
    [...excludes, ...repeats].some((other) => published.has(other)) ||
    repeats.some((other) => before.has(other)) ||
    counters.some((other) => published.has(other.name) && other.repeats?.includes(name) === true)
  );
}

function compareDims(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>, { dims }: Counter): number {
  for (const [dim, values] of Object.entries(dims)) {
    const difference = values.indexOf(one[dim] ?? '') - values.indexOf(other[dim] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}
