import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { execute } from '../commands.ts';
import { plain } from '../workflow/markdown.ts';

/** `/generate WHAT`: the same generation as the command's, at the cursor or on the selection. Nothing is written before *Accept*. */
export async function answerGenerate(
  request: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<void> {
  const instruction = request.prompt.trim();
  if (instruction === '') {
    throw new HandrailError('usage', vscode.l10n.t('Say what is to be made or changed.'), {
      hint: vscode.l10n.t('For example: /generate a test for the empty basket'),
    });
  }
  stream.progress(vscode.l10n.t('Generating…'));
  const cancelling = token.onCancellationRequested(() => void execute('handrail.cancelGeneration'));
  let changed: readonly string[] | undefined;
  try {
    await execute('handrail.generate', { instruction, made: ({ result }) => (changed = result.changes.map(({ file }) => file)) });
  } finally {
    cancelling.dispose();
  }
  if (changed === undefined) {
    stream.markdown(vscode.l10n.t('Nothing was proposed, and nothing was written. The message in the corner says why and what to do.'));
  } else if (changed.length === 0) {
    stream.markdown(vscode.l10n.t('The model proposed nothing that could be placed. Nothing was written.'));
    stream.button({ command: 'handrail.explainProposal', title: vscode.l10n.t('How It Was Made') });
  } else {
    const files = changed.map((file) => `- ${plain(file)}`).join('\n');
    stream.markdown(`${vscode.l10n.t('A proposal is there. Nothing is written before you accept it.')}\n\n${files}`);
    stream.button({ command: 'handrail.showProposal', title: vscode.l10n.t('Show It') });
    stream.button({ command: 'handrail.acceptProposal', title: vscode.l10n.t('Accept') });
    stream.button({ command: 'handrail.discardProposal', title: vscode.l10n.t('Discard') });
  }
}
