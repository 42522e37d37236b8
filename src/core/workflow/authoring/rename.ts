import { HandrailError } from '../../errors.ts';
import { rangeOf } from '../problem.ts';
import type { Problem, TextSpan } from '../problem.ts';
import { stepId } from '../schema.ts';
import type { Draft } from './draft.ts';
import { Family } from './family.ts';
import { written } from './insertText.ts';
import type { Surroundings } from './surroundings.ts';

/** A replacement in a file of the workspace. Lines and columns count from 1, ends exclusive. */
export interface FileEdit extends Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'> {
  path: string;
  text: string;
}

/** The step id at an offset. Fails with `usage` where there is none that could be renamed. */
export function renameable(draft: Draft, offset: number): { id: string; span: TextSpan } {
  const standing = draft.at(offset);
  const isStep = standing?.on === 'value' && (standing.meaning === 'step' || standing.meaning === 'step-id');
  if (isStep && standing.text !== undefined && standing.text !== '') return { id: standing.text, span: standing.span };
  throw new HandrailError('usage', 'Only the id of a step can be renamed.', { hint: 'Put the cursor on an id, or where one is needed.' });
}

/**
 * Edits that give a step another id, wherever it is named: in this file, in those it builds on, and in those that build on them. Fails with
 * `usage` for an id that is malformed or taken, and with `not-found` for a step that no file of the workspace defines.
 */
export function renameStep(draft: Draft, offset: number, to: string, around: Surroundings): FileEdit[] {
  const { id } = renameable(draft, offset);
  if (id === to) return [];
  const shape = stepId.safeParse(to);
  if (!shape.success) {
    throw new HandrailError('usage', `"${to}" cannot be the id of a step.`, { hint: `An id ${shape.error.issues[0]?.message ?? ''}.` });
  }
  const family = draft.family(around);
  const texts = family.sharing(id);
  if (!texts.some(({ steps }) => steps.some((step) => step.id === id && !step.removes))) {
    throw new HandrailError('not-found', `No file of this workspace defines the step "${id}".`, {
      hint: 'Mend the name where it is needed.',
    });
  }
  for (const text of texts) {
    const taken = [text, ...family.basesOf(text)].find(({ steps }) => steps.some((step) => step.id === to));
    if (!taken) continue;
    throw new HandrailError('usage', `There is a step "${to}" already, in ${taken.path}.`, { hint: 'Choose another id.' });
  }
  return texts.flatMap((text) => Family.mentions(text, id).map((span) => editOf(text.path, text.file.text, span, to)));
}

function editOf(path: string, source: string, span: TextSpan, to: string): FileEdit {
  const mark = source.charAt(span.start);
  const text = mark === '"' || mark === "'" ? `${mark}${to}${mark}` : written(to, 'plain', true);
  return { path, text, ...rangeOf(source, span) };
}
