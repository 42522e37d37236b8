import { accessSync, constants, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { refusedTarget } from '../../core/ai/generate/targets.ts';
import type { TargetFacts } from '../../core/ai/generate/propose.ts';
import { failureOf } from '../../core/errors.ts';
import type { Repository } from '../git/repository.ts';
import { locateInside, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { ignoredByGit, readIgnoreFile, skipReason } from './leftOut.ts';

/** What disk and git say about a path that a model wants to change. */
export function targetFacts(files: NodeWorkspaceFiles, repository: Repository | undefined): TargetFacts {
  return {
    exists: (path) => Promise.resolve(isThere(join(files.root, path))),
    async refused(path, named) {
      const real = realTarget(files, path);
      if (real === undefined) return 'It leads out of the workspace.';
      // A link must not open what is refused under its own name.
      const byName = real === path ? undefined : refusedTarget(real, named);
      if (byName !== undefined) return `It leads to ${real}. ${byName}`;
      const ignored = await ignoredByGit([...new Set([path, real])], repository);
      const own = readIgnoreFile(files);
      const reason = skipReason(path, ignored, own) ?? skipReason(real, ignored, own);
      return reason === undefined ? unwritable(join(files.root, real)) : `It is ${reason}.`;
    },
  };
}

/** Where the path leads, relative to the root, also for a file that is not there yet; undefined when out of the workspace. */
export function realTarget(files: NodeWorkspaceFiles, path: string): string | undefined {
  const segments = path.split('/');
  for (let count = segments.length; count > 0; count--) {
    try {
      const real = locateInside(files.root, segments.slice(0, count).join('/'));
      if (real === undefined) continue;
      return [...relative(files.root, real).split(sep), ...segments.slice(count)].filter((segment) => segment !== '').join('/');
    } catch (error) {
      if (failureOf(error)) return undefined;
      throw error;
    }
  }
  return path;
}

/** Why the file, or the folder that a new one would be in, cannot be written, as a plain sentence. */
function unwritable(target: string): string | undefined {
  const stat = statOf(target);
  if (stat?.isDirectory()) return 'It is a folder.';
  if (stat && !stat.isFile()) return 'It is not a regular file.';
  // Whoever may write everything is not stopped by the system, but a file is marked read-only for a reason.
  if (stat && ((stat.mode & 0o222) === 0 || !isWritable(target))) return 'It is read-only.';
  let folder = dirname(target);
  while (!isThere(folder)) folder = dirname(folder);
  if (statOf(folder)?.isDirectory() !== true) return 'A part of its path is a file.';
  return isWritable(folder) ? undefined : 'The folder that it is in is read-only.';
}

/** Undefined where nothing is, also below a file, of which older versions of Node make a failure. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Also a link that leads nowhere. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
