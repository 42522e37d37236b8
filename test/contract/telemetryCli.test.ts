import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { FIELDS } from '../../src/core/telemetry/catalogue.ts';
import { createCliRunner, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';

describe('handrail telemetry', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let folder: string;

  beforeEach(() => {
    cli = createCliRunner();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail shop-')));
    writeFileSync(join(folder, 'a.ts'), 'export const a = 1;\n');
  });
  afterEach(() => {
    cli.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const run = (args: string, env: Record<string, string> = {}): CliResult => cli.run(args.split(' '), { cwd: folder, env });
  const telemetry = (args: string, env: Record<string, string> = {}): CliResult => run(`telemetry ${args}`, env);
  const json = (args: string, env: Record<string, string> = {}): Record<string, unknown> => {
    const result = telemetry(`${args} --format json`, env);
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  };
  const refusal = (result: CliResult): string => {
    assert.equal(result.code, 2, result.stdout);
    assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
    return result.stderr;
  };
  /** Something that is recorded: a review that fails before it has loaded any engine. */
  const review = (env: Record<string, string> = {}): void => assert.match(refusal(run('review gone.ts', env)), /gone\.ts/);
  /** Once, and with what to do. */
  const LOST =
    /^(?![^]*of telemetry[^]*of telemetry)[^]*1 event of telemetry could not be written in .*telemetry; .*disk is full.*telemetry off ends recording\.\n$/;
  const home = (...names: string[]): string => join(cli.home, 'telemetry', ...names);

  it('is off, says so, and leaves nothing on the disk', () => {
    review();
    assert.match(telemetry('status').stdout, /^Telemetry is off\. Nothing is recorded\./);
    assert.equal(run('telemetry').stdout, telemetry('status').stdout);
    assert.equal(telemetry('show').stdout, 'Nothing is recorded.\n');
    assert.equal(telemetry('off').code, 0);
    assert.equal(telemetry('purge --yes').code, 0);
    assert.deepEqual(json('status'), { recording: false, because: 'never-on', folder: home(), days: 90, events: 0, torn: 0, foreign: 0 });
    assert.equal(existsSync(home()), false);
  });

  it('records after it was turned on, shows it, stops after off, and deletes it', () => {
    assert.match(telemetry('on --yes').stdout, /never recorded: no code[\s\S]*Nothing leaves this machine[\s\S]*Telemetry is on since/);
    assert.equal(run('review a.ts').code, 0);
    review();
    const { events } = json('show') as { events: { outcome: string }[] };
    events.sort((a, b) => (a.outcome < b.outcome ? -1 : 1));
    assert.equal(events.length, 2);
    assert.partialDeepStrictEqual(events[0], {
      schema: 1,
      operation: 'review',
      outcome: 'completed',
      provider: 'builtin',
      source: 'handrail',
    });
    assert.equal(telemetry('show').stdout.trimEnd().split('\n').length, 2);
    assert.match(telemetry('off').stdout, /is off since[\s\S]*2 events are recorded/);
    review();
    assert.partialDeepStrictEqual(json('status'), { recording: false, because: 'off', events: 2 });
    assert.match(refusal(telemetry('purge')), /--yes/);
    assert.equal(readdirSync(home('events')).length, 2);
    assert.equal(telemetry('purge --yes').code, 0);
    assert.equal(existsSync(home()), false);
  });

  it('keeps a day and no time of the decision', () => {
    telemetry('on --yes', { HANDRAIL_NOW: '2026-12-31T23:59:59Z' });
    const consent = JSON.parse(readFileSync(home('consent.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(consent).toSorted(), ['catalogue', 'day', 'fields', 'recording', 'version']);
    assert.deepEqual(Object.keys(consent['fields'] ?? {}).toSorted(), Object.keys(FIELDS).toSorted());
    for (const digest of Object.values(consent['fields'] ?? {})) assert.match(String(digest), /^(?:sha256:)?[0-9a-f]{16,64}$/);
    assert.partialDeepStrictEqual(consent, { version: 1, recording: true, day: '2026-12-31' });
    review({ HANDRAIL_NOW: '2026-12-31T23:59:59Z' });
    for (const name of readdirSync(home('events'))) assert.equal(statSync(home('events', name)).mtimeMs, Date.UTC(2026, 11, 31));
    review({ HANDRAIL_NOW: '2027-01-04' });
    assert.deepEqual(
      readdirSync(home('events'))
        .map((name) => name.slice(0, 8))
        .toSorted(),
      ['2026-W53', '2027-W01'],
    );
  });

  it('takes no consent from agents and machines, nor without an answer', () => {
    assert.match(refusal(telemetry('on')), /no terminal.*--yes/);
    const agents: Record<string, string>[] = [
      { CLAUDECODE: '1' },
      { HANDRAIL_ACTOR: 'agent' },
      { HANDRAIL_ACTOR: 'robot' },
      // Without a terminal nobody is believed to be a person.
      { CODEX_SANDBOX: 'seatbelt', HANDRAIL_ACTOR: 'human' },
    ];
    for (const env of agents) {
      assert.match(refusal(telemetry('on --yes', env)), /an agent cannot turn it on/);
    }
    const machines: Record<string, string>[] = [{ CI: 'true' }, { HANDRAIL_ACTOR: 'machine' }, { CI: 'true', HANDRAIL_ACTOR: 'human' }];
    for (const env of machines) {
      assert.match(refusal(telemetry('on --yes', env)), /a machine cannot turn it on/);
    }
    assert.equal(existsSync(home()), false);
    telemetry('on --yes');
    assert.equal(telemetry('off', { CLAUDECODE: '1' }).code, 0, 'ending it is anybody’s');
    assert.equal(existsSync(home()), false);
  });

  it('asks on a terminal, and takes anything but yes for no', function () {
    if (!hasTerminal) this.skip();
    const ask = (answer: string, word = 'on') => runOnTerminal(cli, ['telemetry', word], { cwd: folder, input: `${answer}\n` });
    const no = ask('n');
    assert.equal(no.code, 1, no.stdout);
    assert.match(no.stdout, /Record this from now on\? \[y\/N\][\s\S]*Telemetry stays off\./);
    assert.equal(existsSync(home()), false);
    assert.equal(ask('y').code, 0);
    assert.equal(json('status')['recording'], true);
    assert.equal(ask('n', 'purge').code, 1);
    assert.equal(json('status')['recording'], true);
    assert.equal(ask('y', 'purge').code, 0);
    assert.equal(existsSync(home()), false);
  });

  it('asks nothing where the answer could not count', () => {
    const forbidden = telemetry('on', { DO_NOT_TRACK: '1' });
    assert.match(refusal(forbidden), /DO_NOT_TRACK in the environment forbids it/);
    assert.equal(forbidden.stdout, '');
  });

  it('is forbidden in the terminal of an editor whose setting forbids it, also before anything was decided', () => {
    const terminal = { HANDRAIL_EDITOR_TELEMETRY: 'off' };
    assert.match(refusal(telemetry('on --yes', terminal)), /editor's own telemetry setting forbids it.*new terminal/);
    assert.equal(existsSync(home()), false);
    telemetry('on --yes');
    review(terminal);
    assert.partialDeepStrictEqual(json('status', terminal), { recording: false, because: 'forbidden', forbidden: 'editor', events: 0 });
    // It says no, never yes.
    review({ HANDRAIL_EDITOR_TELEMETRY: 'on', HANDRAIL_TELEMETRY: 'off' });
    assert.partialDeepStrictEqual(json('status'), { recording: true, events: 0 });
  });

  it('is forbidden by the environment and by the veto of the editor, before and after it was turned on', () => {
    for (const env of [{ HANDRAIL_TELEMETRY: 'off' }, { DO_NOT_TRACK: '1' }]) {
      assert.match(refusal(telemetry('on --yes', env)), /environment forbids it/);
      assert.equal(existsSync(home()), false);
    }
    telemetry('on --yes');
    review({ HANDRAIL_TELEMETRY: 'off' });
    assert.partialDeepStrictEqual(json('status', { DO_NOT_TRACK: '1' }), {
      recording: false,
      because: 'forbidden',
      forbidden: 'environment',
    });
    writeFileSync(home('editor-veto'), '');
    review();
    assert.partialDeepStrictEqual(json('status'), { recording: false, because: 'forbidden', forbidden: 'editor', events: 0 });
    assert.match(telemetry('status').stdout, /although you turned it on\. The telemetry setting of the editor/);
    assert.match(refusal(telemetry('on --yes --days 3')), /editor's own telemetry setting forbids it/);
  });

  for (const [what, damage] of Object.entries<(path: string) => void>({
    'cut off': (path) => writeFileSync(path, '{"version":1,"recor'),
    'a folder': (path) => mkdirSync(path),
    'a link to nothing': (path) => symlinkSync('nowhere', path),
  })) {
    it(`counts a consent that is ${what} as off, says how to mend it, and mends it only when told`, () => {
      telemetry('on --yes');
      rmSync(home('consent.json'));
      damage(home('consent.json'));
      review();
      const status = json('status');
      assert.equal(status['recording'], false);
      assert.equal(status['events'], 0);
      if (what !== 'a link to nothing') {
        assert.equal(status['because'], 'damaged');
        assert.match(telemetry('status').stdout, /no readable decision of yours\. handrail telemetry on or purge mends that/);
      }
      assert.equal(telemetry('on --yes').code, 0);
      review();
      assert.partialDeepStrictEqual(json('status'), { recording: true, events: 1 });
    });
  }

  it('does not touch a consent of a later version', () => {
    mkdirSync(home());
    writeFileSync(home('consent.json'), '{"version":2,"recording":true,"scopes":["all"]}');
    review();
    assert.match(telemetry('status').stdout, /later version of Handrail\. Update Handrail/);
    assert.match(refusal(telemetry('on --yes')), /later version/);
    assert.equal(readFileSync(home('consent.json'), 'utf8'), '{"version":2,"recording":true,"scopes":["all"]}');
    assert.deepEqual(readdirSync(home()), ['consent.json']);
    assert.equal(telemetry('purge --yes').code, 0);
    assert.equal(existsSync(home()), false);
  });

  it('pauses when more could be recorded than was agreed to', () => {
    telemetry('on --yes');
    const consent = JSON.parse(readFileSync(home('consent.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(home('consent.json'), JSON.stringify({ ...consent, catalogue: `sha256:${'0'.repeat(64)}` }));
    review();
    assert.match(telemetry('status').stdout, /^Telemetry is paused: /);
    assert.equal(json('status')['events'], 0);
    telemetry('on --yes');
    assert.equal(json('status')['recording'], true);
  });

  it('takes no decision for one of the person that came with what they work in, and says what to do', () => {
    telemetry('on --yes');
    const env = { HANDRAIL_HOME: join(folder, '.hh') };
    renameSync(cli.home, env.HANDRAIL_HOME);
    review(env);
    assert.match(
      telemetry('status', env).stdout,
      /^Telemetry is off, whatever .* says\. .* lies in a workspace or repository.* Set HANDRAIL_HOME /,
    );
    assert.deepEqual(readdirSync(join(folder, '.hh', 'telemetry')), ['consent.json']);
    assert.match(refusal(telemetry('on --yes', env)), /lies in a workspace or repository/);
    assert.equal(run('usage listen', env).code, 2);
  });

  it('says in one line where the decision cannot be stored, and works on where nothing can be recorded', () => {
    const file = join(cli.home, 'no-folder');
    writeFileSync(file, '');
    assert.match(refusal(telemetry('on --yes', { HANDRAIL_HOME: file })), /could not be stored .*Make the folder writable/);
    assert.equal(telemetry('status', { HANDRAIL_HOME: file }).code, 0);
    telemetry('on --yes');
    writeFileSync(home('events'), 'in the way');
    const { code, stdout, stderr } = run('review a.ts --format json');
    assert.deepEqual([code, JSON.parse(stdout) instanceof Object], [0, true]);
    assert.match(stderr, LOST);
    assert.equal(json('status')['events'], 0);
  });

  it('says where events are lost, and is turned off in place where no file can be added, unless that cannot be written either', function () {
    // What is run has to be readable to whoever it runs as, which a clone of an administrator need not be.
    if (process.getuid?.() === 0 || process.platform === 'win32') this.skip();
    for (const [mode, isOff] of [
      [0o600, true],
      [0o400, false],
    ] as const) {
      assert.equal(telemetry('on --yes').code, 0);
      chmodSync(home('consent.json'), mode);
      chmodSync(home(), 0o500);
      try {
        assert.match(run('review gone.ts').stderr, LOST);
        const off = telemetry('off');
        if (isOff) assert.match(off.stdout, /Telemetry is off since/);
        else assert.match(refusal(off), /could not be turned off .*writable/);
        assert.equal(json('status')['recording'], !isOff);
      } finally {
        chmodSync(home(), 0o700);
      }
    }
  });

  it('keeps events as long as asked, and refuses days that are none', () => {
    assert.equal(json('on --yes --days 7', { HANDRAIL_NOW: '2026-11-01' })['days'], 7);
    review({ HANDRAIL_NOW: '2026-11-02' });
    assert.equal(json('status', { HANDRAIL_NOW: '2026-11-09' })['events'], 1);
    assert.equal(json('status', { HANDRAIL_NOW: '2026-11-10' })['events'], 0);
    assert.deepEqual(readdirSync(home('events')).length, 1, 'its week is not over yet');
    json('status', { HANDRAIL_NOW: '2026-11-16' });
    assert.deepEqual(readdirSync(home('events')).length, 1, 'one day alone may be a wrong one');
    json('status', { HANDRAIL_NOW: '2026-11-17' });
    assert.deepEqual(readdirSync(home('events')), []);
    for (const days of ['0', '366', '-1', 'x', '1.5']) assert.match(refusal(telemetry(`on --yes --days ${days}`)), /days/);
    assert.match(refusal(telemetry('show --days 3')), /--days has no meaning/);
  });

  it('records nothing by a clock that is wrong, and deletes nothing by it', () => {
    telemetry('on --yes');
    review();
    for (const now of ['1970-01-01', '9999-12-31', 'yesterday']) {
      assert.match(run('review gone.ts', { HANDRAIL_NOW: now }).stderr, LOST);
      assert.equal(json('status', { HANDRAIL_NOW: now })['events'], 1, now);
    }
    telemetry('purge --yes');
    assert.match(refusal(telemetry('on --yes', { HANDRAIL_NOW: '1970-01-01' })), /clock of this machine is wrong/);
  });

  it('counts a line that was cut off, and shows only what the catalogue lists', () => {
    telemetry('on --yes');
    review();
    const [name = ''] = readdirSync(home('events'));
    const line = readFileSync(home('events', name), 'utf8');
    writeFileSync(home('events', name), `${line}{"schema":1,"path":"\u001b[31msrc/a.ts"}\n${line.slice(0, 40)}`);
    const shown = telemetry('show').stdout;
    assert.match(shown, /1 last line was cut off[\s\S]*1 line is not of this version's catalogue/);
    assert.doesNotMatch(shown, /src\/a\.ts/);
    assert.partialDeepStrictEqual(json('show'), { torn: 1, foreign: 1 });
  });

  it('prints the catalogue, with a digest that anyone can recompute', () => {
    const { counters, digest, fields } = json('catalogue') as { counters: unknown[]; digest: string; fields: { name: string }[] };
    assert.deepEqual(counters[0], {
      name: 'review.runs',
      dims: { outcome: ['completed', 'cancelled', 'failed', 'other'] },
      clip: 200,
      excludes: ['models.calls'],
    });
    assert.equal(
      digest,
      `sha256:${createHash('sha256')
        .update(canonicalize(counters) ?? '')
        .digest('hex')}`,
    );
    const text = telemetry('catalogue').stdout;
    for (const { name } of fields) assert.ok(text.includes(`\n  ${name}\n`), name);
    assert.equal(existsSync(home()), false);
  });

  it('knows its words', () => {
    assert.match(refusal(telemetry('onn')), /Did you mean on\?/);
    assert.match(refusal(telemetry('on off')), /does not take "off"/);
  });
});
