import { grammarProblems } from '../yaml/grammarProblems.ts';
import type { LocatedYaml, YamlPath } from '../yaml/locatedYaml.ts';
import { parseLocatedYaml } from '../yaml/locatedYaml.ts';
import type { PlacedStep, WorkflowContext } from './checks.ts';
import { resolveBeside, unsafePath } from './paths.ts';
import { problemAt } from './problem.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { WorkflowShape } from './parse.ts';
import { overlaySchema, stepSchema, workflowSchema } from './schema.ts';
import type { RawLooseStep, RawStep, RawWorkflow } from './schema.ts';

/** What an overlay may still change of a step marked `final: true`: words, not meaning. */
const FREE_OF_FINAL: ReadonlySet<string> = new Set(['id', 'title', 'why', 'learn', 'final']);

export interface Composition {
  /** All steps after overlays, in order: the base's first. */
  steps: PlacedStep[];
  vars: Record<string, string>;
  /** Values that replace those of the file; empty when it extends nothing. */
  merged: Partial<RawWorkflow>;
  problems: Problem[];
  /** False when a file it builds on is not known, so that the steps are not all there are. */
  complete: boolean;
}

/** A file that others build on, with its own bases merged in. */
interface Base {
  steps: RawLooseStep[];
  vars: Record<string, string>;
  header: Partial<RawWorkflow>;
}

/**
 * Merges the files that a workflow extends: steps by id, an overlay's fields replace the base's, `{ id, remove: true }` takes a step
 * out, new steps come after. Reports at the `extends` item or at the overlay's own step.
 */
export function compose(file: LocatedYaml, path: string, own: WorkflowShape, context: WorkflowContext): Composition {
  if (own.extends.length === 0) return { steps: own.steps, vars: own.vars, merged: {}, problems: [], complete: true };
  const problems: Problem[] = [];
  const report = (at: YamlPath, code: ProblemCode, message: string, hint: string) =>
    problems.push(problemAt(file.text, file.spanOf(at), code, message, hint));
  const loaded: (Base | undefined)[] = own.extends.map((target, index) => {
    const outcome = loadBase(target, path, context, [path]);
    if (outcome && 'code' in outcome) report(['extends', index], outcome.code, outcome.message, outcome.hint);
    return outcome && 'steps' in outcome ? outcome : undefined;
  });
  const bases = loaded.filter((base) => base !== undefined);
  const complete = bases.length === loaded.length;
  const base = bases.reduce<Base>(mergeBases, { steps: [], vars: {}, header: {} });
  const merged = mergeSteps(base, own, complete, report);
  problems.push(...incomplete(file, merged, complete));
  return {
    steps: merged,
    vars: { ...base.vars, ...own.vars },
    merged: {
      ...base.header,
      ...pick(file.value, ['evidence', 'waive', 'on']),
      vars: { ...base.vars, ...own.vars },
      steps: merged.map((step) => step.raw as RawStep),
    },
    problems,
    complete,
  };
}

type Report = (at: YamlPath, code: ProblemCode, message: string, hint: string) => void;

function mergeSteps(base: Base, own: WorkflowShape, complete: boolean, report: Report): PlacedStep[] {
  const merged = new Map<string, PlacedStep>(base.steps.map((raw) => [raw.id, { raw }]));
  const extra: PlacedStep[] = [];
  const hasFinalCondition = base.steps.some((step) => step.final && step.when !== undefined);
  for (const name of Object.keys(own.vars)) {
    if (hasFinalCondition && Object.hasOwn(base.vars, name) && base.vars[name] !== own.vars[name]) {
      report(['vars', name], 'bad-value', `vars.${name} decides about a final step and cannot be replaced.`, 'Use another name.');
    }
  }
  for (const step of own.steps) {
    const at = ['steps', step.index ?? 0] as const;
    const existing = merged.get(step.raw.id);
    if (step.raw.remove) {
      if (existing?.raw.final)
        report([...at, 'remove'], 'bad-value', `Step "${step.raw.id}" is final and cannot be removed.`, 'Keep the step.');
      else if (!existing && complete) report([...at, 'id'], 'unknown-step', `There is no step "${step.raw.id}" to remove.`, 'Mend the id.');
      else merged.delete(step.raw.id);
    } else if (!existing || existing.index !== undefined) extra.push(step);
    else {
      refuseWeakening(existing.raw, step.raw, at, report);
      merged.set(step.raw.id, { ...step, raw: { ...existing.raw, ...step.raw } });
    }
  }
  return [...merged.values(), ...extra];
}

