import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Preview } from '../../src/node/team/contributor.ts';
import { asEnvelope, open } from '../../src/node/team/envelope.ts';
import { parseTeamKey } from '../../src/node/team/keys.ts';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const IN_WEEK = { HANDRAIL_NOW: '2026-11-11' };
const AFTER = { HANDRAIL_NOW: '2026-11-16' };

describe('handrail telemetry contribute', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;

  beforeEach(() => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { 'a.ts': 'export const a = 1;\n' } });
    mkdirSync(shared());
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
  });

  const run = (args: string, env: Record<string, string> = {}): CliResult => cli.run(args.split(' '), { cwd: repo.root, env });
  const json = (args: string, env: Record<string, string> = {}): Record<string, unknown> => {
    const result = run(`${args} --format json`, env);
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  };
  const refused = (args: string, why: RegExp, env: Record<string, string> = {}): void => {
    const result = run(args, env);
    assert.equal(result.code, 2, result.stdout);
    assert.match(result.stderr, why);
  };
  const shared = (): string => join(cli.home, 'share');
  const share = (): string[] => readdirSync(shared());

  it('makes a key, shares what was previewed after a yes, and takes it back', async () => {
    refused('team keygen --out key.json', /in a repository/);
    if (process.platform !== 'win32') {
      symlinkSync(repo.root, join(cli.home, 'link'));
      const byLink = cli.run(['team', 'keygen', '--out', join(cli.home, 'link', 'key.json')], { cwd: repo.root });
      assert.match(byLink.stderr, /in a repository/);
    }
    repo.write({ '.gitignore': 'key.json\nother.json\n' });
    const { publicKey, keyId, path } = json('team keygen --out key.json');
    refused('team keygen --out key.json', /there already/);
    if (process.platform !== 'win32') assert.equal(statSync(String(path)).mode & 0o777, 0o600);
    const key = parseTeamKey(readFileSync(String(path), 'utf8'));
    assert.deepEqual([key.publicKey, key.keyId], [publicKey, keyId]);
    assert.equal(
      run('team keygen --out other.json').stdout.trim(),
      parseTeamKey(readFileSync(join(repo.root, 'other.json'), 'utf8')).publicKey,
    );

    refused('telemetry preview', /no team/);
    repo.write({
      '.handrail/telemetry.yml': `version: 1\nteam: payments\nk: 5\npublicKey: "${key.publicKey}"\ntransport: { folder: ${JSON.stringify(shared())} }\ncounters: [review.runs]\n`,
    });
    refused('telemetry contribute --yes', /Telemetry is off/, AFTER);
    refused('telemetry link --yes', /Telemetry is off/);
    run('telemetry on --yes', IN_WEEK);
    assert.equal(run('review a.ts', IN_WEEK).code, 0);
    assert.equal((json('telemetry show', IN_WEEK)['events'] as { team: string }[])[0]?.team, 'payments');

    refused('telemetry contribute --yes', /not linked/, AFTER);
    assert.deepEqual(json('telemetry link --yes'), { linked: true });
    refused('telemetry contribute', /no terminal.*--yes/, AFTER);
    refused('telemetry contribute --yes', /an agent cannot say so/, { ...AFTER, CLAUDECODE: '1' });
    refused('telemetry contribute --due --off', /exclude/, AFTER);
    refused('telemetry show --off', /no meaning/);
    assert.deepEqual(share(), []);

    const preview = json('telemetry preview', AFTER) as unknown as Preview;
    assert.partialDeepStrictEqual(preview, {
      team: 'payments',
      k: 5,
      keyId,
      linked: true,
      state: { sharing: false, because: 'not-agreed' },
    });
    assert.match(
      run('telemetry preview', AFTER).stdout,
      /2026-W46, not sent yet\n {4}review\.runs completed: 1\n[\s\S]*sees that a file was added/,
    );
    assert.partialDeepStrictEqual(json('telemetry contribute --yes', AFTER), { team: 'payments', sent: ['2026-W46'], queued: [] });
    const [name = ''] = share();
    const envelope = asEnvelope(JSON.parse(readFileSync(join(shared(), name), 'utf8')));
    assert.ok(envelope);
    assert.deepEqual(await open(envelope, key), { contribution: preview.weeks[0]?.contribution });

    assert.partialDeepStrictEqual(json('telemetry status', AFTER), {
      sharing: [{ team: 'payments', since: '2026-11-16', automatic: false }],
    });
    assert.match(run('telemetry status', AFTER).stdout, /shared with team payments since 2026-11-16/);
    assert.match(run('telemetry contribute --yes', AFTER).stdout, /nothing to send now/);
    renameSync(shared(), `${shared()} away`);
    const missed = run('telemetry contribute --off', AFTER);
    assert.equal(missed.code, 3, missed.stdout);
    assert.match(missed.stdout, /shares nothing any more[^]*Still where it was sent: 2026-W46\./);
    assert.match(missed.stderr, /2026-W46 could not be taken back\. There is no folder [^]*Say it again when it can be reached/);
    const off = run('telemetry off', AFTER);
    assert.match(off.stderr, /sent to a team is still there[^]*telemetry contribute --off/);
    renameSync(`${shared()} away`, shared());
    assert.deepEqual(json('telemetry contribute --off', AFTER), { removed: ['2026-W46'], left: [], unreached: [], still: [] });
    assert.deepEqual(share(), []);
    assert.equal(run('telemetry purge --yes').code, 0);
    assert.equal(existsSync(join(cli.home, 'telemetry')), false);
  });
});
