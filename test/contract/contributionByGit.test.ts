import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { seal } from '../../src/node/team/envelope.ts';
import { newTeamKey } from '../../src/node/team/keys.ts';
import { newSecret, tokenOf } from '../../src/node/team/token.ts';
import { gitTransport } from '../../src/node/team/transports/git.ts';
import type { Transport } from '../../src/node/team/transports/transport.ts';
import { createTestRepo, repoAt, TEST_GIT_ENV, type TestRepo } from '../support/gitRepo.ts';

const WEEK = '2026-W46';

describe('contributions by git', function () {
  this.timeout(120_000);
  let folder: string;
  let bare: TestRepo;
  let repo: TestRepo;
  let transport: Transport;
  const signal = new AbortController().signal;
  const env = { ...process.env, ...TEST_GIT_ENV };

  async function envelope(): Promise<Awaited<ReturnType<typeof seal>>> {
    const contribution: Contribution = {
      schema: CONTRIBUTION_SCHEMA,
      week: WEEK,
      team: 'payments',
      registry: registryOf(['review.runs']).digest,
      token: tokenOf(newSecret(), WEEK, 'payments'),
      revision: 1,
      counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 3 }],
    };
    return seal(contribution, (await newTeamKey()).publicKey);
  }
  const refs = (): string[] => bare.git('for-each-ref', '--format=%(refname) %(objecttype)').split('\n').filter(Boolean);
  const refused = (reason: string) => (error: unknown) => failureOf(error)?.reason === reason;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail bare-')));
    bare = repoAt(folder);
    bare.git('init', '--quiet', '--bare', '--initial-branch=main');
    repo = createTestRepo();
    repo.git('remote', 'add', 'origin', folder);
    repo.git('push', '--quiet', 'origin', 'main');
    transport = await gitTransport('origin', { root: repo.root, env, signal });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    repo.remove();
  });

  it('are pushed without the hooks that the person has for work', async () => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'handrail hooks-')));
    try {
      writeFileSync(join(home, '.gitconfig'), `[core]\n\thooksPath = ${JSON.stringify(home)}\n`);
      writeFileSync(join(home, 'pre-push'), `#!/bin/sh\ntouch '${join(home, 'ran')}'\nexit 1\n`);
      chmodSync(join(home, 'pre-push'), 0o755);
      const own = await gitTransport('origin', { root: repo.root, env: { ...env, HOME: home, XDG_CONFIG_HOME: home }, signal });
      await own.deliver(await envelope(), '0123456789abcdef');
      assert.equal(refs().length, 2);
      assert.equal(existsSync(join(home, 'ran')), false);
    } finally {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  it('are blobs under refs of their own, which a clone does not fetch, and leave nothing in the repository', async () => {
    const sent = await envelope();
    await transport.deliver(sent, '0123456789abcdef');
    assert.deepEqual(refs(), [`refs/handrail/${WEEK}/0123456789abcdef blob`, 'refs/heads/main commit']);
    assert.deepEqual(JSON.parse(bare.git('cat-file', 'blob', `refs/handrail/${WEEK}/0123456789abcdef`)), sent);
    repo.git('clone', '--quiet', folder, join(repo.root, 'clone'));
    assert.equal(repoAt(join(repo.root, 'clone')).git('for-each-ref', 'refs/handrail'), '');
    assert.equal(repo.git('count-objects', '-v').includes('garbage: 0'), true);
    assert.equal(repo.git('for-each-ref', 'refs/handrail'), '');
  });

  it('arrive all, however many are pushed at once, and once however often', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(16));
    const sent = await Promise.all(names.map(async (name) => ({ name, envelope: await envelope() })));
    await Promise.all([...sent, ...sent.slice(0, 2)].map(({ name, envelope: one }) => transport.deliver(one, name)));
    for (const { name, envelope: one } of sent) await transport.deliver(one, name);
    assert.equal(refs().length, names.length + 1);
  });

  it('are taken back, also when they never arrived', async () => {
    await transport.deliver(await envelope(), 'a'.repeat(16));
    assert.equal(await transport.withdraw(WEEK, 'a'.repeat(16)), true);
    assert.equal(await transport.withdraw(WEEK, 'b'.repeat(16)), true);
    assert.deepEqual(refs(), ['refs/heads/main commit']);
  });

  it('say when the server refuses them, cannot be reached or is not there', async () => {
    const sent = await envelope();
    if (process.platform !== 'win32') {
      const hook = join(folder, 'hooks', 'pre-receive');
      writeFileSync(hook, '#!/bin/sh\nexit 1\n');
      chmodSync(hook, 0o755);
      await assert.rejects(transport.deliver(sent, 'c'.repeat(16)), refused('unauthorised'));
      rmSync(hook);
    }
    renameSync(folder, `${folder}-away`);
    await assert.rejects(transport.deliver(sent, 'c'.repeat(16)), refused('not-found'));
    renameSync(`${folder}-away`, folder);
    await transport.deliver(sent, 'c'.repeat(16));
    assert.equal(refs().length, 2);
    await assert.rejects(gitTransport('nowhere', { root: repo.root, env, signal }), refused('not-found'));
  });

  it('go into no repository of the folder itself, by no other protocol and through no option', async () => {
    const open = (url: string): Promise<Transport> => {
      repo.git('config', 'remote.odd.url', url);
      return gitTransport('odd', { root: repo.root, env, signal });
    };
    repo.git('init', '--quiet', '--bare', 'inner.git');
    await assert.rejects(open(join(repo.root, 'inner.git')), refused('config'));
    await assert.rejects(open('./inner.git'), refused('config'));
    if (process.platform !== 'win32') await assert.rejects(open('file://server/share.git'), refused('config'));
    await assert.rejects(open('file:///share%2Fteam.git'), refused('config'));
    for (const url of ['ext::sh -c "touch /tmp/handrail-never" %S', '--upload-pack=x', 'git://127.0.0.1/x']) {
      await assert.rejects(
        async () => (await open(url)).deliver(await envelope(), 'd'.repeat(16)),
        (error) => failureOf(error) !== undefined,
      );
    }
  });
});
