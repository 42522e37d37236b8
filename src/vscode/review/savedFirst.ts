import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { unsavedIn } from '../folders.ts';
import type { Refused } from './openFile.ts';

/**
 * Why a step cannot be performed while files of its folder are not saved; undefined when all are. Evidence is bound to saved
 * files, so one about unsaved text would prove something about text that no file holds. `again` performs the step once more.
 */
export function unsavedRefusal(folder: vscode.WorkspaceFolder, again: () => Thenable<unknown>): Refused | undefined {
  const unsaved = unsavedIn(folder);
  if (unsaved.length === 0) return undefined;
  const names = unsaved.map((document) => vscode.workspace.asRelativePath(document.uri, false)).join(', ');
  const failure = new HandrailError('conflict', vscode.l10n.t('Not saved yet: {0}. Evidence of a step is about saved files.', names), {
    hint: vscode.l10n.t('Save, then run the step again.'),
  });
  const remedy = {
    label: vscode.l10n.t('Save and Run'),
    run: async () => {
      for (const document of unsaved) await document.save();
      await again();
    },
  };
  return { failure, remedy };
}
