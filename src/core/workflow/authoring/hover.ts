import { childOf, fieldAt, valueAt } from '../../yaml/grammar.ts';
import type { Choice, Field } from '../../yaml/grammar.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import { EXPRESSION_FUNCTIONS, EXPRESSION_MEMBERS, EXPRESSION_METHODS, EXPRESSION_NAMES } from '../expressionNames.ts';
import { compileExpressions } from '../expressions.ts';
import { compileGlob, globProblem } from '../globs.ts';
import { resolveBeside } from '../paths.ts';
import type { TextSpan } from '../problem.ts';
import type { StepStatus } from '../run.ts';
import { documentTitle } from './documentTitle.ts';
import { expressionWordAt } from './draft.ts';
import type { Draft, Standing } from './draft.ts';
import { mapping } from './family.ts';
import type { Surroundings } from './surroundings.ts';

/** One thing to tell about a place. Words for people are made of it by who shows it. */
export type HoverPart =
  | { about: 'key'; name: string; type: Field['shape']['type']; required: boolean; description?: string; choices?: readonly Choice[] }
  | { about: 'choice'; value: string; description: string }
  | { about: 'step'; id: string; title?: string; kind?: string; from?: string; status?: StepStatus }
  | { about: 'no-step'; id: string }
  | { about: 'word'; word: string; description: string }
  /** `result` is absent where the branch is not known: without git, or in restricted mode. */
  | { about: 'expression'; expression: string; branch?: string; result?: { value: string; matched: readonly string[]; error?: string } }
  | { about: 'glob'; glob: string; branch?: string; changed?: readonly string[]; files: readonly string[] }
  | { about: 'file'; path: string; exists: boolean; title?: string }
  | { about: 'role'; role: string; model?: string };

export interface HoverAnswer {
  span: TextSpan;
  parts: HoverPart[];
}

/** What there is to tell about the place of a draft; undefined where nothing stands. */
export async function hoverAt(draft: Draft, offset: number, around: Surroundings): Promise<HoverAnswer | undefined> {
  const standing = draft.at(offset);
  if (!standing) return undefined;
  const parts = standing.on === 'key' ? await aboutKey(draft, standing, around) : await aboutValue(draft, standing, offset, around);
  return parts.length === 0 ? undefined : { span: standing.span, parts };
}

async function aboutKey(draft: Draft, standing: Standing, around: Surroundings): Promise<HoverPart[]> {
  const { path, meaning, text } = standing;
  const parts: HoverPart[] = [];
  const name = String(path.at(-1));
  const parent = fieldAt(draft.grammar, path.slice(0, -1), draft.file.value);
  const key = parent?.shape.type === 'mapping' ? parent.shape.keys.find((one) => one.name === name) : undefined;
  if (key) {
    const { description, shape } = key.field;
    parts.push({
      about: 'key',
      name,
      type: shape.type,
      required: key.required,
      ...(description !== undefined && { description }),
      ...(shape.type === 'choice' && shape.choices.length > 1 && { choices: shape.choices }),
    });
  }
  if (meaning === 'expression' && text !== undefined) parts.push(await expressionPart(draft, text, around));
  return parts;
}

async function aboutValue(draft: Draft, standing: Standing, offset: number, around: Surroundings): Promise<HoverPart[]> {
  const { path, meaning, text } = standing;
  if (text === undefined) return choicePart(draft, standing);
  switch (meaning) {
    case 'step-id':
    case 'step':
      return [stepPart(draft, text, around)];
    case 'expression': {
      const word = expressionWordAt(draft.file.text, standing.span, offset)?.word;
      const parts = word === undefined ? [] : await wordParts(draft, word, around);
      return [...parts, await expressionPart(draft, text, around)];
    }
    case 'glob':
      return [await globPart(text, around)];
    case 'file':
    case 'prompt':
    case 'document':
    case 'workflow-file':
      return await filePart(draft.path, meaning, text, around);
    case 'role':
      return [rolePart(text, around)];
    case 'model':
      return modelPart(draft, text);
    default:
      return path.length > 0 ? choicePart(draft, standing) : [];
  }
}

function choicePart(draft: Draft, { path }: Standing): HoverPart[] {
  const field = fieldAt(draft.grammar, path, draft.file.value);
  const value = valueAt(draft.file.value, path);
  const choice = field?.shape.type === 'choice' ? field.shape.choices.find((one) => one.value === value) : undefined;
  const description = choice?.description ?? (choice && field?.description);
  return choice && description !== undefined ? [{ about: 'choice', value: String(choice.value), description }] : [];
}

