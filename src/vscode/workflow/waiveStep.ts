import * as vscode from 'vscode';
import { dayOf, isDate, isExpired } from '../../core/expiry.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import { guarded } from '../commands.ts';
import { showInformation } from '../messages.ts';
import type { Services } from '../services.ts';
import { endChoices, habitsOf, reasonChoices, withHabit } from './waiverChoices.ts';
import { provenByText } from './words.ts';
import type { WaiverHabits } from './waiverChoices.ts';
import type { WorkflowModel } from './workflowModel.ts';

const HABITS = 'handrail.waivers';
const DAY_MS = 86_400_000;

/** *Skip with a Reason…*: asks why, then until when; what was done can be taken back at once. Nothing happens when a question is closed. */
export async function waiveStep(services: Services, model: WorkflowModel, folder: vscode.WorkspaceFolder, step: StepStatus): Promise<void> {
  const { workspaceState } = services.context;
  const habits = habitsOf(workspaceState.get(HABITS));
  const title = vscode.l10n.t('Skip: {0}', step.title);
  const reason = await askReason(title, habits);
  if (reason === undefined) return;
  const end = await askEnd(title, model.run?.waivers, habits);
  if (end === undefined) return;
  const service = await services.workflow(folder);
  const { waiver } = await service.waive(step.id, { actor: 'human', reason, expires: end.expires });
  await workspaceState.update(HABITS, withHabit(habits, reason, end.days));
  await model.refresh();
  // Not awaited: the message stays until the person closes it.
  void guarded(services.log, 'waiveStep', () => offerUndo(services, model, folder, step, waiver));
}

async function offerUndo(
  services: Services,
  model: WorkflowModel,
  folder: vscode.WorkspaceFolder,
  step: StepStatus,
  waiver: StepStatus['waiver'],
): Promise<void> {
  const undo = vscode.l10n.t('Undo');
  const said = vscode.l10n.t('“{0}” is skipped until {1}.', step.title, waiver?.expires ?? '');
  const proof = waiver?.provenBy === undefined ? [] : [provenByText(vscode.l10n, waiver.provenBy)];
  if ((await showInformation([said, ...proof].join(' '), undo)) !== undo) return;
  await (await services.workflow(folder)).uncheck(step.id, { actor: 'human' });
  await model.refresh();
}

async function askReason(title: string, habits: WaiverHabits): Promise<string | undefined> {
  const other = vscode.l10n.t('Another reason…');
  const picked = await vscode.window.showQuickPick([...reasonChoices(vscode.l10n, habits), other], {
    title,
    placeHolder: vscode.l10n.t('Why is it not needed here? Reviewers see the reason.'),
  });
  if (picked !== other) return picked;
  const text = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The reason, in one sentence'),
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('Skipping a step needs a reason.') : undefined),
  });
  return text?.trim();
}

/** `expires` as the service takes it; `days` when it was picked by their number. */
async function askEnd(
  title: string,
  waivers: RunStatus['waivers'],
  habits: WaiverHabits,
): Promise<{ expires: string; days?: number } | undefined> {
  const picked = await vscode.window.showQuickPick(endChoices(vscode.l10n, waivers, habits, Date.now()), {
    title,
    placeHolder: vscode.l10n.t('Until when? After that day the step is open again.'),
  });
  if (picked === undefined) return undefined;
  if (picked.days !== undefined) return { expires: `${picked.days}d`, days: picked.days };
  const latest = dayOf(Date.now() + (waivers?.longest ?? 90) * DAY_MS);
  const date = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The last day, such as {0}', latest),
    validateInput: (value) => {
      const day = value.trim();
      if (!isDate(day)) return vscode.l10n.t('Write a date such as {0}.', latest);
      return isExpired(day, Date.now()) || day > latest ? vscode.l10n.t('Name a day from today to {0}.', latest) : undefined;
    },
  });
  return date === undefined ? undefined : { expires: date.trim() };
}
