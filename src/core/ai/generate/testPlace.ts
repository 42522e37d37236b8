/** Where the tests of a file belong in a repository, judging by the names of its files. */

export interface TestPlace {
  /** Where they go. */
  path: string;
  /** They are there already, and more are added. */
  exists: boolean;
  /** A test of another file, as an example of how tests are written here. */
  example?: string;
  /** One plain sentence. */
  because: string;
}

/** How a test's name is made of the file's, in the order in which languages prefer them. */
interface Naming {
  prefix: string;
  suffix: string;
}

const PREFIX = (prefix: string): Naming => ({ prefix, suffix: '' });
const SUFFIX = (suffix: string): Naming => ({ prefix: '', suffix });

/** By extension: extensions that a test may have instead, and namings. The first naming is the language's own. */
const SCRIPT = {
  extensions: ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs'],
  namings: [SUFFIX('.test'), SUFFIX('.spec'), SUFFIX('_test'), SUFFIX('-test')],
};
const LANGUAGES: readonly { extensions: readonly string[]; namings: readonly Naming[]; folder?: string }[] = [
  SCRIPT,
  { extensions: ['vue', 'svelte'], namings: SCRIPT.namings },
  { extensions: ['py'], namings: [PREFIX('test_'), SUFFIX('_test')], folder: 'tests' },
  { extensions: ['go'], namings: [SUFFIX('_test')] },
  { extensions: ['rb'], namings: [SUFFIX('_spec'), SUFFIX('_test'), PREFIX('test_')], folder: 'spec' },
  { extensions: ['java', 'kt', 'scala', 'groovy'], namings: [SUFFIX('Test'), SUFFIX('Tests'), SUFFIX('Spec'), SUFFIX('IT')] },
  { extensions: ['cs', 'fs', 'vb'], namings: [SUFFIX('Tests'), SUFFIX('Test')] },
  { extensions: ['php'], namings: [SUFFIX('Test')], folder: 'tests' },
  { extensions: ['dart'], namings: [SUFFIX('_test')], folder: 'test' },
  { extensions: ['ex', 'exs'], namings: [SUFFIX('_test')], folder: 'test' },
  { extensions: ['swift'], namings: [SUFFIX('Tests'), SUFFIX('Test')], folder: 'Tests' },
  { extensions: ['c', 'cc', 'cpp', 'cxx'], namings: [SUFFIX('_test'), PREFIX('test_'), SUFFIX('Test')], folder: 'test' },
  { extensions: ['rs'], namings: [SUFFIX('_test'), PREFIX('test_'), SUFFIX('')], folder: 'tests' },
  { extensions: ['lua', 'jl', 'pl', 'sh', 'bats'], namings: [SUFFIX('_test'), PREFIX('test_'), SUFFIX('_spec')], folder: 'test' },
];
const TEST_FOLDERS: ReadonlySet<string> = new Set(['test', 'tests', '__tests__', 'spec', 'specs', 'testing']);
const SOURCE_FOLDERS: ReadonlySet<string> = new Set(['src', 'lib', 'app', 'source', 'main', 'pkg', 'packages', 'java', 'kotlin', 'scala']);

interface Name {
  folders: readonly string[];
  stem: string;
  extension: string;
}

interface Language {
  extensions: readonly string[];
  namings: readonly Naming[];
  folder?: string;
}

/**
 * The place of a file's tests: the test of this file that exists, else by what the other tests of the repository do, else by the
 * custom of the language. `known` are paths of the repository's files. Undefined for a file that is a test itself, or of a language
 * without a custom.
 */
