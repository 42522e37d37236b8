import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import type { StepStatus } from '../../src/core/workflow/run.ts';
import type { WorkflowService } from '../../src/core/workflow/service.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ["feat/**"] }
vars:
  large: lines.added > 3
steps:
  - id: code
    kind: manual
    title: Change the code
    expect: [{ changed: "src/**" }]
  - id: notes
    kind: manual
    title: Write notes
    expect: [{ file: "docs/\${branch}.md", sections: [Problem] }]
  - id: threats
    kind: manual
    title: Threat notes
    when: changes.exists(f, glob(f, "src/auth/**"))
  - id: split
    kind: manual
    title: Split the change
    when: vars.large
  - id: ok
    kind: approval
    title: Approve
    needs: [code]
    by: { any-of: [codeowners] }
  - id: saved
    kind: manual
    title: Commit it
    expect: [{ clean: true }, { commit: "feat*" }]
`;
const FILES = { '.handrail/workflows/feature.yml': WORKFLOW, 'src/a.ts': 'a\n', 'src/b.ts': 'b\n' };
const HUMAN = { actor: 'human' } as const;

/** The view follows one service for hours; after each thing that happens it shows what a service that was opened just now would say. */
describe('living steps', function () {
  this.timeout(120_000);
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const repository = (files: Record<string, string> = FILES, branch = 'feat/x'): TestRepo => {
    const repo = createTestRepo({ files, branch });
    folders.push(repo.root);
    return repo;
  };
  const emptyFolder = (): string => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail folder-')));
    folders.push(folder);
    return folder;
  };
  const open = (root: string): WorkflowService => createWorkflowService({ root, env: {} });
  const states = (steps: readonly StepStatus[]): string[] => steps.map(({ id, state }) => `${id} ${state}`);
  /** What the service says of what was touched, which is what a new one says of everything. */
  const follow = async (living: WorkflowService, root: string, ...touched: string[]): Promise<string[]> => {
    const status = await living.status({ touched });
    assert.deepEqual(status, await open(root).status());
    return states(status.steps);
  };
  const refusal = async (work: Promise<unknown>) =>
    failureOf(
      await work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );

  it('follow saves, records, the workflow file, commits, switches, rebases and stashes', async () => {
    const repo = repository();
    const living = open(repo.root);
    const after = (...touched: string[]): Promise<string[]> => follow(living, repo.root, ...touched);
    assert.deepEqual(await after(), ['code ready', 'notes ready', 'threats skipped', 'split skipped', 'ok blocked', 'saved ready']);
    await after();
    repo.write({ 'src/a.ts': 'changed\n' });
    assert.deepEqual(await after('src/a.ts'), ['code done', 'notes ready', 'threats skipped', 'split skipped', 'ok ready', 'saved ready']);
    await living.check('ok', HUMAN);
    assert.equal((await after())[4], 'ok done');
    repo.write({ 'src/a.ts': 'one\ntwo\nthree\nfour\n' });
    assert.deepEqual((await after('src/a.ts')).slice(3, 5), ['split ready', 'ok stale']);
    repo.write({ 'src/auth/key.ts': 'key\n', 'docs/feat-x.md': '# Problem\n' });
    assert.deepEqual((await after('src/auth', 'docs/feat-x.md')).slice(1, 3), ['notes done', 'threats ready']);
    rmSync(join(repo.root, 'src/auth'), { recursive: true });
    assert.equal((await after('src/auth'))[2], 'threats skipped');
    repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('Write notes', 'Write it down') });
    await after('.handrail/workflows/feature.yml');
    // From here on git does it in a terminal, and nobody says what was touched.
    repo.commit('feat: work');
    assert.equal((await after())[5], 'saved done');
    repo.git('branch', 'unrelated');
    await after();
    repo.write({ 'src/b.ts': 'B\n' });
    assert.equal((await after('src/b.ts'))[5], 'saved ready');
    repo.git('stash', 'push', '--quiet');
    assert.equal((await after())[5], 'saved done');
    repo.git('stash', 'pop', '--quiet');
    assert.equal((await after())[5], 'saved ready');
    repo.commit('feat: more');
    repo.git('switch', '--quiet', 'main');
    assert.deepEqual(await after(), []);
    repo.write({ 'base.txt': 'base\n' });
    repo.commit('Base');
    assert.deepEqual(await after('base.txt'), []);
    repo.git('switch', '--quiet', 'feat/x');
    await after();
    repo.git('rebase', '--quiet', 'main');
    assert.equal((await after())[0], 'code done');
    repo.git('switch', '--quiet', '-c', 'feat/y');
    assert.equal((await after())[4], 'ok ready');
    repo.git('reset', '--quiet', '--hard', 'main');
    assert.equal((await after())[0], 'code ready');
    repo.git('config', 'handrail.base', 'feat/x');
    await after();
  });

  it('lose nothing that was touched while nothing could be read, or while several ask at once', async () => {
    const repo = repository();
    const living = open(repo.root);
    await follow(living, repo.root);
    await follow(living, repo.root);
    // The workflow is broken while a file is saved.
    const broken = '.handrail/workflows/feature.yml';
    repo.write({ [broken]: 'version: 1\nid: [\n', 'src/a.ts': 'changed\n' });
    assert.deepEqual(await follow(living, repo.root, broken, 'src/a.ts'), []);
    repo.write({ [broken]: WORKFLOW });
    assert.equal((await follow(living, repo.root, broken))[0], 'code done');
    repo.write({ 'src/a.ts': 'a\n' });
    // Git itself fails for a moment.
    renameSync(join(repo.root, '.git/HEAD'), join(repo.root, '.git/HEAD.away'));
    assert.ok(await refusal(living.status({ touched: ['src/a.ts'] })));
    renameSync(join(repo.root, '.git/HEAD.away'), join(repo.root, '.git/HEAD'));
    assert.equal((await follow(living, repo.root))[0], 'code ready');
    repo.write({ 'src/a.ts': 'A\n', 'docs/feat-x.md': '# Problem\n' });
    await Promise.all([
      living.status({ touched: ['src/a.ts'] }),
      living.status({ touched: ['docs/feat-x.md'] }),
      living.check('code', HUMAN),
    ]);
    assert.deepEqual((await follow(living, repo.root)).slice(0, 2), ['code done', 'notes done']);
  });

  it('keep two folders apart, each a repository of its own', async () => {
    const [one, two] = [repository(), repository(FILES, 'feat/other')];
    const [first, second] = [open(one.root), open(two.root)];
    await Promise.all([first.status(), second.status()]);
    one.write({ 'src/a.ts': 'changed\n' });
    assert.equal((await follow(first, one.root, 'src/a.ts'))[0], 'code done');
    assert.equal((await follow(second, two.root, 'src/a.ts'))[0], 'code ready');
    assert.deepEqual([(await first.status()).branch, (await second.status()).branch], ['feat/x', 'feat/other']);
  });

  it('belong to the folder that is open, in a subfolder of a repository too', async () => {
    const repo = repository({ ...FILES, ...prefixed('packages/app/', FILES), 'top.txt': 'top\n' });
    const root = join(repo.root, 'packages/app');
    const living = open(root);
    await follow(living, root);
    repo.write({ 'top.txt': 'changed\n', 'src/a.ts': 'changed\n' });
    assert.equal((await follow(living, root))[0], 'code ready');
    repo.write({ 'packages/app/src/a.ts': 'changed\n' });
    assert.equal((await follow(living, root, 'src/a.ts'))[0], 'code done');
    // An ignore file above the folder holds for it as well, and nobody tells of it.
    repo.write({ 'packages/app/src/new.log': 'x\n' });
    await follow(living, root, 'src/new.log');
    repo.write({ '.gitignore': '*.log\n' });
    await follow(living, root);
  });

  it('take a repository inside the repository for what it is: a stranger, then a part', async () => {
    const repo = repository();
    const living = open(repo.root);
    await follow(living, repo.root);
    mkdirSync(join(repo.root, 'src/part'));
    const part = repoAt(join(repo.root, 'src/part'));
    part.git('init', '--quiet', '--initial-branch=main');
    part.write({ 'inner.ts': 'inner\n' });
    part.commit();
    assert.equal((await follow(living, repo.root, 'src/part'))[0], 'code ready');
    repo.git('-c', 'advice.addEmbeddedRepo=false', 'add', 'src/part');
    assert.equal((await follow(living, repo.root))[0], 'code done');
    repo.commit('feat: part');
    await follow(living, repo.root);
    const before = await living.status();
    part.write({ 'inner.ts': 'more\n' });
    assert.deepEqual(await living.status({ touched: ['src/part/inner.ts'] }), before);
    part.commit();
    const moved = await living.status({ touched: [] });
    assert.notDeepEqual(moved, before);
    assert.deepEqual(moved, await open(repo.root).status());
  });

  it('have runs of their own in a submodule and in a linked worktree', async () => {
    const library = repository(FILES, 'feat/lib');
    const repo = repository();
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib');
    const inside = repoAt(join(repo.root, 'lib'));
    inside.git('switch', '--quiet', '-C', 'feat/inside', 'origin/feat/lib');
    const living = open(inside.root);
    inside.git('remote', 'set-head', 'origin', 'main');
    await follow(living, inside.root);
    inside.write({ 'src/a.ts': 'changed\n' });
    assert.equal((await follow(living, inside.root, 'src/a.ts'))[0], 'code done');
    assert.equal((await living.status()).branch, 'feat/inside');
    assert.equal((await open(repo.root).status()).branch, 'feat/x');

    const tree = repoAt(`${repo.root} tree`);
    folders.push(tree.root);
    repo.git('worktree', 'add', '--quiet', tree.root, '-b', 'feat/tree', 'main');
    const other = open(tree.root);
    await follow(other, tree.root);
    tree.write({ 'src/a.ts': 'changed\n' });
    assert.equal((await follow(other, tree.root, 'src/a.ts'))[0], 'code done');
    await other.check('ok', HUMAN);
    tree.git('commit', '--quiet', '--all', '-m', 'feat: tree');
    await follow(other, tree.root);
    // Records lie with the repository: they outlive the worktree.
    repo.git('worktree', 'remove', tree.root);
    repo.git('stash', '--quiet');
    repo.git('switch', '--quiet', 'feat/tree');
    assert.equal((await open(repo.root).status()).steps.find(({ id }) => id === 'ok')?.state, 'done');
  });

  it('say that there is no repository, and begin when one comes to be, or another', async () => {
    const root = emptyFolder();
    const repo = repoAt(root);
    const living = open(root);
    repo.write(FILES);
    const none = await refusal(living.status());
    assert.equal(none?.reason, 'no-git');
    assert.match(none.hint ?? '', /git init/);
    repo.git('init', '--quiet', '--initial-branch=feat/new');
    assert.deepEqual((await follow(living, root)).slice(0, 1), ['code done']);
    repo.commit('Start');
    repo.git('branch', 'main');
    assert.deepEqual((await follow(living, root)).slice(0, 1), ['code ready']);
    rmSync(join(root, '.git'), { recursive: true });
    assert.equal((await refusal(living.status({ touched: ['src/a.ts'] })))?.reason, 'no-git');
    repo.git('init', '--quiet', '--initial-branch=feat/again');
    assert.equal((await living.status({ touched: [] })).branch, 'feat/again');
    // And one that is closer than the one before.
    const inner = repoAt(join(root, 'src'));
    const innerService = open(inner.root);
    assert.equal((await innerService.status()).branch, 'feat/again');
    inner.git('init', '--quiet', '--initial-branch=feat/inner');
    assert.equal((await innerService.status({ touched: [] })).branch, 'feat/inner');
  });

  it('say in one sentence what is wrong with a folder', async () => {
    const gone = emptyFolder();
    const living = open(gone);
    rmSync(gone, { recursive: true });
    assert.equal((await refusal(living.status()))?.reason, 'not-found');
    mkdirSync(gone);
    assert.equal((await refusal(living.status()))?.reason, 'no-git');

    const dangling = emptyFolder();
    writeFileSync(join(dangling, '.git'), 'gitdir: /nowhere/at/all\n');
    const failure = await refusal(open(dangling).status());
    assert.equal(failure?.reason, 'no-git');
    assert.ok(failure.hint);

    const bare = emptyFolder();
    repoAt(bare).git('init', '--quiet', '--bare');
    assert.equal((await refusal(open(bare).status()))?.reason, 'no-git');

    const repo = repository();
    const path = process.env['PATH'];
    process.env['PATH'] = emptyFolder();
    try {
      const missing = await refusal(open(repo.root).status());
      assert.equal(missing?.reason, 'no-git');
      assert.match(missing.hint ?? '', /Install git/);
    } finally {
      process.env['PATH'] = path;
    }
    assert.equal((await open(repo.root).status()).branch, 'feat/x');
  });

  it('forget a folder that was removed and made again', async () => {
    const repo = repository();
    const living = open(repo.root);
    await follow(living, repo.root);
    const aside = `${repo.root} aside`;
    renameSync(repo.root, aside);
    folders.push(aside);
    assert.equal((await refusal(living.status({ touched: [] })))?.reason, 'not-found');
    renameSync(aside, repo.root);
    repo.write({ 'src/a.ts': 'changed meanwhile\n' });
    assert.equal((await follow(living, repo.root, 'src/a.ts'))[0], 'code done');
  });

  it('read a record again whose file was edited, and miss one that was removed', async () => {
    const repo = repository();
    const living = open(repo.root);
    repo.write({ 'src/a.ts': 'changed\n' });
    const { evidence } = await living.check('ok', HUMAN);
    assert.ok(evidence);
    const runs = join(repo.root, '.git/handrail/runs');
    const [run] = readdirSync(runs);
    const file = join(runs, run ?? '', `${evidence.id.replace('sha256:', '')}.json`);
    assert.ok(existsSync(file));
    assert.equal((await follow(living, repo.root))[4], 'ok done');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"human"', '"agent"'));
    assert.equal((await follow(living, repo.root))[4], 'ok ready');
    writeFileSync(file, text);
    assert.equal((await follow(living, repo.root))[4], 'ok done');
    rmSync(file);
    assert.equal((await follow(living, repo.root))[4], 'ok ready');
  });
});

function prefixed(prefix: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [prefix + path, text]));
}
