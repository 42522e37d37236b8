import type { CommitFacts } from '../../core/workflow/verify/authors.ts';
import { readCommit } from './commitObject.ts';
import { rawsByCommit } from './commitRaws.ts';
import { readMerges } from './mergeWritten.ts';
import type { GitObjects } from './objects.ts';

/** A path as one commit left it. */
export interface Written {
  path: string;
  /** Object name, or null where the commit took it away. */
  blob: string | null;
}

export interface HistoryCommit extends CommitFacts {
  written: Written[];
}

/**
 * The commits that one commit has and another has not, newest first, each with the paths that it writes: a merge with those that git
 * would have merged otherwise, so that what is smuggled into a merge or thrown away by it is seen, and what was merged is not.
 */
export async function readHistory(git: GitObjects, from: string, to: string): Promise<HistoryCommit[]> {
  const listed = (await git.run(['rev-list', `${from}..${to}`, '--'])).toString('latin1');
  const ids = listed.split('\n').filter((id) => id !== '');
  const contents = await git.contents(ids);
  const commits = ids.map((id, index) => ({ id, ...readCommit(id, contents[index]?.content) }));
  const raws = new Map([...(await rawsByCommit(git, ids)), ...(await readMerges(git, commits))]);
  return commits.map((commit) => {
    const written = (raws.get(commit.id) ?? []).map(({ path, newBlob }): Written => ({ path, blob: newBlob ?? null }));
    return { ...commit, paths: written.map(({ path }) => path), written };
  });
}
