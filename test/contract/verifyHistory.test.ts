import assert from 'node:assert/strict';
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { commitChanges } from '../../src/node/git/commitChanges.ts';
import { readHistory } from '../../src/node/git/history.ts';
import { readMerges } from '../../src/node/git/mergeWritten.ts';
import { gitObjects } from '../../src/node/git/objects.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');

describe('the history of a change', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  let start: string;

  beforeEach(() => {
    repo = createTestRepo({ files: { 'list.txt': LINES, 'one.txt': 'one\n', 'two.txt': 'two\n' }, branch: 'work' });
    start = repo.git('rev-parse', 'main');
  });
  afterEach(() => repo.remove());

  function onMain(files: Record<string, string>): void {
    repo.git('switch', '--quiet', 'main');
    repo.write(files);
    repo.commit('Other work');
    repo.git('switch', '--quiet', 'work');
  }

  const head = (): string => repo.git('rev-parse', 'HEAD');

  async function written(from = start): Promise<Record<string, string[]>> {
    const history = await readHistory(gitObjects(repo.root), from, head());
    return Object.fromEntries(history.map(({ message, paths }) => [message.trim(), paths.toSorted()]));
  }

  /** What the last commit wrote, where git makes the merge anew, and where it cannot. */
  async function mergeWrote(): Promise<{ remade: string[]; compared: string[] }> {
    const merge = { id: head(), parents: repo.git('log', '-1', '--format=%P').split(' ') };
    const read = async (remade: number, compared: number): Promise<string[]> =>
      ((await readMerges(gitObjects(repo.root), [merge], { remade, compared })).get(merge.id) ?? []).map(({ path }) => path).toSorted();
    const everything = new Set(merge.parents.flatMap((parent) => repo.git('diff', '--name-only', parent, merge.id).split('\n')));
    assert.deepEqual(await read(0, 0), [...everything].filter((path) => path !== '').toSorted(), 'beyond the limit');
    return { remade: await read(1, 1), compared: await read(0, 1) };
  }

  it('tells of each commit what it writes, a first one and paths that are hard to read included', async () => {
    const id = 'a'.repeat(40);
    repo.write({ [`d/${id}`]: 'x\n', [id]: 'x\n', 'a\tb\nc': 'x\n', ':100644 x': 'x\n' });
    repo.commit('Names');
    repo.git('rm', '--quiet', 'one.txt');
    repo.commit('Remove');
    repo.commit('Nothing');
    assert.deepEqual(await written(), { Nothing: [], Remove: ['one.txt'], Names: [':100644 x', 'a\tb\nc', id, `d/${id}`] });
    repo.git('switch', '--quiet', '--orphan', 'other');
    repo.write({ 'alone.txt': 'alone\n' });
    repo.commit('Alone');
    assert.deepEqual(await written(), { Alone: ['alone.txt'] });
  });

  it('makes nobody the author of what git merged', async () => {
    repo.write({ 'list.txt': `first\n${LINES}`, 'one.txt': 'mine\n' });
    repo.commit('Work');
    onMain({ 'list.txt': `${LINES}last\n`, 'two.txt': 'theirs\n', 'three.txt': 'three\n' });
    repo.git('merge', '--quiet', '--no-edit', 'main');
    assert.deepEqual(await mergeWrote(), { remade: [], compared: ['list.txt'] });
    assert.deepEqual((await written())["Merge branch 'main' into work"], []);
  });

  it('makes who merges the author of what is smuggled in, thrown away or resolved', async () => {
    repo.write({ 'list.txt': `mine\n${LINES}`, 'one.txt': 'mine\n' });
    repo.commit('Work');
    onMain({ 'list.txt': `theirs\n${LINES}`, 'two.txt': 'theirs\n', 'three.txt': 'three\n' });
    repo.git('merge', '--quiet', '--no-edit', '--strategy', 'ours', 'main');
    assert.deepEqual(await mergeWrote(), {
      remade: ['list.txt', 'three.txt', 'two.txt'],
      compared: ['list.txt', 'three.txt', 'two.txt'],
    });
    repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    repo.git('merge', '--quiet', '--no-edit', '--strategy-option', 'theirs', 'main');
    assert.deepEqual(await mergeWrote(), { remade: ['list.txt'], compared: ['list.txt'] });
    repo.write({ 'four.txt': 'four\n' });
    repo.git('add', '--all');
    repo.git('commit', '--quiet', '--amend', '--no-edit');
    assert.deepEqual(await mergeWrote(), { remade: ['four.txt', 'list.txt'], compared: ['four.txt', 'list.txt'] });
  });

  it('takes a deletion against an edit for a conflict, whatever is kept', async () => {
    repo.git('rm', '--quiet', 'one.txt');
    repo.commit('Work');
    onMain({ 'one.txt': 'theirs\n' });
    const parents = [head(), repo.git('rev-parse', 'main')];
    for (const kept of parents) {
      const merge = repo.git('commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', 'Merge', `${kept}^{tree}`);
      repo.git('reset', '--quiet', '--hard', merge);
      assert.deepEqual(await mergeWrote(), { remade: ['one.txt'], compared: ['one.txt'] });
    }
  });

  it('reads merges of three, and of histories that have nothing in common', async () => {
    for (const name of ['a', 'b']) {
      repo.git('switch', '--quiet', '-c', name, 'main');
      repo.write({ [`${name}.txt`]: 'x\n' });
      repo.commit(name);
    }
    repo.git('switch', '--quiet', 'work');
    repo.write({ 'one.txt': 'mine\n' });
    repo.commit('Work');
    repo.git('merge', '--quiet', '--no-edit', 'a', 'b');
    assert.deepEqual(await mergeWrote(), { remade: [], compared: [] });
    repo.write({ 'b.txt': 'smuggled\n' });
    repo.git('add', '--all');
    repo.git('commit', '--quiet', '--amend', '--no-edit');
    assert.deepEqual(await mergeWrote(), { remade: ['b.txt'], compared: ['b.txt'] });
    repo.git('switch', '--quiet', '--orphan', 'other');
    repo.write({ 'alone.txt': 'alone\n' });
    repo.commit('Alone');
    repo.git('merge', '--quiet', '--no-edit', '--allow-unrelated-histories', 'main');
    const all = ['alone.txt', 'list.txt', 'one.txt', 'two.txt'];
    assert.deepEqual(await mergeWrote(), { remade: all, compared: all });
  });

  it('asks neither attributes nor drivers of the checkout how to merge, and leaves nothing behind', async () => {
    repo.write({ 'list.txt': `mine\n${LINES}` });
    repo.commit('Work');
    onMain({ 'list.txt': `${LINES}theirs\n`, 'two.txt': 'theirs\n' });
    repo.git('merge', '--quiet', '--no-edit', '--strategy', 'ours', 'main');
    const marker = join(repo.root, 'ran');
    repo.git('config', 'merge.evil.driver', `touch '${marker}'`);
    repo.git('config', 'merge.default', 'evil');
    repo.write({ '.gitattributes': '* merge=evil\n', '.git/info/attributes': '* merge=evil\n' });
    const objects = repo.git('count-objects', '-v');
    assert.deepEqual((await mergeWrote()).remade, ['list.txt', 'two.txt']);
    assert.throws(() => chmodSync(marker, 0o600), /ENOENT/);
    assert.equal(repo.git('count-objects', '-v'), objects);
  });

  it('reads names and messages whatever encoding a commit claims', async () => {
    for (const encoding of ['UTF-16', 'UTF-16LE', 'IBM037', 'none-such', 'ISO-8859-1']) {
      repo.git('-c', `i18n.commitEncoding=${encoding}`, 'commit', '--quiet', '--allow-empty', '-m', 'Grüße\n\nCo-authored-by: B <b@x.org>');
      const [commit] = await readHistory(gitObjects(repo.root), start, head());
      assert.deepEqual([commit?.authorEmail, commit?.committerEmail], ['ada@example.com', 'ada@example.com'], encoding);
      assert.equal(commit?.message, 'Grüße\n\nCo-authored-by: B <b@x.org>\n');
    }
    const latin = `tree ${repo.git('rev-parse', 'HEAD^{tree}')}\nparent ${head()}\nauthor J\xfcrg <j@x.org> 1 +0000\ncommitter J <k@x.org> 2 +0000\n\n\xfc\n`;
    makeCommit(Buffer.from(latin, 'latin1'));
    const [commit] = await readHistory(gitObjects(repo.root), start, head());
    assert.deepEqual([commit?.authorEmail, commit?.committerEmail, commit?.time, commit?.message], ['j@x.org', 'k@x.org', 2, 'ü\n']);
  });

  it('refuses a commit that does not say who made it', async () => {
    const tree = `tree ${repo.git('rev-parse', 'HEAD^{tree}')}\nparent ${head()}\n`;
    for (const people of ['committer A <a@x> 1 +0000\n', 'author A a@x 1 +0000\ncommitter A <a@x> 1 +0000\n']) {
      makeCommit(Buffer.from(`${tree}${people}\nx\n`));
      const read = readHistory(gitObjects(repo.root), start, head());
      await assert.rejects(read, (error: Error) => /does not say who made it/.test(failureOf(error)?.message ?? ''));
      repo.git('update-ref', 'refs/heads/work', start);
    }
  });

  /** Writes a commit as it is and points the branch at it. */
  function makeCommit(content: Buffer): void {
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'];
    repo.git('update-ref', 'refs/heads/work', execFileSync('git', args, { cwd: repo.root, input: content, encoding: 'utf8' }).trim());
  }
});

