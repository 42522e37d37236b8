import * as vscode from 'vscode';
import type { ModelChoice, ReviewService } from '../../core/ai/service.ts';
import { askForKey } from './apiKeys.ts';
import type { SecretKeys } from './secretKeys.ts';

/** Answers a person gave in this workspace, besides those the review service remembers. */
export class Answers {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** Text is not to go to this origin; the built-in reviewer answers instead. */
  declined(origin: string): boolean {
    return this.#state.get<string[]>('handrail.declinedOrigins', []).includes(origin);
  }

  async setDeclined(origin: string, declined: boolean): Promise<void> {
    const others = this.#state.get<string[]>('handrail.declinedOrigins', []).filter((one) => one !== origin);
    await this.#state.update('handrail.declinedOrigins', declined ? [...others, origin] : others);
  }

  /** An offer is made once. True the first time. */
  async firstOffer(key: string): Promise<boolean> {
    const made = this.#state.get<string[]>('handrail.madeOffers', []);
    if (made.includes(key)) return false;
    await this.#state.update('handrail.madeOffers', [...made, key]);
    return true;
  }
}

/** The reviewer that a person agreed to. */
export interface AgreedReviewer {
  /** Identifies the reviewer in a request: `builtin`, a name, or undefined for what the role says. */
  request: string | undefined;
  choice: ModelChoice;
}

/**
 * Finds out who is to review and, before the first call, asks: may this workspace's code go to that origin, and with which
 * key. Undefined when the person closes the question; then nothing is reviewed and nothing is sent.
 */
export async function agreeOnReviewer(
  service: ReviewService,
  keys: SecretKeys,
  answers: Answers,
  wish: { role?: string; model?: string },
  showPreview: () => Promise<void>,
): Promise<AgreedReviewer | undefined> {
  // Endpoints of a repository that is not trusted are not even looked at.
  if (!vscode.workspace.isTrusted)
    return builtin(service, vscode.l10n.t('The workspace is not trusted, so only the built-in reviewer answers.'));
  for (;;) {
    const choice = await service.choose(wish);
    const { origin } = choice;
    if (choice.kind === 'builtin' || origin === undefined) return { request: wish.model, choice };
    if (answers.declined(origin)) {
      return builtin(service, vscode.l10n.t('You chose not to send code to {0}. “Handrail: Choose Model…” changes that.', origin));
    }
    if (!choice.confirmed) {
      const answer = await askToSend(choice, origin, showPreview);
      if (answer === undefined) return undefined;
      if (answer === 'builtin') await answers.setDeclined(origin, true);
      else await service.confirm(origin);
      continue;
    }
    if (!choice.needsKey) return { request: wish.model, choice };
    const answer = await askAboutKey(keys, choice, origin);
    if (answer === undefined) return undefined;
    if (answer === 'builtin') return builtin(service, vscode.l10n.t('No key is set for {0}, so the built-in reviewer answers.', origin));
  }
}

async function builtin(service: ReviewService, because: string): Promise<AgreedReviewer> {
  const choice = await service.choose({ model: 'builtin' });
  return { request: 'builtin', choice: { ...choice, because } };
}

async function askToSend(choice: ModelChoice, origin: string, showPreview: () => Promise<void>): Promise<'send' | 'builtin' | undefined> {
  const send = vscode.l10n.t('Send to {0}', origin);
  const stay = vscode.l10n.t('Use Built-in Reviewer');
  const look = vscode.l10n.t('Show What Would Be Sent');
  const question = vscode.l10n.t('Send code of this workspace to {0} for review?', origin);
  const detail = whatLeaves(choice, origin);
  let answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, send, stay, look);
  if (answer === look) {
    await showPreview();
    // No dialogue in front of what the person wants to read.
    answer = await vscode.window.showInformationMessage(question, send, stay);
  }
  if (answer === send) return 'send';
  return answer === stay ? 'builtin' : undefined;
}

function whatLeaves(choice: ModelChoice, origin: string): string {
  return [
    choice.because,
    vscode.l10n.t('Reviewer: {0}', choice.model === undefined ? choice.name : `${choice.name} (${choice.model})`),
    vscode.l10n.t(
      'What leaves: the text of the files under review, known findings and your repository’s instruction files. Where to: {0} and nowhere else.',
      origin,
    ),
    vscode.l10n.t('Known patterns of secrets are replaced first; only known patterns are caught.'),
    vscode.l10n.t('Asked once for this workspace and this address. The built-in reviewer sends nothing.'),
  ].join('\n\n');
}

async function askAboutKey(keys: SecretKeys, choice: ModelChoice, origin: string): Promise<'again' | 'builtin' | undefined> {
  const set = vscode.l10n.t('Set Key');
  const stay = vscode.l10n.t('Use Built-in Reviewer');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} needs a key for {1}, and none is set.', choice.name, origin),
    set,
    stay,
  );
  if (answer === stay) return 'builtin';
  if (answer !== set) return undefined;
  return (await askForKey(keys, origin)) ? 'again' : undefined;
}
