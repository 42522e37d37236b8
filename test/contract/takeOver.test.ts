import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { branchKey } from '../../src/core/workflow/branch.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createCliRunner, hasTerminal, runOnTerminal, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
steps:
  - id: intent
    kind: manual
    title: State the problem
    expect: [{ attest: The problem is stated }]
  - id: tests
    kind: command
    title: Run the tests
    run: "true"
    inputs: ["src/**"]
  - id: look
    kind: manual
    title: Look again
  - id: ok
    kind: approval
    title: Approve
    by: { any-of: [codeowners] }
`;
const HUMAN = { actor: 'human' } as const;

describe('taking records of a former branch over', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  beforeEach(() => {
    repo = createTestRepo({ files: { '.handrail/workflows/feature.yml': WORKFLOW, 'src/a.txt': 'a\n' }, branch: 'feat/old' });
    repo.write({ 'src/a.txt': 'changed\n' });
    repo.commit('feat: change');
  });
  afterEach(() => repo.remove());

  const open = () => createWorkflowService({ root: repo.root, env: {} });
  const states = async () => (await open().status()).steps.map(({ id, state }) => `${id} ${state}`);
  const former = async () => (await open().status()).former ?? [];
  const record = async (): Promise<void> => {
    await open().check('intent', HUMAN);
    await open().run('tests', { ...HUMAN, trusted: true, signal: new AbortController().signal, onOutput() {} });
    await open().check('look', HUMAN);
    await open().uncheck('look', HUMAN);
    await open().waive('ok', { ...HUMAN, reason: 'away' });
  };
  const SETTLED = ['intent done', 'tests done', 'look ready', 'ok waived'];
  const OPEN = ['intent ready', 'tests ready', 'look ready', 'ok ready'];
  const refusal = async (work: Promise<unknown>) =>
    failureOf(
      await work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
  const folder = (branch: string) => join(repo.root, '.git/handrail/runs', branchKey(branch));
  const recordsOf = (branch: string) =>
    existsSync(folder(branch)) ? readdirSync(folder(branch)).filter((name) => name.length === 69) : [];

  it('is offered after a rename, and everything stands as it stood', async () => {
    await record();
    assert.deepEqual(await states(), SETTLED);
    repo.git('branch', '-m', 'feat/new');
    assert.deepEqual(await states(), OPEN, 'not by itself');
    assert.deepEqual(await former(), [{ branch: 'feat/old', records: 6, renamed: true }]);
    assert.equal(await open().takeOver('feat/old', HUMAN), 6);
    assert.deepEqual(await states(), SETTLED);
    assert.deepEqual(await former(), []);
    repo.write({ 'src/a.txt': 'edited\n' });
    const tests = (await open().status()).steps[1];
    assert.deepEqual([tests?.state, tests?.staleBecause], ['stale', ['src/a.txt']], 'it still knows what changed since');
    assert.equal((await open().uncheck('ok', HUMAN)).state, 'ready', 'and what stood before a waiver');
  });

  it('is offered over several renames, also when something was recorded in between', async () => {
    await record();
    repo.git('branch', '-m', 'feat/b');
    repo.git('branch', '-m', 'feat/c');
    await open().check('look', HUMAN);
    assert.deepEqual(await former(), [{ branch: 'feat/old', records: 6, renamed: true }]);
    const service = open();
    assert.equal((await service.status()).former?.length, 1);
    await service.takeOver('feat/old', HUMAN);
    assert.equal((await service.status()).former, undefined, 'the same window sees it, too');
    assert.deepEqual(await states(), ['intent done', 'tests done', 'look done', 'ok waived'], 'what was said here is later');
  });

  it('is offered where a branch goes on from one that was deleted, as long as nothing is recorded here', async () => {
    await record();
    repo.git('switch', '--quiet', '-c', 'feat/next');
    assert.deepEqual(await former(), [], 'the other branch still exists');
    repo.git('branch', '-D', 'feat/old');
    repo.write({ 'b.txt': 'b\n' });
    repo.commit('feat: more');
    assert.deepEqual(await former(), [{ branch: 'feat/old', records: 6, renamed: false }]);
    await open().check('look', HUMAN);
    assert.deepEqual(await former(), []);
    assert.equal(await open().takeOver('feat/old', HUMAN), 6, 'asked for by name it is done all the same');
    assert.deepEqual(await states(), ['intent done', 'tests done', 'look done', 'ok waived']);
  });

  it('is not offered by work that has nothing to do with this branch, and refused', async () => {
    await record();
    repo.git('switch', '--quiet', 'main');
    repo.git('merge', '--quiet', '--ff-only', 'feat/old');
    repo.git('branch', '-D', 'feat/old');
    repo.git('switch', '--quiet', '-c', 'feat/other');
    repo.write({ 'b.txt': 'b\n' });
    repo.commit('feat: other');
    assert.deepEqual(await former(), [], 'merged work is done');
    assert.match((await refusal(open().takeOver('feat/old', HUMAN)))?.message ?? '', /was not renamed from feat\/old/);
    assert.equal((await refusal(open().takeOver('feat/nope', HUMAN)))?.reason, 'not-found');
    assert.deepEqual(await states(), OPEN);
  });

  it('leaves a branch that exists its records', async () => {
    await record();
    repo.git('switch', '--quiet', '-c', 'feat/next');
    assert.match((await refusal(open().takeOver('feat/old', HUMAN)))?.message ?? '', /still exists/);
  });

  it('is an act of a person', async () => {
    await record();
    repo.git('branch', '-m', 'feat/new');
    for (const actor of ['agent', 'machine'] as const) {
      assert.match((await refusal(open().takeOver('feat/old', { actor })))?.message ?? '', /Only a person takes/);
    }
    assert.deepEqual(recordsOf('feat/new'), []);
  });

  it('is offered no more once it was declined or done, and nothing of the former branch is touched', async () => {
    await record();
    const before = recordsOf('feat/old').map((name) => readFileSync(join(folder('feat/old'), name), 'utf8'));
    repo.git('branch', '-m', 'feat/new');
    await open().takeOver('feat/old', { ...HUMAN, wanted: false });
    assert.deepEqual([await former(), await states()], [[], OPEN]);
    assert.equal(await open().takeOver('feat/old', HUMAN), 6, 'one may change one’s mind');
    assert.deepEqual(await states(), SETTLED);
    assert.deepEqual(
      recordsOf('feat/old').map((name) => readFileSync(join(folder('feat/old'), name), 'utf8')),
      before,
    );
    repo.git('branch', '-m', 'feat/old');
    assert.deepEqual(await states(), SETTLED, 'renamed back, its own records are there');
  });

  it('writes the same records however often and by whomever it is done', async () => {
    await record();
    repo.git('branch', '-m', 'feat/new');
    const services = [open(), open(), open()];
    await Promise.all(services.map((service) => service.takeOver('feat/old', HUMAN)));
    assert.equal(recordsOf('feat/new').length, 6);
    await open().takeOver('feat/old', HUMAN);
    assert.equal(recordsOf('feat/new').length, 6);
  });

  it('goes on where it was killed, and is offered until it is whole', async () => {
    await open().check('intent', HUMAN);
    for (let i = 0; i < 40; i += 1) {
      await open().check('look', HUMAN);
      await open().uncheck('look', HUMAN);
    }
    repo.git('branch', '-m', 'feat/new');
    const script = `const { createWorkflowService } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/node/workflow/workflowService.ts'))});
