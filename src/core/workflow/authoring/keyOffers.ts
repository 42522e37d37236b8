import { fieldAt } from '../../yaml/grammar.ts';
import type { Field, GrammarKey } from '../../yaml/grammar.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import type { Place } from '../../yaml/placeAt.ts';
import { EXPECTATION_KEYS, kindsWith } from '../schema.ts';
import { KIND_OF_EXPECTATION } from '../checks.ts';
import { takenKeys } from './completionContext.ts';
import type { CompletionContext } from './completionContext.ts';
import { list, mapping } from './family.ts';
import { meaningOf } from './language.ts';
import type { Offer } from './offer.ts';
import { Sample } from './samples.ts';
import { EXPECTATION_SNIPPETS } from './stepSnippets.ts';

/** Keys that the mapping at a path may have and does not have yet, each with the beginning of a value. */
export function keyOffers(path: YamlPath, where: Place['where'], context: CompletionContext): Offer[] {
  const { grammar, value, language, typed } = context;
  const field = fieldAt(grammar, path, value);
  const own = typed.token.isKey ? typed.file.text.slice(typed.token.inner.start, typed.token.inner.end) : undefined;
  const taken = new Set([...takenKeys(value, path)].filter((key) => key !== own));
  if (field?.shape.type === 'names') {
    const item = field.shape.value();
    return namesFor(path, context)
      .filter((name) => !taken.has(name))
      .map((name) => keyOffer({ name, required: false, field: item }, path, where, context));
  }
  if (field?.shape.type !== 'mapping') return [];
  if (language === 'workflow' && isExpectation(path)) return expectationKeys(field.shape.keys, taken, path, where, context);
  const kind = language === 'workflow' && path[0] === 'steps' && path.length === 2 ? kindOf(path, context) : undefined;
  return field.shape.keys.filter(({ name }) => !taken.has(name) && fits(name, kind)).map((key) => keyOffer(key, path, where, context));
}

function fits(name: string, kind: string | undefined): boolean {
  const kinds = kindsWith(name);
  return kinds.length === 0 || kind === undefined || kinds.includes(kind);
}

/** The step's own kind, else that of the step it overlays. */
function kindOf(path: YamlPath, context: CompletionContext): string | undefined {
  const step = mapping(list(mapping(context.value)['steps'])[Number(path[1])]);
  const kind =
    step['kind'] ??
    context
      .family()
      .steps()
      .find(({ id }) => id === step['id'])?.kind;
  return typeof kind === 'string' ? kind : undefined;
}

function keyOffer(key: GrammarKey, path: YamlPath, where: Place['where'], { language, typed }: CompletionContext): Offer {
  const at = [...path, key.name];
  const sample = new Sample(language);
  const isBlock = path.length === 0 && where === 'line';
  const body = (isBlock && blockValue(key.field, at, sample)) || ` ${sample.value(key.field, at, where === 'brackets')}`;
  return {
    label: key.name,
    is: 'key',
    ...(key.field.description !== undefined && { detail: key.field.description }),
    insert: typed.token.isKey ? key.name : `${key.name}:${body}`,
    inMapping: true,
    rank: key.required ? 1 : 3,
    again: meaningOf(language, [...at, 0]) === 'step',
  };
}

/** The keys of the file itself are written in lines, as everybody writes them. */
function blockValue(field: Field, path: YamlPath, sample: Sample): string | undefined {
  const { shape } = field;
  if (shape.type === 'names') return `\n  ${sample.value(field, path, true).replace(/^\{ | \}$/g, '')}`;
  const item = shape.type === 'list' ? shape.item() : undefined;
  if (item?.shape.type !== 'mapping') return undefined;
  const keys = item.shape.keys
    .filter(({ required }) => required)
    .sort((left, right) => Number(right.name === 'id') - Number(left.name === 'id'));
  return `\n  - ${keys.map((key) => `${key.name}: ${sample.value(key.field, [...path, 0, key.name], false)}`).join('\n    ')}`;
}

function isExpectation(path: YamlPath): boolean {
  return path.length === 4 && path[0] === 'steps' && path[2] === 'expect';
}

/** An expectation has one of its keys; `sections` goes with a file. */
function expectationKeys(
  keys: readonly GrammarKey[],
  taken: ReadonlySet<string>,
  path: YamlPath,
  where: Place['where'],
  context: CompletionContext,
): Offer[] {
  if (EXPECTATION_KEYS.some((key) => taken.has(key))) {
    const sections = keys.find(({ name }) => name === 'sections');
    return sections && taken.has('file') && !taken.has('sections') ? [keyOffer(sections, path, where, context)] : [];
  }
  const kind = kindOf(path, context);
  return keys.flatMap((key) => {
    const lines = EXPECTATION_SNIPPETS[key.name];
    if (!lines || (kind !== undefined && (KIND_OF_EXPECTATION[key.name] ?? kind) !== kind)) return [];
    const { insert, ...offer } = keyOffer(key, path, where, context);
    if (context.typed.token.isKey) return [{ ...offer, ...(insert !== undefined && { insert }) }];
    return [where === 'line' || where === 'dash' ? { ...offer, lines } : { ...offer, insert: lines.join(', ') }];
  });
}

/** Names that something in the file uses and nothing defines yet, and names that mean something by themselves. */
function namesFor(path: YamlPath, { language, typed, value }: CompletionContext): string[] {
  if (language === 'workflow' && path[0] === 'vars') {
    return [...new Set([...typed.file.text.matchAll(/\bvars\.([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''))];
  }
  if (language !== 'models') return [];
  if (path[0] === 'roles') return ['review', 'generate'];
  return [...new Set(Object.values(mapping(mapping(value)['roles'])).filter((name): name is string => typeof name === 'string'))];
}
