import type { ReviewResult } from '../core/ai/finding.ts';
import type { ReviewService } from '../core/ai/service.ts';
import { HandrailError } from '../core/errors.ts';
import { ownReviewer } from '../core/workflow/independence.ts';
import type { Run, StepStatus } from '../core/workflow/run.ts';
import type { RunChoice } from '../core/workflow/service.ts';
import { reviewRequestOf } from '../core/workflow/stepRequests.ts';
import type { Answer, Context } from './command.ts';
import { runReview } from './reviewRun.ts';
import { reportStep } from './text/settled.ts';

type ReviewChoice = RunChoice & { fresh: boolean };

/** Performs a review step, records the outcome and says how the step stands. */
export async function runReviewStep(context: Context, run: Run, step: StepStatus, choice: ReviewChoice): Promise<Answer> {
  const { after, result } = await performReviewStep(context, run, step, choice);
  if (context.format === 'text') context.terminal.line();
  return reportStep(context.terminal, context.format, after, { review: result });
}

/** Performs a review step and records the outcome. */
export async function performReviewStep(
  context: Context,
  run: Run,
  step: StepStatus,
  { fresh, ...choice }: ReviewChoice,
): Promise<{ after: StepStatus; result: ReviewResult }> {
  const { workflow } = run;
  if (step.scope === 'file') {
    throw new HandrailError('usage', `"${step.title}" has the scope file, which cannot be run from here.`, {
      hint: `Use scope: branch, working or staged in ${workflow.path}, or run it in the editor.`,
    });
  }
  const [service, workflows] = await Promise.all([context.services.review(), context.services.workflow()]);
  await refuseOwnWork(service, step);
  const covers = await workflows.snapshot(step.id, { ...choice, workflow: workflow.id });
  const { result } = await runReview(context, service, { ...reviewRequestOf(step, run), ...(fresh ? { fresh } : {}) });
  const after = await workflows.settleReview(step.id, result, { ...choice, actor: context.actor, workflow: workflow.id, covers });
  return { after, result };
}

/** Before anything is sent: the review of a model that wrote the change would not settle the step. */
async function refuseOwnWork(service: ReviewService, step: StepStatus): Promise<void> {
  const own = await ownReviewer(step, service);
  if (own === undefined) return;
  throw new HandrailError(
    'conflict',
    `${own.choice.name} made what "${step.title}" looks at ("${own.made.title}"), and its own work is no model's to review.`,
    {
      hint: `Let another model answer for the role ${step.role ?? 'review'} in .handrail/models.yml.`,
    },
  );
}
