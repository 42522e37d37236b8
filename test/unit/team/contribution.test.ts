import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { asContribution, CONTRIBUTION_SCHEMA } from '../../../src/core/team/contribution.ts';
import { TEAM_NAME } from '../../../src/core/telemetry/catalogue.ts';
import { startOfWeek } from '../../../src/core/telemetry/week.ts';

/** The grammar as a schema says it. What is written by hand has to give the same verdict, and the same contribution. */
const MOST = 2 ** 31;
const schema = z.object({
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
    .max(1000),
});

function bySchema(value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const keys = parsed.data.counters.map(({ counter, dims }) => JSON.stringify([counter, Object.entries(dims).toSorted()]));
  return new Set(keys).size === keys.length ? parsed.data : undefined;
}

const nameArb = fc.oneof(
  fc.constantFrom('review.runs', 'outcome', 'a', '__proto__', 'toString', ''),
  fc.string({ minLength: 99, maxLength: 102 }),
);
const numberArb = fc.oneof(fc.constantFrom(0, -0, 1, -1, 0.5, MOST, MOST + 1, 2 ** 53, 1e21), {
  weight: 5,
  arbitrary: fc.integer({ min: 1, max: 9 }),
});
const wrongArb = fc.oneof(fc.jsonValue({ maxDepth: 2 }), nameArb, numberArb);
/** Mostly right, and sometimes anything else. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof({ weight: 90, arbitrary: right }, wrongArb);
const cellArb = fc.record({
  counter: mostly(nameArb),
  dims: mostly(fc.dictionary(nameArb, mostly(nameArb), { maxKeys: 3 })),
  value: mostly(numberArb),
});
const valueArb = fc.record(
  {
    schema: mostly(fc.constant(CONTRIBUTION_SCHEMA)),
    week: mostly(fc.constantFrom('2026-W01', '2026-W53', '2025-W53', '2026-W00', '0000-W01')),
    team: mostly(fc.constantFrom('payments', 'a-1', 'b', '-')),
    registry: mostly(fc.constant(`sha256:${'0a'.repeat(32)}`)),
    token: mostly(fc.constantFrom(`${'-_'.repeat(10)}aQ`, `${'-_'.repeat(10)}ab`)),
    revision: mostly(numberArb),
    counters: mostly(fc.array(mostly(cellArb), { maxLength: 3 })),
    later: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['schema', 'week', 'team', 'registry', 'token', 'revision'] },
);

describe('a contribution', () => {
  it('is what its grammar says, and nothing else', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: valueArb }, wrongArb), (given) => {
        // As it comes: out of a text.
        const value: unknown = JSON.parse(JSON.stringify(given));
        const expected = bySchema(value);
        assert.deepEqual(asContribution(value), expected);
        if (expected !== undefined) taken += 1;
      }),
      { numRuns: 4000 },
    );
    assert.ok(taken > 100, String(taken));
  });

  it('has a thousand cells at most', () => {
    const given = (size: number): unknown => ({
      schema: CONTRIBUTION_SCHEMA,
      week: '2026-W01',
      team: 'payments',
      registry: `sha256:${'0'.repeat(64)}`,
      token: 'A'.repeat(22),
      revision: 1,
      counters: Array.from({ length: size }, (_, at) => ({ counter: `c${at}`, dims: {}, value: 1 })),
    });
    assert.deepEqual(asContribution(given(1000)), bySchema(given(1000)));
    assert.equal(asContribution(given(1001)), undefined);
  });
});
