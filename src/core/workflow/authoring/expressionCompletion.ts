import { EXPRESSION_FUNCTIONS, EXPRESSION_MEMBERS, EXPRESSION_METHODS, EXPRESSION_NAMES } from '../expressionNames.ts';

/** Something that can be written at a place of an expression. */
export interface ExpressionOffer {
  label: string;
  /** Text with snippet stops. */
  insert: string;
  detail: string;
  is: 'variable' | 'function' | 'snippet';
}

/** What can be written after `before`, the text of an expression up to the place; the word that is being typed belongs to it. */
export interface ExpressionPlace {
  /** Units of `before` that the offers replace. */
  typed: number;
  offers: ExpressionOffer[];
  /** In the pattern of a `glob`: what is typed of it so far. Paths are offered then. */
  pattern?: string;
}

const LISTS: ReadonlySet<string> = new Set(['changes', 'added', 'deleted', 'labels']);

/** `vars` are the workflow's own expressions by name. */
export function expressionPlace(before: string, vars: ReadonlyMap<string, string>): ExpressionPlace {
  const text = openText(before);
  if (text !== undefined) {
    const isPattern = /\bglob\(\s*[^(),]*,\s*["'][^"']*$/.test(before);
    return { typed: text.length, offers: [], ...(isPattern && { pattern: text }) };
  }
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const rest = before.slice(0, before.length - word.length);
  if (/\d\.?$/.test(rest) && !/[A-Za-z_]\w*\.$/.test(rest)) return { typed: word.length, offers: [] };
  const owner = /(?:^|[^\w.)\]])([A-Za-z_]\w*)\s*\.\s*$/.exec(rest)?.[1];
  if (/\.\s*$/.test(rest)) return { typed: word.length, offers: membersOf(owner, rest, vars) };
  return { typed: word.length, offers: [...loopVariables(rest), ...names(), ...functions(), ...(before.trim() === '' ? patterns() : [])] };
}

/** The text literal that is open at the end, without its quote. */
function openText(before: string): string | undefined {
  let mark: string | undefined;
  let start = 0;
  for (let at = 0; at < before.length; at++) {
    const char = before.charAt(at);
    if (mark === undefined && (char === '"' || char === "'")) [mark, start] = [char, at + 1];
    else if (mark !== undefined && char === '\\') at++;
    else if (char === mark) mark = undefined;
  }
  return mark === undefined ? undefined : before.slice(start);
}

function membersOf(owner: string | undefined, rest: string, vars: ReadonlyMap<string, string>): ExpressionOffer[] {
  if (owner === 'vars') return [...vars].map(([name, expression]) => ({ label: name, insert: name, detail: expression, is: 'variable' }));
  const members = owner === undefined ? undefined : EXPRESSION_MEMBERS[owner];
  if (members) return Object.entries(members).map(([name, detail]) => ({ label: name, insert: name, detail, is: 'variable' }));
  const isList = (owner !== undefined && LISTS.has(owner)) || /\)\s*\.\s*$/.test(rest);
  return Object.entries(EXPRESSION_METHODS)
    .filter(([, { of }]) => of === 'both' || owner === undefined || (of === 'list') === isList || !(owner in EXPRESSION_NAMES))
    .map(([name, { call, description }]) => ({ label: name, insert: callSnippet(call), detail: description, is: 'function' }));
}

function names(): ExpressionOffer[] {
  return Object.entries(EXPRESSION_NAMES).map(([name, detail]) => ({ label: name, insert: name, detail, is: 'variable' }));
}

function functions(): ExpressionOffer[] {
  return Object.entries(EXPRESSION_FUNCTIONS).map(([name, { call, description }]) => ({
    label: name,
    insert: name === 'glob' ? 'glob(${1:path}, "${2:src/**}")' : callSnippet(call),
    detail: description,
    is: 'function',
  }));
}

/** `exists(f, condition)` with a stop at each argument. */
function callSnippet(call: string): string {
  let stop = 0;
  const [name = '', inside = ''] = call.replace(/\)$/, '').split('(');
  if (inside === '') return `${name}()`;
  const stops = inside.split(', ').map((argument) => `\${${++stop}:${argument}}`);
  return `${name}(${stops.join(', ')})`;
}

/** Variables of the loops that are open, innermost first. */
function loopVariables(rest: string): ExpressionOffer[] {
  const loops = [...rest.matchAll(/\b(?:exists|all|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,/g)];
  const open = loops.filter((loop) => depthOf(rest.slice(loop.index + loop[0].indexOf('('))) > 0).map((loop) => loop[1] ?? '');
  return [...new Set(open)].reverse().map((name) => ({ label: name, insert: name, detail: 'The element of this loop', is: 'variable' }));
}

function depthOf(text: string): number {
  return text.replace(/[^(]/g, '').length - text.replace(/[^)]/g, '').length;
}

/** Whole expressions, of the forms that workflows most often have. */
function patterns(): ExpressionOffer[] {
  const pattern = (label: string, insert: string): ExpressionOffer => ({ label, insert, detail: label, is: 'snippet' });
  return [
    pattern('some changed file matches', 'changes.exists(f, glob(f, "${1:src/**}"))'),
    pattern('every changed file matches', 'changes.all(f, glob(f, "${1:docs/**}"))'),
    pattern('the change is small', 'lines.added + lines.deleted < ${1:20}'),
    pattern('a file was deleted', 'size(deleted) > 0'),
    pattern('the pull request has a label', 'labels.exists(l, l == "${1:security}")'),
  ];
}
