import { join } from 'node:path';
import { personalFile, stamp } from './fingerprint.ts';
import type { GitCommand } from './gitCommand.ts';

/** Attributes by which content is converted whatever its line endings are (gitattributes(5), "Checking-out and checking-in"). */
const CONVERTING = ['filter', 'ident', 'working-tree-encoding'];

export interface Attributes {
  /** Top of the working tree. */
  topLevel: string;
  commonDir: string;
  /** Files of the configuration, and those it names, as far as they are known. */
  configured(): readonly string[];
}

/** Everything that says how content is converted on its way into git, by path from the top, as text to compare. For one look. */
export class AttributeStamps {
  readonly #places: Attributes;
  readonly #folders = new Map<string, string>();

  constructor(places: Attributes) {
    this.#places = places;
  }

  of(path: string): string {
    return this.#ofFolder(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
  }

  #ofFolder(folder: string): string {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const above = folder === '' ? this.#everywhere() : this.#ofFolder(folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '');
    const found = `${above}\n${stamp(join(this.#places.topLevel, folder, '.gitattributes'))}`;
    this.#folders.set(folder, found);
    return found;
  }

  #everywhere(): string {
    const { commonDir, configured } = this.#places;
    const own = ['info/attributes', 'config'].map((name) => join(commonDir, name));
    const files = [...own, ...['attributes', 'config'].map(personalFile), ...configured()];
    return files.map(stamp).join('\n');
  }
}

/** Those of the paths whose content git converts by more than its line endings. `git` runs at the top, from where paths count. */
export async function convertedPaths(git: GitCommand, paths: readonly string[]): Promise<Set<string>> {
  const output = await git(['check-attr', '-z', '--stdin', ...CONVERTING], paths.map((path) => `${path}\0`).join(''));
  const fields = output.split('\0');
  const converted = new Set<string>();
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [path, , value] = fields.slice(i, i + 3);
    if (path !== undefined && value !== 'unspecified' && value !== 'unset') converted.add(path);
  }
  return converted;
}
