import type { GitCommand } from './gitCommand.ts';

export interface HeadStatus {
  /** Short name, e.g. `feat/login`; null on a detached head. */
  branch: string | null;
  /** Object name of the head commit; null in a repository without commits. */
  commit: string | null;
  /** Nothing is uncommitted in the folder, untracked files included. */
  clean: boolean;
  /** Untracked files that git does not ignore, relative to the folder. */
  untracked: string[];
}

/**
 * One `git status` (format: git-status(1), "Porcelain Format Version 2", `-z`). `prefix` is the folder's path inside the working
 * tree, as `git rev-parse --show-prefix` gives it, because this format always speaks from the top.
 */
export async function readHeadStatus(git: GitCommand, prefix: string): Promise<HeadStatus> {
  const output = await git([
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--ignore-submodules=dirty',
    '--',
    '.',
  ]);
  const status: HeadStatus = { branch: null, commit: null, clean: true, untracked: [] };
  for (const entry of output.split('\0')) {
    if (entry.startsWith('# branch.oid ')) status.commit = orNull(entry.slice(13), '(initial)');
    else if (entry.startsWith('# branch.head ')) status.branch = orNull(entry.slice(14), '(detached)');
    else if (entry !== '' && !entry.startsWith('# ')) {
      status.clean = false;
      // A trailing slash is a repository inside this one: its content is not part of this change until it is added.
      if (entry.startsWith('? ') && !entry.endsWith('/')) status.untracked.push(entry.slice(2 + prefix.length));
    }
  }
  return status;
}

function orNull(value: string, none: string): string | null {
  return value === none ? null : value;
}
