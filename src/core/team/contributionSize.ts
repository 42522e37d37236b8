import { CONTRIBUTION_SCHEMA, type Contribution, MOST } from './contribution.ts';
import type { Registry } from './registry.ts';

/** Bytes that a contribution may have before it is sealed. */
export const LONGEST_CONTRIBUTION = 16 * 1024;

/** Bytes of the longest contribution that there can be: somebody's week in which all of it happened, as often as counts. */
export function longestContribution(team: string, { counters, digest }: Registry): number {
  const contribution: Contribution = {
    schema: CONTRIBUTION_SCHEMA,
    week: '2026-W53',
    team,
    registry: digest,
    token: 'A'.repeat(22),
    revision: MOST,
    counters: counters.flatMap(({ name, dims, clip }) => allOf(dims).map((one) => ({ counter: name, dims: one, value: clip }))),
  };
  // Names are letters, digits and a few marks, and the order of keys makes nothing longer.
  return JSON.stringify(contribution).length;
}

function allOf(dims: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return Object.entries(dims).reduce<Record<string, string>[]>(
    (before, [dim, values]) => before.flatMap((one) => values.map((value) => ({ ...one, [dim]: value }))),
    [{}],
  );
}
