import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { attemptBy, failedAttempt } from '../../core/workflow/automation/attempts.ts';
import type { Attempt } from '../../core/workflow/automation/automation.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import type { WorkflowService } from '../../core/workflow/service.ts';
import { execute } from '../commands.ts';
import type { Services } from '../services.ts';
import { isTaskOf, runCommandStep } from '../workflow/commandTask.ts';

export interface PerformParts {
  services: Services;
  folder: vscode.WorkspaceFolder;
  service: WorkflowService;
  workflowDigest: string;
  signal: AbortSignal;
  say(text: string): void;
}

/**
 * Performs a step once, the way a person starts it: a command in a terminal, a review and a generation with their own questions and
 * progress. What the records say afterwards is the outcome.
 */
export async function performStep(parts: PerformParts, step: StepStatus): Promise<Attempt> {
  if (step.kind === 'command') return await runCommand(parts, step);
  if (step.kind === 'review') {
    await whileNotCancelled(parts.signal, 'handrail.cancelReview', () =>
      execute('handrail.runReviewStep', { stepId: step.id, scope: step.scope ?? 'branch' }),
    );
  } else {
    await generate(parts, step);
  }
  return await outcomeOf(parts, step);
}

async function runCommand(parts: PerformParts, step: StepStatus): Promise<Attempt> {
  const { services, folder, workflowDigest, signal } = parts;
  try {
    const exitCode = await taskEnd(folder, step, signal, () => runCommandStep(services, folder, step, workflowDigest, true));
    const attempt = await outcomeOf(parts, step);
    return { ...attempt, ...(attempt.outcome === 'failed' ? { again: true } : {}), ...(exitCode === undefined ? {} : { exitCode }) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || failure.reason === 'untrusted') throw error;
    return failure.reason === 'conflict' ? { outcome: 'busy', detail: failure.message } : failedAttempt(failure);
  }
}

/** Starts a task and waits for its end; ends it when the run is cancelled. Answers with its exit code where it had one. */
async function taskEnd(
  folder: vscode.WorkspaceFolder,
  { id }: StepStatus,
  signal: AbortSignal,
  start: () => Promise<vscode.TaskExecution>,
): Promise<number | undefined> {
  const isOurs = ({ execution }: vscode.TaskEndEvent): boolean => isTaskOf(execution.task, folder, id);
  const listeners: vscode.Disposable[] = [];
  const ended = new Promise<number | undefined>((resolve) => {
    listeners.push(
      vscode.tasks.onDidEndTaskProcess((event) => isOurs(event) && resolve(event.exitCode)),
      // A task whose process could not be started ends without one.
      vscode.tasks.onDidEndTask((event) => isOurs(event) && setTimeout(() => resolve(undefined), 500)),
    );
  });
  try {
    const execution = await start();
    const cancel = (): void => execution.terminate();
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const exitCode = await ended;
    signal.removeEventListener('abort', cancel);
    return exitCode;
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}

/** Shows what the model proposes, and waits until the person has decided about it and what was accepted is recorded. */
async function generate({ services, folder, signal, say }: PerformParts, { id }: StepStatus): Promise<void> {
  let waiting: string | undefined;
  let wake = (): void => undefined;
  const decided = new Promise<void>((resolve) => (wake = resolve));
  const listener = services.onProposal((stepId) => {
    if (waiting === id && stepId !== id) wake();
    waiting = stepId;
  });
  signal.addEventListener('abort', wake, { once: true });
  try {
    await whileNotCancelled(signal, 'handrail.cancelGeneration', () => execute('handrail.runGenerateStep', { stepId: id }));
    // Without a proposal the feature itself has said why.
    if (waiting !== id || signal.aborted) return;
    say(vscode.l10n.t('waiting for your decision about the proposal'));
    await decided;
    services.touchWorkflow(folder);
  } finally {
    listener.dispose();
    signal.removeEventListener('abort', wake);
  }
}

async function whileNotCancelled(
  signal: AbortSignal,
  cancelCommand: 'handrail.cancelReview' | 'handrail.cancelGeneration',
  work: () => Promise<void>,
): Promise<void> {
  const cancel = (): void => void execute(cancelCommand);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await work();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** How the step stands now. Without a new record nothing was done: a question was closed, or the feature has said what went wrong. */
async function outcomeOf({ service, signal }: PerformParts, before: StepStatus): Promise<Attempt> {
  const after = (await service.status()).steps.find(({ id }) => id === before.id);
  if (after === undefined) return { outcome: 'failed', detail: vscode.l10n.t('The workflow has no such step any more.') };
  if (after.state === 'running') return { outcome: 'busy', detail: after.because };
  const isNew = after.evidence?.id !== before.evidence?.id;
  if (signal.aborted && !(isNew && after.state === 'done')) return { outcome: 'cancelled', detail: 'cancelled' };
  return isNew ? attemptBy(after) : { outcome: 'failed', detail: vscode.l10n.t('it was not performed') };
}
