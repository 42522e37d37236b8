import type { CommitFacts } from '../../core/workflow/verify/authors.ts';
import { readCommit } from './commitObject.ts';
import { RAW_DIFF } from './commitChanges.ts';
import { readMerges } from './mergeWritten.ts';
import type { GitObjects } from './objects.ts';
import { parseDiff, type Raw } from './readChanges.ts';

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
  const raws = new Map([...(await readOrdinary(git, ids)), ...(await readMerges(git, commits))]);
  return commits.map((commit) => {
    const written = (raws.get(commit.id) ?? []).map(({ path, newBlob }): Written => ({ path, blob: newBlob ?? null }));
    return { ...commit, paths: written.map(({ path }) => path), written };
  });
}

/** What commits with one parent or none change, by commit. Of a merge git shows nothing here (git-diff-tree(1), `--stdin`). */
async function readOrdinary(git: GitObjects, ids: readonly string[]): Promise<Map<string, Raw[]>> {
  const found = new Map<string, Raw[]>();
  if (ids.length === 0) return found;
  const output = await git.run(['diff-tree', '--stdin', '--root', ...RAW_DIFF, '--raw'], `${ids.join('\n')}\n`);
  const tokens = output.toString('utf8').split('\0');
  let [id, start] = ['', 0];
  const end = (at: number): void => {
    if (id !== '') found.set(id, parseDiff(tokens.slice(start, at).join('\0')).raws);
  };
  for (let at = 0; at < tokens.length; at += 1) {
    // Each change is followed by its path, whatever that looks like.
    if (tokens[at]?.startsWith(':') === true) at += 1;
    else if (/^[0-9a-f]{40,64}$/.test(tokens[at] ?? '')) {
      end(at);
      [id, start] = [tokens[at] ?? '', at + 1];
    }
  }
  end(tokens.length);
  return found;
}
