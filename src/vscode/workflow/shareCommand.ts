import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { Services } from '../services.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** *Share What I Record…*: asks once whether a person's records may be committed, where the workflow wants them to be. */
export async function shareEvidence(services: Services, model: WorkflowModel): Promise<void> {
  await model.ready();
  const { folder, run } = model;
  if (folder === undefined || run === undefined) return;
  if (run.sharing === undefined) {
    throw new HandrailError('usage', vscode.l10n.t('This workflow keeps what is recorded on this machine.'), {
      hint: vscode.l10n.t('Its file would have to say: evidence: tracked.'),
    });
  }
  const yes = vscode.l10n.t('Commit Mine');
  const no = vscode.l10n.t('Keep Mine Here');
  const detail = vscode.l10n.t(
    'The workflow has records written to .handrail/evidence, so that CI can check them. Colleagues see then which steps you did, with which model and in what order; no names and no times are in them. Kept here, they stay on this machine, and CI has no record of what you did.',
  );
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Have what you record committed in this repository?'),
    { modal: true, detail },
    yes,
    no,
  );
  if (answer === undefined) return;
  await (await services.workflow(folder)).share({ actor: 'human', wanted: answer === yes });
  await model.refresh();
}