describe('the lines of a change', function () {
  this.timeout(60_000);

  it('are those of each file where attributes hide them, and of every file beyond the limit', async () => {
    const repo = createTestRepo({ files: { 'a.txt': LINES, 'link.txt': LINES, 'z.txt': 'z\n', folder: LINES } });
    try {
      const from = repo.git('rev-parse', 'HEAD');
      rmSync(join(repo.root, 'link.txt'));
      rmSync(join(repo.root, 'folder'));
      symlinkSync('a.txt', join(repo.root, 'link.txt'));
      repo.write({
        '.gitattributes': '* -diff\n',
        'a.txt': `first\n${LINES}diff --git a/x b/x\n@@ -1,9 +1,9 @@\n`,
        'b.bin': 'x\0\n'.repeat(5),
        'c.txt': '',
        'folder/inside': 'inside\n',
        'folder/inside.bin': 'x\0\n'.repeat(5),
        'ü\ndiff --git a\n.txt': 'x\n'.repeat(7),
        'z.txt': 'y\n',
      });
      repo.commit();
      const counted = async (limit?: number): Promise<Record<string, [number, number]>> => {
        const changes = await commitChanges(gitObjects(repo.root), from, repo.git('rev-parse', 'HEAD'), limit);
        return Object.fromEntries(changes.map(({ path, linesAdded, linesDeleted }) => [path, [linesAdded, linesDeleted]]));
      };
      const expected = {
        '.gitattributes': [1, 0],
        'a.txt': [3, 0],
        'b.bin': [0, 0],
        'c.txt': [0, 0],
        folder: [0, 20],
        'folder/inside': [1, 0],
        'folder/inside.bin': [0, 0],
        'link.txt': [1, 20],
        'ü\ndiff --git a\n.txt': [7, 0],
        'z.txt': [1, 1],
      };
      assert.deepEqual(await counted(), expected);
      assert.deepEqual(await counted(0), { ...expected, 'b.bin': [5, 0], 'folder/inside.bin': [5, 0] });
    } finally {
      repo.remove();
    }
  });
});
