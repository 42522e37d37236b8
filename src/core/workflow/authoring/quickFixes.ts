import { childOf, fieldAt, valueAt } from '../../yaml/grammar.ts';
import { closest } from '../../yaml/grammarProblems.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import { compileExpressions } from '../expressions.ts';
import { rangeOf } from '../problem.ts';
import type { Problem, TextSpan } from '../problem.ts';
import { stepSchema } from '../schema.ts';
import type { Draft } from './draft.ts';
import { addKey, indentWithSpaces, quoteRest, removal } from './fixEdits.ts';
import { mendedGlob } from './globMends.ts';
import { freeId } from './stepSnippets.ts';
import { newFileFor } from './newFiles.ts';
import { writtenSpan } from './family.ts';
import { written } from './insertText.ts';
import type { Surroundings } from './surroundings.ts';
import { rolesOf } from './valueOffers.ts';

/** A replacement in the file itself. */
export interface SpanEdit {
  span: TextSpan;
  text: string;
}

/** What a fix does, for a title in people's words; `edits` go into the file, or `create` makes another one. */
export type Fix =
  | { does: 'replace'; with: string; edits: SpanEdit[]; isLikely: boolean }
  | { does: 'add-key' | 'remove-key'; key: string; edits: SpanEdit[]; isLikely: boolean }
  | { does: 'remove-item' | 'quote' | 'make-list' | 'indent-with-spaces'; edits: SpanEdit[]; isLikely: boolean }
  | { does: 'create-file'; path: string; create: string; isLikely: boolean };

/** Where a problem is: what a fix is looked for by. Its words are never read. */
export type ProblemPlace = Pick<Problem, 'code' | 'line' | 'column' | 'endLine' | 'endColumn'>;

interface Trouble {
  draft: Draft;
  around: Surroundings;
  /** Of what is wrong, in the text. */
  span: TextSpan;
  path: YamlPath;
  on: 'key' | 'value';
  text: string | undefined;
}

/** Most allowed values that are offered one by one. */
const MAX_CHOICES = 6;

/** Mends for one problem of a draft, the likeliest first. Empty where none is certain enough. */
export function fixesFor(draft: Draft, problem: ProblemPlace, around: Surroundings): Fix[] {
  const span = spanOf(draft.file.text, problem);
  if (problem.code === 'syntax') return syntaxFixes(draft, span);
  const standing = draft.at(span.start);
  if (!standing) return [];
  const trouble: Trouble = { draft, around, span, path: standing.path, on: standing.on, text: standing.text };
  switch (problem.code) {
    case 'unknown-key':
      return unknownKey(trouble);
    case 'missing-key':
      return missingKeys(trouble);
    case 'wrong-type':
      return wrongType(trouble);
    case 'bad-value':
      return badValue(trouble);
    case 'unknown-step':
      return [
        ...nearest(
          trouble,
          draft
            .family(around)
            .steps()
            .map(({ id }) => id),
        ),
        ...removeItem(trouble),
      ];
    case 'unknown-model':
      return nearest(trouble, draft.language === 'models' ? Object.keys(Object(childOf(draft.file.value, 'models'))) : rolesOf(around));
    case 'duplicate-id':
      return draft.language === 'workflow' ? duplicateId(trouble) : removeWhole(trouble);
    case 'cycle':
      return removeItem(trouble);
    case 'bad-expression':
      return badExpression(trouble, problem);
    case 'bad-glob':
      return badGlob(trouble);
    case 'unsafe-path':
      return unsafePath(trouble);
    case 'missing-file':
      return missingFile(trouble);
    case 'unreachable':
      return keyRemoval(trouble, trouble.path, false);
  }
}

/** Lines and columns from 1 to a span of the text. */
function spanOf(text: string, place: ProblemPlace): TextSpan {
  const lines = text.split('\n');
  const offset = (line: number, column: number): number => {
    const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    return Math.min(text.length, before + column - 1);
  };
  return { start: offset(place.line, place.column), end: offset(place.endLine, place.endColumn) };
}

