import { z } from 'zod';
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

const contributionSchema = z.object({
  schema: z.literal(CONTRIBUTION_SCHEMA),
  week: z.string().refine((week) => startOfWeek(week) !== undefined),
  team: z.string().regex(TEAM_NAME),
  registry: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  token: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  revision: z.int().min(1).max(MOST),
  counters: z
    .array(
      z.object({
        counter: z.string().max(100),
        dims: z.record(z.string().max(100), z.string().max(100)),
        value: z.int().min(0).max(MOST),
      }),
    )
    .max(MOST_CELLS),
});

/**
 * The contribution that a value is, or undefined where it is none: another schema, a week that there is not, numbers that are negative,
 * no whole ones or above 2^31, or the same cell twice. Keys that later versions add are left out.
 */
export function asContribution(value: unknown): Contribution | undefined {
  const parsed = contributionSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const keys = parsed.data.counters.map(({ counter, dims }) => JSON.stringify([counter, Object.entries(dims).toSorted()]));
  return new Set(keys).size === keys.length ? parsed.data : undefined;
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