export function testPlaceOf(file: string, known: readonly string[]): TestPlace | undefined {
  const name = parse(file);
  const language = languageOf(name.extension);
  if (language === undefined || isTest(name, language)) return undefined;
  const all = known.map((path) => ({ path, name: parse(path) })).filter(({ name: one }) => languageOf(one.extension) === language);
  const tests = all.filter(({ name: one }) => isTest(one, language));
  const own = nearest(
    tests.filter(({ name: test }) => testedStem(test, language).includes(name.stem) && sameKind(test, name, language)),
    name,
    true,
  );
  const example = nearest(
    tests.filter(({ path }) => path !== own?.path),
    name,
    false,
  );
  const shown = example === undefined ? {} : { example: example.path };
  if (own !== undefined) return { path: own.path, exists: true, ...shown, because: `${own.path} has tests of this file already.` };
  const others = all.filter(({ path }) => path !== file);
  const followed = example === undefined ? undefined : like(name, example, others, language);
  if (followed !== undefined && !known.includes(followed)) {
    return { path: followed, exists: false, ...shown, because: `Tests lie so here, as ${example?.path ?? ''} shows.` };
  }
  return {
    path: customary(name, language),
    exists: false,
    ...shown,
    because: 'No test of this kind is there yet, so it goes where the language has them.',
  };
}

function parse(path: string): Name {
  const segments = path.split('/');
  const base = segments.pop() ?? '';
  const at = base.lastIndexOf('.');
  return at <= 0
    ? { folders: segments, stem: base, extension: '' }
    : { folders: segments, stem: base.slice(0, at), extension: base.slice(at + 1) };
}

function languageOf(extension: string): Language | undefined {
  return LANGUAGES.find(({ extensions }) => extensions.includes(extension.toLowerCase()));
}

function isInTestFolder({ folders }: Name): boolean {
  return folders.some(
    (folder) => TEST_FOLDERS.has(folder.toLowerCase()) || /(?:^|[._-])tests?$/iu.test(folder) || /[a-z]Tests?$/u.test(folder),
  );
}

function namingOf({ stem }: Name, { namings }: Language): Naming | undefined {
  return namings.find(
    ({ prefix, suffix }) =>
      (prefix !== '' || suffix !== '') && stem.length > prefix.length + suffix.length && stem.startsWith(prefix) && stem.endsWith(suffix),
  );
}

/** By its name, or by lying in a folder of tests in a language whose tests have plain names there (Rust, `__tests__`). */
function isTest(name: Name, language: Language): boolean {
  if (namingOf(name, language) !== undefined) return true;
  const isPlain = language.namings.some(({ prefix, suffix }) => prefix === '' && suffix === '');
  return (isPlain && name.folders.includes('tests')) || name.folders.at(-1) === '__tests__';
}

/** Stems of the files that a test could be about. */
function testedStem(test: Name, language: Language): string[] {
  const naming = namingOf(test, language);
  if (naming === undefined) return [test.stem];
  return [test.stem.slice(naming.prefix.length, naming.suffix === '' ? undefined : -naming.suffix.length)];
}

/** A test of `index.ts` or `mod.rs` is only one of this file where their folders agree. */
function sameKind(test: Name, file: Name, language: Language): boolean {
  const isCommon = /^(?:index|main|mod|lib|__init__|utils?|helpers?|types|app)$/iu.test(file.stem);
  return !isCommon || distance(file, test) <= (language.folder === undefined ? 1 : 2);
}

