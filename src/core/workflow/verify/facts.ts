import type { ModelsConfig } from '../../ai/models/models.ts';
import type { ChangeSet } from '../changes.ts';
import { coverageOf, CoveredParts } from '../coverage.ts';
import type { Step, Workflow } from '../definition.ts';
import type { EvidenceRecord } from '../evidence.ts';
import type { ExpectationFacts } from '../expectations.ts';
import type { WhenStatus } from '../plan.ts';
import type { ApprovalRules } from './approvers.ts';
import type { Candidate } from './candidates.ts';
import type { TrackedRecords } from './records.ts';
import { speakingRecords } from './records.ts';

/** How a command ended when `verify` ran it, or what a check of the host said about it. */
export interface CommandProof {
  isMet: boolean;
  /** Exit code; null where it ended by a signal, undefined where a check tells none. */
  exitCode?: number | null;
  /** How that is known, as the end of a sentence that begins with "Its command". */
  how: string;
  /** Why it proves less than it seems to, such as that the command changed the files it was run on. */
  weakenedBy?: string;
}

/** Everything that judging needs; it reads nothing itself. */
export interface VerifyFacts extends Omit<ExpectationFacts, 'changes'> {
  workflow: Workflow;
  changes: ChangeSet;
  /** Folder of the workspace from the top of the repository, with `/` at its end; empty at the top. */
  prefix: string;
  /** By step: digests that a record may name, the one that judges first. */
  stepDigests: Readonly<Record<string, readonly string[]>>;
  when: Readonly<Record<string, WhenStatus>>;
  tracked: TrackedRecords;
  /** Records that were committed in this change and are gone, with the commit that brought them. */
  deleted: readonly { record: EvidenceRecord; commit: string }[];
  /** Seconds since the Unix epoch at which each file of evidence came, by path. */
  broughtAt: ReadonlyMap<string, number>;
  /** By step. */
  commands: ReadonlyMap<string, CommandProof>;
  candidates: readonly Candidate[];
  /** By step: why something that means to be an approval of it is none, one sentence each. */
  rejected: ReadonlyMap<string, readonly string[]>;
  rules: ApprovalRules;
  /** Where the repository is, for what was signed; undefined where that is not known. */
  repository: string | undefined;
  models: ModelsConfig | undefined;
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Assurance that every step must reach. */
  require: 'verified' | 'bound' | undefined;
  /** Whether approvals are left for later. */
  withoutApprovals: boolean;
}

/** The facts with what follows from them for single steps. */
export class StepFacts {
  readonly facts: VerifyFacts;
  readonly #parts: CoveredParts;
  readonly #speaking: Map<string, EvidenceRecord>;
  readonly #gone: Map<string, { record: EvidenceRecord; commit: string }>;

  constructor(facts: VerifyFacts) {
    this.facts = facts;
    this.#parts = new CoveredParts(facts.changes);
    const steps = new Map(facts.workflow.steps.map((step) => [step.id, step]));
    const isFresh = (record: EvidenceRecord): boolean => {
      const step = steps.get(record.step);
      return step !== undefined && this.isForDemand(record) && record.changeDigest === this.covered(step).digest;
    };
    this.#speaking = speakingRecords(facts.tracked.records, isFresh);
    const deleted = new Map(facts.deleted.map((one) => [one.record.id, one]));
    const withDeleted = speakingRecords([...facts.tracked.records, ...facts.deleted.map(({ record }) => record)], isFresh);
    this.#gone = new Map(
      [...withDeleted].flatMap(([step, { id }]) => {
        const gone = deleted.get(id);
        return gone === undefined ? [] : [[step, gone]];
      }),
    );
  }

  get isLocal(): boolean {
    return this.facts.workflow.evidence === 'local';
  }

  record(step: string): EvidenceRecord | undefined {
    return this.#speaking.get(step);
  }

  /** A deleted record that would speak for the step if it were still there. */
  gone(step: string): { record: EvidenceRecord; commit: string } | undefined {
    return this.#gone.get(step);
  }

  coverage(step: Step): ReturnType<typeof coverageOf> {
    return coverageOf(step, this.facts.branchSlug);
  }

  covered(step: Step): ReturnType<CoveredParts['get']> {
    return this.#parts.get(this.coverage(step));
  }

  isForDemand({ step, stepDigest }: EvidenceRecord): boolean {
    return this.facts.stepDigests[step]?.includes(stepDigest) ?? false;
  }

  /** Another step whose demand the record is about. */
  copiedFrom({ step, stepDigest }: EvidenceRecord): string | undefined {
    return Object.entries(this.facts.stepDigests).find(([id, digests]) => id !== step && digests.includes(stepDigest))?.[0];
  }
}
