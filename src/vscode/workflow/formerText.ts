import type { FormerRun } from '../../core/workflow/run.ts';
import type { Localiser } from './words.ts';

/** What people read about the records of a branch that is no more. */

export function formerLabel(l10n: Localiser, { branch, records }: FormerRun): string {
  return records === 1 ? l10n.t('Take over 1 record of {0}…', branch) : l10n.t('Take over {0} records of {1}…', records, branch);
}

export function formerQuestion(
  l10n: Localiser,
  { branch, records, renamed }: FormerRun,
  present: string,
): { message: string; detail: string } {
  const why = renamed
    ? l10n.t('{0} was called {1} before.', present, branch)
    : l10n.t('{0} goes on from the last commit of {1}, which is no more.', present, branch);
  const what = l10n.t(
    'What was recorded there ({0}) counts here as far as the content is the same; what changed since is shown as stale.',
    records,
  );
  return { message: l10n.t('Take over what was recorded for {0}?', branch), detail: `${why} ${what}` };
}