/** Folders that one has and the other has not; those that only say where sources and tests lie do not count. */
function distance(one: Name, other: Name): number {
  const [a, b] = [bareFolders(one), bareFolders(other)];
  let same = 0;
  while (same < a.length && same < b.length && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first++;
  const shared = Math.max(same, first);
  return a.length + b.length - 2 * shared;
}

function bareFolders({ folders }: Name): string[] {
  return folders.filter(
    (folder) => !SOURCE_FOLDERS.has(folder.toLowerCase()) && !TEST_FOLDERS.has(folder.toLowerCase()) && folder !== 'unit',
  );
}

/** The nearest by folders; of equally near ones the first by name. For the test of a file, one that is far away is of another file. */
function nearest(tests: readonly { path: string; name: Name }[], file: Name, strict: boolean): { path: string; name: Name } | undefined {
  const ranked = tests
    .map((test) => ({ test, far: distance(file, test.name) + (test.name.extension === file.extension ? 0 : 0.5) }))
    .toSorted((a, b) => a.far - b.far || (a.test.path < b.test.path ? -1 : 1));
  const [best] = ranked;
  if (best === undefined) return undefined;
  // Two files of one name in folders that have nothing in common are different files.
  return strict && best.far > Math.max(2, bareFolders(file).length) ? undefined : best.test;
}

/** The place that stands to the file as the example stands to the file that it tests. */
function like(
  file: Name,
  example: { path: string; name: Name },
  all: readonly { path: string; name: Name }[],
  language: Language,
): string | undefined {
  const naming = namingOf(example.name, language) ?? { prefix: '', suffix: '' };
  const name = `${naming.prefix}${file.stem}${naming.suffix}.${extensionFor(file, example.name)}`;
  const stems = testedStem(example.name, language);
  const tested = all
    .filter(({ path, name: one }) => path !== example.path && stems.includes(one.stem) && !isTest(one, language))
    .toSorted((a, b) => distance(a.name, example.name) - distance(b.name, example.name))[0];
  const folders = tested === undefined ? undefined : moved(file.folders, tested.name.folders, example.name.folders);
  if (folders !== undefined) return [...folders, name].join('/');
  // Nobody knows what it tests: a folder of tests takes this one too, and a test beside sources shows that tests lie beside them.
  return isInTestFolder(example.name) ? [...testRoot(example.name), name].join('/') : [...file.folders, name].join('/');
}

/** Applies to folders what leads from one list of folders to another: `src/a` to `test/unit/a` makes of `src/b/c` `test/unit/b/c`. */
function moved(file: readonly string[], from: readonly string[], to: readonly string[]): string[] | undefined {
  if (from.join('/') === to.join('/')) return [...file];
  let first = 0;
  while (first < from.length && first < to.length && from[first] === to[first]) first++;
  let last = 0;
  while (last < from.length - first && last < to.length - first && from[from.length - 1 - last] === to[to.length - 1 - last]) last++;
  const gone = from.slice(first, from.length - last);
  const come = to.slice(first, to.length - last);
  // A folder of tests inside the sources' own folder, such as `__tests__`.
  if (gone.length === 0 && last === 0) return [...file, ...come];
  // The names before may differ: `packages/a/src` shows where the tests of `packages/b/src` are.
  if (!gone.every((folder, index) => file[first + index] === folder)) return undefined;
  return [...file.slice(0, first), ...come, ...file.slice(first + gone.length)];
}

/** The folder of tests that a test lies in, with a folder for unit tests below it. */
function testRoot({ folders }: Name): readonly string[] {
  const at = folders.findIndex((folder) => TEST_FOLDERS.has(folder.toLowerCase()));
  return at === -1 ? folders : folders.slice(0, folders[at + 1] === 'unit' ? at + 2 : at + 1);
}

/** A component is tested by a script, and Elixir's tests are scripts; otherwise a test has the file's own extension. */
function extensionFor(file: Name, example: Name | undefined): string {
  if (file.extension === 'ex') return 'exs';
  if (file.extension !== 'vue' && file.extension !== 'svelte') return file.extension;
  return example !== undefined && /^[jt]sx?$/u.test(example.extension) ? example.extension : 'ts';
}

/** Where the language has its tests when nothing shows it: Java's and Go's beside or mirrored, others in a folder. */
function customary(file: Name, language: Language): string {
  const naming = language.namings[0] ?? SUFFIX('_test');
  const name = `${naming.prefix}${file.stem}${naming.suffix}.${extensionFor(file, undefined)}`;
  const main = file.folders.indexOf('main');
  if (main !== -1 && file.folders[main - 1] === 'src')
    return [...file.folders.slice(0, main), 'test', ...file.folders.slice(main + 1), name].join('/');
  if (language.folder === undefined) return [...file.folders, name].join('/');
  const rest = SOURCE_FOLDERS.has(file.folders[0]?.toLowerCase() ?? '') ? file.folders.slice(1) : [];
  return [language.folder, ...rest, name].join('/');
}
