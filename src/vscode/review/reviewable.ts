import type { Localise } from './plainText.ts';

/** What is known of the thing to review, free of editor types. */
export interface Candidate {
  /** Absent when no text editor is active (binary files and custom editors have none). */
  scheme: string | undefined;
  untitled: boolean;
  notebook: boolean;
  /** Lies in a folder of the workspace. */
  inFolder: boolean;
  /** UTF-16 units. */
  length: number;
  hasNulCharacter: boolean;
  name: string;
}

/** Larger files are left to the command line, which splits them; a person rarely means a whole megabyte. In UTF-16 units. */
export const REVIEW_LIMIT = 1_000_000;

export interface Refusal {
  message: string;
  hint: string;
  /** A button that does the hint. */
  mend?: 'save' | 'open-folder';
}

/** Why a file cannot be reviewed, or be generated in, with the next action; undefined when it can. */
export function refusalOf(candidate: Candidate, l10n: Localise, purpose: 'review' | 'generate' = 'review'): Refusal | undefined {
  const { name } = candidate;
  const review = purpose === 'review';
  if (candidate.scheme === undefined) {
    return {
      message: l10n.t('There is no text file in the active editor.'),
      hint: review
        ? l10n.t('Open the file to review and run the command again.')
        : l10n.t('Open the file to change and run the command again.'),
    };
  }
  if (candidate.notebook) {
    return {
      message: review
        ? l10n.t('{0} is a notebook; notebooks are not reviewed.', name)
        : l10n.t('{0} is a notebook; nothing is generated in notebooks.', name),
      hint: review
        ? l10n.t('Review the modules it imports, or export it as a script.')
        : l10n.t('Generate in the modules it imports, or export it as a script.'),
    };
  }
  if (candidate.untitled) {
    return {
      message: review
        ? l10n.t('{0} was never saved, so findings would have no file to belong to.', name)
        : l10n.t('{0} was never saved, so a change would have no file to belong to.', name),
      hint: l10n.t('Save it into the workspace first.'),
      mend: 'save',
    };
  }
  if (candidate.scheme !== 'file') {
    return {
      message: l10n.t('{0} is not a file on this machine ({1}).', name, candidate.scheme),
      hint: l10n.t('Open the file itself from the Explorer.'),
    };
  }
  if (!candidate.inFolder) {
    return {
      message: l10n.t('{0} is outside the folders of this window.', name),
      hint: review ? l10n.t('Open its folder to review it.') : l10n.t('Open its folder to change it.'),
      mend: 'open-folder',
    };
  }
  if (candidate.hasNulCharacter) {
    return {
      message: l10n.t('{0} is binary.', name),
      hint: l10n.t('Choose a text file.'),
    };
  }
  if (candidate.length > REVIEW_LIMIT) {
    const length = candidate.length.toLocaleString('en');
    return {
      message: review
        ? l10n.t('{0} has {1} characters; files over one million are not reviewed.', name, length)
        : l10n.t('{0} has {1} characters; nothing is generated in files over one million.', name, length),
      hint: review
        ? l10n.t('Review the branch instead: only its changed parts are read.')
        : l10n.t('Generate in a smaller file, or split this one first.'),
    };
  }
  return undefined;
}
