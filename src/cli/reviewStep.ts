import type { ReviewResult } from '../core/ai/finding.ts';
import type { ReviewService } from '../core/ai/service.ts';
import { HandrailError } from '../core/errors.ts';
import { ownWork } from '../core/workflow/independence.ts';
import type { StepStatus } from '../core/workflow/run.ts';
import type { RunChoice } from '../core/workflow/service.ts';
import type { Answer, Context } from './command.ts';
import { runReview } from './reviewRun.ts';
import type { Run } from './steps.ts';
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
  { workflow, base }: Run,
  step: StepStatus,
  { fresh, ...choice }: ReviewChoice,
): Promise<{ after: StepStatus; result: ReviewResult }> {
  const scope = step.scope ?? 'branch';
  if (scope === 'file') {
    throw new HandrailError('usage', `"${step.title}" has the scope ${scope}, which cannot be run from here.`, {
      hint: `Use scope: branch, working or staged in ${workflow.path}, or run it in the editor.`,
    });
  }
  const [service, workflows] = await Promise.all([context.services.review(), context.services.workflow()]);
  await refuseOwnWork(service, step);
  const covers = await workflows.snapshot(step.id, { ...choice, workflow: workflow.id });
  const { result } = await runReview(context, service, {
    scope,
    paths: [],
    asEvidence: true,
    ...(scope === 'branch' && base !== null ? { base } : {}),
    ...(step.role === undefined ? {} : { role: step.role }),
    ...(step.why === undefined ? {} : { rules: step.why }),
    ...(fresh ? { fresh } : {}),
  });
  const after = await workflows.settleReview(step.id, result, { ...choice, actor: context.actor, workflow: workflow.id, covers });
  return { after, result };
}

/** Before anything is sent: the review of a model that wrote the change would not settle the step. */
async function refuseOwnWork(service: ReviewService, step: StepStatus): Promise<void> {
  if (step.madeBy === undefined) return;
  const choice = await service.choose(step.role === undefined ? {} : { role: step.role });
  const own = ownWork(step, choice);
  if (own === undefined) return;
  throw new HandrailError(
    'conflict',
    `${choice.name} made what "${step.title}" looks at ("${own.title}"), and its own work is no model's to review.`,
    {
      hint: `Let another model answer for the role ${step.role ?? 'review'} in .handrail/models.yml.`,
    },
  );
}
