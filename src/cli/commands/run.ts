import type { Run, StepStatus } from '../../core/workflow/run.ts';
import { HandrailError } from '../../core/errors.ts';
import type { RunChoice } from '../../core/workflow/service.ts';
import type { AutomationRequest } from '../automation.ts';
import { type Answer, type Context, defineCommand, type OptionSpecs, type OptionValues } from '../command.ts';
import { requireTrust } from '../commandTrust.ts';
import { findStep, requireStartableStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { reportStep } from '../text/settled.ts';

const OPTIONS = {
  ...RUN_OPTIONS,
  until: { type: 'string', value: 'STEP', summary: 'everything that this step needs, and the step' },
  all: { type: 'boolean', summary: 'every step of the workflow' },
  'dry-run': { type: 'boolean', summary: 'with --until or --all: say what would be done, and do nothing' },
  jobs: { type: 'string', value: 'N', summary: `with --until or --all: how many steps at once, 1 to 8 (default 2)` },
  apply: { type: 'boolean', summary: 'with --until or --all: write what a model makes for generate steps without asking' },
  'no-cache': { type: 'boolean', summary: 'for review steps: ask about everything again, also about what did not change' },
  trust: { type: 'boolean', summary: "trust this version of the workflow's commands, now and later" },
} as const satisfies OptionSpecs;

const MOST_JOBS = 8;
/** Two: a longer one is seldom waited for alone, and a laptop stays usable. */
const USUAL_JOBS = 2;

export const command = defineCommand({
  name: 'run',
  usage: 'STEP | --until STEP | --all [--workflow ID] [--branch NAME] [--trust] [--no-cache] [--dry-run] [--jobs N] [--apply]',
  summary: 'perform a command, generate or review step, or all up to a step',
  details: [
    'Runs the command of a command step, with its own output, or the review of a review step, and records the outcome.',
    'For a generate step, shows what the model proposes and asks before it is written; handrail generate does it without a terminal.',
    'Exits 0 when the step became done, 1 when not.',
    '',
    '--until STEP performs what machines can do of everything that STEP needs, several at once where nothing stands between them,',
    'and STEP itself; --all does so for the whole workflow. It stops at people and says who is waited for, and at a step that fails,',
    'unless that says continue-on-failure. What is done already is not repeated, also after a run that was killed; what went stale is',
    'done again. Where nobody can be asked, a generate step is a stop as well, unless --apply is given. Exits 0 when all of it is done.',
    '',
    "A workflow's commands come from the repository, so they run only after you trusted this version of the workflow: asked once on",
    'a terminal, or said with --trust. A workflow that changes what it runs asks again.',
  ],
  options: OPTIONS,
  positionals: { name: 'STEP, --until STEP or --all', min: 0, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [stepId]) {
    const several = severalOf(options, stepId);
    if (several !== undefined) return (await import('../automation.ts')).runAutomation(context, several);
    return await runOne(context, options, stepId ?? '');
  },
});

type Options = OptionValues<typeof OPTIONS>;

/** What is asked of a run of several steps; undefined where one step is named. Fails with `usage` for what does not go together. */
function severalOf(options: Options, stepId: string | undefined): AutomationRequest | undefined {
  const { until, all, jobs, apply, trust, workflow, branch } = options;
  const given = [stepId === undefined ? '' : stepId, until === undefined ? '' : '--until', all ? '--all' : ''].filter(
    (word) => word !== '',
  );
  if (given.length !== 1) {
    const message = given.length === 0 ? 'handrail run needs STEP, --until STEP or --all.' : `${given.join(' and ')} do not go together.`;
    throw new HandrailError('usage', message, { hint: 'See handrail run --help.' });
  }
  if (stepId !== undefined) {
    const stray = options['dry-run'] ? '--dry-run' : jobs !== undefined ? '--jobs' : apply ? '--apply' : undefined;
    if (stray === undefined) return undefined;
    throw new HandrailError('usage', `${stray} goes with --until STEP or --all.`, { hint: `Use handrail run --until ${stepId} ${stray}.` });
  }
  return {
    ...(until === undefined ? {} : { until }),
    dryRun: options['dry-run'],
    jobs: jobsOf(jobs),
    apply,
    trust,
    fresh: options['no-cache'],
    choice: { workflow, branch },
  };
}

function jobsOf(text: string | undefined): number {
  if (text === undefined) return USUAL_JOBS;
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new HandrailError('usage', `--jobs ${JSON.stringify(text)} is not a number from 1 to ${MOST_JOBS}.`, {
    hint: 'See handrail run --help.',
  });
}

async function runOne(context: Context, options: Options, stepId: string): Promise<Answer> {
  const choice = runChoice(options);
  const service = await context.services.workflow();
  const { status, step } = await findStep(service, stepId, choice);
  refuseUnrunnable(step);
  requireStartableStep(step);
  if (step.kind === 'review')
    return (await import('../reviewStep.ts')).runReviewStep(context, status, step, { ...choice, fresh: options['no-cache'] });
  if (step.kind === 'generate') return runGenerate(context, status, step, choice);
  const { workflow, branch } = options;
  const commands = [step.run ?? ''];
  await requireTrust(context, { run: status, commands, asked: `run ${step.id}`, trust: options.trust, choice: { workflow, branch } });
  const { status: after, exitCode } = await service.run(stepId, {
    actor: context.actor,
    trusted: true,
    // What was read, and asked about, is what runs: the file may have been edited while the question was open.
    workflowDigest: status.workflow.digest,
    signal: context.signal,
    // With `--format json` stdout belongs to the document.
    onOutput: (chunk, stream) =>
      stream === 'stdout' && context.format === 'text'
        ? context.terminal.stream(chunk, 'stdout')
        : context.terminal.stream(chunk, 'stderr'),
    ...choice,
  });
  return reportStep(context.terminal, context.format, after, { exitCode });
}

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
