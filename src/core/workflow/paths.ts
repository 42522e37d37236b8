/** Paths that people write in files of a repository: relative to its root, with `/`. */

/** Why a path or glob may not be used, as the end of a sentence, or undefined when it stays inside the workspace. */
export function unsafePath(path: string): string | undefined {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(path)) return 'is absolute';
  if (path.split(/[\\/]/).includes('..')) return 'leads upwards with ".."';
  return path.includes('\0') ? 'contains a NUL character' : undefined;
}

/** Resolves `./x` and `x` against the folder of the file that names it; both are relative to the workspace folder. */
export function resolveBeside(file: string, path: string): string {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  return `${folder}${path}`
    .split('/')
    .filter((segment) => segment !== '.' && segment !== '')
    .join('/');
}
