import * as vscode from 'vscode';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { RunStatus } from '../../core/workflow/run.ts';
import { defectText } from '../log.ts';
import { plain } from '../workflow/markdown.ts';
import { waitsFor } from '../workflow/stepItem.ts';
import { explanationOf } from '../workflow/stepText.ts';
import { stateWords } from '../workflow/words.ts';
import { nextButtons, nextText, settleButtons, statusText, stepsMeant, unclearStepText } from './answerText.ts';
import { answerGenerate } from './generateAnswer.ts';
import { answerReview } from './reviewAnswer.ts';
import type { ChatParts } from './tools.ts';

/** Answers `@handrail`. Every failure is said in the answer, with what to do next. */
export async function answer(
  parts: ChatParts,
  request: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<vscode.ChatResult> {
  const answered = request.command ?? 'status';
  try {
    await answerCommand(parts, request, stream, token);
    return { metadata: { answered } };
  } catch (error) {
    return sayFailure(parts, error, stream);
  }
}

async function answerCommand(
  parts: ChatParts,
  request: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<void> {
  if (request.command === 'review') return await answerReview(parts, request, stream, token);
  if (request.command === 'generate') return await answerGenerate(request, stream, token);
  const run = await runHere(parts);
  if (token.isCancellationRequested) return;
  if (request.command === 'explain') return explain(run, request.prompt, stream);
  stream.markdown(request.command === 'next' ? nextText(vscode.l10n, run) : statusText(vscode.l10n, run));
  for (const button of nextButtons(vscode.l10n, run)) stream.button(button);
}

async function runHere({ services }: ChatParts): Promise<RunStatus> {
  const folder = services.requireFolder();
  if (!vscode.workspace.isTrusted) {
    throw new HandrailError('untrusted', vscode.l10n.t('The workflow is read from git, which does not run in Restricted Mode.'), {
      hint: vscode.l10n.t('Trust the workspace first.'),
    });
  }
  return await (await services.workflow(folder)).status();
}

function explain(run: RunStatus, query: string, stream: vscode.ChatResponseStream): void {
  const found = stepsMeant(query, run);
  const [step] = found;
  if (run.workflow === null) stream.markdown(nextText(vscode.l10n, run));
  else if (step === undefined || found.length > 1) stream.markdown(unclearStepText(vscode.l10n, query, found, run));
  else {
    stream.markdown(explanationOf(vscode.l10n, step, stateWords(vscode.l10n, step, waitsFor(step, run))));
    for (const button of settleButtons(vscode.l10n, step)) stream.button(button);
  }
}

function sayFailure({ services }: ChatParts, error: unknown, stream: vscode.ChatResponseStream): vscode.ChatResult {
  const failure = failureOf(error);
  if (failure === undefined) {
    services.log.error(`chat: ${defectText(error)}`);
    stream.markdown(vscode.l10n.t('Handrail could not do this. The log says more.'));
    stream.button({ command: 'handrail.showLog', title: vscode.l10n.t('Show Log') });
    return { metadata: { answered: 'failure' } };
  }
  stream.markdown(plain(failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`));
  if (failure.reason === 'untrusted') stream.button({ command: 'workbench.trust.manage', title: vscode.l10n.t('Manage Workspace Trust') });
  return { metadata: { answered: 'failure' } };
}
