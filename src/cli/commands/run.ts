import type { StepStatus } from '../../core/workflow/run.ts';
import { HandrailError } from '../../core/errors.ts';
import type { RunChoice } from '../../core/workflow/service.ts';
import { defineCommand, type Answer, type Context, type OptionValues } from '../command.ts';
import { findStep, requireStartableStep, type Run, RUN_OPTIONS, runChoice } from '../steps.ts';
import { reportStep } from '../text/settled.ts';

export const command = defineCommand({
  name: 'run',
  usage: 'STEP [--workflow ID] [--branch NAME] [--trust] [--no-cache]',
  summary: 'perform a command, generate or review step',
  details: [
    'Runs the command of a command step, with its own output, or the review of a review step, and records the outcome.',
    'For a generate step, shows what the model proposes and asks before it is written; handrail generate does it without a terminal.',
    'Exits 0 when the step became done, 1 when not.',
    "A workflow's commands come from the repository, so they run only after you trusted this version of the workflow: asked once on",
    'a terminal, or said with --trust. A workflow that changes what it runs asks again.',
  ],
  options: {
    ...RUN_OPTIONS,
    'no-cache': { type: 'boolean', summary: 'for a review step: ask about everything again, also about what did not change' },
    trust: { type: 'boolean', summary: "trust this version of the workflow's commands, now and later" },
  },
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [stepId = '']) {
    const choice = runChoice(options);
    const service = await context.services.workflow();
    const { status, step } = await findStep(service, stepId, choice);
    refuseUnrunnable(step);
    requireStartableStep(step);
    if (step.kind === 'review')
      return (await import('../reviewStep.ts')).runReviewStep(context, status, step, { ...choice, fresh: options['no-cache'] });
    if (step.kind === 'generate') return runGenerate(context, status, step, choice);
    const trusted = await mayRun(context, status, step, options);
    const { status: after, exitCode } = await service.run(stepId, {
      actor: context.actor,
      trusted,
      signal: context.signal,
      // With `--format json` stdout belongs to the document.
      onOutput: (chunk, stream) =>
        stream === 'stdout' && context.format === 'text' ? context.terminal.writeOut(chunk) : context.terminal.writeError(chunk),
      ...choice,
    });
    return reportStep(context.terminal, context.format, after, { exitCode });
  },
});

/** Shows what the step's prompt makes, and asks before it is written. */
async function runGenerate(context: Context, run: Run, step: StepStatus, choice: RunChoice): Promise<Answer> {
  const { requireSomeoneToAsk, runGenerateStep, stepRequest } = await import('../generateStep.ts');
  requireSomeoneToAsk(context, step);
  return await runGenerateStep(context, { run, step, choice, request: stepRequest(step), accept: 'ask' });
}

function refuseUnrunnable({ id, title, kind }: StepStatus): void {
  if (kind === 'manual' || kind === 'approval') {
    throw new HandrailError('usage', `"${title}" is ${kind === 'manual' ? 'a manual step' : 'an approval'} and has nothing to run.`, {
      hint: `Settle it with handrail check ${id}.`,
    });
  }
}

/** Whether this version of the workflow may run its commands: said by the editor, remembered, given with `--trust`, or asked now. */
async function mayRun(
  { env, terminal, signal, actor, services }: Context,
  { workflow }: Run,
  step: StepStatus,
  { trust, ...choice }: OptionValues<typeof RUN_OPTIONS> & { trust: boolean },
): Promise<boolean> {
  const store = await services.trust();
  if (env['HANDRAIL_TRUSTED_DIGEST'] === workflow.digest || store.isTrusted(workflow.digest)) return true;
  if (!trust && terminal.interactive && actor === 'human') {
    terminal.note(`${workflow.path} comes from this repository and wants to run:\n\n    ${step.run ?? ''}\n`);
    if (!(await terminal.confirm("Trust this version of the workflow's commands?", signal))) {
      throw new HandrailError('untrusted', 'Nothing was run.', { hint: `Read ${workflow.path} and run again when you trust it.` });
    }
  } else if (!trust) {
    throw new HandrailError('untrusted', `The commands of ${workflow.path} are not trusted yet on this machine.`, {
      hint: `Read the file, then use ${['handrail run', step.id, ...flagsOf(choice), '--trust'].join(' ')}.`,
    });
  }
  await store.trust(workflow.digest);
  return true;
}

function flagsOf({ workflow, branch }: OptionValues<typeof RUN_OPTIONS>): string[] {
  return [...(workflow === undefined ? [] : [`--workflow ${workflow}`]), ...(branch === undefined ? [] : [`--branch ${branch}`])];
}
