import type { ReviewService } from '../../core/ai/service.ts';
import type { Recording } from '../../core/telemetry/recorded.ts';
import type { WorkflowService } from '../../core/workflow/service.ts';
import type { EditorUsage } from './editorUsage.ts';

/**
 * The folder's workflow, with a note of every settled step while telemetry is on. While it is off, the service is called as it is,
 * after one look for the consent where something could be noted, and the code that notes is not loaded.
 */
export function notedWorkflow(service: WorkflowService, usage: EditorUsage): WorkflowService {
  const noted = whileOn(service, usage, async (recording) =>
    (await import('../../core/telemetry/recorded.ts')).recordedWorkflow(service, recording),
  );
  return {
    validate: (paths, unsaved) => service.validate(paths, unsaved),
    dryRun: (path, unsaved) => service.dryRun(path, unsaved),
    facts: () => service.facts(),
    select: (workflowId) => service.select(workflowId),
    snapshot: (stepId, options) => service.snapshot(stepId, options),
    beginAutomation: (options) => service.beginAutomation(options),
    init: (options) => service.init(options),
    uncheck: (stepId, options) => service.uncheck(stepId, options),
    takeOver: (branch, options) => service.takeOver(branch, options),
    share: (options) => service.share(options),
    // Reading the run is no event; while telemetry is on it tells since when a step has been ready.
    status: async (options) => (usage.isFollowed ? await noted() : service).status(options),
    check: async (stepId, options) => (await noted()).check(stepId, options),
    waive: async (stepId, options) => (await noted()).waive(stepId, options),
    run: async (stepId, options) => (await noted()).run(stepId, options),
    settleReview: async (stepId, result, options) => (await noted()).settleReview(stepId, result, options),
    settleGenerate: async (stepId, generated, options) => (await noted()).settleGenerate(stepId, generated, options),
  };
}

/** The folder's reviews, with a note of each that ended and of each dismissal while telemetry is on. */
export function notedReviews(service: ReviewService, usage: EditorUsage): ReviewService {
  const noted = whileOn(service, usage, async (recording) =>
    (await import('../../core/telemetry/recorded.ts')).recordedReviews(service, recording),
  );
  return {
    choose: (request) => service.choose(request),
    confirm: (origin) => service.confirm(origin),
    follow: (offer) => service.follow(offer),
    preview: (request, options) => service.preview(request, options),
    findings: () => service.findings(),
    review: async (request, options) => (await noted()).review(request, options),
    dismiss: async (findingId, options) => (await noted()).dismiss(findingId, options),
  };
}

/** The decorated service while there is a consent, else the plain one. What is decorated is kept: it remembers. */
function whileOn<S>(plain: S, usage: EditorUsage, decorate: (recording: Recording) => Promise<S>): () => Promise<S> {
  let decorated: Promise<S> | undefined;
  return async () => {
    if (!(await usage.isConsentThere())) return plain;
    decorated ??= decorate({ usage, clock: { now: () => Date.now() } });
    return decorated;
  };
}
