import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { branchKey, branchSlug } from '../../src/core/workflow/branch.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: all
title: All
steps:
  - { id: word, kind: manual, title: Word, expect: [{ attest: It is so }] }
  - id: note
    kind: manual
    title: Note
    expect: [{ file: "notes/\${branch}.md" }]
  - { id: run, kind: command, title: Run, run: "node show.mjs", expect: [{ exit: 0 }] }
`;
const HUMAN = { actor: 'human' } as const;

/** Names that git accepts, and that a shell, a file system or a careless program takes for something else. */
const NAMES = [
  'feat/x',
  'feat-x',
  'feat_x',
  'Feat/x',
  'FEAT/x',
  'a/b/c/d/e/f/g/h',
  'feat/$(id)',
  'feat/`touch${IFS}x`',
  'feat/;rm${IFS}-rf',
  'feat/a&b|c>d<e',
  `feat/it's"quoted"`,
  'feat/%PATH%!x!',
  'feat/caf\u00e9',
  'feat/cafe\u0301',
  'feat/日本語',
  'feat/🎉',
  '漢字',
  'feat/\u202egnp',
  '@x',
  '#1',
  '(detached)',
  '(initial)',
  'refs/heads/x',
  'heads/x',
  'origin/main',
  'con',
  'nul.txt',
  'a.b-c_d',
  'x'.repeat(200),
  `${'x'.repeat(199)}y`,
  `${'ü'.repeat(60)}/${'ü'.repeat(60)}`,
];

describe('branches of any name', function () {
  this.timeout(120_000);
  let repo: TestRepo;
  before(() => {
    repo = createTestRepo({
      files: { '.handrail/workflows/all.yml': WORKFLOW, 'show.mjs': 'console.log(JSON.stringify(process.env.HANDRAIL_BRANCH));\n' },
    });
    // Every one from the same commit, so that only their names tell them apart.
    for (const name of NAMES) repo.git('branch', name);
  });
  after(() => repo.remove());

  const open = () => createWorkflowService({ root: repo.root, env: {} });
  const states = async () => (await open().status()).steps.map(({ state }) => state);

  it('have records of their own, found again by every process, and never run', async () => {
    for (const name of NAMES) {
      repo.git('switch', '--quiet', name);
      const status = await open().status();
      assert.equal(status.branch, name);
      assert.deepEqual(await states(), ['ready', 'ready', 'ready'], `${name} has records of another branch`);
      await open().check('word', HUMAN);
      let output = '';
      await open().run('run', {
        ...HUMAN,
        trusted: true,
        signal: new AbortController().signal,
        onOutput: (chunk) => void (output += Buffer.from(chunk).toString()),
      });
      assert.equal(JSON.parse(output), name);
      assert.deepEqual(await states(), ['done', 'ready', 'done'], name);
    }
    for (const name of NAMES) {
      repo.git('switch', '--quiet', name);
      assert.deepEqual(await states(), ['done', 'ready', 'done'], name);
    }
    assert.equal(existsSync(join(repo.root, 'x')), false);
    const folders = readdirSync(join(repo.root, '.git/handrail/runs'));
    assert.equal(folders.length, NAMES.length);
    assert.equal(new Set(folders.map((folder) => folder.toLowerCase())).size, NAMES.length, 'also where case does not count');
    for (const folder of folders) assert.match(folder, /^[A-Za-z0-9._-]{1,67}$/);
  });

  it('have a slug in paths that stays where it is meant to be', async () => {
    for (const name of NAMES) {
      assert.match(branchSlug(name), /^[A-Za-z0-9_][A-Za-z0-9._-]{0,59}$/, name);
      repo.git('switch', '--quiet', name);
      const path = `notes/${branchSlug(name)}.md`;
      repo.write({ [path]: 'x\n' });
      assert.deepEqual((await open().status()).steps[1]?.state, 'done', name);
      repo.git('clean', '--quiet', '-fd', 'notes');
    }
  });

  it('called HEAD is a branch like others', async () => {
    repo.git('update-ref', 'refs/heads/HEAD', 'refs/heads/main');
    repo.git('symbolic-ref', 'HEAD', 'refs/heads/HEAD');
    const status = await open().status();
    assert.equal(status.branch, 'HEAD');
    await open().check('word', HUMAN);
    assert.equal((await states())[0], 'done');
    repo.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    repo.git('update-ref', '-d', 'refs/heads/HEAD');
  });

  it('are told from a commit without a branch, whatever they are called', async () => {
    repo.git('switch', '--quiet', '--detach', 'main');
    const status = await open().status();
    assert.deepEqual([status.branch, status.steps.map(({ state }) => state)], [null, ['ready', 'ready', 'ready']]);
    await open().check('word', HUMAN);
    repo.git('switch', '--quiet', '(detached)');
    assert.equal((await open().status()).branch, '(detached)');
    repo.git('switch', '--quiet', '--detach', 'main');
    assert.equal((await states())[0], 'done', 'a commit keeps its records');
    assert.notEqual(branchKey('(detached)'), branchKey('detached'));
  });
});
