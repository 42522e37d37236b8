import { resolveBeside } from '../../paths.ts';
import type { LoadedWorkflow } from '../../select.ts';
import { type PolicyChange, notice, relaxed } from './change.ts';
import { branchesWidened, compareWorkflows } from './workflow.ts';

/**
 * What a change does to a team's workflows together. A branch follows the first one, by file name, that is meant for it, so a new or
 * wider workflow may take branches away from those behind it, and a workflow that another one extends is followed no more unless it says
 * `on`: all of this is relaxed.
 */
export function compareSets(before: readonly LoadedWorkflow[], after: readonly LoadedWorkflow[]): PolicyChange[] {
  const now = new Map(after.map((one) => [one.workflow.id, one]));
  const known = new Set(before.map(({ workflow }) => workflow.id));
  return [
    ...before.flatMap((old) =>
      compareOne(old, now.get(old.workflow.id), { before, after }).map((change) => ({ ...change, path: old.path })),
    ),
    ...after.filter(({ workflow }) => !known.has(workflow.id)).map((added) => ({ ...compareAdded(added, before), path: added.path })),
  ];
}

function compareOne(
  old: LoadedWorkflow,
  now: LoadedWorkflow | undefined,
  sets: { before: readonly LoadedWorkflow[]; after: readonly LoadedWorkflow[] },
): PolicyChange[] {
  const { id } = old.workflow;
  if (now === undefined) return [relaxed(`Workflow ${id} is gone, or cannot be read any more.`)];
  const changes = compareWorkflows(old.workflow, now.workflow);
  if (isBlock(now, sets.after) && !isBlock(old, sets.before)) {
    changes.push(relaxed(`Workflow ${id} is extended by another one now, so no branch follows it by itself.`));
  }
  const widened = branchesWidened(old.workflow, now.workflow);
  if (widened === 'other') changes.push(relaxed(`Workflow ${id} is followed by other branches.`));
  if (widened === 'wider') {
    const behind = sets.before.some((other) => other.workflow.id !== id && other.path > now.path);
    const detail = `Workflow ${id} is followed by more branches`;
    changes.push(behind ? relaxed(`${detail}, which it may take from the workflows behind it.`) : notice(`${detail}.`));
  }
  if (old.path !== now.path) {
    const order = (path: string): string =>
      sets.before
        .filter((other) => other.workflow.id !== id && other.path < path)
        .map(({ path: at }) => at)
        .join();
    const isMoved = order(old.path) !== order(now.path);
    changes.push(
      isMoved ? relaxed(`Workflow ${id} has another place among the workflows.`) : notice(`Workflow ${id} lies in another file.`),
    );
  }
  return changes;
}

function compareAdded(added: LoadedWorkflow, before: readonly LoadedWorkflow[]): PolicyChange {
  const { id } = added.workflow;
  const behind = before.find(({ path }) => path > added.path);
  if (behind === undefined) return notice(`Workflow ${id} is new.`);
  return relaxed(`Workflow ${id} is new and comes before ${behind.workflow.id}, from which it may take branches.`);
}

/** Whether no branch follows it by itself: it says no `on`, and another one extends it. */
function isBlock(one: LoadedWorkflow, all: readonly LoadedWorkflow[]): boolean {
  return (
    one.workflow.on === undefined &&
    all.some(({ path, workflow }) => workflow.extends.some((target) => resolveBeside(path, target) === one.path))
  );
}
