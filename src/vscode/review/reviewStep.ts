import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { ownReviewer } from '../../core/workflow/independence.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { reviewRequestOf } from '../../core/workflow/stepRequests.ts';
import type { ReviewStepTarget } from '../commands.ts';
import type { Services } from '../services.ts';
import type { ReviewServices } from './reviewServices.ts';
import { changesTarget, fileTarget } from './reviewTarget.ts';
import type { ReviewTarget } from './reviewTarget.ts';
import type { ReviewRunner } from './runReview.ts';
import { unsavedRefusal } from './savedFirst.ts';

export interface StepParts {
  services: Services;
  reviews: ReviewServices;
  runner: ReviewRunner;
}

export interface PreparedStep {
  step: ReviewStepTarget;
  target: ReviewTarget;
}

/** What the review of a step is about. Fails when its scope cannot be reviewed, or while changes are not saved. */
export async function prepareStep(parts: StepParts, step: ReviewStepTarget | undefined): Promise<PreparedStep> {
  if (step === undefined) {
    throw new HandrailError('usage', vscode.l10n.t('No review step was named.'), {
      hint: vscode.l10n.t('Start it from the step in the Workflow view.'),
    });
  }
  const target = await targetOf(parts, step);
  const unsaved = unsavedRefusal(target.folder, () => vscode.commands.executeCommand('handrail.runReviewStep', step));
  if (unsaved !== undefined) throw parts.runner.withRemedy(unsaved.failure, unsaved.remedy);
  return { step, target };
}

/** Reviews and records the outcome as the step's evidence. Edits made while it runs do not count as reviewed. */
export async function performStep(parts: StepParts, { step, target }: PreparedStep, fresh: boolean): Promise<void> {
  const workflow = await parts.services.workflow(target.folder);
  const run = await workflow.status();
  const status = run.steps.find((one) => one.id === step.stepId);
  if (status === undefined) throw new HandrailError('not-found', vscode.l10n.t('The workflow has no such step any more.'));
  const { role } = status;
  await refuseOwnWork(parts, target, status);
  const covers = await workflow.snapshot(step.stepId);
  const request = { ...reviewRequestOf(status, run), ...target.request };
  const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.runReviewStep', step);
  const result = await parts.runner.run({ ...target, request }, { again, fresh, ...(role === undefined ? {} : { role }) });
  await workflow.settleReview(step.stepId, result, { actor: 'human', covers });
  parts.services.touchWorkflow(target.folder);
}

/** Before anything is sent: the review of a model that wrote the change would not settle the step. */
async function refuseOwnWork({ reviews }: StepParts, { folder }: ReviewTarget, step: StepStatus): Promise<void> {
  const own = await ownReviewer(step, await reviews.of(folder));
  if (own === undefined) return;
  throw new HandrailError(
    'conflict',
    vscode.l10n.t('{0} made what “{1}” looks at (“{2}”), so another model has to review it.', own.choice.name, step.title, own.made.title),
    {
      hint: vscode.l10n.t('Let another model answer for the role {0} in .handrail/models.yml.', step.role ?? 'review'),
    },
  );
}

async function targetOf(parts: StepParts, step: ReviewStepTarget): Promise<ReviewTarget> {
  if (step.scope !== 'file') return changesTarget(parts.services.requireFolder(), step.scope);
  const outcome = await fileTarget();
  if ('failure' in outcome) throw parts.runner.withRemedy(outcome.failure, outcome.remedy);
  return outcome.target;
}
