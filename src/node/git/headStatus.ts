import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  /** Everything that is not committed, relative to the folder; a repository inside this one that git does not know ends in `/`. */
  uncommitted: string[];
}

/** Fields before the path of an entry, by its first character (git-status(1), "Changed Tracked Entries"). */
const FIELDS_BEFORE_PATH: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 };

export interface HeadStatusOptions {
  /** The folder's path inside the working tree, as `git rev-parse --show-prefix` gives it, because the format always speaks from the top. */
  prefix: string;
  /** Git's folder of this worktree. */
  gitDir: string;
  /** Limit what is looked at. */
  pathspecs?: readonly string[];
}

/**
 * One `git status` (format: git-status(1), "Porcelain Format Version 2", `-z`).
 */
export async function readHeadStatus(git: GitCommand, { prefix, gitDir, pathspecs = ['.'] }: HeadStatusOptions): Promise<HeadStatus> {
  const output = await git([
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--ignore-submodules=dirty',
    '--',
    ...pathspecs,
  ]);
  const status: HeadStatus = { branch: null, commit: null, clean: true, untracked: [], uncommitted: [] };
  for (const entry of output.split('\0')) {
    if (entry.startsWith('# branch.oid ')) status.commit = orNull(entry.slice(13), '(initial)');
    else if (entry.startsWith('# branch.head ')) status.branch = branchOf(entry.slice(14), gitDir);
    else if (entry !== '' && !entry.startsWith('# ')) {
      const path = pathOf(entry).slice(prefix.length);
      status.clean = false;
      status.uncommitted.push(path);
      // A trailing slash is a repository inside this one: its content is not part of this change until it is added.
      if (entry.startsWith('? ') && !entry.endsWith('/')) status.untracked.push(path);
    }
  }
  return status;
}

/** A path may hold spaces, so it is all that follows the fields before it. */
function pathOf(entry: string): string {
  let start = 0;
  for (let field = FIELDS_BEFORE_PATH[entry[0] ?? ''] ?? 0; field > 0; field -= 1) start = entry.indexOf(' ', start) + 1;
  return entry.slice(start);
}

const DETACHED = '(detached)';

/** Git says the same of a commit without a branch and of a branch of this name; the head itself tells them apart. */
function branchOf(name: string, gitDir: string): string | null {
  if (name !== DETACHED) return name;
  try {
    return readFileSync(join(gitDir, 'HEAD'), 'utf8').trimEnd() === `ref: refs/heads/${DETACHED}` ? DETACHED : null;
  } catch {
    return null;
  }
}

function orNull(value: string, none: string): string | null {
  return value === none ? null : value;
}