function refuseWeakening(base: RawLooseStep, overlay: RawLooseStep, at: YamlPath, report: Report): void {
  if (overlay.kind !== undefined && overlay.kind !== base.kind) {
    report(
      [...at, 'kind'],
      'bad-value',
      `The step is of kind ${base.kind} in the workflow this one extends.`,
      'Remove it there and add a step of another id.',
    );
  }
  if (!base.final) return;
  for (const key of Object.keys(overlay)) {
    if (key === 'final' ? overlay.final === true : FREE_OF_FINAL.has(key)) continue;
    report(
      [...at, key],
      'bad-value',
      `Step "${base.id}" is final: "${key}" cannot be replaced.`,
      'Change only title, why or learn, or add a step of your own.',
    );
  }
}

/** Steps that are not complete even with what the base has. */
function incomplete(file: LocatedYaml, steps: readonly PlacedStep[], complete: boolean): Problem[] {
  if (!complete) return [];
  return steps.flatMap(({ raw, index }) => {
    if (index === undefined) return [];
    const { remove: _remove, ...value } = raw;
    return grammarProblems(stepSchema, file, stepSchema.safeParse(value), { at: ['steps', index], value });
  });
}

interface Refusal {
  code: ProblemCode;
  message: string;
  hint: string;
}

/** Undefined when files cannot be read here at all (no `context.read`). */
function loadBase(target: string, from: string, context: WorkflowContext, trail: readonly string[]): Base | Refusal | undefined {
  if (isRemote(target)) {
    const hint = 'Copy the file into the repository and name it by its path.';
    return { code: 'bad-value', message: `"${target}" lies in another repository, which is not fetched by this version.`, hint };
  }
  const unsafe = unsafePath(target);
  if (unsafe)
    return { code: 'unsafe-path', message: `The path ${unsafe}.`, hint: 'Write it relative to this file, in its folder or below.' };
  if (!context.read) return undefined;
  const path = resolveBeside(from, target);
  if (trail.includes(path)) {
    return {
      code: 'cycle',
      message: `Files extend each other in a circle: ${[...trail, path].join(' → ')}.`,
      hint: 'Remove one of these.',
    };
  }
  const text = context.read(path);
  if (text === undefined) return { code: 'missing-file', message: `There is no file ${path}.`, hint: 'Create it or mend the path.' };
  return readBase(text, path, context, [...trail, path]);
}

function readBase(text: string, path: string, context: WorkflowContext, trail: readonly string[]): Base | Refusal | undefined {
  const file = parseLocatedYaml(text);
  const bases = (file.value as { extends?: unknown } | null | undefined)?.extends;
  const schema = Array.isArray(bases) ? overlaySchema : workflowSchema;
  const parsed = file.broken ? undefined : schema.safeParse(file.value);
  if (!parsed?.success || file.problems.length > 0) {
    return { code: 'bad-value', message: `${path} has problems of its own.`, hint: `Run handrail validate ${path}.` };
  }
  const raw = parsed.data;
  const own: Base = {
    steps: raw.steps,
    vars: raw.vars ?? {},
    header: pick(raw, ['evidence', 'waive', 'on']),
  };
  let base: Base = { steps: [], vars: {}, header: {} };
  for (const target of raw.extends ?? []) {
    const outcome = loadBase(target, path, context, trail);
    if (!outcome || 'code' in outcome) return outcome;
    base = mergeBases(base, outcome);
  }
  const steps = own.steps.map((step, index) => ({ raw: step, index }));
  let refusal: Refusal | undefined;
  const report: Report = (_at, _code, message, hint) => (refusal ??= { code: 'bad-value', message: `${path}: ${message}`, hint });
  const merged = mergeSteps(base, { steps, vars: own.vars, branches: undefined, extends: [] }, true, report);
  return (
    refusal ?? { steps: merged.map((step) => step.raw), vars: { ...base.vars, ...own.vars }, header: { ...base.header, ...own.header } }
  );
}

/** Of several files to extend, later ones refine earlier ones. */
function mergeBases(first: Base, second: Base): Base {
  const steps = new Map(first.steps.map((step) => [step.id, step]));
  for (const step of second.steps) if (!steps.get(step.id)?.final) steps.set(step.id, { ...steps.get(step.id), ...step });
  return { steps: [...steps.values()], vars: { ...first.vars, ...second.vars }, header: { ...first.header, ...second.header } };
}

function isRemote(target: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(target) || target.includes('//') || /^[^/\s]+@[^/\s]+:/.test(target);
}

function pick(value: unknown, keys: readonly (keyof RawWorkflow)[]): Partial<RawWorkflow> {
  const record = value as Partial<RawWorkflow>;
  return Object.fromEntries(keys.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]]]))) as Partial<RawWorkflow>;
}
