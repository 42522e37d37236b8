import type { z } from 'zod';
import { digestOf } from './digests.ts';
import type { bodySchema } from './evidenceGrammar.ts';

/**
 * Evidence: immutable records of what was done to a step. A run's state is computed from them alone; there is no second store.
 *
 * Order. Each record names the record of its step that its writer saw as the latest (`previous`), and a writer that knows the time
 * never goes below its predecessor's. Of two records where one was written knowing the other, the knowing one is later. Of two
 * written without knowing each other (two windows at once), the one with the greater time is later, then the one with the greater
 * id; a record without time counts as earliest. Everyone who reads the same records gets the same order.
 */

export const EVIDENCE_SCHEMA = 'handrail.evidence/1';

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

/**
 * The record that each step stands on. It is the latest one, but for a waiver that was taken back: then it is what stood before the
 * waiver, as if the step had never been skipped.
 */
export function standingByStep(records: readonly EvidenceRecord[]): Map<string, EvidenceRecord> {
  const latest = latestByStep(records);
  const known = new Map(records.map((record) => [record.id, record]));
  for (const [step, record] of latest) {
    const standing = withoutWaiver(record, known);
    if (standing === undefined) latest.delete(step);
    else latest.set(step, standing);
  }
  return latest;
}

function withoutWaiver(latest: EvidenceRecord, known: ReadonlyMap<string, EvidenceRecord>): EvidenceRecord | undefined {
  const before = (record: EvidenceRecord | undefined): EvidenceRecord | undefined => {
    const found = record === undefined || record.previous === null ? undefined : known.get(record.previous);
    return found?.step === latest.step ? found : undefined;
  };
  let standing: EvidenceRecord | undefined = latest;
  // A digest cannot name itself, not even by a detour, so this ends.
  while (standing?.result.outcome === 'reopened') {
    let waiver = before(standing);
    if (waiver?.result.outcome !== 'waived') break;
    // One that was prolonged is taken back as a whole.
    while (waiver?.result.outcome === 'waived') waiver = before(waiver);
    standing = waiver;
  }
  return standing;
}
