import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { registerCommands, type Remedy } from '../commands.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import { showInformation } from '../messages.ts';

/** *Copy Pull-Request Summary*: the block that `handrail summary --format markdown` prints, ready to paste. */
export function registerSummaryCommand(services: Services, reviews: ReviewServices): vscode.Disposable {
  return registerCommands(services.log, { 'handrail.copySummary': () => copySummary(services, reviews) }, remedyFor);
}

async function copySummary(services: Services, reviews: ReviewServices): Promise<void> {
  const folder = services.requireFolder();
  if (!vscode.workspace.isTrusted) {
    throw new HandrailError('untrusted', vscode.l10n.t('This folder is not trusted, so its workflow is not read.'), {
      hint: vscode.l10n.t('Trust the folder first.'),
    });
  }
  const title = vscode.l10n.t('Writing the summary of this branch…');
  const summary = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => {
    const { readSummary } = await import('../../node/workflow/runSummary.ts');
    const [workflow, review] = await Promise.all([services.workflow(folder), reviews.of(folder)]);
    return readSummary({ root: folder.uri.fsPath, workflow, review });
  });
  if (summary.workflow === null) {
    throw new HandrailError('not-found', summary.note ?? vscode.l10n.t('No workflow follows this branch.'), {
      hint: vscode.l10n.t('There is nothing to sum up yet.'),
    });
  }
  const { summaryMarkdown } = await import('../../core/workflow/summaryMarkdown.ts');
  await vscode.env.clipboard.writeText(summaryMarkdown(summary));
  const { done, total, branch } = summary;
  void showInformation(
    vscode.l10n.t('Copied the summary of {0}: {1} of {2} steps done.', branch ?? vscode.l10n.t('this commit'), done, total),
  );
}

function remedyFor({ reason }: HandrailError): Remedy | undefined {
  if (reason !== 'not-found') return undefined;
  return { label: vscode.l10n.t('Show Workflow'), run: () => vscode.commands.executeCommand('handrail.workflow.focus') };
}
