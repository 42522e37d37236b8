import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { FormerRun } from '../../core/workflow/run.ts';
import type { Services } from '../services.ts';
import { formerLabel, formerQuestion } from './formerText.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** *Take Over Records…*: goes on with what was recorded before a rename. */
export async function takeOver(services: Services, model: WorkflowModel): Promise<void> {
  await model.ready();
  const { folder, run } = model;
  const former = await pick(run?.former ?? []);
  if (folder === undefined || run === undefined || former === undefined) return;
  const { message, detail } = formerQuestion(vscode.l10n, former, run.branch ?? '');
  const yes = vscode.l10n.t('Take Over');
  const never = vscode.l10n.t('Do Not Offer Again');
  const answer = await vscode.window.showInformationMessage(message, { modal: true, detail }, yes, never);
  if (answer === undefined) return;
  await (await services.workflow(folder)).takeOver(former.branch, { actor: 'human', wanted: answer === yes });
  await model.refresh();
}

async function pick(former: readonly FormerRun[]): Promise<FormerRun | undefined> {
  const [only, ...others] = former;
  if (only === undefined) {
    throw new HandrailError('not-found', vscode.l10n.t('There are no records of a former branch that this one goes on from.'), {
      hint: vscode.l10n.t('They are offered after a branch was renamed.'),
    });
  }
  if (others.length === 0) return only;
  const items = former.map((one) => ({ label: formerLabel(vscode.l10n, one), one }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Take over whose records?') }))?.one;
}
