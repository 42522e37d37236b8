import { join } from 'node:path';
import { branchKey } from '../../core/workflow/branch.ts';
import type { WatchedDirectory } from '../directoryWatch.ts';

/**
 * The directories whose entries a run depends on, from the outermost to the innermost, so that each is noticed when it comes to
 * be: workflow files under `root`, and records under the git common directory, of `branch` when one is checked out.
 */
export function watchedDirectories(root: string, commonDir: string | undefined, branch: string | null): WatchedDirectory[] {
  const directories: WatchedDirectory[] = [
    { path: root, only: ['.handrail', '.git'] },
    { path: join(root, '.handrail') },
    { path: join(root, '.handrail', 'workflows') },
  ];
  if (commonDir === undefined) return directories;
  const own = join(commonDir, 'handrail');
  directories.push({ path: commonDir, only: ['handrail'] }, { path: own, only: ['runs'] }, { path: join(own, 'runs') });
  if (branch !== null) directories.push({ path: join(own, 'runs', branchKey(branch)) });
  return directories;
}
