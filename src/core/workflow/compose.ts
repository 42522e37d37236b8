import { grammarProblems } from '../yaml/grammarProblems.ts';
import type { LocatedYaml, YamlPath } from '../yaml/locatedYaml.ts';
import { WorkflowChecks } from './checks.ts';
import type { PlacedStep, WorkflowContext } from './checks.ts';
import { flawedShared, Layers } from './layers.ts';
import type { Layer, Refusal } from './layers.ts';
import { problemAt } from './problem.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { WorkflowShape } from './parse.ts';
import { MAX_VARS, stepSchema } from './schema.ts';
import type { RawLooseStep, RawStep, RawWorkflow } from './schema.ts';

/** What an overlay may still change of a step marked `final: true`: words, not meaning. */
const FREE_OF_FINAL: ReadonlySet<string> = new Set(['id', 'title', 'why', 'learn', 'final']);
/** Problems about what lies around a file; its steps can be followed all the same. */
const AROUND: ReadonlySet<ProblemCode> = new Set(['missing-file', 'unknown-model']);

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

type Header = Pick<Partial<RawWorkflow>, 'evidence' | 'waive' | 'on'>;

/** What files say together, from the first to the last. */
interface Merged {
  steps: PlacedStep[];
  vars: Record<string, string>;
  header: Header;
}

/** What one file adds, changes and removes. */
interface Overlay {
  steps: readonly PlacedStep[];
  vars: Record<string, string>;
  header: Header;
}

type Report = (at: YamlPath, code: ProblemCode, message: string, hint: string) => void;

/**
 * Merges the files that a workflow extends: steps by id, an overlay's fields replace the base's, `{ id, remove: true }` takes a step
 * out, new steps come after. Reports at the `extends` item or at the overlay's own step.
 */
export function compose(file: LocatedYaml, path: string, own: WorkflowShape, context: WorkflowContext): Composition {
  if (own.extends.length === 0) return { steps: own.steps, vars: own.vars, merged: {}, problems: [], complete: true };
  const problems: Problem[] = [];
  const report: Report = (at, code, message, hint) => problems.push(problemAt(file.text, file.spanOf(at), code, message, hint));
  const refuse = (index: number, { code, message, hint, remedy }: Refusal): void => {
    const problem = problemAt(file.text, file.spanOf(['extends', index]), code, message, hint);
    problems.push({ ...problem, ...(remedy === undefined ? {} : { remedy }) });
  };
  const layers = new Layers(context);
  let complete = true;
  own.extends.forEach((target, index) => {
    const outcome = layers.add(target, { path }, index, [path]);
    if (outcome !== undefined) complete = false;
    if (typeof outcome === 'object') refuse(index, outcome);
  });
  const base = mergeLayers(layers.found, refuse);
  if (complete) for (const layer of layers.found) for (const flaw of flawsOf(layer, base, context)) refuse(layer.index, flaw);
  const { steps, vars: all, header } = merge(base, { steps: own.steps, vars: own.vars, header: headerOf(file.value) }, complete, report);
  const vars = Object.fromEntries(Object.entries(all).slice(0, MAX_VARS));
  if (Object.keys(all).length > MAX_VARS) {
    report(['extends'], 'bad-value', `Together the files hold more than ${MAX_VARS} variables.`, 'Use fewer variables.');
  }
  problems.push(...incomplete(file, steps, complete));
  return {
    steps,
    vars,
    merged: { ...header, vars, steps: steps.map((step) => step.raw as RawStep) },
    problems,
    complete,
  };
}

/** Lays the files over one another. What one of them must not do is said at the item that brought it. */
function mergeLayers(layers: readonly Layer[], refuse: (index: number, refusal: Refusal) => void): Merged {
  let merged: Merged = { steps: [], vars: {}, header: {} };
  for (const { name, raw, index } of layers) {
    let refused = false;
    const report: Report = (_at, code, message, hint) => {
      if (!refused) refuse(index, { code: code === 'unknown-step' ? code : 'bad-value', message: `${name}: ${message}`, hint });
      refused = true;
    };
    const steps = raw.steps.map((step, at): PlacedStep => ({ raw: step, index: at }));
    merged = merge(merged, { steps, vars: raw.vars ?? {}, header: headerOf(raw) }, true, report);
    merged.steps = merged.steps.map((step) => ({ raw: step.raw }));
  }
  return merged;
}