function stepPart(draft: Draft, id: string, around: Surroundings): HoverPart {
  const family = draft.family(around);
  const step = family.steps().find((one) => one.id === id);
  if (!step) return { about: 'no-step', id };
  const status = around.step(draft.path, id);
  return {
    about: 'step',
    id,
    ...(step.title !== undefined && { title: step.title }),
    ...(step.kind !== undefined && { kind: step.kind }),
    ...(step.from !== family.own && { from: step.from.path }),
    ...(status && { status }),
  };
}

async function wordParts(draft: Draft, word: string, around: Surroundings): Promise<HoverPart[]> {
  const [owner = '', member] = word.split('.');
  if (owner === 'vars' && member !== undefined) {
    const expression = draft.family(around).vars().get(member);
    return expression === undefined ? [] : [{ about: 'word', word, description: expression }, await expressionPart(draft, word, around)];
  }
  const description =
    member === undefined
      ? (EXPRESSION_NAMES[owner] ?? EXPRESSION_FUNCTIONS[owner]?.description ?? EXPRESSION_METHODS[owner]?.description)
      : (EXPRESSION_MEMBERS[owner]?.[member] ?? EXPRESSION_METHODS[member]?.description);
  if (description === undefined) return [];
  const hasValue =
    (member === undefined && owner in EXPRESSION_NAMES && owner !== 'vars') || EXPRESSION_MEMBERS[owner]?.[member ?? ''] !== undefined;
  return [{ about: 'word', word, description }, ...(hasValue ? [await expressionPart(draft, word, around)] : [])];
}

async function expressionPart(draft: Draft, expression: string, around: Surroundings): Promise<HoverPart> {
  const branch = await around.branch();
  if (!branch) return { about: 'expression', expression };
  const vars = Object.fromEntries(draft.family(around).vars());
  const { value, matched, error } = compileExpressions(vars).evaluator(branch.facts).value(expression);
  const result = { value: valueText(value), matched, ...(error !== undefined && { error }) };
  return { about: 'expression', expression, branch: branch.facts.branch, result };
}

/** A list is what it holds, as far as one line takes it. */
const MAX_ELEMENTS = 5;

function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ELEMENTS).map(valueText).join(', ');
    return value.length > MAX_ELEMENTS ? `[${shown}, … ${value.length}]` : `[${shown}]`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? Number(one) : one))
    : String(value);
}

async function globPart(glob: string, around: Surroundings): Promise<HoverPart> {
  const [branch, files] = await Promise.all([around.branch(), around.files()]);
  const pattern = branch ? glob.replaceAll('${branch}', branch.slug) : glob;
  const matches = globProblem(pattern) === undefined ? compileGlob(pattern) : () => false;
  return {
    about: 'glob',
    glob: pattern,
    files: files.filter(matches),
    ...(branch && { branch: branch.facts.branch, changed: branch.facts.changes.filter(matches) }),
  };
}

async function filePart(from: string, meaning: Standing['meaning'], text: string, around: Surroundings): Promise<HoverPart[]> {
  const path = await pathMeant(from, meaning, text, around);
  if (path === undefined) return [];
  const content = around.read(path);
  const title = content === undefined ? undefined : documentTitle(path, content);
  return [{ about: 'file', path, exists: content !== undefined || around.exists(path), ...(title !== undefined && { title }) }];
}

/** The path of the workspace that a value names; undefined for an address, and for a branch that is not known. */
export async function pathMeant(
  from: string,
  meaning: Standing['meaning'],
  text: string,
  around: Surroundings,
): Promise<string | undefined> {
  if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(text)) return undefined;
  if (meaning === 'workflow-file') return resolveBeside(from, text);
  if (meaning === 'document') return text.replace(/#.*$/, '');
  if (!text.includes('${branch}')) return text;
  const branch = await around.branch();
  return branch && text.replaceAll('${branch}', branch.slug);
}

function rolePart(role: string, around: Surroundings): HoverPart {
  const text = around.read('.handrail/models.yml');
  const roles = text === undefined ? {} : mapping(childOf(parseLocatedYaml(text, { lenient: true }).value, 'roles'));
  const model = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return { about: 'role', role, ...(typeof model === 'string' && { model }) };
}

function modelPart(draft: Draft, name: string): HoverPart[] {
  const entry = valueAt(draft.file.value, ['models', name]);
  if (entry === undefined) return [];
  const [provider, model] = [childOf(entry, 'provider'), childOf(entry, 'model')].map((one) => (typeof one === 'string' ? one : undefined));
  return [{ about: 'word', word: name, description: [provider, model].filter((one) => one !== undefined).join(': ') }];
}
