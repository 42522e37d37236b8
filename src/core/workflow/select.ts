import type { Workflow } from './definition.ts';
import { compileGlobs } from './globs.ts';
import { resolveBeside } from './paths.ts';

/** A workflow together with the file it was read from. */
export interface LoadedWorkflow {
  path: string;
  workflow: Workflow;
}

/**
 * The workflows a branch may follow, in the order of their file names: the first one is what it follows unless a person picked another.
 * A file without `on` matches every branch, except one that others extend: that is a building block. On a detached head (`null`)
 * only workflows without `on` match.
 */
export function matchingWorkflows(loaded: readonly LoadedWorkflow[], branch: string | null): LoadedWorkflow[] {
  const blocks = new Set(loaded.flatMap(({ path, workflow }) => workflow.extends.map((target) => resolveBeside(path, target))));
  return loaded
    .filter(({ path, workflow }) => (workflow.on ? branch !== null && compileGlobs(workflow.on.branches)(branch) : !blocks.has(path)))
    .sort((left, right) => compareText(left.path, right.path));
}

/** By UTF-16 units, so that the order is the same on every machine and in every language. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
