import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

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
