import { oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';
import type { ChosenFile, ChoiceSize, ProposalChoice } from './choice.ts';
import type { Proposal } from './proposal.ts';

/** A row of the view *Proposed Changes*. A row with `file` and `isTaken` can be ticked. */
export interface ProposalRow {
  id: string;
  label: string;
  description?: string;
  /** Plain text. */
  tooltip?: string;
  /** What a screen reader says. */
  spoken: string;
  icon?: string;
  file?: string;
  hunk?: number;
  isTaken?: boolean;
  isFolded?: boolean;
  children?: ProposalRow[];
}

/**
 * The rows for a proposal: its files with their parts, what could not be placed, and what was read. `changed` are the files that hold
 * another text by now than the proposal was made for.
 */
export function proposalRows(
  proposal: Proposal,
  choice: ProposalChoice,
  changed: { has(file: string): boolean },
  l10n: Localise,
): ProposalRow[] {
  return [
    ...choice.files.map((file) => fileRow(file, changed.has(file.change.file), l10n)),
    ...unplacedRows(proposal, l10n),
    ...readRows(proposal, l10n),
  ];
}

/** `2 of 5 changes in 2 files`. */
export function choiceText({ taken, all, files }: ChoiceSize, l10n: Localise): string {
  const where = files === 1 ? l10n.t('1 file') : l10n.t('{0} files', files);
  if (taken < all) return l10n.t('{0} of {1} changes in {2}', taken, all, where);
  return all === 1 ? l10n.t('1 change in {0}', where) : l10n.t('{0} changes in {1}', all, where);
}

function fileRow({ change, hunks, taken }: ChosenFile, hasChanged: boolean, l10n: Localise): ProposalRow {
  const { file, kind } = change;
  const counts = hunks.filter((_, index) => taken.has(index));
  const added = counts.reduce((sum, hunk) => sum + hunk.added, 0);
  const removed = counts.reduce((sum, hunk) => sum + hunk.removed, 0);
  const parts = [taken.size === 0 ? l10n.t('left out') : countsText(added, removed, l10n)];
  if (hasChanged) parts.unshift(l10n.t('changed meanwhile'));
  if (kind === 'create') parts.push(l10n.t('new file'));
  else if (taken.size > 0 && taken.size < hunks.length) parts.push(l10n.t('{0} of {1}', taken.size, hunks.length));
  const path = oneLine(file, 300);
  const slash = path.lastIndexOf('/');
  if (slash > 0) parts.push(path.slice(0, slash));
  return {
    id: file,
    label: path.slice(slash + 1),
    description: parts.join(' · '),
    tooltip: hasChanged ? `${path}\n\n${changedText(l10n)}` : path,
    spoken: `${path}, ${parts.slice(0, hasChanged ? 3 : 2).join(', ')}`,
    ...(hasChanged ? { icon: 'warning' } : {}),
    file,
    isTaken: taken.size > 0,
    // A new file is one part, which is the file.
    ...(kind === 'create'
      ? {}
      : {
          children: hunks.map((hunk, index): ProposalRow => {
            const text = hunk.gist === '' ? l10n.t('blank lines') : oneLine(hunk.gist, 100);
            const size = countsText(hunk.added, hunk.removed, l10n);
            const line = l10n.t('line {0}', hunk.oldStart);
            return {
              id: `${file}\n${index}`,
              label: text,
              description: `${line} · ${size}`,
              tooltip: oneLine(hunk.gist, 1000),
              spoken: `${line}: ${text}, ${size}`,
              file,
              hunk: index,
              isTaken: taken.has(index),
            };
          }),
        }),
  };
}

function changedText(l10n: Localise): string {
  return l10n.t(
    'It has changed since the proposal was made, so it cannot be written. Undo that change, untick it, or generate again from the present text.',
  );
}

function countsText(added: number, removed: number, l10n: Localise): string {
  return l10n.t('+{0} −{1}', added, removed);
}

function unplacedRows({ result }: Proposal, l10n: Localise): ProposalRow[] {
  const { unplaced } = result;
  if (unplaced.length === 0) return [];
  const children = unplaced.map(({ file, because, search, replacement }, index): ProposalRow => {
    const label = oneLine(file, 200) || l10n.t('no file named');
    const reason = oneLine(because, 300);
    const text = oneLine(search.trim() || replacement.trim(), 300);
    return {
      id: `unplaced ${index}`,
      label,
      description: reason,
      tooltip: `${reason}\n\n${text}`,
      spoken: `${label}: ${reason}`,
      icon: 'warning',
    };
  });
  const label = l10n.t('Could not be placed');
  return [
    { id: 'unplaced', label, description: String(unplaced.length), spoken: `${label}, ${unplaced.length}`, icon: 'warning', children },
  ];
}

function readRows({ result }: Proposal, l10n: Localise): ProposalRow[] {
  const { coverage } = result;
  if (coverage.length === 0) return [];
  const words = { full: l10n.t('in full'), partial: l10n.t('in part'), skipped: l10n.t('not read') };
  const children = coverage.map(({ file, status, reason }, index): ProposalRow => {
    const label = oneLine(file, 200);
    const description = reason === undefined ? words[status] : `${words[status]}, ${oneLine(reason, 200)}`;
    return {
      id: `read ${index}`,
      label,
      description,
      tooltip: `${label}: ${description}`,
      spoken: `${label}, ${description}`,
      icon: 'file',
    };
  });
  const label = l10n.t('What was read');
  return [
    {
      id: 'read',
      label,
      description: String(coverage.length),
      spoken: `${label}, ${coverage.length}`,
      icon: 'book',
      isFolded: true,
      children,
    },
  ];
}
