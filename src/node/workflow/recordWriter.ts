import type { Clock } from '../../core/ports.ts';
import type { Change } from '../../core/workflow/changes.ts';
import { coverageOf, coveredChanges } from '../../core/workflow/coverage.ts';
import type { Step } from '../../core/workflow/definition.ts';
import { changeDigest, toTriple } from '../../core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, type EvidenceBody, type EvidenceRecord, latestByStep } from '../../core/workflow/evidence.ts';
import type { ActorKind } from '../../core/workflow/service.ts';
import type { RunSnapshot } from './runReader.ts';

/** What is new about a record; the rest follows from the run. Without a change digest it covers the present content. */
export type RecordFields = Pick<EvidenceBody, 'result'> &
  Partial<
    Pick<EvidenceBody, 'provider' | 'model' | 'modelId' | 'alsoAnswered' | 'scoredBy' | 'promptDigest' | 'cacheKey' | 'changeDigest'>
  >;

/** Writes records about steps of a run. */
export class RecordWriter {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Writes a record, and before it what its change digest stands for. */
  async add(snapshot: RunSnapshot, step: Step, actor: ActorKind, fields: RecordFields): Promise<EvidenceRecord> {
    if (fields.changeDigest === undefined) await this.rememberCovered(snapshot, step);
    const body = this.compose(snapshot, step, actor, fields);
    return fields.result.outcome === 'running' ? await snapshot.store.addRunning(body) : await snapshot.store.add(body);
  }

  /** The record that {@link add} would write, for asking what it would change. */
  compose(snapshot: RunSnapshot, step: Step, actor: ActorKind, fields: RecordFields): EvidenceBody {
    const latest = latestByStep(snapshot.records).get(step.id);
    return {
      schema: EVIDENCE_SCHEMA,
      run: snapshot.facts.runKey,
      step: step.id,
      stepDigest: snapshot.facts.stepDigests[step.id] ?? '',
      workflowDigest: snapshot.digest,
      changeDigest: changeDigest(coveredBy(step, snapshot)),
      actor: { kind: actor },
      ...fields,
      previous: latest?.id ?? null,
      // Never below the predecessor's, so that a clock that was set back reorders nothing.
      time: Math.max(this.#clock.now(), (latest?.time ?? -1) + 1),
    };
  }

  /** Remembers what the step covers at this moment and returns its digest. */
  async rememberCovered(snapshot: RunSnapshot, step: Step): Promise<string> {
    const entries = coveredBy(step, snapshot);
    const digest = changeDigest(entries);
    await snapshot.store.rememberCovered(digest, entries.map(toTriple));
    return digest;
  }
}

function coveredBy(step: Step, { state, facts }: RunSnapshot): readonly Change[] {
  return coveredChanges(state.changes, coverageOf(step, facts.branchSlug));
}
