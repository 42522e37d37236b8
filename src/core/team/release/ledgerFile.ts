import { z } from 'zod';
import { TEAM_NAME } from '../../telemetry/catalogue.ts';
import { startOfWeek } from '../../telemetry/week.ts';
import { LEDGER_SCHEMA, type Ledger } from './ledger.ts';
import { RELEASE_SCHEMA, type Release } from './release.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** A week that there is: a year has 52 of them or 53. */
const week = z.string().refine((text) => startOfWeek(text) !== undefined);
const window = z.strictObject({ from: week, to: week }).refine(({ from, to }) => from <= to);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const ledgerSchema = z.strictObject({
  schema: z.literal(LEDGER_SCHEMA),
  team: z.string().regex(TEAM_NAME),
  entries: z.array(
    z.strictObject({ release: z.string().regex(/^r-[0-9a-f]{16}$/), window, digest, previous: digest.nullable(), hash: digest }),
  ),
});

const releaseSchema = z.strictObject({
  schema: z.literal(RELEASE_SCHEMA),
  id: z.string().regex(/^r-[0-9a-f]{16}$/),
  team: z.string().regex(TEAM_NAME),
  window,
  k: z.int().min(1),
  participation: z.union([z.strictObject({ from: count, to: count }), z.strictObject({ from: count })]),
  cells: z.array(z.strictObject({ counter: z.string(), dims: z.record(z.string(), z.string()), value: count })),
  withheld: z.array(z.string()),
  guarantee: z.string(),
  previous: digest.nullable(),
  privacy: z
    .strictObject({
      mechanism: z.literal('discrete-gaussian'),
      unit: z.enum(['week', 'person']),
      epsilon: z.number().positive(),
      delta: z.number().positive().max(1),
      budget: z.number().positive(),
      clip: z.number().positive().max(1),
      rho: count,
      noise: z.array(z.strictObject({ counter: z.string(), clip: count, margin: count })),
    })
    .exactOptional(),
});

/** The ledger that a text holds, or undefined for anything else. */
export function parseLedger(text: string): Ledger | undefined {
  return parsed(ledgerSchema, text);
}

/** The release that a text holds, or undefined for anything else. Whether it is the one that its id names is asked elsewhere. */
export function parseRelease(text: string): Release | undefined {
  return parsed(releaseSchema, text);
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
