import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { automate } from '../../core/workflow/automation/automate.ts';
import type { AutomationEvent, AutomationResult, AutomationRules } from '../../core/workflow/automation/automation.ts';
import { beginLine, endLine, eventLine } from '../../core/workflow/automation/logLines.ts';
import type { RunStatus } from '../../core/workflow/run.ts';
import type { WorkflowService } from '../../core/workflow/service.ts';
import { guarded } from '../commands.ts';
import { showInformation, showWarning, withNotification } from '../messages.ts';
import { oneLine } from '../review/plainText.ts';
import type { Services } from '../services.ts';
import { endMessage, progressText, type EndButton } from './automationText.ts';
import { performStep } from './performStep.ts';

/** Several tests at once make a machine slow to work at; two steps seldom do. */
const JOBS = 2;
/** How often it is looked what another process makes of a step. Milliseconds. */
const LOOK_AGAIN = 1_000;

export interface RunParts {
  services: Services;
  folder: vscode.WorkspaceFolder;
  /** The step to reach; the whole workflow without one. */
  until: { id: string; title: string } | undefined;
  /** Folders in which this window has a run under way. */
  running: Set<string>;
  /** Leads to a step in the view. */
  reveal(stepId: string): Thenable<unknown>;
}

/**
 * Performs what machines can do of the workflow, and ends at people, at a failure, or when what was asked for is done. It goes on where an
 * earlier one stopped, also after a reload, since the records say what is done.
 */
export async function runWorkflow(parts: RunParts): Promise<void> {
  const { services, folder, until, running } = parts;
  if (!vscode.workspace.isTrusted) {
    throw new HandrailError('untrusted', vscode.l10n.t('This folder is not trusted, so its commands do not run.'), {
      hint: vscode.l10n.t('Trust the workspace if you know where it comes from.'),
    });
  }
  const key = folder.uri.toString();
  if (running.has(key)) {
    throw new HandrailError('conflict', vscode.l10n.t('A run of the workflow is under way already.'), {
      hint: vscode.l10n.t('Its progress says how far it is.'),
    });
  }
  running.add(key);
  const activity = services.activity.start(vscode.l10n.t('Running the workflow'));
  try {
    const title =
      until === undefined ? vscode.l10n.t('Running the workflow') : vscode.l10n.t('Running until “{0}”', oneLine(until.title, 60));
    const outcome = await withNotification(title, async (report, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const say = (text: string): void => {
        report(text);
        activity.report(`${vscode.l10n.t('Running the workflow')} · ${text}`);
      };
      return await perform(parts, controller.signal, say);
    });
    services.touchWorkflow(folder);
    // Not awaited: a message stays until the person closes it, and the next run need not wait for that.
    void guarded(services.log, 'run workflow', () => tell(parts, outcome));
  } finally {
    running.delete(key);
    activity.dispose();
  }
}

interface Outcome {
  result: AutomationResult;
  logPath: string;
}

async function perform({ services, folder, until }: RunParts, signal: AbortSignal, say: (text: string) => void): Promise<Outcome> {
  const service = await services.workflow(folder);
  const { workflow } = await requireRun(service);
  const rules: AutomationRules = { ...(until === undefined ? {} : { until: until.id }), jobs: JOBS, generates: true };
  const onWaiting = (): void => say(vscode.l10n.t('waiting for another run of this workflow to end'));
  const session = await service.beginAutomation({ signal, onWaiting, workflow: workflow.id });
  const note = (line: string): void => {
    session.note(line);
    services.log.info(`run: ${line}`);
  };
  try {
    note(beginLine(rules, workflow.id));
    const now = new Map<string, string>();
    let settled = { settled: 0, total: 0 };
    const onEvent = (event: AutomationEvent): void => {
      note(eventLine(event));
      if (event.type === 'started') {
        now.set(event.step.id, event.step.title);
        settled = event;
      }
      if (event.type === 'ended') {
        now.delete(event.performance.id);
        settled = event;
        services.touchWorkflow(folder);
      }
      say(progressText(event.type === 'elsewhere' ? event.steps.map(({ title }) => title) : [...now.values()], settled, vscode.l10n));
    };
    const result = await automate(rules, {
      status: () => requireRun(service),
      perform: (step) => performStep({ services, folder, service, workflowDigest: workflow.digest, signal, say }, step),
      pause: async () => {
        await delay(LOOK_AGAIN, undefined, { signal }).catch(() => undefined);
      },
      onEvent,
      clock: Date,
      signal,
    });
    note(endLine(result));
    return { result, logPath: session.logPath };
  } finally {
    await session.end();
  }
}

async function requireRun(service: WorkflowService): Promise<RunStatus & { workflow: NonNullable<RunStatus['workflow']> }> {
  const status = await service.status();
  if (status.workflow !== null) return { ...status, workflow: status.workflow };
  throw new HandrailError('not-found', vscode.l10n.t('No workflow is running here.'), {
    hint: vscode.l10n.t('The Workflow view says why and offers what to do.'),
  });
}

/** Says how it ended, with what leads on. */
async function tell(parts: RunParts, { result, logPath }: Outcome): Promise<void> {
  const { text, buttons, step, isWarning } = endMessage(result, parts.until, vscode.l10n);
  const labels: Record<EndButton, string> = {
    step: vscode.l10n.t('Go to Step'),
    again: vscode.l10n.t('Run Again'),
    log: vscode.l10n.t('Show Log'),
  };
  const pressed = await (isWarning ? showWarning : showInformation)(text, ...buttons.map((button) => labels[button]));
  if (pressed === labels.step && step !== undefined) {
    await vscode.commands.executeCommand('handrail.workflow.focus');
    await parts.reveal(step);
  }
  if (pressed === labels.again) await runWorkflow(parts);
  if (pressed === labels.log) await vscode.window.showTextDocument(vscode.Uri.file(logPath), { preview: true });
}
