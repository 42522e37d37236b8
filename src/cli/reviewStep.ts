import { HandrailError } from '../core/errors.ts';
import type { StepStatus } from '../core/workflow/run.ts';
import type { RunChoice } from '../core/workflow/service.ts';
import type { Answer, Context } from './command.ts';
import { runReview } from './reviewRun.ts';
import type { Run } from './steps.ts';
import { reportStep } from './text/settled.ts';

/** Performs a review step and records the outcome. */
export async function runReviewStep(
  context: Context,
  { workflow, base }: Run,
  step: StepStatus,
  { fresh, ...choice }: RunChoice & { fresh: boolean },
): Promise<Answer> {
  const scope = step.scope ?? 'branch';
  if (scope === 'file') {
    throw new HandrailError('usage', `"${step.title}" has the scope ${scope}, which cannot be run from here.`, {
      hint: `Use scope: branch, working or staged in ${workflow.path}, or run it in the editor.`,
    });
  }
  const [service, workflows] = await Promise.all([context.services.review(), context.services.workflow()]);
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
  if (context.format === 'text') context.terminal.line();
  return reportStep(context.terminal, context.format, after, { review: result });
}
