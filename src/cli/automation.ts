import { setTimeout as delay } from 'node:timers/promises';
import { failureOf } from '../core/errors.ts';
import { attemptBy, failedAttempt } from '../core/workflow/automation/attempts.ts';
import { automate } from '../core/workflow/automation/automate.ts';
import type { Attempt, AutomationEvent, AutomationResult, AutomationRules } from '../core/workflow/automation/automation.ts';
import { forecast } from '../core/workflow/automation/forecast.ts';
import { beginLine, endLine, eventLine } from '../core/workflow/automation/logLines.ts';
import { scopeOf } from '../core/workflow/automation/moves.ts';
import type { Run, StepStatus } from '../core/workflow/run.ts';
import type { WorkflowService } from '../core/workflow/service.ts';
import { systemClock } from '../node/clock.ts';
import { showForecast } from './automationForecast.ts';
import type { Answer, Context, OptionValues } from './command.ts';
import { isTrusted, requireTrust } from './commandTrust.ts';
import { partialFailureOf } from './partialFailure.ts';
import { findRun, findStep, type RUN_OPTIONS, runChoice } from './steps.ts';
import { automationDocument, eventText, resultText } from './text/automation.ts';

/** What `handrail run --until STEP` and `--all` were asked for. */
export interface AutomationRequest {
  /** Absent: every step. */
  until?: string;
  dryRun: boolean;
  jobs: number;
  /** Whether what a model writes is taken unseen. */
  apply: boolean;
  trust: boolean;
  /** Reviews ask about everything again. */
  fresh: boolean;
  choice: OptionValues<typeof RUN_OPTIONS>;
}

/** How often it is looked what another process makes of a step. Milliseconds. */
const LOOK_AGAIN = 500;

/** Performs what machines can do of the workflow, until a step is reached or people have to act. */
export async function runAutomation(context: Context, request: AutomationRequest): Promise<Answer> {
  const service = await context.services.workflow();
  const choice = runChoice(request.choice);
  const run = request.until === undefined ? await findRun(service, choice) : (await findStep(service, request.until, choice)).status;
  const { isSomeoneThere } = await import('./generateStep.ts');
  const rules: AutomationRules = {
    ...(request.until === undefined ? {} : { until: request.until }),
    jobs: request.jobs,
    generates: request.apply || isSomeoneThere(context),
  };
  const planned = forecast(run.steps, rules);
  if (request.dryRun) return await showForecast(context, run, rules, planned);
  if (planned.commands.length > 0 || request.trust) {
    const commands = commandsOf(run, rules);
    const asked = `run ${request.until === undefined ? '--all' : `--until ${request.until}`}`;
    await requireTrust(context, { run, commands, asked, trust: request.trust, choice: request.choice });
  }
  return await perform(context, { ...request, run, rules, service });
}

/**
 * Shell texts that the run may come to, also of steps that do not apply so far: what a step writes can change that, and one answer counts
 * for all of them.
 */
function commandsOf({ steps }: Run, { until }: AutomationRules): string[] {
  const scope = scopeOf(steps, until);
  const meant = steps.filter(({ id, state }) => (scope.has(id) || state === 'skipped') && state !== 'done');
  return [...new Set(meant.flatMap((step) => step.run ?? []))];
}

interface PreparedRun extends AutomationRequest {
  run: Run;
  rules: AutomationRules;
  service: WorkflowService;
}

async function perform(context: Context, prepared: PreparedRun): Promise<Answer> {
  const { terminal, signal, format } = context;
  const { service, rules, run } = prepared;
  const choice = { ...runChoice(prepared.choice), workflow: run.workflow.id };
  const session = await service.beginAutomation({
    ...choice,
    signal,
    onWaiting: (pid) => terminal.note(`Another run of this workflow is under way (process ${pid}); this one goes on when it has ended.`),
  });
  const say = (line: string): void => (format === 'text' ? terminal.line(line) : terminal.note(line));
  let result: AutomationResult;
  try {
    session.note(beginLine(rules, run.workflow.id));
    result = await automate(rules, {
      status: () => findRun(service, choice),
      perform: (step) => attempt(context, prepared, step),
      pause: async () => {
        await delay(LOOK_AGAIN, undefined, { signal }).catch(() => undefined);
      },
      onEvent: (event: AutomationEvent) => {
        session.note(eventLine(event));
        say(eventText(event, (style, text) => terminal.style(style, text)));
      },
      clock: systemClock,
      signal,
    });
    session.note(endLine(result));
  } finally {
    await session.end();
  }
  if (format === 'json') terminal.document(automationDocument(result, session.logPath));
  else for (const line of resultText(result, rules, session.logPath, (style, text) => terminal.style(style, text))) terminal.line(line);
  return result.ended === 'reached' ? 0 : 1;
}

/** Performs a step once. What no other step could do better is thrown on. */
async function attempt(context: Context, prepared: PreparedRun, step: StepStatus): Promise<Attempt> {
  if (step.kind === 'generate') return await failing(() => generate(context, prepared, step));
  const { terminal, end } = context.terminal.prefixed(`${step.id} | `, { quiet: context.format === 'json' });
  const own: Context = { ...context, terminal };
  try {
    if (step.kind === 'command') return await command(own, prepared, step);
    return await failing(() => review(own, prepared, step));
  } finally {
    await end();
  }
}

async function failing(work: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await work();
  } catch (error) {
    const failure = partialFailureOf(error)?.failure ?? failureOf(error);
    if (failure === undefined) throw error;
    return failedAttempt(failure);
  }
}

async function command(context: Context, { service, run, choice }: PreparedRun, step: StepStatus): Promise<Attempt> {
  const { terminal, signal, actor } = context;
  try {
    const { status, exitCode } = await service.run(step.id, {
      ...runChoice(choice),
      workflow: run.workflow.id,
      actor,
      // Asked about at the beginning only where a command was to be expected then.
      trusted: await isTrusted(context, run),
      // What was read, and asked about, is what runs: a workflow that was edited meanwhile ends the run.
      workflowDigest: run.workflow.digest,
      signal,
      onOutput: (chunk, stream) => terminal.stream(chunk, stream),
    });
    return attemptBy(status, { again: status.state === 'failed', exitCode });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || failure.reason === 'untrusted') throw error;
    return failure.reason === 'conflict' ? { outcome: 'busy', detail: failure.message } : failedAttempt(failure);
  }
}

async function review(context: Context, { run, fresh, choice }: PreparedRun, step: StepStatus): Promise<Attempt> {
  const { performReviewStep } = await import('./reviewStep.ts');
  const { after } = await performReviewStep(context, run, step, { ...runChoice(choice), fresh });
  return attemptBy(after);
}

async function generate(context: Context, { run, apply, choice }: PreparedRun, step: StepStatus): Promise<Attempt> {
  const { performGenerateStep, stepRequest } = await import('./generateStep.ts');
  const request = stepRequest(step);
  const accept = apply ? 'yes' : 'ask';
  const { result, after } = await performGenerateStep(context, { run, step, choice: runChoice(choice), request, accept });
  if (after !== undefined) return attemptBy(after);
  return { outcome: 'failed', detail: result.changes.length === 0 ? 'the model proposed no change' : 'what was proposed was not taken' };
}
