import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { CONTRIBUTION_SCHEMA } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { parseTeam } from '../../src/core/team/teamFile.ts';
import { seal } from '../../src/node/team/envelope.ts';
import { parseTeamKey } from '../../src/node/team/keys.ts';
import { newSecret, tokenOf } from '../../src/node/team/token.ts';
import { CLI, createCliRunner, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, TEST_GIT_ENV, type TestRepo } from '../support/gitRepo.ts';

const TEAM_FILE = '.handrail/telemetry.yml';

describe('setting a team up', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let outside: string;

  beforeEach(() => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { 'README.md': 'A project.\n' } });
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail outside-')));
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
    rmSync(outside, { recursive: true, force: true, maxRetries: 5 });
  });
  const run = (args: string[], env: Record<string, string> = {}): CliResult => cli.run(args, { cwd: repo.root, env });
  const inRepo = (path: string): string => join(repo.root, path);

  it('writes the file and a key of its own outside of the repository, and neither a second time', () => {
    const done = run(['team', 'init', '--yes', '--team', 'payments', '--roster', '14', '--format', 'json'], { HANDRAIL_NOW: '2026-11-27' });
    assert.equal(done.code, 0, done.stderr);
    const text = readFileSync(inRepo(TEAM_FILE), 'utf8');
    const { config, problems } = parseTeam(text);
    assert.deepEqual(problems, []);
    const path = join(cli.home, 'team-keys/payments.json');
    const key = parseTeamKey(readFileSync(path, 'utf8'));
    assert.partialDeepStrictEqual(config, { team: 'payments', k: 5, roster: 14, window: 4, publicKey: key.publicKey });
    if (process.platform !== 'win32') assert.equal(lstatSync(path).mode & 0o077, 0);
    assert.partialDeepStrictEqual(JSON.parse(done.stdout), {
      written: TEAM_FILE,
      key: { path, keyId: key.keyId },
      window: { from: '2026-W45', to: '2026-W48', released: '2026-12-07' },
    });
    assert.doesNotMatch(done.stdout + done.stderr + text, new RegExp(key.privateKey));

    const again = run(['team', 'init', '--yes']);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already, and is never written over/);
    rmSync(inRepo('.handrail'), { recursive: true });
    assert.match(run(['team', 'init', '--yes', '--team', 'payments']).stderr, /payments\.json is there already/);
    assert.ok(!existsSync(inRepo(TEAM_FILE)));
  });

  it('puts no key where a commit could take it along, unless git ignores it there', () => {
    for (const name of ['key.json', 'deep/er/key.json']) {
      const refused = run(['team', 'init', '--yes', '--key', name]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /whose next commit could take the private key along/);
    }
    assert.deepEqual(readdirSync(repo.root).toSorted(), ['.git', 'README.md']);
    writeFileSync(inRepo('.gitignore'), 'keys/\n');
    const steps = Array.from({ length: 20 }, (_, index) => `a-step-with-a-long-name-${index}`).join(',');
    const done = run(['team', 'init', '--yes', '--key', 'keys/key.json', '--steps', steps]);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /more than 16,384 cannot be sent/);
    assert.doesNotMatch(repo.git('status', '--porcelain', '--untracked-files=all'), /key\.json/);
  });

  it('asks nobody where there is no terminal, and follows no link', () => {
    const silent = run(['team', 'init']);
    assert.equal(silent.code, 2);
    assert.match(silent.stderr, /no terminal to ask on\. Say it with handrail team init --yes/);
    if (process.platform === 'win32') return;
    symlinkSync(outside, inRepo('.handrail'));
    assert.match(run(['team', 'init', '--yes']).stderr, /is not a folder/);
    assert.deepEqual(readdirSync(outside), []);
  });

  it('asks on a terminal, again where an answer does not fit, and writes only what was agreed to', function () {
    if (!hasTerminal) this.skip();
    const ask = (input: string): CliResult => runOnTerminal(cli, ['team', 'init', '--window', '8w'], { cwd: repo.root, input });
    assert.equal(ask('payments\n\n\n\n\n\nno\n').code, 1);
    assert.ok(!existsSync(inRepo(TEAM_FILE)));
    assert.deepEqual(existsSync(join(cli.home, 'team-keys')), false);
    const done = ask('Payments!\npayments\n4\n6\n12\nfolder:/srv/figures\n\nreview.runs\ny\n');
    assert.equal(done.code, 0, done.stdout);
    assert.match(done.stdout, /small letters/);
    assert.match(done.stdout, /at least 5/);
    assert.partialDeepStrictEqual(parseTeam(readFileSync(inRepo(TEAM_FILE), 'utf8')).config, {
      team: 'payments',
      k: 6,
      roster: 12,
      window: 8,
      transport: { kind: 'folder', path: '/srv/figures' },
      counters: ['review.runs'],
    });
  });

  it('prints a job that collects and releases, which does so once', async function () {
    if (process.platform === 'win32') this.skip();
    const share = join(outside, 'a share');
    mkdirSync(share);
    const made = run(['team', 'init', '--yes', '--team', 'payments', '--transport', `folder:${share}`, '--counters', 'review.runs']);
    assert.equal(made.code, 0, made.stderr);
    repo.commit('Ask for figures');
    const keyFile = join(cli.home, 'team-keys/payments.json');
    const key = parseTeamKey(readFileSync(keyFile, 'utf8'));
    for (let person = 0; person < 6; person += 1) {
      const contribution = {
        schema: CONTRIBUTION_SCHEMA,
        week: '2026-W45',
        team: 'payments',
        registry: registryOf(['review.runs']).digest,
        token: tokenOf(newSecret(), '2026-W45', 'payments'),
        revision: 1,
        counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 3 }],
      } as const;
      writeFileSync(join(share, `${person}.json`), JSON.stringify(await seal(contribution, key.publicKey)));
    }
    const job = join(outside, 'figures.sh');
    writeFileSync(job, run(['team', 'init', '--ci', 'sh']).stdout);
    const bin = join(outside, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'handrail'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
    chmodSync(join(bin, 'handrail'), 0o755);
    const temporary = join(outside, 'temporary');
    mkdirSync(temporary);
    const release = (now: string): string => {
      const env = {
        ...cli.env,
        ...TEST_GIT_ENV,
        PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
        TMPDIR: temporary,
        HANDRAIL_NOW: now,
      };
      const done = spawnSync('sh', [job, keyFile], { cwd: repo.root, env, encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
      assert.deepEqual(readdirSync(temporary), []);
      return done.stdout;
    };
    assert.match(release('2026-12-06'), /Nothing is new/);
    assert.match(release('2026-12-07'), /1 figure from 6 contributions[^]*The releases are committed/);
    const files = repo.git('show', '--name-only', '--format=%s').trim().split('\n');
    assert.match(
      files.join(' '),
      /^Release the team's figures {2}\.handrail\/releases\/ledger\.json \.handrail\/releases\/r-[0-9a-f]{16}\.json$/,
    );
    assert.match(release('2026-12-08'), /Nothing is new/);
    assert.equal(repo.git('status', '--porcelain'), '');
  });

  it('prints a job that proposes a window once, also when the proposal was deleted and everything else has changed', async function () {
    if (process.platform === 'win32') this.skip();
    const share = join(outside, 'a share');
    const bin = join(outside, 'bin');
    const bare = join(outside, 'bare.git');
    for (const folder of [share, bin]) mkdirSync(folder);
    const made = run(['team', 'init', '--yes', '--team', 'payments', '--transport', `folder:${share}`, '--counters', 'review.runs']);
    assert.equal(made.code, 0, made.stderr);
    const keyText = readFileSync(join(cli.home, 'team-keys/payments.json'), 'utf8');
    const send = async (first: number, people: number): Promise<void> => {
      for (let person = first; person < first + people; person += 1) {
        const contribution = {
          schema: CONTRIBUTION_SCHEMA,
          week: '2026-W45',
          team: 'payments',
          registry: registryOf(['review.runs']).digest,
          token: tokenOf(newSecret(), '2026-W45', 'payments'),
          revision: 1,
          counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 3 }],
        } as const;
        writeFileSync(join(share, `${person}.json`), JSON.stringify(await seal(contribution, parseTeamKey(keyText).publicKey)));
      }
    };
    await send(0, 6);
    const job = parse(run(['team', 'init', '--ci', 'github']).stdout) as {
      jobs: { release: { steps: { name?: string; run?: string }[] } };
    };
    const [, release, propose] = job.jobs.release.steps.flatMap((step) => step.run ?? []);
    assert.ok(release !== undefined && propose !== undefined);
    writeFileSync(join(bin, 'handrail'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
    writeFileSync(join(bin, 'gh'), '#!/bin/sh\n');
    for (const name of ['handrail', 'gh']) chmodSync(join(bin, name), 0o755);
    repo.commit('Ask for figures');
    repo.git('init', '--quiet', '--bare', '--initial-branch=main', bare);
    repo.git('push', '--quiet', bare, 'HEAD:main');

    let clones = 0;
    /** The job as a host runs it: in a clone of its own. */
    const weekly = (now = '2026-12-07'): { status: number | null; said: string } => {
      clones += 1;
      const clone = join(outside, `clone ${clones}`);
      repo.git('clone', '--quiet', '--depth=1', `file://${bare}`, clone);
      const env = {
        ...cli.env,
        ...TEST_GIT_ENV,
        PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
        HANDRAIL_NOW: now,
        HANDRAIL_TEAM_KEY: keyText,
        BASE: 'main',
      };
      let said = '';
      for (const script of [release, propose]) {
        const done = spawnSync('bash', ['-e', '-c', script], { cwd: clone, env, encoding: 'utf8' });
        said += done.stdout + done.stderr;
        if (done.status !== 0) return { status: done.status, said };
      }
      return { status: 0, said };
    };
    const inBare = (...args: string[]): string => repo.git('--git-dir', bare, ...args);
    const ledger = (ref: string): string => inBare('show', `${ref}:.handrail/releases/ledger.json`);

    const first = weekly();
    assert.equal(first.status, 0, first.said);
    const proposed = ledger('handrail-figures');
    assert.match(proposed, /"from":"2026-W45"/);

    // Somebody deletes the proposal; by the next run there are more contributions, and another number of people behind a figure.
    inBare('update-ref', '-d', 'refs/heads/handrail-figures');
    await send(6, 2);
    repo.write({ '.handrail/telemetry.yml': readFileSync(inRepo(TEAM_FILE), 'utf8').replace('k: 5', 'k: 6') });
    repo.commit('Ask for more people');
    repo.git('push', '--quiet', bare, 'HEAD:main');
    const again = weekly();
    assert.equal(again.status, 0, again.said);
    assert.equal(ledger('handrail-figures'), proposed);
    // A clone does not have it among its branches, and collecting takes it for nothing.
    assert.match(inBare('for-each-ref', '--format=%(refname)'), /^refs\/handrail-figures\/released$/m);

    // Merged, it is not proposed again.
    inBare('update-ref', 'refs/heads/main', inBare('rev-parse', 'handrail-figures'));
    assert.match(weekly().said, /Nothing is new/);

    // A ledger on the default branch that is another one releases nothing.
    repo.git('fetch', '--quiet', bare, 'main');
    repo.git('reset', '--quiet', '--hard', 'FETCH_HEAD');
    repo.write({ '.handrail/releases/ledger.json': proposed.replaceAll(/"hash":"sha256:[0-9a-f]{4}/g, '"hash":"sha256:0000') });
    repo.commit('Another ledger');
    repo.git('push', '--quiet', bare, 'HEAD:main');
    const apart = weekly();
    assert.equal(apart.status, 1);
    assert.match(apart.said, /does not continue what was proposed before \(refs\/handrail-figures\/released\), so nothing is released/);
  });

  it('calculates beforehand what can be published, as text and as JSON', () => {
    const told = run(['team', 'yield', '--people', '9', '--opt-in', '80%', '--counters', 'review.runs,steps.waived', '--format', 'json']);
    assert.equal(told.code, 0, told.stderr);
    const answer = JSON.parse(told.stdout) as {
      question: unknown;
      events: { median: number };
      counters: { name: string; published: number }[];
    };
    assert.partialDeepStrictEqual(answer.question, { people: 9, optIn: 0.8, k: 5, window: 4, counters: ['review.runs', 'steps.waived'] });
    assert.ok(answer.events.median > 0.8);
    const [runs, waived] = answer.counters;
    assert.ok((runs?.published ?? 0) > (waived?.published ?? 1));
    assert.match(run(['team', 'yield', '--people', '9']).stderr, /how many of them would share\? For example/);
  });
});
