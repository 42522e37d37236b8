import { z } from 'zod';
import { digestOf } from './digests.ts';

/**
 * Evidence: immutable records of what was done to a step. A run's state is computed from them alone; there is no second store.
 *
 * Order. Each record names the record of its step that its writer saw as the latest (`previous`), and a writer that knows the time
 * never goes below its predecessor's. Of two records where one was written knowing the other, the knowing one is later. Of two
 * written without knowing each other (two windows at once), the one with the greater time is later, then the one with the greater
 * id; a record without time counts as earliest. Everyone who reads the same records gets the same order.
 */

export const EVIDENCE_SCHEMA = 'handrail.evidence/1';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const resultSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('running') }),
  z.strictObject({
    outcome: z.literal('done'),
    /** Exit code of a command. */
    exitCode: z.int().optional(),
    /** Open findings of a review by severity. */
    findings: z.strictObject({ critical: count, high: count, medium: count, low: count, info: count }).optional(),
    /** Files a review read in full, in part, not at all. */
    coverage: z.strictObject({ full: count, partial: count, skipped: count }).optional(),
    /** Problems the editor showed, by severity. */
    diagnostics: z.strictObject({ error: count, warning: count, info: count, hint: count }).optional(),
  }),
  z.strictObject({
    outcome: z.literal('failed'),
    /** Exit code of a command; null when it ended by a signal. */
    exitCode: z.int().nullable().optional(),
    reason: z.string().max(500).optional(),
  }),
  /** The step is skipped with a reason until the end of the given day (UTC), when there is one. */
  z.strictObject({
    outcome: z.literal('waived'),
    reason: z.string().min(1).max(2000),
    expires: z.iso.date().optional(),
  }),
  /** Someone took a settled step back. */
  z.strictObject({ outcome: z.literal('reopened') }),
]);

const bodySchema = z.strictObject({
  schema: z.literal(EVIDENCE_SCHEMA),
  /** Key of the run, so that a record copied from another branch is not taken for this one's. */
  run: z.string().min(1).max(100),
  step: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  stepDigest: digest,
  workflowDigest: digest,
  /** Digest of the part of the change the record covers. */
  changeDigest: digest,
  actor: z.strictObject({ kind: z.enum(['human', 'agent', 'machine']) }),
  provider: z.enum(['model', 'builtin', 'command']).optional(),
  model: z.string().min(1).max(200).optional(),
  /** What the endpoint calls the model: two entries of models.yml may name the same one. */
  modelId: z.string().min(1).max(200).optional(),
  /** Further models that answered a part, e.g. as a fallback. */
  alsoAnswered: z
    .array(z.strictObject({ model: z.string().min(1).max(200), modelId: z.string().min(1).max(200).optional() }))
    .min(1)
    .max(20)
    .optional(),
  /** Who judged what the model found, and left out what was weak. */
  scoredBy: z.strictObject({ model: z.string().min(1).max(200), modelId: z.string().min(1).max(200).optional() }).optional(),
  promptDigest: z.string().max(200).optional(),
  /** Of everything that decided the model's answers, remembered ones included. */
  cacheKey: digest.optional(),
  result: resultSchema,
  /** Id of the record of this step that was the latest for the writer, or null. */
  previous: digest.nullable(),
  /** Milliseconds since the Unix epoch; local records only. */
  time: z.int().nonnegative().optional(),
});

export type EvidenceBody = z.infer<typeof bodySchema>;
export type EvidenceResult = EvidenceBody['result'];
export interface EvidenceRecord extends EvidenceBody {
  /** `sha256:<hex>` of the canonical JSON of the body. */
  id: string;
}

/** Adds the id: the SHA-256 of the body's RFC 8785 JSON. */
export function toRecord(body: EvidenceBody): EvidenceRecord {
  return { ...body, id: digestOf(body) };
}

export type ParsedRecord = { record: EvidenceRecord } | { problem: string };

/**
 * Reads a stored record. `hex` is its file name without extension and must be the digest of the content; formatting is free. Never
 * throws: what is not a record comes back as a problem in one sentence.
 */
export function parseRecord(text: string, hex: string, runKey: string): ParsedRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `Record ${hex} is not valid JSON.` };
  }
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { problem: `Record ${hex} is not a record: ${issue === undefined ? 'unknown shape' : describeIssue(issue)}.` };
  }
  // The digest is taken of what was parsed, which a strict schema keeps equal to what was written.
  const record = toRecord(parsed.data);
  if (record.id !== `sha256:${hex}`) return { problem: `Record ${hex} was edited: its content has another digest.` };
  if (record.run !== runKey) return { problem: `Record ${hex} belongs to another run (${record.run}).` };
  return { record };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Compares records of one step that were written without knowing each other; see the order above. */
function compareConcurrent(a: EvidenceRecord, b: EvidenceRecord): number {
  const byTime = (a.time ?? 0) - (b.time ?? 0);
  if (byTime !== 0) return byTime;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The latest record of each step. Records may come in any order and more than once. */
export function latestByStep(records: readonly EvidenceRecord[]): Map<string, EvidenceRecord> {
  const known = new Set(records.map((record) => `${record.step} ${record.previous}`));
  const latest = new Map<string, EvidenceRecord>();
  for (const record of records) {
    // Somebody went on from this record, so it cannot be the latest of its step.
    if (known.has(`${record.step} ${record.id}`)) continue;
    const best = latest.get(record.step);
    if (best === undefined || compareConcurrent(best, record) < 0) latest.set(record.step, record);
  }
  return latest;
}
