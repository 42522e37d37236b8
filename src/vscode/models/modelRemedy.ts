import * as vscode from 'vscode';
import type { ReviewService } from '../../core/ai/service.ts';
import type { FailureReason, HandrailError } from '../../core/errors.ts';
import type { Remedy } from '../commands.ts';
import type { Answers } from './answers.ts';
import type { SecretKeys } from './secretKeys.ts';

export interface RemedyParts {
  service(): Promise<ReviewService>;
  keys: SecretKeys;
  answers: Answers;
  /** Origin of the model that was asked; its key is what a refusal is about. */
  origin: string | undefined;
}

/** The button beside a model's failure: a refused key is set again, a model that does not answer is changed. `again` repeats the work. */
export function modelRemedy(failure: HandrailError, parts: RemedyParts, again: () => unknown): Remedy | undefined {
  const { keys, answers, origin } = parts;
  if (KEY_REASONS.has(failure.reason) && origin !== undefined && takesKeys(origin)) {
    const refused = failure.reason === 'unauthorised';
    return {
      label: refused ? vscode.l10n.t('Set Key Again') : vscode.l10n.t('Set Key'),
      run: async () => {
        const { askForKey } = await import('./apiKeys.ts');
        if (await askForKey(keys, origin, refused)) await again();
      },
    };
  }
  // A file that has to be mended is opened; without one, it is that no model is chosen.
  const noModel = failure.reason === 'config' && failure.location === undefined;
  if (!noModel && !MODEL_REASONS.has(failure.reason)) return undefined;
  return {
    label: vscode.l10n.t('Choose Model…'),
    run: async () => {
      const { chooseModel } = await import('./chooseModel.ts');
      if (await chooseModel(await parts.service(), answers)) await again();
    },
  };
}

/** The editor's models and installed assistants sign the person in themselves. */
function takesKeys(origin: string): boolean {
  return /^https?:/.test(origin);
}

const KEY_REASONS: ReadonlySet<FailureReason> = new Set(['unauthorised', 'no-key', 'key-origin']);
const MODEL_REASONS: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'redirect',
  'rate-limited',
  'model-not-found',
  'unauthorised',
  'bad-request',
  'bad-response',
  'timeout',
  'over-budget',
]);
