import * as vscode from 'vscode';
import { saidSentence } from '../../core/ai/models/said.ts';
import type { EditorModel } from '../../core/ai/provider.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';

/** What went wrong with a language model of the editor, in words for people and with the next action. */
export function editorFailure(error: unknown, model: EditorModel): HandrailError {
  const failure = failureOf(error);
  if (failure !== undefined) return failure;
  if (error instanceof vscode.LanguageModelError) return ofCode(error, model);
  return new HandrailError('bad-response', vscode.l10n.t('{0} ({1}) failed: {2}', model.name, model.vendor, said(error)), {
    hint: vscode.l10n.t('Try again, or choose another model.'),
    cause: error,
  });
}

/** The codes are documented with `LanguageModelChat.sendRequest`; anything else is the provider's own and stands in `cause`. */
function ofCode(error: vscode.LanguageModelError, model: EditorModel): HandrailError {
  switch (error.code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return new HandrailError(
        'unauthorised',
        vscode.l10n.t('The editor did not let Handrail use the language models of {0}.', model.vendor),
        {
          hint: vscode.l10n.t('Run the command again and allow it, or choose another model.'),
          cause: error,
        },
      );
    case vscode.LanguageModelError.NotFound.name:
      return modelGone(model, error);
    case vscode.LanguageModelError.Blocked.name:
      return new HandrailError('rate-limited', vscode.l10n.t('{0} ({1}) refused the request: {2}', model.name, model.vendor, said(error)), {
        hint: vscode.l10n.t('Its quota may be used up: try again later, or choose another model.'),
        cause: error,
      });
    default:
      return new HandrailError(
        'bad-response',
        vscode.l10n.t('{0} ({1}) failed: {2}', model.name, model.vendor, said(error.cause ?? error)),
        { hint: vscode.l10n.t('Try again, or choose another model.'), cause: error },
      );
  }
}

/** The editor offered the model before and does not know it any more. */
export function modelGone({ name, vendor }: EditorModel, cause?: unknown): HandrailError {
  return new HandrailError('model-not-found', vscode.l10n.t('The editor does not offer {0} ({1}) any more.', name, vendor), {
    hint: vscode.l10n.t('Sign in to the extension that brings it, or choose another model.'),
    cause,
  });
}

function said(error: unknown): string {
  return saidSentence(error instanceof Error ? error.message : String(error)) || vscode.l10n.t('no explanation.');
}
