import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { problemAt } from '../workflow/problem.ts';
import type { Problem, ProblemCode } from '../workflow/problem.ts';
import { fieldAt, valueAt } from './grammar.ts';
import type { LocatedYaml, YamlPath } from './locatedYaml.ts';

type Issue = z.core.$ZodIssue;
/** Grammar problems of one file; beyond that the first ones have to be mended anyway. */
const MAX_PROBLEMS = 100;
/** Longest distance at which a name is still taken for a slip of another. */
const CLOSE = 3;

/** The candidate someone probably meant, or undefined when none is close. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; apart: number } | undefined;
  for (const candidate of candidates) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (!best || apart < best.apart) best = { candidate, apart };
  }
  return best && best.apart <= Math.min(CLOSE, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/**
 * Checks a YAML file against a zod schema and turns every issue into a located problem: a missing key at the first key of its mapping,
 * an unknown key at the key, anything else at the value. A custom issue may carry `params: { code, hint }`.
 *
 * `foreign` explains a key that is known elsewhere, e.g. one of another kind of step.
 */
export function grammarProblems(
  schema: z.core.$ZodType,
  file: LocatedYaml,
  result: { success: boolean; error?: { issues: Issue[] } | undefined },
  options: { at?: YamlPath; value?: unknown; foreign?: (path: YamlPath, key: string) => string | undefined } = {},
): Problem[] {
  const prefix = options.at ?? [];
  const root = options.value ?? file.value;
  const issues = result.error?.issues ?? [];
  const unknown = new Set(issues.filter((issue) => issue.code === 'unrecognized_keys').map((issue) => issue.path.join('/')));
  // "Must name at least one key" beside "unknown key" would say the same mistake twice.
  const telling = issues.filter((issue) => issue.code !== 'custom' || !unknown.has(issue.path.join('/')));
  return telling.slice(0, MAX_PROBLEMS).flatMap((issue) => issueProblems(schema, file, issue, prefix, root, options.foreign));
}

function issueProblems(
  schema: z.core.$ZodType,
  file: LocatedYaml,
  issue: Issue,
  prefix: YamlPath,
  root: unknown,
  foreign: ((path: YamlPath, key: string) => string | undefined) | undefined,
): Problem[] {
  const inner = issue.path as (string | number)[];
  const path = [...prefix, ...inner];
  const problem = (span: { start: number; end: number }, code: ProblemCode, message: string, hint?: string) =>
    problemAt(file.text, span, code, message, hint);

  if (issue.code === 'unrecognized_keys') {
    const shape = fieldAt(schema, inner, root)?.shape;
    const known = shape?.type === 'mapping' ? shape.keys.map(({ name }) => name) : [];
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => {
      const meant = closest(key, known);
      const hint = foreign?.(path, key) ?? (meant ? `Did you mean "${meant}"?` : `Known keys: ${known.join(', ')}.`);
      return problem(file.keySpanOf([...path, key]), 'unknown-key', `Unknown key "${key}".`, hint);
    });
  }
  if (issue.code === 'invalid_key') {
    const message = `The name "${String(path.at(-1))}" is not allowed here.`;
    return [problem(file.keySpanOf(path), 'bad-value', message, issue.issues[0]?.message)];
  }
  const value = valueAt(root, inner);
  if (value === undefined && inner.length > 0 && !hasKey(root, inner)) {
    const key = String(path.at(-1));
    const where = file.firstKeySpanOf(path.slice(0, -1));
    return [problem(where, 'missing-key', `The key "${key}" is missing.`, `Add "${key}:" to this ${ownerOf(path)}.`)];
  }
  const span = file.spanOf(path);
  const name = nameOf(path);
  if (issue.code === 'invalid_type') {
    const expected = TYPE_WORDS[issue.expected] ?? issue.expected;
    if (expected === 'a whole number' && typeof value === 'number') return [problem(span, 'bad-value', `${name} must be a whole number.`)];
    return [problem(span, 'wrong-type', `${name} must be ${expected}, not ${wordFor(value)}.`, typeHint(issue.expected, value, path))];
  }
  if (issue.code === 'invalid_value' || (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))) {
    const allowed = (issue.code === 'invalid_value' ? issue.values : (issue as { options: unknown[] }).options).map(String);
    const sample = issue.code === 'invalid_value' ? issue.values[0] : '';
    const one = allowed.length === 1 ? `${allowed[0]}` : `one of ${allowed.join(', ')}`;
    if (typeof value !== typeof sample) return [problem(span, 'wrong-type', `${name} must be ${one}, not ${wordFor(value)}.`)];
    const meant = typeof value === 'string' ? closest(value, allowed) : undefined;
    return [problem(span, 'bad-value', `${name} must be ${one}, not "${clip(String(value))}".`, meant && `Did you mean "${meant}"?`)];
  }
  const params = issue.code === 'custom' ? (issue.params as { code?: ProblemCode; hint?: string } | undefined) : undefined;
  return [problem(span, params?.code ?? 'bad-value', `${name} ${issue.message}.`, params?.hint)];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function typeHint(expected: string, value: unknown, path: YamlPath): string | undefined {
  if (path.length === 0) return 'Begin the file with "version: 1".';
  if (expected === 'array' && typeof value === 'string') return `Write it as a list: [${clip(value)}].`;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return `Put it in quotes: "${String(value)}".`;
  return value === null ? 'Give it a value or remove the key.' : undefined;
}

function wordFor(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? String(value) : 'a number';
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function nameOf(path: YamlPath): string {
  const key = path.at(-1);
  if (key === undefined) return 'The file';
  if (typeof key === 'string') return `"${key}"`;
  const list = path.at(-2);
  return `Item ${key + 1} of "${String(list ?? 'the list')}"`;
}

function ownerOf(path: YamlPath): string {
  if (path.length <= 1) return 'file';
  return path.at(-3) === 'steps' ? 'step' : 'mapping';
}

function hasKey(value: unknown, path: YamlPath): boolean {
  const parent = valueAt(value, path.slice(0, -1));
  const key = path.at(-1);
  return typeof parent === 'object' && parent !== null && key !== undefined && Object.hasOwn(parent, key);
}
