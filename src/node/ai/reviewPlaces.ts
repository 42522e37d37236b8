import { join } from 'node:path';
import { failureOf } from '../../core/errors.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { shortHash, workspaceKey } from './workspaceKey.ts';

/** Where a workspace folder's review state lives. */
export interface ReviewPlaces {
  repository: Repository | undefined;
  /** Findings of the last review; per worktree, and per folder where several workspace folders share one. */
  findingsFile: string;
  /** What models said about pieces of code; per worktree. */
  answersFolder: string;
  /** Personal dismissals, one file each; shared by the worktrees of a repository. */
  dismissalsFolder: string;
}

/**
 * Under git's own folders inside a repository, else under the person's data, by workspace. Git is not asked in a folder that is
 * not `trusted`, since the folder's own configuration can make git start programs.
 */
export async function reviewPlaces(root: string, home: string, trusted: boolean): Promise<ReviewPlaces> {
  const repository = trusted ? await repositoryAt(root) : undefined;
  const key = workspaceKey(root);
  if (!repository) {
    const folder = join(home, 'state', 'reviews', key);
    return {
      repository,
      findingsFile: join(folder, 'findings.json'),
      answersFolder: join(folder, 'answers'),
      dismissalsFolder: join(folder, 'dismissals'),
    };
  }
  const isTop = workspaceKey(repository.topLevel) === key;
  const name = isTop ? 'findings.json' : `findings-${shortHash(key)}.json`;
  return {
    repository,
    findingsFile: join(repository.gitDir, 'handrail', 'cache', name),
    answersFolder: join(repository.gitDir, 'handrail', 'cache', 'answers'),
    dismissalsFolder: join(repository.commonDir, 'handrail', 'dismissals'),
  };
}

async function repositoryAt(root: string): Promise<Repository | undefined> {
  return await openRepository(root).catch((error: unknown) => {
    if (failureOf(error)?.reason === 'no-git') return undefined;
    throw error;
  });
}
