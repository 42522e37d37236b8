import { childOf, fieldAt, valueAt } from '../../yaml/grammar.ts';
import type { Choice, Field } from '../../yaml/grammar.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import { stepSchema } from '../schema.ts';
import type { CompletionContext } from './completionContext.ts';
import { expressionPlace } from './expressionCompletion.ts';
import { list, mapping } from './family.ts';
import { inSnippet, written } from './insertText.ts';
import { meaningOf } from './language.ts';
import type { Meaning } from './language.ts';
import type { Offer } from './offer.ts';
import { pathOffers } from './pathOffers.ts';
import { stepSnippets } from './stepSnippets.ts';
import type { Surroundings } from './surroundings.ts';

const BRANCH_GLOBS: readonly string[] = ['feat/**', 'feature/**', 'fix/**', 'hotfix/**', 'refactor/**', 'chore/**', 'deps/**', 'docs/**'];

/** Values for a place: what the grammar lists, what the meaning of the place refers to, and whole steps. */
export async function valueOffers(field: Field, path: YamlPath, context: CompletionContext): Promise<Offer[]> {
  const { language, value, typed } = context;
  if (field.shape.type === 'choice') return choicesFor(field.shape.choices, path).map((choice) => choiceOffer(choice));
  if (field.shape.type === 'mapping') return language === 'workflow' && path[0] === 'steps' && path.length === 2 ? wholeSteps(context) : [];
  const meaning = meaningOf(language, path);
  if (meaning === undefined) return [];
  if (meaning === 'expression') return await expressionOffers(context);
  // Of a word that was taken out, the place in the list is that of the item behind it.
  const own = typed.token.isKey || typed.token.style === 'block' ? path.at(-1) : undefined;
  const present = new Set(list(valueAt(value, path.slice(0, -1))).filter((_, index) => index !== own));
  const offers = await offersFor(meaning, path, context);
  return offers.filter((offer) => !present.has(offer.value));
}

/** In an overlay the kinds are a plain list; what each is stands in the grammar of a step. */
function choicesFor(choices: readonly Choice[], path: YamlPath): readonly Choice[] {
  if (path.length !== 3 || path[0] !== 'steps' || path[2] !== 'kind') return choices;
  const shape = fieldAt(stepSchema, ['kind'], {})?.shape;
  return shape?.type === 'choice' ? shape.choices : choices;
}

function choiceOffer({ value, description }: Choice): Offer {
  return { label: String(value), is: 'value', value, ...(description !== undefined && { detail: description }), filter: String(value) };
}

function wholeSteps(context: CompletionContext): Offer[] {
  const ids = context
    .family()
    .steps()
    .map(({ id }) => id);
  const kinds = choicesFor([], ['steps', 0, 'kind']);
  return Object.entries(stepSnippets(ids, rolesOf(context.around))).map(([kind, { label, lines }]): Offer => {
    const detail = kinds.find(({ value }) => value === kind)?.description;
    return { label, is: 'snippet', lines, rank: 0, ...(detail !== undefined && { detail }) };
  });
}

async function offersFor(meaning: Meaning, path: YamlPath, context: CompletionContext): Promise<Offer[]> {
  const { around, typed, value } = context;
  const named = (names: readonly string[], detail?: string): Offer[] =>
    names.map((name) => ({ label: name, is: 'value', value: name, ...(detail !== undefined && { detail }) }));
  switch (meaning) {
    case 'step':
      return stepOffers(path, context);
    case 'step-id':
      return overlaid(context);
    case 'role':
      return named(rolesOf(around), 'A role of .handrail/models.yml');
    case 'model':
      return named(Object.keys(mapping(childOf(value, 'models'))).filter((name) => name !== path[1] || path[0] === 'roles'));
    case 'approver':
      return named(path.includes('not') ? ['author', 'agent', 'codeowners'] : ['codeowners']);
    case 'branch-glob':
      return named([...new Set([...(await ownBranch(around)), ...BRANCH_GLOBS])]);
    case 'file':
    case 'glob':
    case 'prompt':
    case 'document':
    case 'workflow-file':
      return (await pathOffers(meaning, typed.before, context.path, around)).map(({ path: found, is, detail }): Offer => ({
        label: found,
        is: is === 'pattern' ? 'value' : is,
        value: found,
        rank: is === 'pattern' ? 3 : 4,
        again: is === 'folder',
        ...(detail !== undefined && { detail }),
      }));
    default:
      return [];
  }
}

