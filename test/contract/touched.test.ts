import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import type { RepositoryMemory } from '../../src/node/git/memory.ts';
import type { RepositoryState } from '../../src/node/git/repository.ts';
import { openRepository } from '../../src/node/git/repository.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';

/**
 * A look at what was touched always equals a look at everything. Random work on a real repository: whatever is done, what the
 * watchers of an editor would tell of it is all that the first look is given.
 */
describe('a look at what was touched', function () {
  this.timeout(240_000);

  for (const { name, root, seeds } of [
    { name: 'in a repository', root: '', seeds: [2, 17] },
    { name: 'in a subfolder of a repository', root: 'src', seeds: [4] },
  ]) {
    for (const seed of seeds) {
      it(`equals a look at everything, ${name} (seed ${seed})`, async () => {
        const repo = createTestRepo({ files: FILES, branch: 'feat/x' });
        try {
          addSubmodule(repo);
          const living = await openRepository(join(repo.root, root));
          await living.state();
          const random = randomOf(seed);
          const done: string[] = [];
          for (let i = 0; i < 60; i += 1) {
            const worker = new Worker(repo, random, root);
            const touched: string[] = [];
            for (let n = 1 + random(2); n > 0; n -= 1) {
              const { what, paths } = worker.work();
              done.push(what);
              touched.push(...paths);
            }
            const inside = touched.flatMap((path) =>
              root === '' ? [path] : path.startsWith(`${root}/`) ? [path.slice(root.length + 1)] : [],
            );
            const patched = comparable(await living.state({ touched: inside }));
            const whole = comparable(await (await openRepository(join(repo.root, root))).state());
            assert.deepEqual(patched, whole, `after ${done.slice(-6).join(', ')} (${done.length} in all)`);
          }
        } finally {
          repo.remove();
        }
      });
    }
  }
});

/** What one process leaves for the next, which is all that the next one has: the same random work, the same answers. */
describe('a look of a process that another one left its memory to', function () {
  this.timeout(240_000);

  for (const { name, root, seeds } of [
    { name: 'in a repository', root: '', seeds: [3, 32] },
    { name: 'in a subfolder of a repository', root: 'src', seeds: [6] },
  ]) {
    for (const seed of seeds) {
      it(`equals a look without it, ${name} (seed ${seed})`, async () => {
        const repo = createTestRepo({ files: FILES, branch: 'feat/x' });
        try {
          addSubmodule(repo);
          const random = randomOf(seed);
          const done: string[] = [];
          let memory: RepositoryMemory | undefined;
          for (let i = 0; i < 50; i += 1) {
            const worker = new Worker(repo, random, root);
            for (let n = random(3); n > 0; n -= 1) done.push(worker.work().what);
            const heir = await openRepository(join(repo.root, root), memory);
            const remembered = comparable(await heir.state());
            const fresh = comparable(await (await openRepository(join(repo.root, root))).state());
            assert.deepEqual(remembered, fresh, `after ${done.slice(-6).join(', ')} (${done.length} in all)`);
            memory = JSON.parse(JSON.stringify(heir.memory())) as RepositoryMemory;
          }
        } finally {
          repo.remove();
        }
      });
    }
  }

  it('asks git for one status when nothing happened, and for little more after a save', async () => {
    const repo = createTestRepo({ files: FILES, branch: 'feat/x' });
    try {
      repo.write({ 'a.txt': 'edited\n', 'new.txt': 'new\n' });
      // Written a while ago, so that their times tell of every later change.
      const past = new Date(Date.now() - 60_000);
      for (const path of ['a.txt', 'new.txt']) utimesSync(join(repo.root, path), past, past);
      while (Date.now() - statSync(join(repo.root, 'new.txt')).ctimeMs < 300) await new Promise(setImmediate);
      const first = await openRepository(repo.root);
      const state = await first.state();
      const second = await openRepository(repo.root, JSON.parse(JSON.stringify(first.memory())) as RepositoryMemory);
      const asked = gitRuns();
      assert.deepEqual(comparable(await second.state()), comparable(state));
      assert.deepEqual(asked.ended(), ['status']);
      repo.write({ 'new.txt': 'again\n' });
      const third = await openRepository(repo.root, JSON.parse(JSON.stringify(second.memory())) as RepositoryMemory);
      const more = gitRuns();
      assert.equal((await third.state()).changes.entries.find(({ path }) => path === 'new.txt')?.linesAdded, 1);
      assert.deepEqual(more.ended(), ['diff', 'hash-object', 'status']);
    } finally {
      repo.remove();
    }
  });
});

