import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import type { ChangeSet } from '../../src/core/workflow/changes.ts';
import { openRepository } from '../../src/node/git/repository.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';

describe('repository', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  afterEach(() => repo.remove());

  const changes = async (root = repo.root) => (await (await openRepository(root)).state()).changes;
  const paths = async (root?: string) => (await changes(root)).entries.map((entry) => `${entry.status[0]} ${entry.path}`);
  const failure = async (work: Promise<unknown>) =>
    failureOf(
      await work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );

  it('counts changes from the merge base to the working tree, untracked files included', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', '.gitignore': 'ignored\n' }, branch: 'feat/x' });
    repo.write({ 'a.txt': 'a\nmore\n' });
    repo.commit();
    repo.write({ 'b.txt': 'B\n', 'new/file.txt': 'one\ntwo', ignored: 'x' });
    unlinkSync(join(repo.root, 'c.txt'));
    const state = await (await openRepository(repo.root)).state();
    assert.equal(state.branch, 'feat/x');
    assert.equal(state.base.name, 'main');
    assert.equal(state.clean, false);
    const seen = state.changes.entries.map(
      ({ status, path, linesAdded, linesDeleted }) => `${status} ${path} +${linesAdded} -${linesDeleted}`,
    );
    assert.deepEqual(seen, ['modified a.txt +1 -0', 'modified b.txt +1 -1', 'deleted c.txt +0 -1', 'added new/file.txt +2 -0']);
    assert.equal(state.changes.entries[3]?.newBlob, repo.git('hash-object', 'new/file.txt'));
  });

  it('gives a change the same triple before and after it is staged and committed', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n' }, branch: 'feat/x' });
    repo.write({ 'a.txt': 'b\n', 'n.sh': 'echo\n' });
    chmodSync(join(repo.root, 'n.sh'), 0o755);
    symlinkSync('a.txt', join(repo.root, 'link'));
    const triples = async () =>
      (await changes()).entries.map(({ path, oldBlob, newBlob, oldMode, newMode }) => [path, oldBlob, newBlob, oldMode, newMode]);
    const loose = await triples();
    assert.deepEqual(
      loose.map((triple) => triple[4]),
      ['100644', '120000', '100755'],
    );
    repo.git('add', '--all');
    assert.deepEqual(await triples(), loose);
    repo.commit();
    assert.deepEqual(await triples(), loose);
  });

  it('reads paths with spaces, quotes, line breaks and other scripts', async () => {
    repo = createTestRepo({ branch: 'feat/x' });
    const names = ['with space.txt', 'quo"te.txt', 'line\nbreak.txt', 'tab\there.txt', 'größe-功能.txt', '-dash.txt', '"first.txt'];
    repo.write(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
    const loose = (await changes()).entries;
    assert.deepEqual(loose.map((entry) => entry.path).sort(), [...names].sort());
    repo.commit();
    repo.write({ 'line\nbreak.txt': 'other\n' });
    const committed = (await changes()).entries;
    assert.deepEqual(committed.map((entry) => entry.path).sort(), [...names].sort());
    assert.ok(committed.every((entry) => /^[0-9a-f]{40}$/.test(entry.newBlob ?? '')));
  });

  it('runs nothing that a branch name spells and keeps long names whole', async () => {
    repo = createTestRepo();
    const name = `feat/$(touch pwned)-${'x'.repeat(180)}`.replace(' ', '_');
    repo.git('switch', '--quiet', '-c', name);
    const state = await (await openRepository(repo.root)).state();
    assert.equal(state.branch, name);
    assert.deepEqual(state.changes.entries, []);
  });

  it('compares after clean filters, so normalised line endings are no change', async () => {
    repo = createTestRepo({ files: { '.gitattributes': '*.txt text\n', 'a.txt': 'one\ntwo\n' }, branch: 'feat/x' });
    repo.write({ 'a.txt': 'one\r\ntwo\r\n' });
    assert.deepEqual(await paths(), []);
  });

  it('takes a file that was only touched for unchanged, and one taken out of the index for what it is', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' }, branch: 'feat/x' });
    repo.write({ 'a.txt': 'a\n' });
    repo.git('rm', '--quiet', '--cached', 'b.txt');
    assert.deepEqual(await paths(), []);
    repo.write({ 'b.txt': 'other\n' });
    assert.deepEqual(await paths(), ['m b.txt']);
  });

  // Windows has no such files.
  if (process.platform !== 'win32') {
    it('takes a file in whose place stands a pipe for deleted, and answers for the others as ever', async () => {
      repo = createTestRepo({ files: { 'a.txt': 'a\na\n', 'b.txt': 'b\n', 'sub/[c]*.txt': 'c\n' }, branch: 'feat/x' });
      const living = await openRepository(repo.root);
      await living.state();
      repo.write({ 'b.txt': 'B\n', 'd.txt': 'staged\n' });
      repo.git('add', 'd.txt');
      for (const path of ['a.txt', 'sub/[c]*.txt', 'd.txt', 'unknown']) {
        rmSync(join(repo.root, path), { force: true });
        execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(repo.root, path)]);
      }
      const counted = ({ entries }: ChangeSet): string[] =>
        entries.map(({ status, path, linesAdded, linesDeleted }) => `${status} ${path} +${linesAdded} -${linesDeleted}`);
      const expected = ['deleted a.txt +0 -2', 'modified b.txt +1 -1', 'deleted sub/[c]*.txt +0 -1'];
      assert.deepEqual(counted(await changes()), expected);
      const touched = ['a.txt', 'b.txt', 'd.txt', 'sub/[c]*.txt', 'unknown'];
      assert.deepEqual(counted((await living.state({ touched })).changes), expected);
      assert.deepEqual(counted(await changes(join(repo.root, 'sub'))), ['deleted [c]*.txt +0 -1']);
    });
  }

  it('leaves evidence out and limits a subfolder to itself', async () => {
    repo = createTestRepo({ files: { 'sub/a.txt': 'a\n', 'b.txt': 'b\n' }, branch: 'feat/x' });
    repo.write({ 'sub/a.txt': 'A\n', 'sub/new.txt': 'n\n', 'b.txt': 'B\n', '.handrail/evidence/x/1.json': '{}' });
    assert.deepEqual(await paths(), ['m b.txt', 'm sub/a.txt', 'a sub/new.txt']);
    assert.deepEqual(await paths(join(repo.root, 'sub')), ['m a.txt', 'a new.txt']);
  });

  it('reads an unfinished merge', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n' } });
    repo.git('switch', '--quiet', '-c', 'feat/x');
    repo.write({ 'a.txt': 'mine\n' });
    repo.commit();
    repo.git('switch', '--quiet', 'main');
    repo.write({ 'a.txt': 'theirs\n' });
    repo.commit();
    repo.git('switch', '--quiet', 'feat/x');
    assert.throws(() => repo.git('merge', '--quiet', 'main'));
    const { entries } = await changes();
    assert.deepEqual(
      entries.map((entry) => [entry.path, entry.newBlob]),
      [['a.txt', repo.git('hash-object', 'a.txt')]],
    );
  });

  it('works before the first commit, on a detached head and in SHA-256 repositories', async () => {
    repo = repoAt(realpathSync(mkdtempSync(join(tmpdir(), 'handrail repo-'))));
    repo.git('init', '--quiet', '--initial-branch=main', '--object-format=sha256');
    repo.write({ 'a.txt': 'a\n' });
    const first = await (await openRepository(repo.root)).state();
    assert.deepEqual([first.branch, first.commit, first.base.name], ['main', null, 'main']);
    assert.equal(first.changes.entries[0]?.newBlob?.length, 64);
    repo.git('add', 'a.txt');
    assert.deepEqual(await paths(), ['a a.txt']);
    repo.commit();
    repo.git('switch', '--quiet', '--detach');
    repo.write({ 'b.txt': 'b\n' });
    const detached = await (await openRepository(repo.root)).state();
    assert.equal(detached.branch, null);
    assert.deepEqual(
      detached.changes.entries.map((entry) => entry.path),
      ['b.txt'],
    );
  });

  it('shares the common directory between worktrees but not their own', async () => {
    repo = createTestRepo({ branch: 'feat/x' });
    const tree = repoAt(`${repo.root} tree`);
    repo.git('worktree', 'add', '--quiet', tree.root, '-b', 'feat/y');
    try {
      const [main, other] = [await openRepository(repo.root), await openRepository(tree.root)];
      assert.equal(main.commonDir, other.commonDir);
      assert.notEqual(main.gitDir, other.gitDir);
    } finally {
      tree.remove();
    }
  });

  it('counts a submodule by the commit it stands on', async () => {
    const inner = createTestRepo();
    repo = createTestRepo();
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'inner');
    repo.commit();
    repo.git('switch', '--quiet', '-c', 'feat/x');
    const sub = repoAt(join(repo.root, 'inner'));
    sub.write({ 'x.txt': 'x\n' });
    assert.deepEqual(await paths(), []);
    sub.commit();
    const { entries } = await changes();
    assert.deepEqual(
      entries.map((entry) => [entry.path, entry.newMode, entry.newBlob]),
      [['inner', '160000', sub.git('rev-parse', 'HEAD')]],
    );
    inner.remove();
  });

  it('takes the closest of the local and the remote base', async () => {
    const origin = createTestRepo({ files: { 'a.txt': 'a\n' } });
    repo = repoAt(`${origin.root} clone`);
    origin.git('clone', '--quiet', origin.root, repo.root);
    repo.write({ 'local.txt': 'l\n' });
    repo.commit();
    repo.git('switch', '--quiet', '-c', 'feat/x');
    repo.write({ 'f.txt': 'f\n' });
    assert.deepEqual(await paths(), ['a f.txt'], 'a local base ahead of the remote');
    repo.git('switch', '--quiet', 'main');
    assert.deepEqual(await paths(), ['a f.txt', 'a local.txt'], 'on the base itself, what is not pushed');
    origin.remove();
  });

  it('says how to get a base that is not there', async () => {
    const origin = createTestRepo();
    origin.git('switch', '--quiet', '-c', 'feat/x');
    origin.write({ 'a.txt': 'a\n' });
    origin.commit();
    origin.git('switch', '--quiet', 'main');
    repo = repoAt(`${origin.root} clone`);
    origin.git('clone', '--quiet', '--depth=1', '--single-branch', '--branch', 'feat/x', `file://${origin.root}`, repo.root);
    const missing = await failure(changes());
    assert.equal(missing?.reason, 'no-merge-base');
    assert.match(missing.hint ?? '', /git fetch --unshallow origin/);
    repo.git('fetch', '--quiet', '--depth=1', 'origin', '+refs/heads/*:refs/remotes/origin/*');
    const shallow = await failure(changes());
    assert.equal(shallow?.reason, 'no-merge-base');
    repo.git(...(shallow.hint ?? '').replace(/^.*: git /, '').split(' '));
    assert.deepEqual(await paths(), ['a a.txt'], 'the hint mends it');
    origin.remove();
  });

  it('follows a base that moved between two looks, and files that came and went', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n' }, branch: 'feat/x' });
    const opened = await openRepository(repo.root);
    const seen = async () => (await opened.state()).changes.entries.map(({ status, path }) => `${status} ${path}`);
    repo.write({ 'a.txt': 'b\n', 'new.txt': 'n\n' });
    assert.deepEqual(await seen(), ['modified a.txt', 'added new.txt']);
    repo.write({ 'a.txt': 'c\n' });
    assert.deepEqual(await seen(), ['modified a.txt', 'added new.txt']);
    repo.commit();
    repo.git('branch', '--force', 'main', 'feat/x');
    assert.deepEqual(await seen(), []);
    repo.write({ 'new.txt': 'm\n' });
    assert.deepEqual(await seen(), ['modified new.txt']);
  });

  it('mends a shallow clone of one branch with one hint', async () => {
    const origin = createTestRepo({ branch: 'feat/x' });
    origin.write({ 'a.txt': 'a\n' });
    origin.commit();
    origin.git('switch', '--quiet', 'main');
    for (const base of [undefined, 'main']) {
      repo = repoAt(`${origin.root} clone`);
      origin.git('clone', '--quiet', '--depth=1', '--single-branch', '--branch', 'feat/x', `file://${origin.root}`, repo.root);
      const opened = await openRepository(repo.root);
      const missing = await failure(opened.state({ base }));
      const [, command = ''] = /: (git .*)$/.exec(missing?.hint ?? '') ?? [];
      execFileSync('sh', ['-c', command], { cwd: repo.root, stdio: 'pipe' });
      const { changes: found } = await opened.state({ base });
      assert.deepEqual(
        found.entries.map(({ path }) => path),
        ['a.txt'],
        command,
      );
      repo.remove();
    }
    origin.remove();
  });

  it('asks for the base when no name tells it', async () => {
    repo = createTestRepo();
    repo.git('branch', '-m', 'stable');
    repo.git('switch', '--quiet', '-c', 'feat/x');
    const unknown = await failure(changes());
    assert.equal(unknown?.reason, 'no-merge-base');
    repo.git('config', 'handrail.base', 'stable');
    assert.deepEqual(await paths(), []);
    assert.equal((await failure((await openRepository(repo.root)).state({ base: '--output=x' })))?.reason, 'no-merge-base');
  });

  it('puts no name of a branch into a hint that a shell would run', async () => {
    for (const [base, hint] of [
      ['release/1.x', 'Fetch the base: git fetch origin release/1.x'],
      ['a;touch${IFS}b', 'Fetch the base: git fetch origin'],
    ] as const) {
      repo = createTestRepo({ branch: 'feat/x' });
      repo.git('switch', '--quiet', '--orphan', base);
      repo.commit();
      repo.git('switch', '--quiet', 'feat/x');
      assert.equal((await failure((await openRepository(repo.root)).state({ base })))?.hint, hint);
      repo.remove();
    }
    repo = createTestRepo();
  });

  it('says so where there is no repository, or a bare one', async () => {
    repo = createTestRepo();
    const folder = mkdtempSync(join(tmpdir(), 'handrail none-'));
    assert.equal((await failure(openRepository(folder)))?.reason, 'no-git');
    assert.equal((await failure(openRepository(join(folder, 'missing'))))?.reason, 'no-git');
    repo.git('init', '--quiet', '--bare', folder);
    assert.equal((await failure(openRepository(folder)))?.reason, 'no-git');
    rmSync(folder, { recursive: true });
  });

  // Windows runs no script of this kind.
  if (process.platform !== 'win32') {
    it('runs no git that lies in the repository, wherever the PATH leads', async () => {
      repo = createTestRepo({ files: { 'a.txt': 'a\n', 'sub/a.txt': 'a\n' }, branch: 'feat/x' });
      const trap = join(repo.root, '.git', 'trap');
      repo.write({ 'node_modules/.bin/git': `#!/bin/sh\ntouch "${trap}"\n`, 'sub/git': `#!/bin/sh\ntouch "${trap}"\n`, 'a.txt': 'b\n' });
      chmodSync(join(repo.root, 'node_modules/.bin/git'), 0o755);
      chmodSync(join(repo.root, 'sub/git'), 0o755);
      const part = repoAt(join(repo.root, 'part'));
      repo.write({ 'part/in.txt': 'in\n' });
      part.git('init', '--quiet');
      part.commit();
      repo.git('-c', 'advice.addEmbeddedRepo=false', 'add', 'part');
      repo.commit();
      part.commit();
      const before = process.env['PATH'];
      try {
        process.env['PATH'] = [join(repo.root, 'node_modules/.bin'), join(repo.root, 'sub'), '.', 'sub', before].join(delimiter);
        for (const folder of [repo.root, join(repo.root, 'sub')]) await (await openRepository(folder)).state();
        process.env['PATH'] = [join(repo.root, 'sub'), 'sub'].join(delimiter);
        const none = await failure(openRepository(repo.root));
        assert.deepEqual([none?.reason, none?.message], ['no-git', 'Git was not found on this machine.']);
      } finally {
        process.env['PATH'] = before;
      }
      assert.equal(existsSync(trap), false);
    });
  }

  it('starts nothing that the repository configures', async () => {
    repo = createTestRepo({ files: { 'a.txt': 'a\n' }, branch: 'feat/x' });
    const trap = join(repo.root, '.git', 'trap');
    repo.write({ '.git/trap.sh': `#!/bin/sh\ntouch "${trap}"\n`, 'a.txt': 'b\n' });
    chmodSync(join(repo.root, '.git', 'trap.sh'), 0o755);
    for (const key of ['core.fsmonitor', 'diff.external', 'gpg.program', 'core.pager', 'diff.d.textconv'])
      repo.git('config', key, `${repo.root}/.git/trap.sh`);
    repo.git('config', 'log.showSignature', 'true');
    repo.write({ '.gitattributes': '*.txt diff=d\n' });
    const opened = await openRepository(repo.root);
    await opened.state();
    await opened.headSubject();
    assert.throws(() => realpathSync(trap));
  });
});
