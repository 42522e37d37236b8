import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DraftRequest, DraftResult, DraftService } from '../../src/core/ai/draft/draft.ts';
import { failureOf } from '../../src/core/errors.ts';
import { createDraftService } from '../../src/node/ai/draftService.ts';
import { testsRequest } from '../../src/node/ai/testsRequest.ts';
import { modelEnvironment, modelOptions } from '../support/chosenModel.ts';
import { createCliRunner, finished, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

const CART = 'export function total(prices: number[]): number {\n  return prices.length;\n}\n';
const MENDED = CART.replace('prices.length', 'prices.reduce((sum, price) => sum + price, 0)');
const WORKFLOW = `version: 1
id: feature
title: Feature
steps:
  - { id: note, kind: manual, title: State what is wrong }
`;
const FILES = {
  '.handrail/workflows/feature.yml': WORKFLOW,
  '.github/pull_request_template.md': '## Summary\n\n<!-- say it -->\n\n## Checks\n\n- [ ] tests pass\n',
  'AGENTS.md': 'Subjects are in the imperative.\n',
  'src/cart.ts': CART,
  'src/price.ts': 'export const price = 1;\n',
  'test/unit/price.test.ts': "import { price } from '../../src/price.ts';\n",
  '.handrailignore': 'src/hidden.ts\n',
  '.gitignore': 'private/\n',
};

describe('drafts', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: ModelServer;
  let service: DraftService;

  beforeEach(async () => {
    cli = createCliRunner();
    repo = createTestRepo({ files: FILES, branch: 'feat/prices' });
    server = await startModelServer({ replies: [{ text: 'Add the prices instead of counting them.' }] });
    service = createDraftService(modelOptions({ root: repo.root, home: cli.home }, server));
  });
  afterEach(async () => {
    await server.close();
    cli.remove();
    repo.remove();
  });

  const draft = (request: DraftRequest): Promise<DraftResult> =>
    service.draft(request, { signal: new AbortController().signal, onEvent() {} });
  const sent = (): string => JSON.stringify(server.requests.at(-1)?.body);
  const run = (...args: string[]): Promise<CliResult> => finished(cli.start(args, { cwd: repo.root, env: modelEnvironment(server) }));
  const fails = async (work: Promise<unknown>, reason: string): Promise<void> => {
    await assert.rejects(work, (error) => failureOf(error)?.reason === reason && failureOf(error)?.hint !== undefined);
  };

  it('print a commit message for what is staged, which git takes', async () => {
    repo.write({ 'src/cart.ts': MENDED, 'src/price.ts': 'export const price = 2;\n' });
    repo.git('add', 'src/cart.ts');
    const done = await run('generate', '--commit-message', '--instruction', 'it was a report by Ada');
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.stdout, 'Add the prices instead of counting them\n');
    assert.match(done.stderr, /^Model: test-model – /);
    assert.match(done.stderr, /What was read: 1 in full/);
    assert.match(sent(), /prices\.reduce/);
    assert.doesNotMatch(sent(), /price = 2/);
    assert.match(sent(), /a report by Ada/);
    assert.match(sent(), /State what is wrong/);
    assert.match(sent(), /Subjects are in the imperative/);
    repo.write({ message: done.stdout });
    repo.git('commit', '--quiet', '-F', 'message');
    assert.equal(repo.git('log', '-1', '--format=%s'), 'Add the prices instead of counting them');
  });

  it('tell of all changes where nothing is staged, new and deleted files too, and leave out what no model reads', async () => {
    repo.write({ 'src/new.ts': 'export const fresh = 1;\n', 'src/hidden.ts': 'hidden();\n', 'private/a.ts': 'secretPlan();\n' });
    repo.git('rm', '--quiet', '--cached', 'src/price.ts');
    repo.git('reset', '--quiet');
    repo.git('rm', '--quiet', 'src/price.ts');
    repo.git('reset', '--quiet');
    const result = await draft({ kind: 'commit-message' });
    assert.equal(result.source, 'working');
    assert.match(sent(), /fresh = 1/);
    assert.match(sent(), /src\/price\.ts \(deleted\)/);
    assert.doesNotMatch(sent(), /hidden\(\)|secretPlan/);
  });

  it('send no secret of the change, and say which were replaced', async () => {
    const key = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('_');
    repo.write({ 'src/cart.ts': `const token = '${key}';\n${CART}` });
    const result = await draft({ kind: 'commit-message', hint: `uses ${key}` });
    assert.ok(!sent().includes(key));
    assert.match(result.redactions.map(({ file, line }) => `${file}:${line}`).join(), /src\/cart\.ts:1/);
  });

  it('are written for the first commit of a repository, and with files that no model reads alone', async () => {
    repo.git('switch', '--quiet', '--orphan', 'first');
    repo.write({ 'src/one.ts': 'export const one = 1;\n' });
    repo.git('add', '.');
    assert.equal((await draft({ kind: 'commit-message' })).source, 'staged');
    assert.match(sent(), /one = 1/);
    repo.git('reset', '--quiet');
    assert.equal((await draft({ kind: 'commit-message' })).source, 'working');
    repo.git('switch', '--quiet', '--force', 'main');
    repo.write({ 'package-lock.json': '{}\n' });
    repo.git('add', '.');
    const result = await draft({ kind: 'commit-message' });
    assert.deepEqual(
      result.coverage.map(({ file, status }) => [file, status]).filter(([file]) => file === 'package-lock.json'),
      [['package-lock.json', 'skipped']],
    );
    assert.match(sent(), /package-lock\.json \(generated: a lock file\)/);
  });

  it('are refused where there is nothing to tell of, and outside of a repository', async () => {
    await fails(draft({ kind: 'commit-message' }), 'not-found');
    await fails(draft({ kind: 'pull-request' }), 'not-found');
    assert.equal(server.requests.length, 0);
    const untrusted = createDraftService(modelOptions({ root: repo.root, home: cli.home }, server, { isTrusted: false }));
    await fails(untrusted.draft({ kind: 'commit-message' }, { signal: new AbortController().signal, onEvent() {} }), 'untrusted');
  });

  it('describe the branch under the headings of the template, with the facts below that no model writes', async () => {
    repo.write({ 'src/cart.ts': MENDED });
    repo.commit('Add the prices');
    server.setScript({ replies: [{ text: '## Summary\n\nIt adds. ![x](https://evil.example/p.png)\n\n## Checks\n\n- [x] tests pass' }] });
    const done = await run('generate', '--pull-request');
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      done.stdout,
      /^## Summary\n\nIt adds\. x\n\n## Checks\n\n- tests pass\n\n- \[ \] tests pass\n\n<!-- handrail:summary:start -->\n/,
    );
    assert.match(done.stdout, /State what is wrong[\s\S]*<!-- handrail:summary:end -->\n$/);
    assert.match(sent(), /Add the prices/);
    assert.match(sent(), /## Summary\\n## Checks/);
    const looked = await run('generate', '--pull-request', '--dry-run', '--format', 'json');
    assert.equal(looked.code, 0, looked.stderr);
    assert.match((JSON.parse(looked.stdout) as { text: string }).text, /prices\.reduce/);
    assert.equal(server.requests.length, 1, 'a dry run sends nothing');
  });

  it('exclude what makes no sense together', async () => {
    for (const args of [
      ['--commit-message', '--pull-request'],
      ['--commit-message', '--apply'],
      ['--commit-message', '--step', 'x'],
      ['--commit-message', '--base', 'main'],
    ]) {
      const { code, stderr } = await run('generate', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /exclude each other|is for --pull-request/);
    }
  });

  it('of tests go where the project has them, with one of its tests as an example', async () => {
    const { request, place } = await testsRequest('src/cart.ts', { root: repo.root, more: 'Think of an empty cart.' });
    assert.deepEqual([place.path, place.exists], ['test/unit/cart.test.ts', false]);
    assert.deepEqual(request.files, ['src/cart.ts', 'test/unit/price.test.ts']);
    assert.match(request.instruction ?? '', /test\/unit\/cart\.test\.ts.*\n[\s\S]*Think of an empty cart/);
    await fails(testsRequest('test/unit/price.test.ts', { root: repo.root }), 'usage');
    await fails(testsRequest('src/gone.ts', { root: repo.root }), 'not-found');

    const test = "import { total } from '../../src/cart.ts';\n\ntotal([1, 2]);";
    server.setScript({ replies: [{ text: `Tests.\n\ntest/unit/cart.test.ts\n<<<<<<< SEARCH\n=======\n${test}\n>>>>>>> REPLACE\n` }] });
    const done = await run('generate', '--tests-for', 'src/cart.ts', '--apply');
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /Tests go to test\/unit\/cart\.test\.ts/);
    assert.equal(readFileSync(join(repo.root, 'test/unit/cart.test.ts'), 'utf8'), `${test}\n`);
    const again = await testsRequest('src/cart.ts', { root: repo.root });
    assert.deepEqual([again.place.path, again.place.exists], ['test/unit/cart.test.ts', true]);
    assert.ok(!existsSync(join(repo.root, 'src/cart.test.ts')));
  });
});
