import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { ReviewStepTarget } from '../commands.ts';
import type { Services } from '../services.ts';
import { changesTarget, fileTarget } from './reviewTarget.ts';
import type { ReviewTarget } from './reviewTarget.ts';
import type { ReviewRunner } from './runReview.ts';
import { unsavedRefusal } from './savedFirst.ts';

export interface StepParts {
  services: Services;
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
  const { base, steps } = await workflow.status();
  const { why, role } = steps.find((one) => one.id === step.stepId) ?? {};
  const covers = await workflow.snapshot(step.stepId);
  const request = {
    ...target.request,
    asEvidence: true,
    ...(step.scope === 'branch' && base !== null ? { base } : {}),
    ...(why === undefined ? {} : { rules: why }),
  };
  const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.runReviewStep', step);
  const result = await parts.runner.run({ ...target, request }, { again, fresh, ...(role === undefined ? {} : { role }) });
  await workflow.settleReview(step.stepId, result, { actor: 'human', covers });
  parts.services.touchWorkflow(target.folder);
}

async function targetOf(parts: StepParts, step: ReviewStepTarget): Promise<ReviewTarget> {
  if (step.scope !== 'file') return changesTarget(parts.services.requireFolder(), step.scope);
  const outcome = await fileTarget();
  if ('failure' in outcome) throw parts.runner.withRemedy(outcome.failure, outcome.remedy);
  return outcome.target;
}
