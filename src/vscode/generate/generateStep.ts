import * as vscode from 'vscode';
import type { GenerateRequest } from '../../core/ai/generate/generation.ts';
import { HandrailError } from '../../core/errors.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { generateRequestOf } from '../../core/workflow/stepRequests.ts';
import type { Remedies, StepTarget } from '../commands.ts';
import { unsavedRefusal } from '../review/savedFirst.ts';
import type { Services } from '../services.ts';
import { isRunnable } from '../workflow/stepItem.ts';
import type { GenerationTarget } from './generateTarget.ts';
import type { Proposal } from './proposal.ts';

/** What a generate step asks for. Fails when it is not its turn, or while files of the folder are not saved. */
export async function targetOfStep(services: Services, remedies: Remedies, target: StepTarget | undefined): Promise<GenerationTarget> {
  if (target === undefined) {
    throw new HandrailError('usage', vscode.l10n.t('No step was named.'), {
      hint: vscode.l10n.t('Start it from the step in the Workflow view.'),
    });
  }
  const folder = services.requireFolder();
  const { steps } = await (await services.workflow(folder)).status();
  const step = requireTurn(steps.find((one) => one.id === target.stepId));
  const unsaved = unsavedRefusal(folder, () => vscode.commands.executeCommand('handrail.runGenerateStep', target));
  if (unsaved !== undefined) throw remedies.with(unsaved.failure, unsaved.remedy);
  const { id, title, request } = step;
  return { folder, subject: title, step: { id, title }, request };
}

function requireTurn(step: StepStatus | undefined): { id: string; title: string; request: GenerateRequest } {
  if (step === undefined) throw new HandrailError('not-found', vscode.l10n.t('The workflow has no such step any more.'));
  const request = generateRequestOf(step);
  if (step.kind !== 'generate' || request === undefined) {
    throw new HandrailError('usage', vscode.l10n.t('“{0}” has no prompt to generate from.', step.title));
  }
  if (!isRunnable(step)) {
    throw new HandrailError('conflict', vscode.l10n.t('“{0}” is not ready: {1}', step.title, step.because), {
      hint: vscode.l10n.t('Finish what it waits for first.'),
    });
  }
  return { id: step.id, title: step.title, request };
}

/**
 * Saves what was accepted and records it as the step's evidence, which is about saved files. A file that could not be saved leaves
 * the step as it was, and that is said.
 */
export async function settleStep(
  services: Services,
  proposal: Proposal,
  documents: readonly vscode.TextDocument[],
): Promise<StepStatus | undefined> {
  const { folder, step, result } = proposal;
  if (step === undefined) return undefined;
  for (const document of documents) {
    if (await isSaved(document.uri)) continue;
    const name = vscode.workspace.asRelativePath(document.uri, false);
    throw new HandrailError('io', vscode.l10n.t('{0} could not be saved, so “{1}” is not recorded as done.', name, step.title), {
      hint: vscode.l10n.t('The changes are in the editor. Save them, then tick the step.'),
    });
  }
  const { model, modelId, promptDigest } = result;
  const workflow = await services.workflow(folder);
  const after = await workflow.settleGenerate(step.id, { model, modelId, promptDigest }, { actor: 'human' });
  services.touchWorkflow(folder);
  return after;
}

/** Saves the document. Where the editor saves by itself, a save may cross its own, which then counts, or the document may be closed by then. */
async function isSaved(uri: vscode.Uri): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const document = await vscode.workspace.openTextDocument(uri);
    if (!document.isDirty) return true;
    try {
      if (await document.save()) return true;
    } catch {
      // Closed meanwhile; the next look says whether it is saved.
    }
  }
  return !(await vscode.workspace.openTextDocument(uri)).isDirty;
}
