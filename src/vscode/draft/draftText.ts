import type { DraftResult } from '../../core/ai/draft/draft.ts';
import { oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';

const SHOWN = 3;

/** What a person should know of a finished draft: what was read, what was not, which secrets were replaced. */
export function draftedText({ coverage, redactions, notices, source }: DraftResult, l10n: Localise): string {
  const read = coverage.filter(({ status }) => status !== 'skipped').length;
  const partly = coverage.filter(({ status }) => status === 'partial').length;
  const skipped = coverage.length - read;
  const files = read === 1 ? l10n.t('1 file') : l10n.t('{0} files', read);
  const secrets = redactions.slice(0, SHOWN).map(({ file, line, kind }) => oneLine(`${file}:${line} (${kind})`, 120));
  return [
    source === 'staged'
      ? l10n.t('Written from what is staged: {0} read.', files)
      : source === 'working'
        ? l10n.t('Written from the working tree, since nothing is staged: {0} read.', files)
        : l10n.t('Written from what the branch changes: {0} read.', files),
    ...(partly === 0 ? [] : [l10n.t('{0} of them in part.', partly)]),
    ...(skipped === 0 ? [] : [l10n.t('Left out: {0}.', skipped)]),
    ...(secrets.length === 0
      ? []
      : [
          l10n.t(
            'Secrets were replaced before anything was sent: {0}.',
            secrets.join(', ') + (redactions.length > SHOWN ? `, +${redactions.length - SHOWN}` : ''),
          ),
        ]),
    ...notices.slice(0, 2).map((notice) => oneLine(notice, 200)),
  ].join(' ');
}
