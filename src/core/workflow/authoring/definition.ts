import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import { expressionWordAt } from './draft.ts';
import type { Draft } from './draft.ts';
import { Family } from './family.ts';
import type { Place } from './family.ts';
import { pathMeant } from './hover.ts';
import type { Surroundings } from './surroundings.ts';

const MODELS_FILE = '.handrail/models.yml';

/** Where what stands at a place is defined, and the place it is asked from. Undefined where there is nothing to go to. */
export async function definitionAt(
  draft: Draft,
  offset: number,
  around: Surroundings,
): Promise<{ from: Place['span']; to: Place } | undefined> {
  const standing = draft.at(offset);
  if (standing?.text === undefined || standing.on !== 'value') return undefined;
  const { meaning, text, span } = standing;
  const answer = (to: Place | undefined, from = span) => to && { from, to };
  switch (meaning) {
    case 'step':
    case 'step-id':
      return answer(draft.family(around).definitionOf(text));
    case 'expression': {
      const found = expressionWordAt(draft.file.text, span, offset);
      const name = found && /^vars\.(\w+)$/.exec(found.word)?.[1];
      return name === undefined ? undefined : answer(draft.family(around).definitionOfVar(name), found?.span);
    }
    case 'role':
      return answer(keyIn(around, MODELS_FILE, ['roles', text]));
    case 'model':
      return draft.file.has(['models', text]) ? answer({ path: draft.path, span: draft.file.keySpanOf(['models', text]) }) : undefined;
    case 'file':
    case 'prompt':
    case 'document':
    case 'workflow-file': {
      const path = await pathMeant(draft.path, meaning, text, around);
      return path !== undefined && around.exists(path) ? answer({ path, span: { start: 0, end: 0 } }) : undefined;
    }
    default:
      return undefined;
  }
}

function keyIn(around: Surroundings, path: string, key: readonly string[]): Place | undefined {
  const text = around.read(path);
  if (text === undefined) return undefined;
  const file = parseLocatedYaml(text, { lenient: true });
  return file.has(key) ? { path, span: file.keySpanOf(key) } : { path, span: { start: 0, end: 0 } };
}

/** Every place that names the step at an offset, in this file and in those that share the step. Empty where no step is named. */
export function referencesAt(draft: Draft, offset: number, around: Surroundings, includeDefinitions: boolean): Place[] {
  const standing = draft.at(offset);
  const isStep = standing?.on === 'value' && (standing.meaning === 'step' || standing.meaning === 'step-id');
  if (!isStep || standing.text === undefined) return [];
  const id = standing.text;
  return draft
    .family(around)
    .sharing(id)
    .flatMap((text) => {
      const definitions = new Set(
        text.steps.filter((step) => step.id === id).map((step) => text.file.spanOf(['steps', step.index, 'id']).start),
      );
      return Family.mentions(text, id)
        .filter(({ start }) => includeDefinitions || !definitions.has(start))
        .map((span): Place => ({ path: text.path, span }));
    });
}
