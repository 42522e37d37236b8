import { HandrailError } from '../errors.ts';

/**
 * What connecting changes in an assistant's own settings, and undoing it: pure functions from text to text, so that the change can be
 * shown before it is made. What was there before is never replaced: where it stands in the way, connecting is refused.
 */
export interface SettingsChange {
  /** Undefined when there was no such file, or none is left. */
  before: string | undefined;
  after: string | undefined;
  /** Names of the entries that are ours and were not there before; undoing leaves others alone. */
  added: readonly string[];
}

/** Stands in `added` for a file, or an object in it, that we made. */
export const FILE = '';
/** Stands in `added` for a file that was there with nothing in it. */
export const EMPTY_FILE = ' ';

const BYTE_ORDER_MARK = '\uFEFF';

/** The change of what follows a byte order mark, which stays. */
export function afterMark(before: string | undefined, change: (text: string | undefined) => SettingsChange): SettingsChange {
  if (before?.startsWith(BYTE_ORDER_MARK) !== true) return change(before);
  const { after, added } = change(before.slice(BYTE_ORDER_MARK.length));
  return { before, after: after === undefined ? undefined : `${BYTE_ORDER_MARK}${after}`, added };
}

/** @throws HandrailError `conflict`, naming the entries and nothing of what they hold. */
export function refuseOther(entries: readonly string[]): never {
  throw new HandrailError(
    'conflict',
    `The assistant would report to others too, or more than figures, because of: ${entries.join('; ')}.`,
    {
      hint: 'That stays as it is. Take it out yourself first, if the assistant shall report figures to Handrail instead.',
    },
  );
}

export function refuseDamaged(cause?: unknown): never {
  throw new HandrailError('config', 'The settings of the assistant cannot be read as they are.', {
    hint: 'Mend the file first; nothing was changed.',
    cause,
  });
}
