import { HandrailError } from '../../errors.ts';
import { closest } from '../../closest.ts';
import type { EvalCase } from './case.ts';

/** The cases of these languages and with these names, all when nothing is said. Fails with `not-found` for a name that none has. */
export function selectCases(cases: readonly EvalCase[], wanted: { languages: readonly string[]; ids: readonly string[] }): EvalCase[] {
  const known = cases.map(({ id }) => id);
  const unknown = wanted.ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    const meant = closest(unknown, known);
    throw new HandrailError('not-found', `There is no case ${JSON.stringify(unknown)}.`, {
      hint: meant === undefined ? '`handrail eval --list` names them.' : `Did you mean ${meant}?`,
    });
  }
  const selected = cases.filter(
    ({ id, language }) =>
      (wanted.ids.length === 0 || wanted.ids.includes(id)) && (wanted.languages.length === 0 || wanted.languages.includes(language)),
  );
  if (selected.length > 0) return selected;
  throw new HandrailError('not-found', 'No case is left of that choice.', {
    hint: '`handrail eval --list` names them with their languages.',
  });
}
