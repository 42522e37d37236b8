import * as vscode from 'vscode';
import type { Finding } from '../../core/ai/finding.ts';
import { HandrailError } from '../../core/errors.ts';
import { execute } from '../commands.ts';
import { locateFile } from '../folders.ts';
import { fileUri } from '../review/boards.ts';
import { LastReview } from '../review/lastReview.ts';
import { plain } from '../workflow/markdown.ts';
import { coverageText, findingText } from './answerText.ts';
import type { ChatParts } from './tools.ts';

const MOST_FINDINGS = 30;

type Scope = 'file' | 'branch' | 'working' | 'staged';

/** `/review`: the same review as the commands', so that its findings also stand in the view, the problems and the files. */
export async function answerReview(
  { services, reviews }: ChatParts,
  request: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<void> {
  const file = fileOf(request);
  const scope = scopeOf(request.prompt, file !== undefined);
  const at = scope === 'file' && file !== undefined ? locateFile(file) : undefined;
  if (scope === 'file' && at === undefined) {
    throw new HandrailError('not-found', vscode.l10n.t('No file of the workspace is open.'), {
      hint: vscode.l10n.t('Open the file to review, attach it to the question, or ask for /review branch.'),
    });
  }
  const folder = at?.folder ?? services.requireFolder();
  const last = new LastReview(services.context.workspaceState);
  const before = last.read(folder).summary;
  stream.progress(vscode.l10n.t('Reviewing…'));
  const cancelling = token.onCancellationRequested(() => void execute('handrail.cancelReview'));
  try {
    await start(scope, file);
  } finally {
    cancelling.dispose();
  }
  const { summary } = last.read(folder);
  if (summary === undefined || summary === before) {
    stream.markdown(vscode.l10n.t('There was no review. The message in the corner says why and what to do.'));
    return;
  }
  // Those that are open of what this review found: one may have been dismissed before.
  const ofThis = new Set(summary.found);
  const found = (await (await reviews.of(folder)).findings()).filter(({ id }) => ofThis.has(id));
  const by = summary.reviewer.name === 'builtin' ? vscode.l10n.t('the built-in reviewer') : plain(summary.reviewer.name);
  const head = found.length === 0 ? vscode.l10n.t('No findings, says {0}.', by) : vscode.l10n.t('Findings of {0}:', by);
  stream.markdown(head);
  if (summary.stopped !== undefined) stream.markdown(`\n\n${plain(summary.stopped)}`);
  for (const finding of found.slice(0, MOST_FINDINGS)) tellFinding(stream, folder, finding);
  if (found.length > MOST_FINDINGS) stream.markdown(`\n\n${vscode.l10n.t('and {0} more', found.length - MOST_FINDINGS)}`);
  stream.markdown(`\n\n${coverageText(vscode.l10n, summary.coverage)}`);
  if (found.length > 0) stream.button({ command: 'handrail.findings.focus', title: vscode.l10n.t('Show Findings') });
}

function tellFinding(stream: vscode.ChatResponseStream, folder: vscode.WorkspaceFolder, finding: Finding): void {
  stream.markdown(findingText(vscode.l10n, finding));
  const uri = fileUri(folder, finding.file);
  if (finding.startLine === undefined) {
    stream.anchor(uri);
    return;
  }
  const line = finding.startLine - 1;
  stream.anchor(new vscode.Location(uri, new vscode.Range(line, 0, (finding.endLine ?? finding.startLine) - 1, 0)));
}

async function start(scope: Scope, file: vscode.Uri | undefined): Promise<void> {
  const teller = { toldBy: 'chat' } as const;
  if (scope === 'file') return await execute('handrail.reviewFile', file, teller);
  if (scope === 'working') return await execute('handrail.reviewWorkingTree', undefined, teller);
  if (scope === 'staged') return await execute('handrail.reviewStaged', undefined, teller);
  await execute('handrail.reviewChanges', undefined, teller);
}

function scopeOf(prompt: string, hasFile: boolean): Scope {
  const word = prompt.trim().toLowerCase();
  if (word === 'file' || word === 'branch' || word === 'working' || word === 'staged') return word;
  if (word === '' || word.startsWith('#')) return hasFile ? 'file' : 'branch';
  throw new HandrailError('usage', vscode.l10n.t('I can review file, branch, working or staged.'), {
    hint: vscode.l10n.t('For example: /review branch'),
  });
}

/** An attached file before the one in the active editor. */
function fileOf({ references }: vscode.ChatRequest): vscode.Uri | undefined {
  for (const { value } of references) {
    if (value instanceof vscode.Uri) return value;
    if (value instanceof vscode.Location) return value.uri;
  }
  return vscode.window.activeTextEditor?.document.uri;
}