describe('a file that became a folder, or the reverse', function () {
  this.timeout(60_000);

  const asFolder = (repo: TestRepo, path: string): void => {
    rmSync(join(repo.root, path));
    repo.write({ [`${path}/in.txt`]: 'in\n' });
  };
  const asFile = (repo: TestRepo, path: string): void => {
    rmSync(join(repo.root, path), { recursive: true });
    repo.write({ [path]: 'a file now\n' });
  };
  const cases: { what: string; first?: (repo: TestRepo) => void; then: (repo: TestRepo) => void; touched: string[] }[] = [
    { what: 'of a file that git knows', then: (repo) => asFolder(repo, 'a.txt'), touched: ['a.txt/in.txt'] },
    { what: 'of a file further down', then: (repo) => asFolder(repo, 'src/deep/four.txt'), touched: ['src/deep/four.txt/in.txt'] },
    {
      what: 'of a file that git does not know',
      first: (repo) => repo.write({ 'new.txt': 'new\n' }),
      then: (repo) => asFolder(repo, 'new.txt'),
      touched: ['new.txt/in.txt'],
    },
    {
      what: 'of a file that is no longer in the index',
      first: (repo) => repo.git('rm', '--cached', '--quiet', 'a.txt'),
      then: (repo) => asFolder(repo, 'a.txt'),
      touched: ['a.txt/in.txt'],
    },
    { what: 'of a folder', then: (repo) => asFile(repo, 'docs'), touched: ['docs/read me.md'] },
    {
      what: 'of a folder that became a link',
      then: (repo) => {
        rmSync(join(repo.root, 'docs'), { recursive: true });
        symlinkSync('src', join(repo.root, 'docs'));
      },
      touched: ['docs/one.ts'],
    },
  ];
  for (const { what, first, then, touched } of cases) {
    it(`is seen at once, told only by a path inside: ${what}`, async () => {
      const repo = createTestRepo({ files: FILES, branch: 'feat/x' });
      try {
        first?.(repo);
        const living = await openRepository(repo.root);
        await living.state();
        repo.write({ 'src/deep/three.ts': 'changed\n' });
        await living.state({ touched: ['src/deep/three.ts'] });
        then(repo);
        const whole = comparable(await (await openRepository(repo.root)).state());
        assert.deepEqual(comparable(await living.state({ touched })), whole);
      } finally {
        repo.remove();
      }
    });
  }
});

describe('what decides from afar', function () {
  this.timeout(60_000);

  for (const { what, setting, before, after } of [
    { what: 'a file of ignored names', setting: 'core.excludesFile', before: '', after: '*.new\n' },
    { what: 'a file of attributes', setting: 'core.attributesFile', before: '', after: '*.new text\n' },
    { what: 'an included configuration', setting: 'include.path', before: '', after: '[core]\n\tautocrlf = true\n' },
    { what: 'what an included one names', setting: 'include.path', before: '[core]\n\tattributesFile = ', after: '*.new text\n' },
  ]) {
    it(`is noticed without being told: ${what}`, async () => {
      const repo = createTestRepo({ files: FILES, branch: 'feat/x' });
      try {
        const named = join(repo.root, '.git/elsewhere');
        const further = join(repo.root, '.git/further');
        const isNamed = before.endsWith('= ');
        writeFileSync(named, isNamed ? `${before}${further}\n` : before);
        repo.git('config', setting, named);
        const living = await openRepository(repo.root);
        await living.state();
        repo.write({ 'some.new': 'one\r\ntwo\r\n' });
        await living.state({ touched: ['some.new'] });
        const first = comparable(await living.state({ touched: [] }));
        writeFileSync(isNamed ? further : named, after);
        const second = comparable(await living.state({ touched: [] }));
        assert.notDeepEqual(second, first);
        assert.deepEqual(second, comparable(await (await openRepository(repo.root)).state()));
      } finally {
        repo.remove();
      }
    });
  }
});

