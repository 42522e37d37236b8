import type { GitObjects } from './objects.ts';

export interface TreeEntry {
  /** From the top of the repository. */
  path: string;
  /** Git file mode, e.g. `100644`. */
  mode: string;
  /** Object name. */
  object: string;
}

/** Everything below the given paths of a commit, files only and folders opened (format: git-ls-tree(1), `-z`). */
export async function listTree(git: GitObjects, commit: string, paths: readonly string[]): Promise<TreeEntry[]> {
  const output = await git.run(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]);
  return output
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode, object, path] = /^(\d{6}) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
      return mode === undefined || object === undefined || path === undefined ? [] : [{ path, mode, object }];
    });
}
