import { resolveWithin } from './relativePath.ts';

/** Files that a file names, or that are named after it. Told by the text alone: nothing is run, and no configuration is followed. */

const IMPORTS: readonly { files: RegExp; specifier: RegExp; ends: readonly string[] }[] = [
  {
    files: /\.(?:[cm]?[jt]sx?|vue|svelte)$/u,
    specifier: /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"](\.{1,2}\/[^'"\n]{1,200})['"]/gu,
    ends: ['', '.ts', '.tsx', '.js', '.jsx', '.mjs', '.mts', '/index.ts', '/index.js'],
  },
  { files: /\.(?:c|cc|cpp|cxx|h|hpp)$/u, specifier: /^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200})"/gmu, ends: [''] },
];
const PYTHON = /^[ \t]*from[ \t]+(\.{1,4})([\w.]{0,200})[ \t]+import\b/gmu;
const MAX_IMPORTS = 40;

/** For each neighbour the paths that it may have, the likeliest first: what the file imports by a relative path, its test or what it tests. */
export function neighboursOf(path: string, text: string): string[][] {
  const found: string[][] = [];
  for (const { files, specifier, ends } of IMPORTS) {
    if (!files.test(path)) continue;
    for (const [, to = ''] of text.matchAll(specifier)) {
      const base = resolveWithin(path, to);
      // TypeScript names the file that a source becomes.
      const source = base?.replace(/\.([cm]?)js(x?)$/u, '.$1ts$2');
      if (base !== undefined && source !== undefined) found.push([...new Set([base, source, ...ends.map((end) => base + end)])]);
      if (found.length >= MAX_IMPORTS) break;
    }
  }
  if (path.endsWith('.py')) {
    for (const [, dots = '', name = ''] of text.matchAll(PYTHON)) {
      const base = resolveWithin(path, `${'../'.repeat(dots.length - 1)}${name.replaceAll('.', '/')}`);
      if (base !== undefined && name !== '' && found.length < MAX_IMPORTS) found.push([`${base}.py`, `${base}/__init__.py`]);
    }
  }
  return [...found, counterparts(path)].map((paths) => paths.filter((one) => one !== path)).filter((paths) => paths.length > 0);
}

/** Languages in which files of one folder see each other's names without an import. */
const SHARED_FOLDER = /\.(?:go|java|kts?|cs|swift|scala|groovy|rb|php|exs?|rs|c|cc|cpp|cxx|h|hpp)$/u;

/** Files beside this one whose names it can use as they are; none in languages that import what they use. `known` are paths. */
export function siblingsOf(path: string, known: readonly string[]): string[] {
  const extension = SHARED_FOLDER.exec(path)?.[0];
  if (extension === undefined) return [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return known.filter(
    (one) => one !== path && one.startsWith(folder) && one.endsWith(extension) && !one.slice(folder.length).includes('/'),
  );
}

/** The test of a file, or the file that a test is for, in the places where they usually are. */
function counterparts(path: string): string[] {
  const at = path.lastIndexOf('/') + 1;
  const [folder, name] = [path.slice(0, at), path.slice(at)];
  const [, stem = '', extension = ''] = /^(.+?)(\.[^.]+)$/u.exec(name) ?? [];
  if (stem === '') return [];
  const tested = /^(?:test_)?(.+?)(?:[._-](?:test|spec))?$/u.exec(stem)?.[1] ?? stem;
  if (tested !== stem) {
    const source = folder.replace(/^(?:tests?|spec)\/(?:unit\/)?/u, 'src/').replace(/__tests__\/$/u, '');
    return [`${folder}${tested}${extension}`, `${source}${tested}${extension}`];
  }
  const mirrored = ['test', 'tests', 'test/unit'].map((top) => folder.replace(/^(?:src|lib)\//u, `${top}/`));
  const names =
    extension === '.py'
      ? [`test_${stem}.py`]
      : extension === '.go'
        ? [`${stem}_test.go`]
        : [`${stem}.test${extension}`, `${stem}.spec${extension}`];
  return [folder, `${folder}__tests__/`, ...mirrored].flatMap((place) => names.map((one) => place + one));
}