function replacing(trouble: Trouble, value: string | number | boolean, isLikely: boolean): Fix {
  const { draft, path } = trouble;
  const span = writtenSpan(draft.file, path);
  const mark = draft.file.text.charAt(span.start);
  const text =
    typeof value === 'string' && (mark === '"' || mark === "'")
      ? mark + written(value, mark === '"' ? 'double' : 'single', false) + mark
      : written(value, 'plain', true);
  return { does: 'replace', with: String(value), edits: [{ span, text }], isLikely };
}

function nearest(trouble: Trouble, known: readonly string[]): Fix[] {
  const { text } = trouble;
  if (text === undefined || trouble.on === 'key') return [];
  const meant = closest(text, known);
  return meant === undefined ? [] : [replacing(trouble, meant, true)];
}

function unknownKey(trouble: Trouble): Fix[] {
  const { draft, path, span } = trouble;
  const name = String(path.at(-1));
  const shape = fieldAt(draft.grammar, path.slice(0, -1), draft.file.value)?.shape;
  const parent = valueAt(draft.file.value, path.slice(0, -1));
  const free = shape?.type === 'mapping' ? shape.keys.map((key) => key.name).filter((key) => childOf(parent, key) === undefined) : [];
  const meant = closest(name, free);
  const rename: Fix[] = meant === undefined ? [] : [{ does: 'replace', with: meant, edits: [{ span, text: meant }], isLikely: true }];
  return [...rename, ...keyRemoval(trouble, path, false)];
}

function keyRemoval({ draft }: Trouble, path: YamlPath, isLikely: boolean): Fix[] {
  const span = removal(draft.file, path);
  return span ? [{ does: 'remove-key', key: String(path.at(-1)), edits: [{ span, text: '' }], isLikely }] : [];
}

/** The problem stands at the first key of the mapping that lacks one, or at the mapping. */
function missingKeys({ draft, path, on }: Trouble): Fix[] {
  const at = on === 'key' ? path.slice(0, -1) : path;
  const value = valueAt(draft.file.value, at);
  const isStep = draft.language === 'workflow' && at[0] === 'steps' && at.length === 2;
  // A step of an overlay is asked for what it lacks together with its base, which is what the whole step needs.
  const shape = isStep ? fieldAt(stepSchema, [], value)?.shape : fieldAt(draft.grammar, at, draft.file.value)?.shape;
  const keys = shape?.type === 'mapping' ? shape.keys : [];
  const model = draft.language === 'models' && at[0] === 'models' && at.length === 2 ? keys.filter(({ name }) => name === 'model') : [];
  const missing = [...keys.filter(({ required }) => required), ...model].filter(({ name }) => childOf(value, name) === undefined);
  return missing.flatMap((key): Fix[] => {
    const edit = addKey(draft, at, key);
    return edit ? [{ does: 'add-key', key: key.name, edits: [edit], isLikely: missing.length === 1 }] : [];
  });
}

function wrongType(trouble: Trouble): Fix[] {
  const { draft, path } = trouble;
  const field = fieldAt(draft.grammar, path, draft.file.value);
  const value = valueAt(draft.file.value, path);
  const span = writtenSpan(draft.file, path);
  const source = draft.file.text.slice(span.start, span.end);
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (field?.shape.type === 'text' && isScalar) return [{ does: 'quote', edits: [{ span, text: JSON.stringify(source) }], isLikely: true }];
  if (field?.shape.type === 'list' && typeof value === 'string' && !source.includes('\n')) {
    return [{ does: 'make-list', edits: [{ span, text: `[${written(value, 'plain', true)}]` }], isLikely: true }];
  }
  if (field?.shape.type === 'choice') return choiceFixes(trouble, String(value));
  if (field?.shape.type === 'number' && typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value)) {
    return [{ does: 'replace', with: value, edits: [{ span, text: value }], isLikely: true }];
  }
  return value === null || value === undefined ? keyRemoval(trouble, path, false) : [];
}

function badValue(trouble: Trouble): Fix[] {
  const { draft, path, text } = trouble;
  const field = fieldAt(draft.grammar, path, draft.file.value);
  if (field?.shape.type === 'choice') return choiceFixes(trouble, String(valueAt(draft.file.value, path)));
  const isId = path.at(-1) === 'id' && text !== undefined;
  const mended = isId ? idLike(text) : '';
  return mended === '' || mended === text ? [] : [replacing(trouble, mended, true)];
}

