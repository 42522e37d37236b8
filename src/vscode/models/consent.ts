import * as vscode from 'vscode';
import { choiceFailure } from '../../core/ai/models/choiceFailure.ts';
import type { ModelChoice, ReviewService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import type { Answers } from './answers.ts';
import type { SecretKeys } from './secretKeys.ts';
import { showInformation, showWarning } from '../messages.ts';

/** What the model is asked for. Only a review can be answered without a model. */
export type Purpose = 'review' | 'generate';

/** Who answers, as the person agreed to it. */
export interface AgreedModel {
  /** Identifies the model in a request: `builtin`, a name, or undefined for what the role says. */
  request: string | undefined;
  choice: ModelChoice;
}

export interface ConsentParts {
  service: ReviewService;
  keys: SecretKeys;
  answers: Answers;
  /** Shows what would be sent, before the person says yes. */
  showPreview(): Promise<void>;
}

/**
 * Finds out who is to answer and, before the first call, asks: may this workspace's code go there, and with which key. The
 * answer holds for the workspace and the origin, whatever the purpose. Undefined when the person closes the question; then
 * nothing is sent. Fails with the choice's problem when the model cannot be asked here; where a model is needed and there is none,
 * with `config`, in an untrusted workspace with `untrusted`.
 */
export async function agreeOnModel(
  parts: ConsentParts,
  wish: { role?: string; model?: string },
  purpose: Purpose,
): Promise<AgreedModel | undefined> {
  const { service, answers } = parts;
  // Endpoints of a repository that is not trusted are not even looked at.
  if (!vscode.workspace.isTrusted) {
    if (purpose === 'generate') throw untrusted();
    return builtin(service, vscode.l10n.t('The workspace is not trusted, so only the built-in reviewer answers.'));
  }
  for (;;) {
    const choice = await service.choose(wish);
    const { origin } = choice;
    const failure = choiceFailure(choice);
    if (failure !== undefined) throw failure;
    if (choice.kind === 'builtin' || origin === undefined) {
      if (purpose === 'generate') throw noModel(choice);
      return { request: wish.model, choice };
    }
    const declined = answers.declined(origin);
    if (declined && purpose === 'review') {
      return builtin(service, vscode.l10n.t('You chose not to send code to {0}. “Handrail: Choose Model…” changes that.', whereTo(choice)));
    }
    if (!choice.confirmed || declined) {
      const answer = await askToSend(choice, purpose, parts.showPreview);
      if (answer === undefined) return undefined;
      await answers.setDeclined(origin, answer === 'builtin');
      if (answer === 'send') await service.confirm(origin);
      continue;
    }
    if (!choice.needsKey) return { request: wish.model, choice };
    const answer = await askAboutKey(parts.keys, choice, origin, purpose);
    if (answer === undefined) return undefined;
    if (answer === 'builtin') return builtin(service, vscode.l10n.t('No key is set for {0}, so the built-in reviewer answers.', origin));
  }
}

/** Fails as {@link agreeOnModel} would where no model can answer, before a person is asked for anything. */
export async function requireModel(service: ReviewService, wish: { role?: string; model?: string }): Promise<void> {
  if (!vscode.workspace.isTrusted) throw untrusted();
  const choice = await service.choose(wish);
  if (choice.kind === 'builtin' || choice.origin === undefined) throw noModel(choice);
}

async function builtin(service: ReviewService, because: string): Promise<AgreedModel> {
  const choice = await service.choose({ model: 'builtin' });
  return { request: 'builtin', choice: { ...choice, because } };
}

function untrusted(): HandrailError {
  return new HandrailError(
    'untrusted',
    vscode.l10n.t('Generating needs a model, and no model is asked in a workspace that is not trusted.'),
    {
      hint: vscode.l10n.t('Trust the workspace first.'),
    },
  );
}

function noModel({ because }: ModelChoice): HandrailError {
  return new HandrailError('config', vscode.l10n.t('Generating needs a model, and none is chosen for this workspace. {0}', because), {
    hint: vscode.l10n.t('Choose one with “Handrail: Choose Model…”.'),
  });
}

/** Where text goes, in words for people. */
export function whereTo({ destination, origin, name }: Pick<ModelChoice, 'destination' | 'origin' | 'name'>): string {
  return destination ?? origin ?? name;
}

async function askToSend(choice: ModelChoice, purpose: Purpose, showPreview: () => Promise<void>): Promise<'send' | 'builtin' | undefined> {
  const destination = whereTo(choice);
  // A destination in words is too long for a button; the question above it says it.
  const send = choice.destination === undefined ? vscode.l10n.t('Send to {0}', destination) : vscode.l10n.t('Send');
  const stay = vscode.l10n.t('Use Built-in Reviewer');
  const look = vscode.l10n.t('Show What Would Be Sent');
  const question =
    purpose === 'review'
      ? vscode.l10n.t('Send code of this workspace for review to {0}?', destination)
      : vscode.l10n.t('Send code of this workspace for generation to {0}?', destination);
  const others = purpose === 'review' ? [stay] : [];
  let answer = await vscode.window.showInformationMessage(question, { modal: true, detail: whatLeaves(choice) }, send, ...others, look);
  if (answer === look) {
    await showPreview();
    // No dialogue in front of what the person wants to read.
    answer = await showInformation(question, send, ...others);
  }
  if (answer === send) return 'send';
  return answer === stay ? 'builtin' : undefined;
}

/** What would leave the machine, as the person is asked. */
export function whatLeaves(choice: ModelChoice): string {
  const { because, name, model, origin } = choice;
  return [
    because,
    vscode.l10n.t('Model: {0}', model === undefined || model === name ? name : `${name} (${model})`),
    vscode.l10n.t(
      'What leaves: the text of the files that a review or a generation is about, known findings, the step’s prompt and your repository’s instruction files. Where to: {0}. Handrail sends it nowhere else.',
      whereTo(choice),
    ),
    vscode.l10n.t('Known patterns of secrets are replaced first; only known patterns are caught.'),
    ...(origin?.startsWith('editor:') === true
      ? [vscode.l10n.t('No key is needed. The editor itself may ask once more whether Handrail may use its language models.')]
      : []),
    vscode.l10n.t('Asked once for this workspace and this destination. The built-in reviewer sends nothing.'),
  ].join('\n\n');
}

async function askAboutKey(
  keys: SecretKeys,
  choice: ModelChoice,
  origin: string,
  purpose: Purpose,
): Promise<'again' | 'builtin' | undefined> {
  const set = vscode.l10n.t('Set Key');
  const stay = vscode.l10n.t('Use Built-in Reviewer');
  const answer = await showWarning(
    vscode.l10n.t('{0} needs a key for {1}, and none is set.', choice.name, origin),
    ...(purpose === 'review' ? [set, stay] : [set]),
  );
  if (answer === stay) return 'builtin';
  if (answer !== set) return undefined;
  const { askForKey } = await import('./apiKeys.ts');
  return (await askForKey(keys, origin)) ? 'again' : undefined;
}
