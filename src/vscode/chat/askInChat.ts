import * as vscode from 'vscode';
import { showWarning } from '../messages.ts';

/** Opens the chat with a question for `@handrail`. The editor hands it on only once some model has been resolved, so they are asked for first. */
export async function askInChat(): Promise<void> {
  const models = await vscode.lm.selectChatModels();
  if (models.length === 0) {
    const choose = vscode.l10n.t('Choose Model…');
    const answer = await showWarning(
      vscode.l10n.t(
        'The editor has no chat model, and its chat answers only with one. Sign in to an extension that brings models, for example GitHub Copilot. The Workflow view, reviews and the command line work without.',
      ),
      choose,
    );
    if (answer === choose) await vscode.commands.executeCommand('handrail.chooseModel');
    return;
  }
  await vscode.commands.executeCommand('workbench.action.chat.open', { query: '@handrail /next' });
}
