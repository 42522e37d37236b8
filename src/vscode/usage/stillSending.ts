import * as vscode from 'vscode';
import { ASSISTANT_NAMES } from '../../core/usage/connection.ts';
import { execute } from '../commands.ts';
import { showInformation } from '../messages.ts';
import { editorConnecting } from './editorConnecting.ts';

/** Once recording has ended: assistants whose settings still make them report to this machine, where nobody of the person's listens now. */
export async function tellStillSending(): Promise<void> {
  const left = await editorConnecting().connecting.leftovers();
  if (left.length === 0) return;
  const names = left.map((assistant) => ASSISTANT_NAMES[assistant]).join(', ');
  const undo = vscode.l10n.t('Undo Their Settings…');
  const text = vscode.l10n.t('Set up to report to this machine, where nobody listens any more: {0}.', names);
  if ((await showInformation(text, undo)) === undo) await execute('handrail.connectAssistants');
}
