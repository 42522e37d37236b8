import type { Workflow } from '../../definition.ts';
import { compareApprovers } from './approvers.ts';
import { listDifference, notice, type PolicyChange, relaxed } from './change.ts';
import { compareSteps } from './step.ts';

/**
 * What a change of one workflow does, as it stands after `extends`. `on` and the order of files, which decide whether a workflow is
 * followed at all, are compared in `selection.ts`.
 *
 * Beside its steps: `evidence` may become `tracked`; a variable may be added, and taken out where nothing uses it; `waive` may name fewer
 * people and fewer days, and ask for a reason. Anything else is relaxed.
 */
export function compareWorkflows(before: Workflow, after: Workflow): PolicyChange[] {
  return [
    ...(before.title === after.title ? [] : [notice(`Workflow ${before.id} has another title.`)]),
    ...evidence(before, after),
    ...variables(before, after),
    ...waivers(before.waive, after.waive).map((change) => ({ ...change, detail: `A waiver ${change.detail}.` })),
    ...steps(before, after),
  ];
}

function steps(before: Workflow, after: Workflow): PolicyChange[] {
  const now = new Map(after.steps.map((step) => [step.id, step]));
  const known = new Set(before.steps.map(({ id }) => id));
  return [
    ...before.steps.flatMap((step): PolicyChange[] => {
      const next = now.get(step.id);
      if (next === undefined) return [relaxed(`Step ${step.id} of workflow ${before.id} is gone.`)];
      return compareSteps(step, next).map(({ effect, detail }) => ({
        effect,
        detail: `Step ${step.id} of workflow ${before.id} ${detail}.`,
      }));
    }),
    ...after.steps.filter(({ id }) => !known.has(id)).map(({ id }) => notice(`Step ${id} is new in workflow ${before.id}.`)),
  ];
}

function evidence(before: Workflow, after: Workflow): PolicyChange[] {
  if (before.evidence === after.evidence) return [];
  const detail = `Workflow ${before.id} now keeps its evidence ${after.evidence === 'tracked' ? 'in the repository' : 'on each machine'}.`;
  return [after.evidence === 'tracked' ? notice(detail) : relaxed(detail)];
}

/** A variable means what its text says, so another text is another condition wherever the variable is used. */
function variables(before: Workflow, after: Workflow): PolicyChange[] {
  const texts = [...before.steps, ...after.steps]
    .map(({ when }) => when ?? '')
    .concat(Object.values(before.vars), Object.values(after.vars));
  const isUsed = (name: string): boolean => texts.some((text) => text.includes('vars') && text.includes(name));
  return Object.entries(before.vars).flatMap(([name, text]): PolicyChange[] => {
    if (after.vars[name]?.trim() === text.trim()) return [];
    const detail = `The variable ${name} of workflow ${before.id} is another.`;
    return [isUsed(name) ? relaxed(detail) : notice(detail)];
  });
}

/** Sentences go on after "A waiver". */
function waivers(before: Workflow['waive'], after: Workflow['waive']): PolicyChange[] {
  const changes: PolicyChange[] = [];
  if (before?.require !== after?.require) {
    changes.push(after?.require === undefined ? relaxed('no longer needs a reason') : notice('now needs a reason'));
  }
  const [days, now] = [daysOf(before?.expires), daysOf(after?.expires)];
  if (days !== now) changes.push(now > days ? relaxed('may last longer') : notice('may not last as long'));
  if (before?.by !== undefined && after?.by === undefined) changes.push(relaxed('may be given by anyone'));
  if (before?.by === undefined && after?.by !== undefined) changes.push(notice('may only be given by some'));
  if (before?.by !== undefined && after?.by !== undefined) changes.push(...compareApprovers(before.by, after.by));
  return changes;
}

/** `14d` in days; what no workflow says is the most there is. */
export function daysOf(expires: string | undefined): number {
  const days = /^(\d+)d$/.exec(expires ?? '')?.[1];
  return days === undefined ? MOST_DAYS : Math.min(Number(days), MOST_DAYS);
}

/** A waiver lasts no longer than that after the commit that brought it. */
export const MOST_DAYS = 90;

/** How a workflow's `on` changed; see `selection.ts` for what that does. */
export function branchesWidened(before: Workflow, after: Workflow): 'same' | 'wider' | 'other' {
  const [old, now] = [before.on?.branches, after.on?.branches];
  if (now === undefined) return old === undefined ? 'same' : 'wider';
  if (old === undefined) return 'other';
  const { gone, added } = listDifference(old, now);
  if (gone.length === 0 && added.length === 0) return 'same';
  // A list of exclusions alone takes all other branches, until it names one.
  const isWider = gone.length === 0 && [...added, ...old.slice(0, 1)].every((glob) => !glob.startsWith('!'));
  return isWider ? 'wider' : 'other';
}