function choiceFixes(trouble: Trouble, text: string): Fix[] {
  const shape = fieldAt(trouble.draft.grammar, trouble.path, trouble.draft.file.value)?.shape;
  const values = shape?.type === 'choice' ? shape.choices.map(({ value }) => value) : [];
  const meant = values.length === 1 ? String(values[0]) : closest(text, values.map(String));
  const ordered = [...values].sort((left, right) => Number(String(right) === meant) - Number(String(left) === meant));
  return ordered.slice(0, MAX_CHOICES).map((value) => replacing(trouble, value, String(value) === meant));
}

/** What somebody called a step, as an id may look. */
function idLike(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 64);
}

function duplicateId(trouble: Trouble): Fix[] {
  const { draft, around, text } = trouble;
  if (text === undefined) return [];
  const taken = draft.path && draft.family(around).own.steps.map(({ id }) => id);
  return [replacing(trouble, freeId(text, taken || []), true)];
}

/** The whole entry of a list in which something stands twice. */
function removeWhole(trouble: Trouble): Fix[] {
  const span = removal(trouble.draft.file, trouble.path.slice(0, 2));
  return span ? [{ does: 'remove-item', edits: [{ span, text: '' }], isLikely: true }] : [];
}

function removeItem({ draft, path }: Trouble): Fix[] {
  if (typeof path.at(-1) !== 'number') return [];
  const span = removal(draft.file, path);
  return span ? [{ does: 'remove-item', edits: [{ span, text: '' }], isLikely: false }] : [];
}

/** The expression is checked again for what was probably meant; the problem says where it is. */
function badExpression({ draft, around, path, text }: Trouble, problem: ProblemPlace): Fix[] {
  if (text === undefined) return [];
  const vars = Object.fromEntries(draft.family(around).vars());
  const expressions = compileExpressions(vars);
  const found = path[0] === 'vars' ? expressions.problems.get(String(path[1])) : expressions.check(text);
  if (found?.meant === undefined) return [];
  const span = draft.file.partSpanOf(path, found.start, found.end);
  const range = rangeOf(draft.file.text, span);
  if (range.line !== problem.line || range.column !== problem.column) return [];
  return [{ does: 'replace', with: found.meant, edits: [{ span, text: found.meant }], isLikely: true }];
}

function badGlob(trouble: Trouble): Fix[] {
  const { path, text } = trouble;
  const mended = text === undefined ? undefined : mendedGlob(text);
  if (mended !== undefined) return [replacing(trouble, mended, true)];
  return typeof path.at(-1) === 'number' ? removeItem(trouble) : [];
}

function unsafePath(trouble: Trouble): Fix[] {
  const { text } = trouble;
  const inside = text?.replace(/^\/+/, '');
  return inside === undefined || inside === '' || inside === text || inside.split(/[\\/]/).includes('..') || /^[A-Za-z]:/.test(inside)
    ? []
    : [replacing(trouble, inside, true)];
}

function missingFile(trouble: Trouble): Fix[] {
  const { draft, around, path, text } = trouble;
  if (text === undefined) return [];
  const file = newFileFor(draft, path, text, around);
  return file ? [{ does: 'create-file', path: file.path, create: file.text, isLikely: true }] : [];
}

function syntaxFixes(draft: Draft, span: TextSpan): Fix[] {
  const standing = draft.at(span.start);
  if (!draft.file.broken && standing?.on === 'key') {
    const repeated = removal(draft.file, standing.path);
    return repeated
      ? [{ does: 'remove-key', key: String(standing.path.at(-1)), edits: [{ span: repeated, text: '' }], isLikely: false }]
      : [];
  }
  const tabs = indentWithSpaces(draft.file.text, span);
  if (tabs.length > 0) return [{ does: 'indent-with-spaces', edits: tabs, isLikely: true }];
  const quoted = quoteRest(draft.file, span);
  return quoted ? [{ does: 'quote', edits: [quoted], isLikely: true }] : [];
}