function merge(base: Merged, overlay: Overlay, complete: boolean, report: Report): Merged {
  guardFinal(base, overlay, report);
  const merged = new Map<string, PlacedStep>(base.steps.map(({ raw }) => [raw.id, { raw }]));
  const extra: PlacedStep[] = [];
  const removed = new Map<string, YamlPath>();
  for (const step of overlay.steps) {
    const at = ['steps', step.index ?? 0] as const;
    const existing = merged.get(step.raw.id);
    if (step.raw.remove) {
      if (existing?.raw.final)
        report([...at, 'remove'], 'bad-value', `Step "${step.raw.id}" is final and cannot be removed.`, 'Keep the step.');
      else if (!existing && complete) report([...at, 'id'], 'unknown-step', `There is no step "${step.raw.id}" to remove.`, 'Mend the id.');
      else if (merged.delete(step.raw.id)) removed.set(step.raw.id, [...at, 'remove']);
    } else if (!existing || existing.index !== undefined) extra.push(step);
    else {
      refuseWeakening(existing.raw, step.raw, at, report);
      merged.set(step.raw.id, { ...step, raw: { ...existing.raw, ...step.raw } });
    }
  }
  const steps = [...merged.values(), ...extra];
  if (complete) guardNeeds(steps, removed, report);
  return { steps, vars: { ...base.vars, ...overlay.vars }, header: { ...base.header, ...overlay.header } };
}

/** What a file says for all steps must not loosen what holds for a final one. */
function guardFinal(base: Merged, { vars, header }: Overlay, report: Report): void {
  const finals = base.steps.filter(({ raw }) => raw.final);
  if (finals.length === 0) return;
  const id = finals[0]?.raw.id ?? '';
  if (finals.some(({ raw }) => raw.when !== undefined)) {
    for (const name of Object.keys(vars)) {
      if (!Object.hasOwn(base.vars, name) || base.vars[name] === vars[name]) continue;
      report(['vars', name], 'bad-value', `vars.${name} decides about a final step and cannot be replaced.`, 'Use another name.');
    }
  }
  if (base.header.evidence === 'tracked' && header.evidence === 'local') {
    report(['evidence'], 'bad-value', `Step "${id}" is final: its records stay tracked.`, 'Leave evidence as it is there.');
  }
  const [before, now] = [base.header.waive, header.waive].map((waive) => JSON.stringify(waive));
  if (before !== undefined && now !== undefined && before !== now) {
    report(['waive'], 'bad-value', `Step "${id}" is final: how it may be skipped cannot be replaced.`, 'Leave waive as it is there.');
  }
}

/** A step that others need is not taken from under them: they would count it as done. */
function guardNeeds(steps: readonly PlacedStep[], removed: ReadonlyMap<string, YamlPath>, report: Report): void {
  if (removed.size === 0) return;
  const kept = new Set(steps.map(({ raw }) => raw.id));
  for (const { raw, index } of steps) {
    // What the overlay's own steps name is checked with them.
    if (index !== undefined) continue;
    for (const id of [...(raw.needs ?? []), ...(raw['independent-of'] ?? [])]) {
      const at = kept.has(id) ? undefined : removed.get(id);
      const hint = raw.final ? 'Keep the step.' : `Keep the step, or say here what "${raw.id}" needs instead.`;
      if (at) report(at, 'unknown-step', `Step "${raw.id}" names "${id}", which is removed here.`, hint);
    }
  }
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
  for (const key of Object.keys(overlay) as (keyof RawLooseStep)[]) {
    if (key === 'final' ? overlay.final === true : FREE_OF_FINAL.has(key)) continue;
    if (JSON.stringify(overlay[key]) === JSON.stringify(base[key])) continue;
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

/**
 * What is wrong in a file below, beyond its grammar: a step that is not complete in the end, a path that leads out, an expression that
 * is none. A file of this repository tells its own; one of another repository has no other place where it would be told.
 */
function flawsOf(layer: Layer, base: Merged, context: WorkflowContext): Refusal[] {
  const own = layer.raw.steps.map((raw, index): PlacedStep => ({ raw, index }));
  const ids = new Set(own.map(({ raw }) => raw.id));
  const checks = new WorkflowChecks(layer.file, context);
  const vars = Object.fromEntries(Object.entries(base.vars).slice(0, MAX_VARS));
  checks.run([...own.filter(({ raw }) => !raw.remove), ...base.steps.filter(({ raw }) => !ids.has(raw.id))], vars, undefined, true);
  const merged = base.steps
    .filter(({ raw }) => ids.has(raw.id))
    .map(({ raw }) => ({ raw, index: own.findIndex((one) => one.raw.id === raw.id) }));
  const problems = [...incomplete(layer.file, merged, true), ...checks.problems].filter(({ severity }) => severity === 'error');
  const fatal = problems.find(({ code }) => !AROUND.has(code));
  if (fatal !== undefined) {
    return [
      layer.isShared
        ? flawedShared(layer.name, fatal)
        : { code: 'bad-value', message: `${layer.name} has problems of its own.`, hint: `Run handrail validate ${layer.name}.` },
    ];
  }
  if (!layer.isShared) return [];
  return problems.map(({ code, line, message, hint }) => ({
    code,
    message: `${layer.name}, line ${line}: ${message}`,
    hint: hint ?? 'Add it here, or replace the step.',
  }));
}

function headerOf(value: unknown): Header {
  const { evidence, waive, on } = (value ?? {}) as Partial<RawWorkflow>;
  return { ...(evidence && { evidence }), ...(waive && { waive }), ...(on && { on }) };
}
