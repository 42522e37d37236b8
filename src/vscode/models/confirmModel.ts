import * as vscode from 'vscode';
import { choiceFailure } from '../../core/ai/models/choiceFailure.ts';
import type { ReviewService } from '../../core/ai/service.ts';
import type { Answers } from './answers.ts';
import { whatLeaves, whereTo } from './consent.ts';

/**
 * *Confirm*: asks whether this workspace's code may go to a model, without asking that model from now on; a fallback is agreed to so. True
 * when the person agreed. Fails with the model's problem where it cannot be asked here.
 */
export async function confirmModel(service: ReviewService, answers: Answers, name: string): Promise<boolean> {
  const choice = await service.choose({ model: name });
  const failure = choiceFailure(choice);
  if (failure !== undefined) throw failure;
  if (choice.origin === undefined) return false;
  const agree = vscode.l10n.t('Agree');
  const question = vscode.l10n.t('May code of this workspace go to {0}?', whereTo(choice));
  if ((await vscode.window.showInformationMessage(question, { modal: true, detail: whatLeaves(choice) }, agree)) !== agree) return false;
  await answers.setDeclined(choice.origin, false);
  await service.confirm(choice.origin);
  return true;
}
