import { HandrailError } from '../../errors.ts';
import type { StepKind } from '../../workflow/definition.ts';

/** A step as the simulation knows it. */
export interface SimulatedStep {
  readonly id: string;
  readonly kind: StepKind;
  /** Ids of the steps that come before. */
  readonly needs: readonly string[];
}

/**
 * What could be done differently; `step`, `before` and `other` are ids of steps, or a kind for all of its steps.
 *
 * - `automate`: a machine settles it, within {@link WhatIfAssumptions.automated}.
 * - `shorten`: it waits that part less, 0 to 1.
 * - `drop`: it is left out; what needs it needs what it needed.
 * - `move`: it comes right before another: it needs what that one needed, and that one needs it.
 * - `beside`: it begins when another begins; what needs it still does.
 */
export type Change =
  | { readonly type: 'automate'; readonly step: string }
  | { readonly type: 'drop'; readonly step: string }
  | { readonly type: 'shorten'; readonly step: string; readonly by: number }
  | { readonly type: 'move'; readonly step: string; readonly before: string }
  | { readonly type: 'beside'; readonly step: string; readonly other: string };

export interface ChangedStep extends SimulatedStep {
  readonly automated: boolean;
  /** What its wait is multiplied with. */
  readonly factor: number;
}

/** Steps in a line, called by their kinds (`command-1`, `command-3` where there are several), for teams whose workflow is not at hand. */
export function chainOf(kinds: readonly StepKind[]): SimulatedStep[] {
  const ids = kinds.map((kind, index) => (kinds.filter((one) => one === kind).length === 1 ? kind : `${kind}-${index + 1}`));
  return kinds.map((kind, index) => ({ id: ids[index] ?? kind, kind, needs: index === 0 ? [] : [ids[index - 1] ?? ''] }));
}

/** The workflow after the changes, in order. Fails with `usage` for a step that is not there, and for steps that would need each other. */
export function changedSteps(steps: readonly SimulatedStep[], changes: readonly Change[]): ChangedStep[] {
  const known = new Set(steps.map(({ id }) => id));
  let changed = steps.map(({ id, kind, needs }): ChangedStep => ({
    id,
    kind,
    needs: needs.filter((need) => known.has(need)),
    automated: false,
    factor: 1,
  }));
  for (const change of changes) {
    const ids = named(changed, change.step);
    if (change.type === 'automate') changed = changed.map((one) => (ids.includes(one.id) ? { ...one, automated: true } : one));
    if (change.type === 'shorten') {
      const factor = 1 - Math.min(1, Math.max(0, change.by));
      changed = changed.map((one) => (ids.includes(one.id) ? { ...one, factor: one.factor * factor } : one));
    }
    if (change.type === 'drop') for (const id of ids) changed = without(changed, id);
    if (change.type === 'move') {
      const before = named(changed, change.before);
      for (const id of ids) changed = moved(changed, id, before);
    }
    if (change.type === 'beside') {
      const others = named(changed, change.other);
      for (const id of ids) changed = beside(changed, id, others);
    }
  }
  return inOrder(changed);
}

function named(steps: readonly ChangedStep[], name: string): string[] {
  const byId = steps.filter(({ id }) => id === name);
  const found = byId.length > 0 ? byId : steps.filter(({ kind }) => kind === name);
  if (found.length > 0) return found.map(({ id }) => id);
  throw new HandrailError('usage', `The workflow has no step or kind ${JSON.stringify(name)}.`, {
    hint: steps.length === 0 ? 'No step is left.' : `It has ${steps.map(({ id }) => id).join(', ')}.`,
  });
}

/** Without the step; what needed it needs what it needed. */
function without(steps: readonly ChangedStep[], id: string): ChangedStep[] {
  const needs = steps.find((one) => one.id === id)?.needs ?? [];
  return steps
    .filter((one) => one.id !== id)
    .map((one) => (one.needs.includes(id) ? { ...one, needs: [...new Set([...one.needs.filter((need) => need !== id), ...needs])] } : one));
}

function moved(steps: readonly ChangedStep[], id: string, before: readonly string[]): ChangedStep[] {
  const step = steps.find((one) => one.id === id);
  const others = before.filter((other) => other !== id);
  if (step === undefined || others.length === 0) return [...steps];
  const left = without(steps, id);
  const later = new Set([...others, ...after(left, others)]);
  const needs = new Set(left.filter((one) => others.includes(one.id)).flatMap((one) => one.needs.filter((need) => !later.has(need))));
  return [
    { ...step, needs: [...needs] },
    ...left.map((one) => (others.includes(one.id) ? { ...one, needs: [id, ...one.needs.filter((need) => later.has(need))] } : one)),
  ];
}

/** Ids of the steps that need any of these, directly or by others. */
function after(steps: readonly ChangedStep[], ids: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (let before = -1; found.size > before;) {
    before = found.size;
    for (const { id, needs } of steps) if (needs.some((need) => ids.includes(need) || found.has(need))) found.add(id);
  }
  return found;
}

function beside(steps: readonly ChangedStep[], id: string, others: readonly string[]): ChangedStep[] {
  const needs = new Set(steps.filter((one) => others.includes(one.id) && one.id !== id).flatMap((one) => one.needs));
  if (others.every((other) => other === id)) return [...steps];
  return steps.map((one) => (one.id === id ? { ...one, needs: [...needs] } : one));
}

/** Each step after those it needs, otherwise as they were. */
function inOrder(steps: readonly ChangedStep[]): ChangedStep[] {
  const done = new Set<string>();
  const order: ChangedStep[] = [];
  while (order.length < steps.length) {
    const next = steps.find(({ id, needs }) => !done.has(id) && needs.every((need) => done.has(need)));
    if (next === undefined) {
      const left = steps.filter(({ id }) => !done.has(id)).map(({ id }) => id);
      throw new HandrailError('usage', `Changed like that, these steps would wait for each other: ${left.join(', ')}.`, {
        hint: 'Move one of them elsewhere.',
      });
    }
    done.add(next.id);
    order.push(next);
  }
  return order;
}
