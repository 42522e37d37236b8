import type { ProposedChange } from '../ai/generate/generation.ts';
import type { DraftService } from '../ai/draft/draft.ts';
import type { ReviewResult } from '../ai/finding.ts';
import type { GenerateService, ReviewService } from '../ai/service.ts';
import { failureOf, type FailureReason } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { RunStatus, StepStatus } from '../workflow/run.ts';
import type { WorkflowService } from '../workflow/service.ts';
import type { Observation, UsageRecorder } from './observation.ts';

/**
 * The services with a note of every finished operation, so that editor and command line record the same. What fails is noted and
 * fails as it would have.
 */

/** The recorder, and the clock that durations are taken with. */
export interface Recording {
  usage: UsageRecorder;
  clock: Clock;
}

/** For a process that may end before somebody decides. */
export interface EndingRecording extends Recording {
  /** Runs the work when the process ends, while there is still time to record. */
  atEnd(work: () => void): void;
}

/** What was accepted, which may be a part of what was proposed, and by which kind of model it was made. */
export interface AcceptedChanges {
  changes: readonly Pick<ProposedChange, 'file' | 'before' | 'after'>[];
  provider?: NonNullable<Observation['provider']>;
  model?: string;
}

/** How much of what was accepted is left after a week. Neither part ever fails. */
export interface SurvivalPort {
  /** Keeps what is needed to measure it. */
  remember(accepted: AcceptedChanges): Promise<void>;
  /** Measures what is due. */
  measure(): Promise<void>;
}

/** Notes reviews and dismissals. */
export function recordedReviews(service: ReviewService, { usage, clock }: Recording): ReviewService {
  return {
    choose: (request) => service.choose(request),
    confirm: (origin) => service.confirm(origin),
    follow: (offer) => service.follow(offer),
    preview: (request, options) => service.preview(request, options),
    findings: () => service.findings(),
    async review(request, options) {
      const started = clock.now();
      let origin: string | undefined;
      const onEvent: typeof options.onEvent = (event) => {
        if (event.type === 'chosen') origin = event.origin;
        options.onEvent(event);
      };
      try {
        const result = await service.review(request, { signal: options.signal, onEvent });
        usage.record({ operation: 'review', outcome: 'completed', duration: clock.now() - started, ...ofReview(result, origin) });
        return result;
      } catch (error) {
        usage.record({ operation: 'review', duration: clock.now() - started, ...ofFailure(error), ...ofOrigin(origin) });
        throw error;
      }
    },
    async dismiss(findingId, options) {
      const finding = await service.dismiss(findingId, options);
      usage.record({ operation: 'review', outcome: 'rejected', findingsDismissed: 1, findings: { [finding.severity]: 1 } });
      return finding;
    },
  };
}

/**
 * Notes each generation once, as the editor does: when what it proposed was applied, or when the process ends and nobody did. One that
 * failed or proposes nothing has nothing to wait for.
 */
export function recordedGeneration(
  service: GenerateService,
  { usage, clock, atEnd }: EndingRecording,
  survival?: SurvivalPort,
): GenerateService {
  let undecided: Omit<Observation, 'outcome'> | undefined;
  const settle = (outcome: Observation['outcome']): void => {
    if (undecided !== undefined) usage.record({ ...undecided, outcome });
    undecided = undefined;
  };
  atEnd(() => settle('completed'));
  return {
    preview: (request, options) => service.preview(request, options),
    refused: (changes) => service.refused(changes),
    async generate(request, options) {
      settle('completed');
      await survival?.measure();
      const started = clock.now();
      let origin: string | undefined;
      const onEvent: typeof options.onEvent = (event) => {
        if (event.type === 'chosen') origin = event.origin;
        options.onEvent(event);
      };
      try {
        const result = await service.generate(request, { signal: options.signal, onEvent });
        undecided = {
          operation: 'generate',
          duration: clock.now() - started,
          model: result.modelId,
          ...ofOrigin(origin),
          ...ofUsage(result.usage),
        };
        if (result.changes.length === 0) settle('completed');
        return result;
      } catch (error) {
        usage.record({ operation: 'generate', duration: clock.now() - started, ...ofFailure(error), ...ofOrigin(origin) });
        throw error;
      }
    },
    declined: () => settle('rejected'),
    async apply(changes) {
      await service.apply(changes);
      if (changes.length === 0) return;
      const { provider, model } = undecided ?? {};
      settle('accepted');
      await survival?.remember({ changes, ...(provider === undefined ? {} : { provider }), ...(model === undefined ? {} : { model }) });
    },
  };
}

/** Notes drafts. Whether a person used one is not known, so one that was written is completed. */
export function recordedDrafts(service: DraftService, { usage, clock }: Recording): DraftService {
  return {
    preview: (request, options) => service.preview(request, options),
    async draft(request, options) {
      const started = clock.now();
      let origin: string | undefined;
      const onEvent: typeof options.onEvent = (event) => {
        if (event.type === 'chosen') origin = event.origin;
        options.onEvent(event);
      };
      const base = (): Pick<Observation, 'operation' | 'duration' | 'provider'> => ({
        operation: 'generate',
        duration: clock.now() - started,
        ...ofOrigin(origin),
      });
      try {
        const result = await service.draft(request, { signal: options.signal, onEvent });
        usage.record({ ...base(), outcome: 'completed', model: result.modelId, ...ofUsage(result.usage) });
        return result;
      } catch (error) {
        usage.record({ ...base(), ...ofFailure(error) });
        throw error;
      }
    },
  };
}