await createWorkflowService({ root: ${JSON.stringify(repo.root)}, env: {} }).takeOver('feat/old', { actor: 'human' });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const closed = new Promise((resolve) => child.once('close', resolve));
    while (recordsOf('feat/new').length < 5) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await closed;
    const half = recordsOf('feat/new').length;
    assert.ok(half < 81, `${half}`);
    assert.deepEqual(await former(), [{ branch: 'feat/old', records: 81, renamed: true }]);
    assert.equal(await open().takeOver('feat/old', HUMAN), 81);
    assert.equal(recordsOf('feat/new').length, 81);
    assert.deepEqual((await states()).slice(0, 3), ['intent done', 'tests ready', 'look ready']);
    assert.deepEqual(await former(), []);
  });

  it('waits for a command that still runs there', async () => {
    await record();
    const [running = ''] = recordsOf('feat/old').filter((name) =>
      readFileSync(join(folder('feat/old'), name), 'utf8').includes('"running"'),
    );
    const hex = running.replace('.json', '');
    // As if its process lived and nothing had been written since.
    for (const name of recordsOf('feat/old')) {
      const text = readFileSync(join(folder('feat/old'), name), 'utf8');
      if (text.includes(`sha256:${hex}`)) writeFileSync(join(folder('feat/old'), name), 'damaged');
    }
    const mark = { pid: process.pid, start: '', host: 'another-container' };
    writeFileSync(join(folder('feat/old'), 'running', `${hex}.json`), JSON.stringify(mark));
    repo.git('branch', '-m', 'feat/new');
    assert.match((await refusal(open().takeOver('feat/old', HUMAN)))?.message ?? '', /tests of feat\/old is still running/);
  });

  it('takes committed records, too, without a time', async () => {
    repo.write({ '.handrail/workflows/feature.yml': `evidence: tracked\n${WORKFLOW}` });
    repo.git('config', 'handrail.shareEvidence', 'true');
    repo.commit('feat: track');
    await record();
    repo.commit('chore: records');
    repo.git('branch', '-m', 'feat/new');
    assert.equal((await former())[0]?.records, 6);
    await open().takeOver('feat/old', HUMAN);
    assert.deepEqual(await states(), SETTLED);
    const tracked = join(repo.root, '.handrail/evidence', branchKey('feat/new'));
    for (const name of readdirSync(tracked)) {
      const text = readFileSync(join(tracked, name), 'utf8');
      assert.doesNotMatch(text, /"time"/);
      assert.match(text, new RegExp(`"run": "${branchKey('feat/new')}"`));
    }
  });

  it('refuses two branches whose records would have one name, instead of mixing them', async () => {
    await record();
    const place = join(folder('feat/old'), 'branch.json');
    writeFileSync(place, JSON.stringify({ branch: 'feat-old', head: null }));
    const failure = await refusal(open().status());
    assert.equal(failure?.reason, 'conflict');
    assert.match(failure?.message ?? '', /feat\/old and feat-old would have the same name/);
    writeFileSync(place, '{ damaged');
    assert.deepEqual(await states(), SETTLED);
  });

  describe('on the command line', () => {
    let cli: CliRunner;
    before(() => (cli = createCliRunner()));
    after(() => cli.remove());

    it('is offered with a line that a shell takes as it stands, and refused to an agent with exit code 1', async () => {
      repo.git('branch', '-m', 'feat/$(id)');
      await record();
      repo.git('branch', '-m', 'feat/new');
      const { stdout } = cli.run(['status'], { cwd: repo.root });
      assert.match(stdout, /called feat\/\$\(id\) before; 6 records can be taken over: handrail status --take-over 'feat\/\$\(id\)'/);
      const refused = cli.run(['status', '--take-over', 'feat/$(id)'], { cwd: repo.root });
      assert.deepEqual([refused.code, recordsOf('feat/new')], [1, []]);
      assert.match(refused.stderr, /taken over by a person/);
    });

    (hasTerminal ? it : it.skip)('is done by a person', async () => {
      await record();
      repo.git('branch', '-m', 'feat/new');
      const done = runOnTerminal(cli, ['status', '--take-over', 'feat/old'], { cwd: repo.root });
      assert.equal(done.code, 0, done.stdout);
      assert.match(done.stdout, /6 records of feat\/old taken over/);
      assert.match(done.stdout, /3 of 4 done/);
    });
  });
});
