import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/** More pathspecs than this cost git as much as looking at everything. */
const MAX_PATHS = 100;
/** They decide about other files than themselves. */
const FAR_REACHING = /(^|\/)(\.gitignore|\.gitattributes|\.gitmodules|\.git)(\/|$)/;

/** Whether what stands in a file may change what git says about others. */
export function reachesFar(path: string): boolean {
  return FAR_REACHING.test(path);
}

export interface TouchedOptions {
  /** The folder, with symbolic links resolved. */
  root: string;
  /** Paths of submodules, relative to the folder. */
  submodules: readonly string[];
  /** Paths of repositories inside this one that git does not know, with a `/` at their end. */
  strangers: readonly string[];
}

/**
 * The paths whose state in git may differ after these were written, relative to the folder; undefined when it cannot be told, so that
 * everything has to be looked at. Submodules are always among them, since their commits move without a file of the folder changing.
 */
export function affectedPaths(touched: readonly string[], { root, submodules, strangers }: TouchedOptions): string[] | undefined {
  const affected = new Set(submodules);
  for (const path of touched) {
    if (path === '' || path === '.' || reachesFar(path)) return undefined;
    const real = realPath(root, path);
    if (real === undefined) continue;
    if (real === '') return undefined;
    if (submodules.some((submodule) => isUnder(real, submodule))) continue;
    const inner = innerRepository(root, real);
    // It was a repository of its own and is none any more, so its files count now.
    if (inner === undefined && strangers.some((stranger) => real !== stranger.slice(0, -1) && isUnder(real, stranger.slice(0, -1))))
      return undefined;
    affected.add(inner ?? real);
    // Who saves a linked file writes the one it leads to.
    const target = inner === undefined ? linkTarget(root, real) : undefined;
    if (target !== undefined) affected.add(target);
    const way = inTheWay(root, path);
    if (way !== undefined && !submodules.some((one) => isUnder(way, one)) && innerRepository(root, way) === undefined) affected.add(way);
    if (affected.size > MAX_PATHS) return undefined;
  }
  return [...affected];
}

/** Whether a path is the given one or lies below it. */
export function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The folders inside the root that the paths lie in. */
export function foldersAround(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  }
  return [...folders];
}

/** What stands where a path has a folder, a file or a link: it may have taken the place of that folder. */
function inTheWay(root: string, path: string): string | undefined {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end);
    const stat = lstatSync(join(root, folder), { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isDirectory()) return folder;
  }
  return undefined;
}

/** The path as git knows it, which does not look through linked folders; undefined when it leads out of the folder. */
function realPath(root: string, path: string): string | undefined {
  const way = path.split('/');
  // What was deleted has no real path, but the folder it was in, or one further up, has.
  for (let depth = way.length - 1; depth >= 0; depth -= 1) {
    const parent = join(root, ...way.slice(0, depth));
    try {
      return inside(root, join(realpathSync.native(parent), ...way.slice(depth)));
    } catch {
      continue;
    }
  }
  return undefined;
}

function inside(root: string, path: string): string | undefined {
  const way = relative(root, path).split(sep).join('/');
  return way === '..' || way.startsWith('../') || isAbsolute(way) ? undefined : way;
}

function linkTarget(root: string, path: string): string | undefined {
  try {
    const real = realpathSync.native(join(root, path));
    return real === join(root, path) ? undefined : inside(root, real) || undefined;
  } catch {
    return undefined;
  }
}

/** The outermost repository below the folder that the path lies in or is. */
function innerRepository(root: string, path: string): string | undefined {
  const way = path.split('/');
  for (let depth = 1; depth <= way.length; depth += 1) {
    const candidate = way.slice(0, depth).join('/');
    if (existsSync(join(root, candidate, '.git'))) return candidate;
  }
  return undefined;
}
