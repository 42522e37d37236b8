import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { appended, emptyLedger } from '../../src/core/team/release/ledger.ts';
import { canonicalJson } from '../../src/core/workflow/digests.ts';
import { collect, type Collected } from '../../src/node/team/release/collect.ts';
import { collectGit, type GitContribution } from '../../src/node/team/release/collectGit.ts';
import { writeRelease } from '../../src/node/team/release/releaseFolder.ts';
import { createTestRepo, TEST_GIT_ENV, type TestRepo } from '../support/gitRepo.ts';
import { releaseOf } from '../support/madeReleases.ts';

const TEAM = 'version: 1\nteam: payments\nk: 5\ncounters: [review.runs]\n';

describe('collecting from a git remote', function () {
  this.timeout(120_000);
  let repo: TestRepo;
  let outside: string;
  const { signal } = new AbortController();

  beforeEach(() => {
    repo = createTestRepo({ files: { '.handrail/telemetry.yml': TEAM } });
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail collected-')));
    repo.git('init', '--quiet', '--bare', join(outside, 'bare.git'));
    repo.git('remote', 'add', 'figures', join(outside, 'bare.git'));
  });
  afterEach(() => {
    repo.remove();
    rmSync(outside, { recursive: true, force: true, maxRetries: 5 });
  });

  const inBare = (args: string[], input: string | Buffer = ''): string =>
    execFileSync('git', args, { cwd: join(outside, 'bare.git'), input, env: { ...process.env, ...TEST_GIT_ENV } }).toString();
  const nameOf = (index: number): string => index.toString(16).padStart(16, '0');
  /** References of a week with a blob of these bytes each. */
  const send = (week: string, contents: readonly (string | Buffer)[], first = 0): void => {
    const oids = contents.map((content) => inBare(['hash-object', '-w', '--no-filters', '--stdin'], content).trim());
    inBare(['update-ref', '--stdin'], oids.map((oid, at) => `create refs/handrail/${week}/${nameOf(first + at)} ${oid}\n`).join(''));
  };
  const texts = (count: number, of: string): string[] => Array.from({ length: count }, (_, index) => `{"of":"${of} ${index}"}\n`);
  const env = (more: Record<string, string> = {}): NodeJS.ProcessEnv => ({ ...process.env, ...TEST_GIT_ENV, ...more });
  const run = (environment = env()): Promise<Collected> =>
    collect('git:figures', join(outside, 'out'), { root: repo.root, env: environment, signal });
  const out = (): string[] => readdirSync(join(outside, 'out')).toSorted();

  it('starts git a few times, however many contributions there are, and never for what is here', async function () {
    if (process.platform === 'win32') this.skip();
    // Every start of git is written down by what stands before it on the PATH.
    const bin = join(outside, 'bin');
    const started = join(outside, 'started');
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    mkdirSync(bin);
    writeFileSync(join(bin, 'git'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${started}'\nexec '${git}' "$@"\n`);
    chmodSync(join(bin, 'git'), 0o755);
    const starts = (): number => readFileSync(started, 'utf8').trim().split('\n').length;
    const counting = env({ PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` });

    send('2026-W45', texts(60, 'one'));
    send('2026-W46', texts(60, 'two'));
    assert.deepEqual(await run(counting), { added: 120, known: 0, skipped: 0 });
    assert.ok(starts() <= 10, readFileSync(started, 'utf8'));
    assert.equal(readFileSync(join(outside, 'out', `2026-W46-${nameOf(7)}.json`), 'utf8'), '{"of":"two 7"}\n');

    rmSync(started);
    send('2026-W47', texts(1, 'three'));
    assert.deepEqual(await run(counting), { added: 1, known: 120, skipped: 0 });
    assert.doesNotMatch(readFileSync(started, 'utf8'), /refs\/handrail\/\*:/);
  });

  it('leaves the weeks that the ledger has released, until a release is lost', async () => {
    for (const week of ['2026-W44', '2026-W45', '2026-W48', '2026-W49']) send(week, texts(2, week));
    const folder = join(repo.root, '.handrail/releases');
    const first = await writeRelease(folder, emptyLedger('payments'), releaseOf(0, { window: { from: '2026-W41', to: '2026-W44' } }));
    const { path } = await writeRelease(folder, first.ledger, releaseOf(1, { window: { from: '2026-W45', to: '2026-W48' } }));
    assert.deepEqual(await run(), { added: 2, known: 0, skipped: 0, released: 6 });
    assert.deepEqual(out(), [`2026-W49-${nameOf(0)}.json`, `2026-W49-${nameOf(1)}.json`]);

    // It is made again from its contributions, so they are needed.
    const kept = readFileSync(path);
    rmSync(path);
    assert.deepEqual(await run(), { added: 4, known: 2, skipped: 0, released: 2 });
    writeFileSync(path, kept);

    // A ledger that is not whole, or another team's, says nothing.
    rmSync(join(outside, 'out'), { recursive: true });
    writeFileSync(join(folder, 'ledger.json'), canonicalJson(appended(emptyLedger('checkout'), releaseOf(0))));
    assert.deepEqual(await run(), { added: 8, known: 0, skipped: 0 });
  });

  it('brings all others where one is far too large, leads to a history, or is of a week that there is not', async () => {
    const other = createTestRepo({ files: { 'large.bin': randomBytes(150_000).toString('base64') } });
    try {
      other.git('push', '--quiet', join(outside, 'bare.git'), `HEAD:refs/handrail/2026-W45/${nameOf(99)}`);
    } finally {
      other.remove();
    }
    send('2026-W45', [...texts(5, 'before'), randomBytes(300_000), ...texts(5, 'after')]);
    send('2026-W54', texts(1, 'never'));
    inBare(
      ['update-ref', '--stdin'],
      `create refs/handrail/2026-W45/strange ${inBare(['rev-parse', `refs/handrail/2026-W45/${nameOf(0)}`])}`,
    );
    const got: GitContribution[] = [];
    let skipped = 0;
    await collectGit(
      {
        remote: 'figures',
        isWanted: () => true,
        put: async (one) => void got.push(one),
        skip: () => void (skipped += 1),
        limits: { milliseconds: 60_000, bytes: 100_000, output: 1_000_000 },
      },
      { root: repo.root, env: env(), signal },
    );
    assert.deepEqual(
      got.map(({ name }) => name),
      [0, 1, 2, 3, 4, 6, 7, 8, 9, 10].map(nameOf),
    );
    assert.equal(skipped, 4);
  });

  it('says what to do where there is more than can be listed', async () => {
    send('2026-W45', texts(3, 'one'));
    const nothing = { isWanted: () => true, put: () => Promise.resolve(), skip: () => undefined };
    const limits = { milliseconds: 60_000, bytes: 100_000, output: 100 };
    const refused = collectGit({ remote: 'figures', ...nothing, listing: limits }, { root: repo.root, env: env(), signal });
    await assert.rejects(refused, { reason: 'too-large', hint: /Delete the references of weeks that are released/ });
  });
});
