import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { skipByPath } from '../../core/ai/review/collect.ts';
import type { Repository } from '../git/repository.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';

/** Which files no model reads or writes, and why. */

const IGNORE_FILE = '.handrailignore';

/** The path that a path leads to through symbolic links, relative to the root; the path itself when it leads nowhere or out. */
export function targetOf(root: string, path: string): string {
  try {
    const target = relative(root, realpathSync.native(join(root, path)))
      .split(sep)
      .join('/');
    return target === '' || target === '..' || target.startsWith('../') ? path : target;
  } catch {
    return path;
  }
}

/** Why a file of this path is left out; undefined when it is not. */
export function skipReason(path: string, ignoredByGit: ReadonlySet<string>, ownIgnore: Ignore): string | undefined {
  if (ignoredByGit.has(path)) return 'ignored by git';
  if (ignore.isPathValid(path) && ownIgnore.ignores(path)) return `ignored by ${IGNORE_FILE}`;
  return skipByPath(path);
}

export function readIgnoreFile(files: NodeWorkspaceFiles): Ignore {
  return ignore().add(quietly(() => files.readText(IGNORE_FILE), undefined) ?? '');
}

/** Those of the paths that git ignores; none outside a repository. */
export async function ignoredByGit(paths: readonly string[], repository: Repository | undefined): Promise<Set<string>> {
  if (!repository || paths.length === 0) return new Set();
  // Exits 1 when nothing is ignored, which is no failure.
  const output = await repository.git(['check-ignore', '-z', '--stdin'], paths.map((path) => `${path}\0`).join('')).catch(() => '');
  return new Set(output.split('\0').filter((path) => path !== ''));
}

/** What reading gives, or `otherwise` where it fails. */
export function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
