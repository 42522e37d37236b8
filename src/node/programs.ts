import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Programs of this machine that are run, which a repository must not be able to bring along. */

export interface SearchOptions {
  /** Workspace folder: what lies in it, or in the repository around it, is never run. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** Whether a folder lies in the workspace or in the repository around it. */
export function isOfRepository(folder: string, root: string): boolean {
  return foldersOfRepository(root).some((forbidden) => isInside(real(folder), forbidden));
}

/**
 * The first such program on the PATH. Relative entries, and whatever the repository itself brings (`node_modules/.bin`), are passed over:
 * its content never runs.
 */
export function onPath(command: string, { root, env }: SearchOptions): string | undefined {
  const forbidden = foldersOfRepository(root);
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const names = process.platform === 'win32' ? [`${command}.exe`, `${command}.cmd`] : [command];
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((candidate) => isExecutable(candidate) && !leadsInto(candidate, forbidden));
}

/**
 * The environment with nothing on the PATH that {@link onPath} would not look into: a program is often a script, and the interpreter that
 * it names is found on the PATH again, where `npx` has put the repository's own programs first.
 */
export function withoutRepository({ root, env }: SearchOptions): NodeJS.ProcessEnv {
  const forbidden = foldersOfRepository(root);
  const isOwn = (folder: string): boolean => forbidden.some((one) => isInside(folder, one) || isInside(real(folder), one));
  const kept = (path: string): string =>
    path
      .split(delimiter)
      .filter((folder) => isAbsolute(folder) && !isOwn(folder))
      .join(delimiter);
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, /^path$/i.test(name) && value !== undefined ? kept(value) : value]),
  );
}

/** The workspace folder and the repository around it; a repository that is the person's whole home folder does not count. */
function foldersOfRepository(root: string): string[] {
  const folders = [real(root)];
  for (let folder = real(root); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, '.git'))) continue;
    if (!isInside(real(homedir()), folder)) folders.push(folder);
    break;
  }
  return folders;
}

function leadsInto(path: string, folders: readonly string[]): boolean {
  // A link in the repository counts as its content, wherever it points.
  return [join(real(dirname(path)), 'x'), real(path)].some((place) => folders.some((folder) => isInside(place, folder)));
}

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

export function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
