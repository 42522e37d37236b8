import type { ExpressionFacts } from '../expressions.ts';
import type { StepStatus } from '../run.ts';

/** A name in a folder of the workspace. */
export interface FolderEntry {
  name: string;
  isFolder: boolean;
}

/** What globs and expressions of a workflow are about, on the branch as it is. */
export interface BranchFacts {
  /** Stands for `${branch}` in paths. */
  slug: string;
  facts: ExpressionFacts;
}

/**
 * What lies around a file that somebody is writing. Paths are relative to the workspace folder, with `/`; texts that an editor holds
 * unsaved come before what is on disk. What cannot be known (no git, restricted mode) is undefined or empty, never a failure.
 */
export interface Surroundings {
  exists(path: string): boolean;
  read(path: string): string | undefined;
  /** Whether a file can be made there: nothing is in its place, not even a link, and no link leads elsewhere on the way. */
  isFree(path: string): boolean;
  /** Files and folders directly in a folder, sorted by name; empty when there is no such folder. `''` is the workspace folder. */
  entries(folder: string): readonly FolderEntry[];
  /** All files of the workspace, as far as people see them: those of git's own folder and of dependencies are left out. */
  files(): Promise<readonly string[]>;
  branch(): Promise<BranchFacts | undefined>;
  /** How a step stands, when the branch follows the workflow of this file. */
  step(path: string, id: string): StepStatus | undefined;
}

/** The workflow files of the workspace, sorted. Files that others build on may lie in folders below. */
export function workflowFiles(around: Surroundings): string[] {
  const found: string[] = [];
  const visit = (folder: string, depth: number): void => {
    for (const { name, isFolder } of around.entries(folder)) {
      if (isFolder && depth < MAX_FOLDER_DEPTH) visit(`${folder}/${name}`, depth + 1);
      else if (!isFolder && /\.ya?ml$/.test(name) && found.length < MAX_WORKFLOW_FILES) found.push(`${folder}/${name}`);
    }
  };
  visit('.handrail/workflows', 0);
  return found;
}

const MAX_FOLDER_DEPTH = 4;
const MAX_WORKFLOW_FILES = 200;
