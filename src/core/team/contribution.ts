import { isJsonObject } from '../jsonObject.ts';
import { TEAM_NAME, type TelemetryEvent } from '../telemetry/catalogue.ts';
import { startOfWeek } from '../telemetry/week.ts';
import type { Registry } from './registry.ts';
import { rollUp, type Cell } from './rollUp.ts';

/** What one person gives their team of one ISO week, before it is sealed. The format is fixed: others read it. */

export const CONTRIBUTION_SCHEMA = 'handrail.contribution/1';

export interface Contribution {
  schema: typeof CONTRIBUTION_SCHEMA;
  /** ISO week in UTC, such as `2026-W46`. */
  week: string;
  team: string;
  /** Digest of the team's registry. */
  registry: string;
  /** Says that two contributions are of the same person, within one week and team; 22 characters of base64url. */
  token: string;
  /** Of two contributions with the same token the higher one counts. From 1. */
  revision: number;
  counters: readonly Cell[];
}

export interface ContributionOptions {
  week: string;
  team: string;
  registry: Registry;
  token: string;
  revision: number;
  /** Whether usage of other assistants that belongs to no team is this team's. */
  assistants: boolean;
}

/** The contribution of these events, or undefined where they say nothing: an idle week gives nothing. */
export function contributionOf(events: readonly TelemetryEvent[], options: ContributionOptions): Contribution | undefined {
  const { week, team, registry, token, revision, assistants } = options;
  const counters = rollUp(events, { week, team, counters: registry.counters, assistants });
  if (counters.length === 0) return undefined;
  return { schema: CONTRIBUTION_SCHEMA, week, team, registry: registry.digest, token, revision, counters };
}

export const MOST = 2 ** 31;
export const MOST_CELLS = 1000;
const REGISTRY = /^sha256:[0-9a-f]{64}$/;
const TOKEN = /^[A-Za-z0-9_-]{21}[AQgw]$/;
/** Of counters, dimensions and values; which there are is asked elsewhere. */
const NAME = /^[^]{0,100}$/;

/**
 * The contribution that a value of JSON is, or undefined where it is none: another schema, a week that there is not, numbers that are
 * negative, no whole ones or above 2^31, or the same cell twice. Keys that later versions add are left out. Written by hand, since a team's
 * year is half a million of them and a thread that reads some begins with nothing loaded; a test holds it to the grammar.
 */
export function asContribution(value: unknown): Contribution | undefined {
  if (!isJsonObject(value)) return undefined;
  const { schema, week, team, registry, token, revision, counters: given } = value;
  if (schema !== CONTRIBUTION_SCHEMA || typeof week !== 'string' || startOfWeek(week) === undefined) return undefined;
  if (!isText(team, TEAM_NAME) || !isText(registry, REGISTRY) || !isText(token, TOKEN) || !isNumber(revision, 1)) return undefined;
  const counters = cellsOf(given);
  return counters && { schema, week, team, registry, token, revision, counters };
}

function cellsOf(given: unknown): Cell[] | undefined {
  if (!Array.isArray(given) || given.length > MOST_CELLS) return undefined;
  const cells: Cell[] = [];
  for (const one of given) {
    if (!isJsonObject(one)) return undefined;
    const { counter, dims: values, value } = one;
    const dims = dimsOf(values);
    if (!isText(counter, NAME) || !isNumber(value, 0) || dims === undefined) return undefined;
    cells.push({ counter, dims, value });
  }
  const keys = cells.map(({ counter, dims }) => JSON.stringify([counter, Object.entries(dims).toSorted()]));
  return new Set(keys).size === keys.length ? cells : undefined;
}

function dimsOf(given: unknown): Record<string, string> | undefined {
  if (!isJsonObject(given)) return undefined;
  const dims: Record<string, string> = {};
  for (const [dim, value] of Object.entries(given)) {
    // No name of anything: to assign it would change what the object is.
    if (dim === '__proto__') continue;
    if (!isText(dim, NAME) || !isText(value, NAME)) return undefined;
    dims[dim] = value;
  }
  return dims;
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isNumber(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= MOST;
}

/** Whether a contribution counts for a registry: the same digest, and nothing in it that the registry does not list. */
export function fitsRegistry({ registry, counters }: Contribution, { digest, counters: listed }: Registry): boolean {
  return (
    registry === digest &&
    counters.every(({ counter, dims }) => {
      const known = listed.find(({ name }) => name === counter)?.dims;
      if (known === undefined || Object.keys(known).length !== Object.keys(dims).length) return false;
      return Object.entries(dims).every(([dim, value]) => Object.hasOwn(known, dim) && known[dim]?.includes(value) === true);
    })
  );
}
