import type { GenerateRequest, GenerateResult } from '../core/ai/generate/generation.ts';
import { HandrailError } from '../core/errors.ts';
import type { Run, StepStatus } from '../core/workflow/run.ts';
import { generateRequestOf } from '../core/workflow/stepRequests.ts';
import type { RunChoice } from '../core/workflow/service.ts';
import type { Answer, Context } from './command.ts';
import { answerOf, generateDocument, runGenerate, showPatch, showWritten, writeChanges } from './generateRun.ts';
import { requireSameBranch } from '../core/workflow/sameBranch.ts';
import { reportStep } from './text/settled.ts';

/** What a generate step asks for. Fails with `usage` for a step of another kind. */
export function stepRequest(step: StepStatus): GenerateRequest {
  const { id, title, kind } = step;
  const request = generateRequestOf(step);
  if (kind !== 'generate' || request === undefined) {
    throw new HandrailError('usage', `"${title}" is not a generation step.`, {
      hint: kind === 'command' || kind === 'review' ? `Use handrail run ${id}.` : `handrail explain ${id} tells what it expects.`,
    });
  }
  return request;
}

/** What is written for a step, and recorded with it. */
export interface StepGeneration {
  run: Run;
  step: StepStatus;
  choice: RunChoice;
  request: GenerateRequest;
  /** Whether to write: decided before, or asked when the patch is shown. */
  accept: 'yes' | 'ask';
}

/** Generates for a step; what is accepted is written and recorded, and it is said how the step stands. */
export async function runGenerateStep(context: Context, generation: StepGeneration): Promise<Answer> {
  const { terminal, format } = context;
  const { result, after } = await performGenerateStep(context, generation);
  if (after !== undefined) return reportStep(terminal, format, after, generateDocument(result, true));
  if (result.changes.length > 0) return 1;
  if (format === 'json') terminal.document(generateDocument(result, false));
  return answerOf(result);
}

/** Generates for a step; what is accepted is written and recorded. Without `after` nothing was written. */
export async function performGenerateStep(
  context: Context,
  { run, step, choice, request, accept }: StepGeneration,
): Promise<{ result: GenerateResult; after?: StepStatus }> {
  const { terminal, services, signal, format } = context;
  const [service, workflows] = await Promise.all([services.generate(), services.workflow()]);
  const result = await runGenerate(context, service, request);
  if (result.changes.length === 0) return { result };
  if (accept === 'ask') {
    showPatch(context, result);
    if (!(await terminal.confirm(`Write ${result.changes.length === 1 ? 'this change' : 'these changes'}?`, signal))) {
      service.declined?.();
      terminal.note('Nothing was written.');
      return { result };
    }
  }
  requireSameBranch(run, await workflows.status({ ...choice, workflow: run.workflow.id }));
  await writeChanges(service, result);
  const { model, modelId, promptDigest } = result;
  const after = await workflows.settleGenerate(
    step.id,
    { model, modelId, promptDigest },
    { ...choice, workflow: run.workflow.id, actor: context.actor },
  );
  if (format === 'text') showWritten(context, result);
  return { result, after };
}

/** On a terminal `handrail run` shows the patch and asks; elsewhere nobody could look at it. */
export function requireSomeoneToAsk(context: Context, { id, title }: StepStatus): void {
  if (isSomeoneThere(context)) return;
  throw new HandrailError(
    'usage',
    `What is generated for "${title}" has to be looked at before it is written, and nobody can be asked here.`,
    {
      hint: `See the patch with handrail generate --step ${id}, or write it with handrail generate --step ${id} --apply.`,
    },
  );
}

/** Whether a person can be shown a patch and asked about it. */
export function isSomeoneThere({ terminal, actor, format }: Context): boolean {
  return terminal.interactive && actor === 'human' && format === 'text';
}
