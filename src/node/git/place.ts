import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';

/**
 * Where the nearest `.git` above a folder is and which one it is, without asking git: the same text as long as the folder belongs to
 * the same repository. Empty where there is none.
 */
export function placeOfRepository(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const place = join(at, '.git');
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat !== undefined) return `${place} ${stat.dev} ${stat.ino}`;
    if (dirname(at) === at) return '';
  }
}

/**
 * Fails with `no-git` for a folder that is git's own or lies in one: a bare repository, or what is inside `.git`. Told by what git itself
 * looks for (gitrepository-layout(5)), without asking git.
 */
export function refuseGitData(folder: string): void {
  for (let at = resolve(folder); ; at = dirname(at)) {
    // Working trees may be kept inside a bare repository.
    if (existsSync(join(at, '.git'))) return;
    if (['HEAD', 'objects', 'refs'].every((name) => existsSync(join(at, name)))) {
      throw new HandrailError('no-git', `${at} holds git's own data and no working tree, so nothing was written.`, {
        hint: 'Run this in a folder that git has checked out.',
      });
    }
    if (dirname(at) === at) return;
  }
}