const FILES: Record<string, string> = {
  '.gitattributes': '*.txt text\n*.bin -text\n',
  '.gitignore': 'ignored/\n*.log\n',
  'a.txt': 'a\n',
  'b.bin': 'b\0b\n',
  'src/kept.ts': 'kept\n',
  'src/one.ts': 'one\n',
  'src/two.ts': 'two\n',
  'src/deep/three.ts': 'three\n',
  'src/deep/four.txt': 'four\n',
  'docs/read me.md': '# Read\n',
  'docs/größe [1]*.md': 'x\n',
};

/** A repository inside the repository that git knows, at `part`. */
function addSubmodule(repo: TestRepo): void {
  mkdirSync(join(repo.root, 'part'));
  const part = repoAt(join(repo.root, 'part'));
  part.git('init', '--quiet', '--initial-branch=main');
  part.write({ 'inner.txt': 'inner\n' });
  part.commit();
  repo.git('-c', 'advice.addEmbeddedRepo=false', 'add', 'part');
  repo.commit('Add a part');
}

/** Counts the git processes of this process, by subcommand, until it is asked. */
function gitRuns(): { ended(): string[] } {
  const seen: { spawnargs: string[] }[] = [];
  const listener = (message: unknown): void => void seen.push((message as { process: { spawnargs: string[] } }).process);
  subscribe('child_process', listener);
  return {
    ended() {
      unsubscribe('child_process', listener);
      return seen
        .map(({ spawnargs }) => {
          const words = spawnargs.slice(1);
          while (words[0] === '-c') words.splice(0, 2);
          return words[0] ?? '';
        })
        .toSorted();
    },
  };
}

function comparable(state: RepositoryState): unknown {
  return { ...state, untracked: state.untracked.toSorted(), uncommitted: state.uncommitted.toSorted() };
}

/** Numbers below a bound, the same for the same seed (Lehmer's generator). */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 7919;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

interface Done {
  what: string;
  /** What watchers tell, relative to the top. */
  paths: string[];
}

/** Does one thing to a repository that people and programs do. */
class Worker {
  readonly #repo: TestRepo;
  readonly #random: (below: number) => number;
  /** A folder that stays where it is. */
  readonly #kept: string;

  constructor(repo: TestRepo, random: (below: number) => number, kept: string) {
    this.#repo = repo;
    this.#random = random;
    this.#kept = kept;
  }

  work(): Done {
    const kinds: (() => Done | undefined)[] = [
      () => this.#edit(),
      () => this.#edit(),
      () => this.#edit(),
      () => this.#add(),
      () => this.#add(),
      () => this.#touch(),
      () => this.#remove(),
      () => this.#rename(),
      () => this.#moveFolder(),
      () => this.#removeFolder(),
      () => this.#mode(),
      () => this.#link(),
      () => this.#writeThroughLink(),
      () => this.#swapKind(),
      () => this.#lineEndings(),
      () => this.#ignore(),
      () => this.#attributes(),
      () => this.#exclude(),
      () => this.#stage(),
      () => this.#intend(),
      () => this.#unstage(),
      () => this.#commit(),
      () => this.#stash(),
      () => this.#switch(),
      () => this.#moveBase(),
      () => this.#stranger(),
      () => this.#commitInSubmodule(),
    ];
    for (;;) {
      const done = this.#pick(kinds)();
      if (done !== undefined) return done;
    }
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#random(from.length)];
    assert.ok(picked !== undefined);
    return picked;
  }

  #at(path: string): string {
    return join(this.#repo.root, path);
  }

  /** Regular files, but for those that rule over others and those of other repositories. */
  #files(): string[] {
    const found: string[] = [];
    const visit = (folder: string): void => {
      for (const entry of readdirSync(this.#at(folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && entry.name !== '.git' && !existsSync(this.#at(`${path}/.git`))) visit(path);
        else if (entry.isFile() && !entry.name.startsWith('.git') && entry.name !== 'kept.ts') found.push(path);
      }
    };
    visit('');
    return found.sort();
  }

