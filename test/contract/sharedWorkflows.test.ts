import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { contentDigest, LOCK_FILE } from '../../src/core/workflow/shared/content.ts';
import { parseLock } from '../../src/core/workflow/shared/lock.ts';
import { createSharedWorkflows, type LockMode, type SharedWorkflowsOptions } from '../../src/node/workflow/shared/sharedWorkflows.ts';
import { createVerifier } from '../../src/node/workflow/verify/verifier.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { createGitServer, type GitServer } from '../support/gitServer.ts';
import { gone } from '../support/gone.ts';

const SOURCE = 'acme/workflows//team/base.yml@v1';
const BASE = `version: 1
id: base
title: Shared
extends: [parts/tests.yml]
steps:
  - id: review
    kind: review
    title: Shared review
    needs: [tests]
`;
const TESTS = `version: 1
id: tests
title: Tests
steps:
  - id: tests
    kind: command
    title: Shared tests
    run: "true"
    final: true
`;
const OWN = `version: 1
id: feature
title: Feature
extends: ["${SOURCE}"]
steps:
  - id: note
    kind: manual
    title: Our note
`;

describe('workflows of other repositories', function () {
  this.timeout(120_000);
  let server: GitServer;
  let repo: TestRepo;
  beforeEach(() => {
    server = createGitServer();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': BASE, 'team/parts/tests.yml': TESTS, 'large.bin': 'x'.repeat(300_000) });
    shared.commit('Shared workflows');
    shared.git('tag', '-a', 'v1', '-m', 'One');
    repo = createTestRepo({ files: { '.handrail/workflows/feature.yml': OWN }, branch: 'feat/x' });
  });
  afterEach(() => {
    server.remove();
    repo.remove();
  });

  const workflows = (options: Partial<SharedWorkflowsOptions> = {}) =>
    createSharedWorkflows({ root: repo.root, env: server.env, ...options });
  const update = (mode: LockMode, options: Partial<SharedWorkflowsOptions> = {}, signal = new AbortController().signal) =>
    workflows(options).update(mode, { signal });
  const refused = async (work: Promise<unknown>) =>
    failureOf(
      await work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
  const service = (env: Record<string, string> = server.env) => createWorkflowService({ root: repo.root, env });
  const titles = async (env?: Record<string, string>) => (await service(env).status()).steps.map(({ title }) => title);
  const lock = () => readFileSync(join(repo.root, LOCK_FILE), 'utf8');
  const head = () => server.repository('acme/workflows').git('rev-parse', 'HEAD');
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('handrail-fetch-'));

  it('are followed once they are locked: by commit and content, with what they extend themselves', async () => {
    const status = await service().status();
    assert.equal(status.workflow, null);
    assert.match(status.problems[0]?.problems[0]?.message ?? '', /not locked yet/);
    assert.deepEqual(server.requests(), [], 'looking at a workflow asks nobody');

    const before = leftovers();
    const { written, changes, fetched } = await update('add');
    assert.equal(written, LOCK_FILE);
    assert.deepEqual(fetched, [SOURCE, 'acme/workflows//team/parts/tests.yml@v1']);
    assert.deepEqual(
      changes.map(({ source, url, from, to }) => [source, url, from, to]),
      fetched.map((source) => [source, 'https://github.com/acme/workflows.git', null, head()]),
    );
    const { entries, problems } = parseLock(lock());
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries?.map(({ digest }) => digest),
      [contentDigest(BASE), contentDigest(TESTS)],
    );
    assert.deepEqual(await titles(), ['Shared tests', 'Shared review', 'Our note']);
    assert.deepEqual(leftovers(), before, 'nothing is left of fetching');
    assert.ok(!server.requests().some((request) => !/^git-upload-pack '\/acme\/workflows\.git'$/.test(request)), server.requests().join());
  });

  it('stay what they were locked as, without a network, also when the tag moves', async () => {
    await update('add');
    const before = lock();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': BASE.replace('Shared review', 'Another review') });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    server.behave('exit 1');
    assert.deepEqual(await titles(), ['Shared tests', 'Shared review', 'Our note']);
    assert.deepEqual((await update('add')).changes, [], 'what is locked and here is asked for by nobody');
    assert.equal(lock(), before);
  });

  it('tell that a version moved when they are asked for anew, and what it was', async () => {
    await update('add');
    const from = head();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': BASE.replace('Shared review', 'Another review') });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    const { changes } = await update('update');
    assert.deepEqual(
      changes.map((change) => [change.source, change.from, change.to]),
      [SOURCE, 'acme/workflows//team/parts/tests.yml@v1'].map((source) => [source, from, head()]),
    );
    assert.deepEqual(await titles(), ['Shared tests', 'Another review', 'Our note']);
  });

  it('are fetched by the lock alone on another machine, from the locked commit, whatever the tag says by then', async () => {
    await update('add');
    const locked = lock();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': 'nonsense\n' });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    const env = { ...server.env, HANDRAIL_HOME: join(server.home, 'elsewhere') };
    const status = await service(env).status();
    assert.match(status.problems[0]?.problems[0]?.message ?? '', /locked, but not on this machine yet/);
    const { written, fetched } = await update('fetch', { env });
    assert.deepEqual([written, fetched.length, lock() === locked], [null, 2, true]);
    assert.deepEqual(await titles(env), ['Shared tests', 'Shared review', 'Our note']);
    assert.deepEqual((await update('fetch', { env })).fetched, [], 'once is enough');
  });

  it('lock a file that joins others of its version to the same commit', async () => {
    await update('add');
    const from = head();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': 'nonsense\n' });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    repo.write({
      '.handrail/workflows/other.yml': OWN.replace('id: feature', 'id: other').replace('team/base.yml', 'team/parts/tests.yml'),
    });
    rmSync(join(repo.root, '.handrail/workflows/feature.yml'));
    repo.write({ '.handrail/workflows/third.yml': OWN.replace('id: feature', 'id: third') });
    const { entries } = parseLock(lock());
    assert.ok(entries);
    // As if only one of the two had been locked before.
    repo.write({ [LOCK_FILE]: lock().replace(/ {2}- source: "acme\/workflows\/\/team\/parts[^]*?(?= {2}- source|$)/, '') });
    const { changes } = await update('add');
    assert.deepEqual(changes, [
      { source: 'acme/workflows//team/parts/tests.yml@v1', url: 'https://github.com/acme/workflows.git', from: null, to: from },
    ]);
  });

  it('are let go of when nothing extends them any more', async () => {
    await update('add');
    repo.write({ '.handrail/workflows/feature.yml': OWN.replace(`extends: ["${SOURCE}"]\n`, '') });
    const [file] = (await service().validate()).filter(({ path }) => path === LOCK_FILE);
    assert.deepEqual(
      file?.problems.map(({ severity, message }) => [severity, message]),
      Array.from({ length: 2 }, () => ['warning', 'No workflow extends it any more.']),
    );
    const { changes } = await update('add');
    assert.deepEqual(
      changes.map(({ to }) => to),
      [null, null],
    );
    assert.deepEqual(parseLock(lock()), { entries: [], problems: [] });
    assert.deepEqual((await update('add')).written, null);
  });

  it('stay locked while a workflow has mistakes and nobody knows what it extends', async () => {
    await update('add');
    const before = lock();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': BASE.replace('Shared review', 'Another review') });
    shared.commit('Move');
    shared.git('tag', '-f', 'v1');
    for (const broken of [
      `${OWN}on: [`,
      OWN.replace(SOURCE, 'acme//workflows//team/base.yml@v1'),
      OWN.replace(`["${SOURCE}"]`, `"${SOURCE}"`),
    ]) {
      repo.write({ '.handrail/workflows/feature.yml': broken });
      assert.deepEqual([(await update('add')).changes, lock()], [[], before], broken);
    }
    repo.write({ '.handrail/workflows/feature.yml': OWN });
    assert.deepEqual([(await update('add')).changes, lock()], [[], before]);
  });

  it('are asked for again when what is kept of them was edited, and never believed', async () => {
    await update('add');
    const folder = join(server.home, 'cache/shared');
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replace('run: "true"', 'run: "curl evil"'));
    }
    assert.match((await service().status()).problems[0]?.problems[0]?.message ?? '', /not on this machine/);
    await update('fetch');
    assert.equal((await service().status()).steps[0]?.run, 'true');
  });

  it('are refused when the lock was made to say something else than the commit does', async () => {
    await update('add');
    const env = { ...server.env, HANDRAIL_HOME: join(server.home, 'elsewhere') };
    repo.write({ [LOCK_FILE]: lock().replace(contentDigest(BASE), contentDigest('other')) });
    const failure = await refused(update('fetch', { env }));
    assert.equal(failure?.reason, 'conflict');
    assert.match(failure?.message ?? '', /other content at [0-9a-f]{12} than \.handrail\/lock\.yml says/);
    assert.equal(existsSync(join(server.home, 'elsewhere/cache/shared', contentDigest(BASE).slice(7))), false);
  });

  it('write nothing when one of them cannot be had', async () => {
    repo.write({ '.handrail/workflows/z.yml': OWN.replace('id: feature', 'id: z').replace('base.yml@v1', 'nope.yml@v1') });
    const failure = await refused(update('add'));
    assert.equal(failure?.reason, 'not-found');
    assert.match(failure?.message ?? '', /no file team\/nope\.yml in that version/);
    assert.equal(existsSync(join(repo.root, LOCK_FILE)), false);
  });

  it('are taken from tags before branches, from whole commits, and from servers that give out no commits and no parts', async () => {
    const shared = server.repository('acme/workflows');
    const first = head();
    shared.git('branch', 'v1');
    shared.write({ 'team/base.yml': BASE.replace('Shared review', 'On the branch') });
    shared.commit('Later');
    shared.git('update-ref', 'refs/heads/v1', 'HEAD');
    await update('add');
    assert.deepEqual((await titles())[1], 'Shared review');

    for (const setting of ['allowFilter', 'allowAnySHA1InWant']) shared.git('config', `uploadpack.${setting}`, 'false');
    repo.write({ '.handrail/workflows/feature.yml': OWN.replace('@v1', '@main') });
    await update('add');
    assert.deepEqual((await titles())[1], 'On the branch');

    repo.write({ '.handrail/workflows/feature.yml': OWN.replace('@v1', `@${first}`) });
    await update('add');
    assert.deepEqual((await titles())[1], 'Shared review');
  });

  it('say what is wrong with a version, a link, a folder or content that is no text', async () => {
    const shared = server.repository('acme/workflows');
    symlinkSync('/etc/passwd', join(shared.root, 'link.yml'));
    mkdirSync(join(shared.root, 'folder.yml'));
    shared.write({ 'folder.yml/a.txt': 'a' });
    writeFileSync(join(shared.root, 'latin.yml'), Buffer.from([0x61, 0xe9, 0x0a]));
    shared.write({ 'huge.yml': `# ${'x'.repeat(200_000)}\n` });
    shared.commit('Strange');
    shared.git('tag', 'v2');
    for (const [source, reason, message] of [
      ['acme/workflows//team/base.yml@v9', 'not-found', /no tag and no branch v9/],
      ['acme/workflows//link.yml@v2', 'config', /no plain file/],
      ['acme/workflows//folder.yml@v2', 'config', /no plain file/],
      ['acme/workflows//latin.yml@v2', 'bad-response', /not UTF-8/],
      ['acme/workflows//huge.yml@v2', 'too-large', /larger than a workflow file/],
      ['acme/nothing//a.yml@v1', 'not-found', /could not fetch/],
    ] as const) {
      repo.write({ '.handrail/workflows/feature.yml': OWN.replace(SOURCE, source) });
      const failure = await refused(update('add'));
      assert.equal(failure?.reason, reason, failure?.message);
      assert.match(failure?.message ?? '', message);
      assert.ok(failure?.hint);
    }
  });

  it('end within their limits of time and space, and when they are cancelled, and leave nothing running or lying about', async () => {
    const before = leftovers();
    const pid = join(server.home, '..', 'pid');
    server.behave(`echo $$ > '${pid}'; exec sleep 600`);
    const slow = await refused(update('add', { limits: { milliseconds: 300, bytes: 1e9 } }));
    assert.equal(slow?.reason, 'timeout');
    const controller = new AbortController();
    const cancelled = refused(
      createSharedWorkflows({ root: repo.root, env: server.env }).update('add', {
        signal: controller.signal,
        onFetch: () => void setTimeout(() => controller.abort(), 100),
      }),
    );
    assert.equal((await cancelled)?.reason, 'cancelled');
    await gone(Number(readFileSync(pid, 'utf8')));
    server.behave(`unset GIT_DIR; exec git-upload-pack "$server/acme/workflows.git"`);
    const shared = server.repository('acme/workflows');
    shared.git('config', 'uploadpack.allowFilter', 'false');
    const random = Buffer.alloc(3_000_000);
    for (let i = 0; i < random.length; i += 4) random.writeUInt32LE((i * 2_654_435_761) % 2 ** 32, i);
    writeFileSync(join(shared.root, 'large.bin'), random);
    shared.commit('Large');
    shared.git('tag', '-f', 'v1');
    assert.equal((await refused(update('add', { limits: { milliseconds: 60_000, bytes: 1_000_000 } })))?.reason, 'too-large');
    assert.deepEqual(leftovers(), before);
  });

  it('run no hook, filter, template or program of a repository, whatever either side configures', async () => {
    const mark = join(server.home, '..', 'ran');
    const script = `#!/bin/sh\ntouch '${mark}'\n`;
    repo.write({ '.handrail/workflows/feature.yml': OWN, 'bin/git': script, 'hooks/post-checkout': script });
    repo.git('config', 'core.hooksPath', join(repo.root, 'hooks'));
    repo.git('config', 'core.sshCommand', `touch '${mark}'; false`);
    repo.git('config', 'core.fsmonitor', join(repo.root, 'bin/git'));
    repo.git('config', 'url.ext::touch.insteadOf', 'https://github.com/');
    const shared = server.repository('acme/workflows');
    shared.write({ '.gitattributes': '* filter=evil\n', '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ../x\n' });
    shared.commit('Attributes');
    shared.git('tag', '-f', 'v1');
    writeFileSync(
      join(server.env['HOME'] ?? '', '.gitconfig'),
      `${readFileSync(join(server.env['HOME'] ?? '', '.gitconfig'), 'utf8')}[filter "evil"]\n\tsmudge = touch '${mark}'\n[init]\n\ttemplateDir = ${join(repo.root, 'hooks')}\n[core]\n\thooksPath = ${join(repo.root, 'hooks')}\n`,
    );
    const env = {
      ...server.env,
      PATH: `${join(repo.root, 'bin')}:${server.env['PATH']}`,
      GIT_DIR: join(repo.root, '.git'),
      GIT_CONFIG_COUNT: '0',
    };
    await update('add', { env });
    assert.equal(existsSync(mark), false);
    assert.equal((await titles())[0], 'Shared tests');
  });

  it('are reached by https and ssh only, also when the git configuration rewrites addresses', async () => {
    const config = join(server.env['HOME'] ?? '', '.gitconfig');
    const target = join(server.home, '..', '..', 'repositories') + '/';
    writeFileSync(
      config,
      `[url "${target}"]\n\tinsteadOf = https://github.com/\n[protocol]\n\tallow = always\n[protocol "file"]\n\tallow = always\n`,
    );
    const failure = await refused(update('add'));
    assert.equal(failure?.reason, 'config');
    assert.match(failure?.message ?? '', /transport 'file' not allowed/);
  });

  it('write the lock through no link', async () => {
    const outside = join(server.home, '..', 'outside');
    mkdirSync(outside);
    rmSync(join(repo.root, '.handrail'), { recursive: true });
    mkdirSync(join(outside, 'workflows'));
    writeFileSync(join(outside, 'workflows/feature.yml'), OWN);
    symlinkSync(outside, join(repo.root, '.handrail'));
    assert.ok(await refused(update('add')));
    assert.deepEqual(readdirSync(outside), ['workflows']);
  });

  it('ask about trust again when what they run changed, though no file here did but the lock', async () => {
    await update('add');
    const digest = async () => (await service().status()).workflow?.digest;
    const before = await digest();
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/parts/tests.yml': TESTS.replace('title: Shared tests', 'title: Other words') });
    shared.commit('Words');
    shared.git('tag', '-f', 'v1');
    await update('update');
    assert.equal(await digest(), before, 'words run nothing');
    shared.write({ 'team/parts/tests.yml': TESTS.replace('run: "true"', 'run: "false"') });
    shared.commit('Run');
    shared.git('tag', '-f', 'v1');
    await update('update');
    assert.notEqual(await digest(), before);
  });

  it('are what a branch is verified by: as the lock of the base names them, and not before they are here', async () => {
    await update('add');
    repo.commit('Lock');
    repo.git('branch', '--force', 'main', 'HEAD');
    const verify = async (env: Record<string, string> = server.env) =>
      createVerifier({ root: repo.root, env, clock: { now: () => Date.now() } }).verify({ signal: new AbortController().signal });
    const steps = async () => (await verify()).steps.map(({ title }) => title);
    assert.deepEqual(await steps(), ['Shared tests', 'Shared review', 'Our note']);
    const elsewhere = { ...server.env, HANDRAIL_HOME: join(server.home, 'elsewhere') };
    assert.match((await refused(verify(elsewhere)))?.hint ?? '', /handrail validate --fetch/);

    // A branch that moves the lock to a version without the test is judged by the base's, and told that it asks for less.
    const shared = server.repository('acme/workflows');
    shared.write({ 'team/base.yml': BASE.replace('extends: [parts/tests.yml]\n', '').replace('    needs: [tests]\n', '') });
    shared.commit('Weaken');
    shared.git('tag', '-f', 'v1');
    await update('update');
    repo.commit('Move the lock');
    assert.deepEqual(await titles(), ['Shared review', 'Our note']);
    assert.deepEqual(await steps(), ['Shared tests', 'Shared review', 'Our note']);
    assert.ok((await verify()).problems.some(({ code }) => code === 'workflow-changed'));
  });

  it('list what is extended and how it stands', async () => {
    const list = () =>
      workflows()
        .list()
        .map(({ source, commit, isHere }) => [source.path, commit, isHere]);
    assert.deepEqual(list(), [['team/base.yml', undefined, false]]);
    await update('add');
    assert.deepEqual(list(), [
      ['team/base.yml', head(), true],
      ['team/parts/tests.yml', head(), true],
    ]);
    repo.write({ [LOCK_FILE]: 'version: 1\nextends: [x]\n' });
    assert.throws(list, (error) => failureOf(error)?.reason === 'config' && failureOf(error)?.location?.line === 2);
  });

  describe('on the command line', () => {
    let cli: CliRunner;
    before(() => (cli = createCliRunner()));
    after(() => cli.remove());
    const run = (...args: string[]) => cli.run(args, { cwd: repo.root, env: server.env });

    it('are locked, fetched and asked for anew with validate, and checked then', () => {
      const broken = run('validate');
      assert.equal(broken.code, 1);
      assert.match(
        broken.stdout,
        /feature\.yml:4:11: error: acme\/workflows\/\/team\/base\.yml@v1 is not locked yet[\s\S]*handrail validate --lock/,
      );
      const early = run('validate', '--fetch');
      assert.equal(early.code, 2);
      assert.match(early.stderr, /is not locked, so it is not fetched/);

      const locked = run('validate', '--lock');
      assert.equal(locked.code, 0, locked.stdout + locked.stderr);
      assert.match(locked.stderr, /Fetching v1 of https:\/\/github\.com\/acme\/workflows\.git/);
      assert.match(
        locked.stdout,
        /written {2}\.handrail\/lock\.yml\n[\s\S]*locked {3}acme\/workflows\/\/team\/base\.yml@v1 {2}[0-9a-f]{12}/,
      );
      assert.match(locked.stdout, /2 files checked, 0 errors/);
      assert.equal(run('status').code, 0);

      const shared = server.repository('acme/workflows');
      shared.write({ 'team/base.yml': BASE.replace('kind: review', 'kind: nonsense') });
      shared.commit('Break');
      shared.git('tag', '-f', 'v1');
      const updated = run('validate', '--update-lock', '--format', 'json');
      assert.equal(updated.code, 1, 'what is there now has mistakes');
      const document = JSON.parse(updated.stdout) as { valid: boolean; lock: { changes: { from: string; to: string }[]; written: string } };
      assert.equal(document.valid, false);
      assert.equal(document.lock.written, '.handrail/lock.yml');
      assert.ok(document.lock.changes.every(({ from, to }) => /^[0-9a-f]{40}$/.test(from) && from !== to));
      assert.match(updated.stdout, /base\.yml@v1, line 7: \\"kind\\" must be one of/);
    });

    it('say when a version moved', () => {
      run('validate', '--lock');
      const shared = server.repository('acme/workflows');
      shared.write({ 'team/base.yml': BASE.replace('Shared review', 'Another') });
      shared.commit('Move');
      shared.git('tag', '-f', 'v1');
      const updated = run('validate', '--update-lock');
      assert.match(updated.stdout, /moved {4}acme\/workflows\/\/team\/base\.yml@v1 {2}[0-9a-f]{12} → [0-9a-f]{12}/);
      assert.match(updated.stdout, /Look at what changed there before you commit the lock/);
    });

    it('exit with 3 when the server cannot be reached', () => {
      server.behave('echo "ssh: connect to host host.test port 22: Connection refused" >&2; exit 255');
      const failed = run('validate', '--lock');
      assert.equal(failed.code, 3);
      assert.match(failed.stderr, /^Fetching[^\n]*\nhandrail: Git could not fetch/);
    });
  });
});
