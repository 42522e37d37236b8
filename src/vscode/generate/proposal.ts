import type * as vscode from 'vscode';
import type { GenerateResult } from '../../core/ai/generate/generation.ts';
import type { ModelChoice } from '../../core/ai/service.ts';
import { oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';

/** What a model made and nobody has decided about yet. Nothing of it is written. */
export interface Proposal {
  /** Tells it apart from the other proposals of this window. */
  id: number;
  folder: vscode.WorkspaceFolder;
  /** What it is for, e.g. the name of a file or the title of a step. */
  subject: string;
  /** What the person or the prompt file asked for. */
  asked: string;
  choice: ModelChoice;
  result: GenerateResult;
  /** Milliseconds from the request to the whole answer. */
  duration: number;
  /** The step whose evidence it becomes when it is accepted. */
  step?: { id: string; title: string };
  /** Asks for the same once more, on the text as it is then. */
  again(): unknown;
}

/** How much a change is: files, and lines that come and go. */
export interface ChangeSize {
  files: number;
  added: number;
  removed: number;
}

/** `2 files, +10 −3`. */
export function sizeText({ files, added, removed }: ChangeSize, l10n: Localise): string {
  return l10n.t('{0}, +{1} −{2}', files === 1 ? l10n.t('1 file') : l10n.t('{0} files', files), added, removed);
}

/** The sentences with which a proposal is offered. Notices are among them, because some warn of what a change would run. */
export function offerText({ subject, result }: Proposal, size: ChangeSize, l10n: Localise): string {
  const { changes, unplaced, notices } = result;
  const sentences: string[] = [];
  if (changes.length > 0) {
    sentences.push(l10n.t('Proposal for {0}: {1}. Nothing is written yet.', oneLine(subject, 80), sizeText(size, l10n)));
    if (unplaced.length > 0) sentences.push(leftOut(unplaced.length, l10n));
  } else if (unplaced.length > 0) {
    sentences.push(
      l10n.t('Nothing of the proposal for {0} could be placed.', oneLine(subject, 80)),
      oneLine(unplaced[0]?.because ?? '', 160),
    );
  } else {
    sentences.push(l10n.t('The model proposed no change for {0}.', oneLine(subject, 80)));
  }
  return [...sentences, ...notices.slice(0, 2).map((notice) => oneLine(notice, 160))].filter((sentence) => sentence !== '').join(' ');
}

function leftOut(count: number, l10n: Localise): string {
  return count === 1
    ? l10n.t('1 block could not be placed and is left out.')
    : l10n.t('{0} blocks could not be placed and are left out.', count);
}

/** More names than this are counted only. */
const NAMED_FILES = 2;

/** `3 blocks · cart.ts, tax.ts · 1,240 tokens`: what a running generation has so far. */
export function progressText(
  progress: { blocks: number; outputTokens: number; message: string; files?: readonly string[] },
  l10n: Localise,
): string {
  const { blocks, outputTokens, files = [] } = progress;
  const parts = [oneLine(progress.message, 80)];
  if (blocks > 0) parts.push(blocks === 1 ? l10n.t('1 block') : l10n.t('{0} blocks', blocks));
  if (files.length > 0) parts.push(filesText(files, l10n));
  if (outputTokens > 0) parts.push(l10n.t('{0} tokens', outputTokens.toLocaleString('en')));
  return parts.filter((part) => part !== '').join(' · ');
}

/** The newest come first: they tell where the model is. */
function filesText(files: readonly string[], l10n: Localise): string {
  const names = files.toReversed().map((file) => oneLine(file.split(/[\\/]/).at(-1) ?? file, 40));
  const named = names.slice(0, NAMED_FILES).join(', ');
  return names.length > NAMED_FILES ? l10n.t('{0} and {1} more', named, names.length - NAMED_FILES) : named;
}