  #folders(): string[] {
    return [...new Set(this.#files().flatMap((path) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))];
  }

  #isFolder(path: string): boolean {
    return lstatSync(this.#at(path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  #file(): string | undefined {
    const files = this.#files();
    return files.length === 0 ? undefined : this.#pick(files);
  }

  #name(): string {
    const folder = this.#pick(['', 'src/', 'src/deep/', 'docs/', 'new folder/', 'ignored/']);
    return `${folder}${this.#pick(['f', 'G', 'ü', 'x [y]', '-z'])}${this.#random(9)}.${this.#pick(['ts', 'txt', 'log', 'bin'])}`;
  }

  #edit(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    writeFileSync(this.#at(path), `${readFileSync(this.#at(path), 'latin1')}more ${this.#random(99)}\n`, 'latin1');
    return { what: `edit ${path}`, paths: [path] };
  }

  #add(): Done | undefined {
    const path = this.#name();
    if (existsSync(this.#at(path))) return undefined;
    try {
      this.#repo.write({ [path]: `new ${this.#random(99)}\n` });
    } catch {
      // A file stands where its folder would be.
      return undefined;
    }
    return { what: `add ${path}`, paths: [path] };
  }

  #touch(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    writeFileSync(this.#at(path), readFileSync(this.#at(path)));
    return { what: `touch ${path}`, paths: [path] };
  }

  #remove(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    rmSync(this.#at(path));
    return { what: `remove ${path}`, paths: [path] };
  }

  #rename(): Done | undefined {
    const [from, to] = [this.#file(), this.#name()];
    if (from === undefined || existsSync(this.#at(to)) || !this.#isFolder(join(to, '..'))) return undefined;
    renameSync(this.#at(from), this.#at(to));
    return { what: `rename ${from} to ${to}`, paths: [from, to] };
  }

  #moveFolder(): Done | undefined {
    const folders = this.#folders();
    const from = this.#pick(folders.length === 0 ? [''] : folders);
    if (from === this.#kept || from === '') return undefined;
    const to = `moved${this.#random(5)}`;
    if (existsSync(this.#at(to))) return undefined;
    renameSync(this.#at(from), this.#at(to));
    return { what: `move ${from} to ${to}`, paths: [from, to] };
  }

  #removeFolder(): Done | undefined {
    const folders = this.#folders();
    if (folders.length < 3) return undefined;
    const folder = this.#pick(folders);
    if (folder === this.#kept) return undefined;
    rmSync(this.#at(folder), { recursive: true });
    return { what: `remove folder ${folder}`, paths: [folder] };
  }

  #mode(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    chmodSync(this.#at(path), (lstatSync(this.#at(path)).mode & 0o100) === 0 ? 0o755 : 0o644);
    return { what: `mode of ${path}`, paths: [path] };
  }

  #link(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    rmSync(this.#at(path));
    symlinkSync('a.txt', this.#at(path));
    return { what: `link ${path}`, paths: [path] };
  }

  /** An editor that has a file open by way of a linked folder tells of that way. */
  #writeThroughLink(): Done | undefined {
    if (!existsSync(this.#at('src')) || this.#isFolder('src/through.ts')) return undefined;
    const paths: string[] = [];
    if (!existsSync(this.#at('way'))) {
      symlinkSync('src', this.#at('way'));
      paths.push('way');
    }
    this.#repo.write({ 'way/through.ts': `${this.#random(99)}\n` });
    return { what: 'write way/through.ts', paths: [...paths, 'way/through.ts', 'src/through.ts'] };
  }

  /** A file becomes a folder, or a folder a file. */
  #swapKind(): Done | undefined {
    if (this.#random(2) === 0) {
      const path = this.#file();
      if (path === undefined) return undefined;
      rmSync(this.#at(path));
      this.#repo.write({ [`${path}/within.ts`]: 'within\n' });
      return { what: `${path} becomes a folder`, paths: [`${path}/within.ts`] };
    }
    const folder = this.#pick(['docs', 'src/deep', 'new folder']);
    if (!this.#isFolder(folder)) return undefined;
    rmSync(this.#at(folder), { recursive: true });
    writeFileSync(this.#at(folder), 'a file now\n');
    return { what: `${folder} becomes a file`, paths: [folder] };
  }

  #lineEndings(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    const text = readFileSync(this.#at(path), 'latin1');
    const other = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n');
    writeFileSync(this.#at(path), other, 'latin1');
    return { what: `line endings of ${path}`, paths: [path] };
  }

  #ignore(): Done {
    const folder = this.#pick(['', ...this.#folders()]);
    const path = folder === '' ? '.gitignore' : `${folder}/.gitignore`;
    this.#repo.write({ [path]: this.#pick(['*.log\n', 'ignored/\n*.ts\n', '!*.log\n', '*1.*\n', '']) });
    return { what: `write ${path}`, paths: [path] };
  }

  #attributes(): Done {
    const folder = this.#pick(['', ...this.#folders()]);
    const path = folder === '' ? '.gitattributes' : `${folder}/.gitattributes`;
    this.#repo.write({ [path]: this.#pick(['* text\n', '* -text\n', '*.ts ident\n', '*.txt text eol=crlf\n', '']) });
    return { what: `write ${path}`, paths: [path] };
  }

  #exclude(): Done {
    this.#repo.write({ '.git/info/exclude': this.#pick(['*.bin\n', '*2.*\n', '']) });
    return { what: 'write info/exclude', paths: [] };
  }

  #stage(): Done | undefined {
    const path = this.#file();
    if (path === undefined || this.#random(2) === 0) this.#git('add', '--all', '.');
    else this.#git('add', '--', path);
    return { what: `stage ${path ?? 'all'}`, paths: [] };
  }

  #intend(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    this.#git('add', '-N', '--', path);
    return { what: `intend to add ${path}`, paths: [] };
  }

  #unstage(): Done | undefined {
    const path = this.#file();
    if (path === undefined) return undefined;
    this.#git('rm', '--cached', '--quiet', '-f', '--', path);
    return { what: `take ${path} out of the index`, paths: [] };
  }

  #commit(): Done {
    if (this.#random(2) === 0) this.#git('add', '--all', '.');
    this.#git('commit', '--quiet', '--allow-empty', '-m', 'Work');
    return { what: 'commit', paths: [] };
  }

  #stash(): Done {
    const isKept = this.#repo.git('stash', 'list') !== '';
    this.#git('stash', ...(isKept ? ['pop', '--quiet'] : ['push', '--quiet', '--include-untracked']));
    return { what: isKept ? 'unstash' : 'stash', paths: [] };
  }

  #switch(): Done {
    const branch = `feat/${this.#pick(['x', 'y'])}`;
    this.#git('switch', '--quiet', '--force-create', branch);
    return { what: `switch to ${branch}`, paths: [] };
  }

  #moveBase(): Done {
    this.#git('branch', '--force', 'main', 'HEAD');
    return { what: 'move the base', paths: [] };
  }

  /** A repository that git does not know comes to be inside this one, or becomes plain files. */
  #stranger(): Done | undefined {
    if (existsSync(this.#at('stranger')) && !existsSync(this.#at('stranger/.git'))) {
      rmSync(this.#at('stranger'), { recursive: true });
      return { what: 'remove the stranger', paths: ['stranger'] };
    }
    if (existsSync(this.#at('stranger/.git'))) {
      rmSync(this.#at('stranger/.git'), { recursive: true });
      return { what: 'the stranger is plain files now', paths: ['stranger/.git'] };
    }
    mkdirSync(this.#at('stranger'));
    const stranger = repoAt(this.#at('stranger'));
    stranger.git('init', '--quiet');
    stranger.write({ 'own.txt': 'own\n' });
    return { what: 'make a stranger', paths: ['stranger/own.txt'] };
  }

  #commitInSubmodule(): Done | undefined {
    if (!existsSync(this.#at('part/.git'))) return undefined;
    const part = repoAt(this.#at('part'));
    part.write({ 'inner.txt': `inner ${this.#random(99)}\n` });
    if (this.#random(2) === 0) part.commit();
    return { what: 'work in the submodule', paths: ['part/inner.txt'] };
  }

  /** Git refuses some of what is asked, an empty stash for one; then nothing was done. */
  #git(...args: string[]): void {
    try {
      this.#repo.git(...args);
    } catch {
      // As above.
    }
  }
}