/** Steps that may come before this one: not itself, and none that would have to wait for it. */
function stepOffers(path: YamlPath, context: CompletionContext): Offer[] {
  const steps = context.family().steps();
  const self = childOf(valueAt(context.value, path.slice(0, 2)), 'id');
  const waiting = new Set<unknown>([self]);
  if (path[2] === 'needs') {
    for (const id of waiting) for (const step of steps) if (typeof id === 'string' && step.needs.includes(id)) waiting.add(step.id);
  }
  return steps
    .filter(({ id }) => !waiting.has(id))
    .map(({ id, title }) => ({ label: id, is: 'step', value: id, ...(title !== undefined && { detail: title }) }));
}

/** Steps of the workflow that this one extends and says nothing about yet. */
function overlaid(context: CompletionContext): Offer[] {
  const { own } = context.family();
  const said = new Set(own.steps.map(({ id }) => id));
  return context
    .family()
    .steps()
    .filter(({ from, id }) => from !== own && !said.has(id))
    .map(({ id, title }) => ({ label: id, is: 'step', value: id, ...(title !== undefined && { detail: title }) }));
}

/** Roles that `.handrail/models.yml` names. */
export function rolesOf(around: Surroundings): string[] {
  const text = around.read('.handrail/models.yml');
  return text === undefined ? [] : Object.keys(mapping(childOf(parseLocatedYaml(text, { lenient: true }).value, 'roles')));
}

async function ownBranch(around: Surroundings): Promise<string[]> {
  const branch = (await around.branch())?.facts.branch ?? '';
  const slash = branch.indexOf('/');
  return slash > 0 ? [`${branch.slice(0, slash)}/**`] : [];
}

/** Behind the backslash of an escape in double quotes, and before its end. */
const IN_ESCAPE = /(?<!\\)(?:\\\\)*\\(?:x[\da-f]?|u[\da-f]{0,3}|U[\da-f]{0,7})?$/;

async function expressionOffers(context: CompletionContext): Promise<Offer[]> {
  const { token, before } = context.typed;
  if (token.style === 'double' && IN_ESCAPE.test(before)) return [];
  const source = token.style === 'double' ? before.replace(/\\(["\\])/g, '$1') : before;
  const { typed, offers, pattern } = expressionPlace(source, context.family().vars());
  const end = token.inner.start + before.length;
  const rest = /^\w*/.exec(context.typed.file.text.slice(end, Math.max(end, token.inner.end)))?.[0].length ?? 0;
  const replace = { start: end - typed, end: end + (pattern === undefined ? rest : 0) };
  const inBrackets = token.depth > 0 && token.style === 'plain';
  if (pattern !== undefined) {
    const found = await pathOffers('glob', pattern, context.path, context.around);
    return found.map(({ path, is }) => ({
      label: path,
      is: is === 'pattern' ? 'value' : is,
      insert: inScalar(inSnippet(path), token.style),
      filter: path,
      replace,
    }));
  }
  return offers
    .filter(({ insert }) => !inBrackets || !/[,[\]{}]/.test(insert.replace(/\$\{\d+:[^}]*\}/g, '')))
    .map((offer) => ({ ...offer, insert: inScalar(offer.insert, token.style), replace }));
}

/** A snippet for the inside of a scalar that is there already. */
function inScalar(snippet: string, style: CompletionContext['typed']['token']['style']): string {
  if (style === 'double') return snippet.replace(/"/g, '\\\\"');
  return style === 'single' ? written(snippet, 'single', false) : snippet;
}
