import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { skipByPath } from '../../core/ai/review/collect.ts';
import { unsafePath } from '../../core/workflow/paths.ts';
import { gitIn, type GitCommand } from '../git/gitCommand.ts';
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

/**
 * Those of the paths that git ignores; none outside a repository. What git cannot judge counts as ignored, except for a path that leads
 * out of the folder: whoever reads it refuses it, and says why.
 */
export async function ignoredByGit(paths: readonly string[], repository: Repository | undefined): Promise<Set<string>> {
  const inside = paths.filter((path) => unsafePath(path) === undefined);
  if (!repository || inside.length === 0) return new Set();
  return new Set(await ignoredAmong(inside, repository));
}

/** Git gives up on the whole list at a path that lies beyond a link or in another repository, so such a list is halved. */
async function ignoredAmong(paths: readonly string[], repository: Repository): Promise<string[]> {
  const answer = await checkIgnore(repository.git, paths);
  if (answer !== undefined) return answer;
  const [only] = paths;
  if (only !== undefined && paths.length === 1) return (await isIgnoredWhereItLies(only, repository)) ? [only] : [];
  const middle = paths.length >> 1;
  return [...(await ignoredAmong(paths.slice(0, middle), repository)), ...(await ignoredAmong(paths.slice(middle), repository))];
}

/** Asks the repository that the path's folder really is in. */
async function isIgnoredWhereItLies(path: string, { root }: Repository): Promise<boolean> {
  const segments = path.split('/');
  for (let count = segments.length - 1; count > 0; count--) {
    const folder = quietly(() => realpathSync.native(join(root, ...segments.slice(0, count))), undefined);
    if (folder === undefined) continue;
    const rest = segments.slice(count).join('/');
    return (await checkIgnore(gitIn(folder, root), [rest]))?.includes(rest) ?? true;
  }
  return true;
}

/** Undefined when git does not judge one of the paths. */
async function checkIgnore(git: GitCommand, paths: readonly string[]): Promise<string[] | undefined> {
  try {
    // Behind `./`, a name that begins with a colon is not taken for a pattern. Exits 1 when nothing is ignored, which is no failure.
    const output = await git(['check-ignore', '-z', '--stdin'], paths.map((path) => `./${path}\0`).join(''));
    return output.split('\0').flatMap((path) => (path === '' ? [] : [path.slice(2)]));
  } catch {
    return undefined;
  }
}

/** What reading gives, or `otherwise` where it fails. */
export function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
