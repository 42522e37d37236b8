import type * as vscode from 'vscode';
import type { Localiser } from '../workflow/words.ts';

/** What is sensible to ask after an answer to a command; `metadata` is what the participant returned. */
export function followupsOf(l10n: Localiser, metadata: Readonly<Record<string, unknown>> | undefined): vscode.ChatFollowup[] {
  const next = { prompt: '', command: 'next', label: l10n.t('What is next?') };
  const review = { prompt: 'branch', command: 'review', label: l10n.t('Review the branch') };
  const explain = { prompt: '', command: 'explain', label: l10n.t('Explain the next step') };
  switch (metadata?.['answered']) {
    case 'next':
      return [explain, review];
    case 'review':
    case 'explain':
    case 'generate':
      return [next];
    case 'status':
      return [next, review];
    default:
      return [];
  }
}
