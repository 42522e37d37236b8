import type { z } from 'zod';
import { grammarProblems } from '../yaml/grammarProblems.ts';
import { parseLocatedYaml } from '../yaml/locatedYaml.ts';
import type { LocatedYaml, YamlPath } from '../yaml/locatedYaml.ts';
import { WorkflowChecks } from './checks.ts';
import type { PlacedStep, WorkflowContext } from './checks.ts';
import { compose } from './compose.ts';
import type { Workflow } from './definition.ts';
import type { Problem } from './problem.ts';
import { EXPECTATION_KEYS, expectation, kindlessStep, kindsWith, looseStep, MAX_VARS, overlaySchema, workflowSchema } from './schema.ts';
import type { RawLooseStep, RawWorkflow } from './schema.ts';
import { toWorkflow } from './toWorkflow.ts';

export type { WorkflowContext } from './checks.ts';

export interface ParsedWorkflow {
  /**
   * Present when the file means exactly one thing: it has no error, or only errors about files and models around it
   * (`missing-file`, `unknown-model`), which concern single steps.
   */
  workflow?: Workflow;
  /** In the order of the file. */
  problems: Problem[];
}

/** Errors with which a workflow can still be shown and followed. */
const HARMLESS: ReadonlySet<string> = new Set(['missing-file', 'unknown-model']);

/**
 * Reads a workflow file. Never throws. `path` is relative to the workspace folder and is what `extends` is resolved against; without
 * `context.read` a file that extends others is checked by itself and gives no workflow.
 */
export function parseWorkflow(text: string, path: string, context: WorkflowContext = {}): ParsedWorkflow {
  const file = parseLocatedYaml(text);
  if (file.broken) return { problems: file.problems };
  const isOverlay = Array.isArray((file.value as { extends?: unknown } | null)?.extends);
  const grammar = grammarOf(file, isOverlay);
  const problems = [...file.problems, ...grammar];
  const checks = new WorkflowChecks(file, context);
  const own = shapeOf(file, grammar.length === 0);
  const composed = compose(file, path, own, context);
  checks.run(composed.steps, composed.vars, own.branches, composed.complete);
  problems.push(...composed.problems, ...checks.problems);
  const ordered = inOrder(problems);
  const means = !ordered.some((problem) => problem.severity === 'error' && !HARMLESS.has(problem.code));
  return means && composed.complete
    ? { workflow: toWorkflow({ ...(file.value as RawWorkflow), ...composed.merged }), problems: ordered }
    : { problems: ordered };
}

function grammarOf(file: LocatedYaml, isOverlay: boolean): Problem[] {
  const schema = isOverlay ? overlaySchema : workflowSchema;
  const foreign = (path: YamlPath, key: string): string | undefined => {
    if (path[0] !== 'steps' || path.length !== 2) return undefined;
    if (key === 'remove') return 'Steps are removed only in a workflow that extends another.';
    const kinds = kindsWith(key);
    return kinds.length > 0 ? `"${key}" belongs to steps of kind ${kinds.join(' and ')}.` : undefined;
  };
  const problems = grammarProblems(schema, file, schema.safeParse(file.value), { foreign });
  if (isOverlay) return problems;
  // A step whose kind is missing or unknown matches no option of the union, which would hide its other mistakes.
  listOf(file).forEach((step, index) => {
    if (!isRecord(step) || KINDS.has(step['kind'] as string) || problems.length >= MAX_PROBLEMS) return;
    const { kind: _kind, ...value } = step;
    problems.push(...grammarProblems(kindlessStep, file, kindlessStep.safeParse(value), { at: ['steps', index], value }));
  });
  return problems;
}

/** Beyond this the first problems have to be mended anyway. */
const MAX_PROBLEMS = 100;
const KINDS: ReadonlySet<string> = new Set(['manual', 'command', 'generate', 'review', 'approval']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(file: LocatedYaml): unknown[] {
  const steps = isRecord(file.value) ? file.value['steps'] : undefined;
  return Array.isArray(steps) ? steps : [];
}

/** What of a file can be checked further although other parts may be wrong. */
export interface WorkflowShape {
  steps: PlacedStep[];
  vars: Record<string, string>;
  branches: string[] | undefined;
  extends: string[];
}

function shapeOf(file: LocatedYaml, isValid: boolean): WorkflowShape {
  const root = isRecord(file.value) ? file.value : {};
  const on = isRecord(root['on']) ? root['on']['branches'] : undefined;
  const vars = isRecord(root['vars']) ? root['vars'] : {};
  return {
    steps: listOf(file).flatMap((step, index) =>
      isRecord(step) && typeof step['id'] === 'string' ? [{ raw: isValid ? (step as RawLooseStep) : lenient(step), index }] : [],
    ),
    vars: Object.fromEntries(
      Object.entries(vars)
        .slice(0, MAX_VARS)
        .filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    branches: Array.isArray(on) ? texts(on) : undefined,
    extends: Array.isArray(root['extends']) ? texts(root['extends']) : [],
  };
}

/** A step with only the values that have the right type, each at its own index, so that one mistake does not hide another. */
function lenient(step: Record<string, unknown>): RawLooseStep {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(step)) {
    if (key === 'expect' && Array.isArray(value)) kept[key] = value.map(lenientExpectation);
    else Object.assign(kept, rightIn(looseStep.shape, { [key]: value }));
  }
  return { ...kept, id: step['id'] as string };
}

/** Keeps its place in the list; one that names several things is said to be wrong as a whole. */
function lenientExpectation(item: unknown): Record<string, unknown> {
  if (!isRecord(item) || EXPECTATION_KEYS.filter((key) => Object.hasOwn(item, key)).length > 1) return {};
  return rightIn(expectation.shape, item);
}

/** The entries of a mapping whose key is known and whose value has the right type. */
function rightIn(shape: Readonly<Record<string, z.ZodType>>, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([key, one]) => Object.hasOwn(shape, key) && shape[key]?.safeParse(one).success === true),
  );
}

function texts(list: unknown[]): string[] {
  return list.map((item) => (typeof item === 'string' ? item : '*'));
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const key = `${problem.line}:${problem.column}:${problem.code}:${problem.message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((left, right) => left.line - right.line || left.column - right.column);
}