/** Notes steps that were settled or skipped with a reason, and commands that were run. */
export function recordedWorkflow(service: WorkflowService, { usage, clock }: Recording): WorkflowService {
  const readySince = new ReadySince(clock);
  const settled = (step: StepStatus): void =>
    usage.record({ operation: step.kind, outcome: 'completed', ...ofStep(step), ...readySince.dwellOf(step) });
  return {
    validate: (paths, unsaved) => service.validate(paths, unsaved),
    dryRun: (path, unsaved) => service.dryRun(path, unsaved),
    facts: () => service.facts(),
    select: (workflowId) => service.select(workflowId),
    share: (options) => service.share(options),
    snapshot: (stepId, options) => service.snapshot(stepId, options),
    beginAutomation: (options) => service.beginAutomation(options),
    init: (options) => service.init(options),
    uncheck: (stepId, options) => service.uncheck(stepId, options),
    takeOver: (branch, options) => service.takeOver(branch, options),
    async status(options) {
      const status = await service.status(options);
      readySince.look(status);
      return status;
    },
    async check(stepId, options) {
      const step = await service.check(stepId, options);
      settled(step);
      return step;
    },
    async waive(stepId, options) {
      const step = await service.waive(stepId, options);
      // How long it had been ready is asked of steps that became done.
      readySince.dwellOf(step);
      usage.record({ operation: step.kind, outcome: 'completed', ...ofStep(step) });
      return step;
    },
    async run(stepId, options) {
      const started = clock.now();
      try {
        const outcome = await service.run(stepId, options);
        const duration = clock.now() - started;
        usage.record({
          operation: 'command',
          outcome: 'completed',
          duration,
          ...ofStep(outcome.status),
          ...readySince.dwellOf(outcome.status),
        });
        return outcome;
      } catch (error) {
        const failure = ofFailure(error);
        // A command that was refused has not been run.
        if (!REFUSALS.has(failure.errorReason)) {
          usage.record({ operation: 'command', stepKind: 'command', stepId, duration: clock.now() - started, ...failure });
        }
        throw error;
      }
    },
    async settleReview(stepId, result, options) {
      const step = await service.settleReview(stepId, result, options);
      settled(step);
      return step;
    },
    async settleGenerate(stepId, generated, options) {
      const step = await service.settleGenerate(stepId, generated, options);
      settled(step);
      return step;
    },
  };
}

/**
 * Since when the steps of the run that was looked at last have been ready, where this process saw them become so. A step that was
 * ready at the first look has been for nobody knows how long; counting from the look would make every wait a short one.
 */
class ReadySince {
  readonly #clock: Clock;
  #run = '';
  #since = new Map<string, number | undefined>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  look({ workflow, branch, steps }: RunStatus): void {
    const run = JSON.stringify([workflow?.id, branch]);
    const before = run === this.#run ? this.#since : undefined;
    const now = before === undefined ? undefined : this.#clock.now();
    this.#run = run;
    const ready = steps.filter(({ state }) => state === 'ready');
    this.#since = new Map(ready.map(({ id }) => [id, before?.has(id) === true ? before.get(id) : now]));
  }

  /** Takes the step out: settled once, it has to become ready again. */
  dwellOf({ id }: StepStatus): Pick<Observation, 'dwell'> {
    const since = this.#since.get(id);
    this.#since.delete(id);
    return since === undefined ? {} : { dwell: this.#clock.now() - since };
  }
}

const REFUSALS: ReadonlySet<FailureReason> = new Set(['usage', 'config', 'not-found', 'untrusted', 'no-git', 'no-merge-base', 'conflict']);

function ofReview({ model, modelId, findings, usage }: ReviewResult, origin: string | undefined): Partial<Observation> {
  const bySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) bySeverity[severity] += 1;
  if (model === 'builtin') return { provider: 'builtin', findings: bySeverity };
  return { ...(modelId === undefined ? {} : { model: modelId }), ...ofOrigin(origin), ...ofUsage(usage), findings: bySeverity };
}

function ofUsage({ inputTokens, outputTokens, cost }: ReviewResult['usage']): Partial<Observation> {
  return { inputTokens, outputTokens, ...(cost === undefined ? {} : { cost }) };
}

/** How a model is reached, by the origin that was confirmed for it (see `ModelProvider`). */
function ofOrigin(origin: string | undefined): Pick<Observation, 'provider'> {
  if (origin === undefined) return {};
  if (origin.startsWith('editor:')) return { provider: 'vscode' };
  return { provider: origin.startsWith('assistant:') ? 'command' : 'openai' };
}

function ofFailure(error: unknown): Pick<Observation, 'outcome'> & { errorReason: FailureReason } {
  const reason = failureOf(error)?.reason ?? 'internal';
  return { outcome: reason === 'cancelled' ? 'cancelled' : 'error', errorReason: reason };
}

function ofStep({ id, kind, state }: StepStatus): Pick<Observation, 'stepKind' | 'stepId' | 'stepState'> {
  return { stepKind: kind, stepId: id, stepState: state };
}
