import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import type { Release } from '../../src/core/team/release/release.ts';
import { seal } from '../../src/node/team/envelope.ts';
import { newTeamKey, type TeamKey } from '../../src/node/team/keys.ts';
import { newSecret, tokenOf } from '../../src/node/team/token.ts';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const registry = registryOf(['review.runs', 'steps.waived']);
const TEAM = `version: 1\nteam: payments\nk: 5\nroster: 14\nwindow: 2w\ncounters: [review.runs, steps.waived]\n`;
const AFTER = { HANDRAIL_NOW: '2026-11-24' };

describe('handrail team release', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let key: TeamKey;
  const people = Array.from({ length: 9 }, () => newSecret());

  beforeEach(async () => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { '.handrail/telemetry.yml': TEAM } });
    key = await newTeamKey();
    writeFileSync(join(repo.root, 'key.json'), JSON.stringify(key));
    mkdirSync(join(repo.root, 'in/deep'), { recursive: true });
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
  });

  const contribution = (person: number, week: string, value = 3): Contribution => ({
    schema: CONTRIBUTION_SCHEMA,
    week,
    team: 'payments',
    registry: registry.digest,
    token: tokenOf(people[person] ?? newSecret(), week, 'payments'),
    revision: 1,
    counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }],
  });
  const put = async (name: string, given: Contribution): Promise<void> =>
    writeFileSync(join(repo.root, 'in', name), JSON.stringify(await seal(given, key.publicKey)));
  const putAll = async (weeks: readonly string[]): Promise<void> => {
    for (const week of weeks) for (const person of people.keys()) await put(`${week}-${person}.json`, contribution(person, week));
  };
  const run = (args: string, env: Record<string, string> = AFTER): CliResult => cli.run(args.split(' '), { cwd: repo.root, env });
  const release = (more = ''): CliResult => run(`team release --in in --out out --key key.json --format json${more}`);
  const document = (result: CliResult): Record<string, unknown> => JSON.parse(result.stdout) as Record<string, unknown>;
  const out = (): string[] => readdirSync(join(repo.root, 'out')).toSorted();

  it('releases no window a second time where the ledger was lost and the contributions are others', async () => {
    await putAll(['2026-W45', '2026-W46']);
    assert.equal(release(' --prove').code, 0);
    const before = out();
    rmSync(join(repo.root, 'out/ledger.json'));
    rmSync(join(repo.root, 'in/2026-W45-0.json'));
    const again = release(' --prove');
    assert.equal(again.code, 2, again.stdout);
    assert.match(JSON.stringify(document(again)), /is not in the ledger.*released once/);
    assert.deepEqual(
      out(),
      before.filter((name) => name !== 'ledger.json'),
    );
  });

  it('opens what was sealed, releases what is due with a proof, and does it once', async () => {
    await putAll(['2026-W45', '2026-W46', '2026-W47']);
    const done = release(' --prove');
    assert.equal(done.code, 0, done.stderr);
    const told = document(done);
    assert.partialDeepStrictEqual(told, { contributions: 18, eventCoverage: 1, proved: true, waiting: 9 });
    const path = String(told['release']);
    const text = readFileSync(path, 'utf8');
    const written = JSON.parse(text) as Release;
    assert.deepEqual(written.cells, [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 54 }]);
    assert.deepEqual(written.withheld, ['steps.waived']);
    assert.deepEqual(written.participation, { from: 5, to: 9 });
    assert.deepEqual(written.window, { from: '2026-W45', to: '2026-W46' });
    assert.deepEqual(out(), ['ledger.json', `${written.id}.json`]);

    // What comes late is counted and changes nothing.
    await put('late.json', { ...contribution(0, '2026-W45', 90), revision: 2 });
    const again = release();
    assert.equal(again.code, 0);
    assert.equal(document(again)['release'], null);
    assert.equal((document(again)['rejected'] as Record<string, number>)['late'], 19);
    assert.equal(readFileSync(path, 'utf8'), text);

    // A lost file comes back from the same contributions, and from no others.
    rmSync(path);
    assert.equal(release().code, 2);
    rmSync(join(repo.root, 'in/late.json'));
    assert.deepEqual(document(release())['restored'], [written.id]);
    assert.equal(readFileSync(path, 'utf8'), text);

    // The next window follows it.
    await putAll(['2026-W48']);
    const next = document(run('team release --in in --out out --key key.json --format json', { HANDRAIL_NOW: '2026-12-08' }));
    const second = JSON.parse(readFileSync(String(next['release']), 'utf8')) as Release;
    assert.match(second.previous ?? '', /^sha256:/);
  });

  it('collects from a folder and from a git remote, sealed as it is, and each only once', async () => {
    mkdirSync(join(repo.root, 'share'));
    const sealed = JSON.stringify(await seal(contribution(0, '2026-W45'), key.publicKey));
    writeFileSync(join(repo.root, 'share/0123456789abcdef.json'), sealed);
    writeFileSync(join(repo.root, 'share/huge.json'), 'x'.repeat(100_000));
    writeFileSync(join(repo.root, 'share/notes.txt'), 'no input');
    if (process.platform !== 'win32') symlinkSync('/etc/hostname', join(repo.root, 'share/link.json'));
    const skipped = process.platform === 'win32' ? 1 : 2;
    const fromFolder = (): unknown => document(run('team collect --from folder:share --out collected --format json'));
    assert.deepEqual(fromFolder(), { added: 1, known: 0, skipped });
    assert.deepEqual(fromFolder(), { added: 0, known: 1, skipped });

    const bare = mkdtempSync(join(tmpdir(), 'handrail bare-'));
    try {
      repo.git('init', '--quiet', '--bare', bare);
      repo.git('remote', 'add', 'figures', bare);
      const blob = repo.git('hash-object', '-w', 'share/0123456789abcdef.json').trim();
      repo.git('push', '--quiet', 'figures', `${blob}:refs/handrail/2026-W45/0123456789abcdef`, `${blob}:refs/handrail/strange`);
      repo.git('push', '--quiet', 'figures', 'HEAD:refs/handrail/2026-W45/fedcba9876543210');
      assert.deepEqual(document(run('team collect --from git:figures --out collected --format json')), { added: 1, known: 0, skipped: 2 });
      assert.equal(readFileSync(join(repo.root, 'collected/2026-W45-0123456789abcdef.json'), 'utf8'), sealed);
    } finally {
      rmSync(bare, { recursive: true, force: true, maxRetries: 5 });
    }
    // Both are the same person's, once.
    const told = document(run('team release --in collected --out out --key key.json --format json'));
    assert.partialDeepStrictEqual(told, { contributions: 0, tooFew: 1, releases: [], rejected: { duplicate: 1 } });
    assert.equal(existsSync(join(repo.root, 'out')), false);
    assert.match(run('team collect --from elsewhere --out collected').stderr, /neither a folder nor a git remote/);
    assert.match(run('team collect --from folder:nowhere --out collected').stderr, /cannot be read/);
    assert.match(run('team collect --from folder:share --out key.json').stderr, /cannot be made/);
    assert.match(run('team collect --from folder:share --out key.json/in').stderr, /cannot be made/);
    if (process.platform === 'linux') assert.match(run('team collect --from folder:share --out /proc/none').stderr, /cannot be made/);
  });

  it('counts what is damaged, foreign, forged or repeated by its reason, and goes on', async () => {
    await putAll(['2026-W45']);
    const sealed = JSON.parse(readFileSync(join(repo.root, 'in/2026-W45-0.json'), 'utf8')) as { ciphertext: string };
    const bad = (name: string, text: string): void => writeFileSync(join(repo.root, 'in/deep', name), text);
    bad('copy.json', JSON.stringify(sealed));
    bad('torn.json', '{"schema":');
    bad('huge.json', `"${'x'.repeat(100_000)}"`);
    bad(
      'changed.json',
      JSON.stringify({ ...sealed, ciphertext: `${sealed.ciphertext.startsWith('A') ? 'B' : 'A'}${sealed.ciphertext.slice(1)}` }),
    );
    bad('plain.ndjson', `${JSON.stringify(contribution(1, '2026-W45'))}\n[1,2\n`);
    bad('endless.ndjson', `${'y'.repeat(300_000)}\n${JSON.stringify(contribution(3, '2026-W45'))}`);
    bad('strange.json', '{"schema":"other"}');
    bad('notes.txt', 'no input');
    bad(
      'updated.json',
      JSON.stringify(await seal({ ...contribution(4, '2026-W45'), registry: `sha256:${'0'.repeat(64)}` }, key.publicKey)),
    );
    const other = await newTeamKey();
    bad('foreign.json', JSON.stringify(await seal(contribution(2, '2026-W45'), other.publicKey)));
    bad('others.json', JSON.stringify(await seal({ ...contribution(2, '2026-W45'), team: 'others' }, key.publicKey)));
    if (process.platform !== 'win32') symlinkSync('/etc', join(repo.root, 'in/link'));
    const told = document(release());
    assert.deepEqual(told['rejected'], { duplicate: 1, unreadable: 5, invalid: 3, registry: 1, late: 0, foreign: 2 });
    assert.equal(told['contributions'], 9);
  });

  it('writes nothing where something was changed, or more contribute than there are', async () => {
    await putAll(['2026-W45']);
    const first = document(release());
    const path = String(first['release']);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"value":27', '"value":28'));
    const changed = release();
    assert.equal(changed.code, 2);
    assert.match(changed.stderr, /was changed after it was written/);
    writeFileSync(path, text);
    const ledger = join(repo.root, 'out/ledger.json');
    const kept = readFileSync(ledger, 'utf8');
    writeFileSync(ledger, kept.replace('2026-W46', '2026-W48'));
    assert.match(release().stderr, /was changed/);
    writeFileSync(ledger, kept);

    const refused = run('team release --in in --out other --key key.json --roster 8');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /More people contributed/);
    assert.match(run('team release --in in --out other --key key.json --k 4').stderr, /five people/);
    // Below k no figure could ever be: whether by one flag or by the other.
    for (const flags of ['--roster 4', '--roster 1', '--k 15', '--roster 8 --k 9']) {
      const small = run(`team release --in in --out other --key key.json ${flags}`);
      assert.equal(small.code, 2, flags);
      assert.match(small.stderr, /can never have \d+ people behind a figure[^]*--roster/);
    }
    assert.match(run('team release --out other --key key.json').stderr, /--in is missing/);
    assert.match(run('team release --in in --out other').stderr, /no key was named/);
    assert.equal(readdirSync(repo.root).includes('other'), false);
  });

  it('goes on under the terms that people sent under, whatever the flags and the file say later', async () => {
    repo.write({ '.handrail/telemetry.yml': TEAM.replace('k: 5', 'k: 6') });
    await putAll(['2026-W45']);
    for (const flags of [' --k 5', ' --window 1w']) assert.match(release(flags).stderr, /terms of \.handrail\/telemetry\.yml/, flags);
    assert.equal(release().code, 0);
    for (const [from, to, why] of [
      ['k: 5', 'k: 5', /with 6 people or more behind each/],
      ['window: 2w', 'window: 1w', /2 weeks long, and not 1 week\./],
    ] as const) {
      const text = TEAM.replace(from, to);
      repo.write({ '.handrail/telemetry.yml': from === 'k: 5' ? text : text.replace('k: 5', 'k: 6') });
      assert.match(release().stderr, why);
    }
    repo.write({ '.handrail/telemetry.yml': TEAM.replace('k: 5', 'k: 7') });
    assert.equal(release().code, 0);
  });

  it('says where nothing can count: no contributions, another key, halves of two keys, a file for a folder', async () => {
    const told = run('team release --in in --out out --key key.json');
    assert.equal(told.code, 0);
    assert.match(told.stdout, /no contributions.*handrail team collect/);
    await putAll(['2026-W45']);
    const other = await newTeamKey();
    repo.write({ 'other.json': JSON.stringify(other), 'halves.json': JSON.stringify({ ...key, privateKey: other.privateKey }) });
    const foreign = run('team release --in in --out out --key other.json');
    assert.equal(foreign.code, 2);
    assert.match(foreign.stderr, /None of the 9 contributions counts[^]*--key/);
    assert.match(run('team release --in in --out out --key halves.json').stderr, /halves of this key file/);
    assert.match(run('team release --in in --out key.json --key key.json').stderr, /is no folder/);
    assert.equal(existsSync(join(repo.root, 'out')), false);
  });

  it('draws no noise for a window that was released without, where its ledger was lost', async () => {
    await putAll(['2026-W45']);
    assert.equal(release().code, 0);
    rmSync(join(repo.root, 'out/ledger.json'));
    assert.match(release(' --dp epsilon=8,budget=100').stderr, /is not in the ledger/);
  });
});
