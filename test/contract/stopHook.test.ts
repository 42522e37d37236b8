import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ASSISTANTS, STOP_HOOK_FILE, stopHookScript } from '../../src/core/workflow/stopHook.ts';
import { CLI, createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ['feat/**'] }
steps:
  - id: verify
    kind: command
    title: Run the "tests"
    run: node check.cjs
    inputs: [check.cjs, broken]
    expect:
      - exit: 0
  - id: notes
    kind: manual
    title: Write notes
    expect:
      - file: notes.md
  - id: word
    kind: manual
    title: Give your word
    needs: [verify]
    expect:
      - attest: I looked at it
  - id: sign-off
    kind: approval
    title: An owner approves
    needs: [verify]
    by: { any-of: [codeowners], not: [author, agent] }
`;

/** What the references of Claude Code, Codex, Gemini CLI and Copilot say that a hook gets when a turn ends. */
const inputs = {
  'Claude Code': (cwd: string, active: boolean) => ({
    session_id: 'abc123',
    transcript_path: '/home/ada/.claude/projects/x/abc123.jsonl',
    cwd,
    permission_mode: 'default',
    hook_event_name: 'Stop',
    stop_hook_active: active,
    last_assistant_message: 'Done.',
  }),
  Codex: (cwd: string, active: boolean) => ({
    session_id: '0199-codex',
    turn_id: '1',
    transcript_path: null,
    cwd,
    hook_event_name: 'Stop',
    model: 'gpt-5-codex',
    permission_mode: 'default',
    stop_hook_active: active,
    last_assistant_message: null,
  }),
  'Gemini CLI': (cwd: string, active: boolean) => ({
    session_id: 'gemini-1',
    transcript_path: '/tmp/x.json',
    cwd,
    hook_event_name: 'AfterAgent',
    timestamp: '2026-01-02T03:04:05Z',
    prompt: 'do it',
    prompt_response: 'Done.',
    stop_hook_active: active,
  }),
  'Copilot CLI': (cwd: string) => ({
    sessionId: '01HW2X',
    timestamp: 1704614750000,
    cwd,
    transcriptPath: '/tmp/x.jsonl',
    stopReason: 'end_turn',
  }),
};

interface Answer {
  decision?: string;
  reason?: string;
}

describe('the stop hook', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let bin: string;

  beforeEach(() => {
    cli = createCliRunner();
    repo = createTestRepo({
      files: {
        '.handrail/workflows/feature.yml': WORKFLOW,
        [STOP_HOOK_FILE]: stopHookScript(),
        'check.cjs': "process.exit(require('fs').existsSync('broken') ? 3 : 0);\n",
      },
      branch: 'feat/x',
    });
    bin = realpathSync(mkdtempSync(join(tmpdir(), 'handrail bin ')));
    command(`exec "${process.execPath}" "${CLI}" "$@"`);
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
    rmSync(bin, { recursive: true, force: true });
  });

  /** What `handrail` on the PATH does. */
  function command(script: string): void {
    writeFileSync(join(bin, 'handrail'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'handrail'), 0o755);
  }

  const path = (): string => [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);

  /** Runs the script as an assistant does: JSON in, JSON out, exit code 0 whatever happens. */
  function stop(input: unknown, options: { cwd?: string; path?: string } = {}): Answer & { stderr: string } {
    const done = spawnSync(process.execPath, [join(repo.root, STOP_HOOK_FILE)], {
      cwd: options.cwd ?? repo.root,
      env: { ...cli.env, PATH: options.path ?? path(), CLAUDECODE: '1' },
      encoding: 'utf8',
      input: typeof input === 'string' ? input : JSON.stringify(input),
    });
    assert.equal(done.status, 0, done.stderr);
    return { ...(JSON.parse(done.stdout) as Answer), stderr: done.stderr };
  }
  const claude = (active: boolean): unknown => inputs['Claude Code'](repo.root, active);
  const handrail = (...args: string[]): void => {
    const { code, stderr } = cli.run(args, { cwd: repo.root, env: { HANDRAIL_ACTOR: 'agent' } });
    assert.equal(code, 0, stderr);
  };

  for (const [assistant, input] of Object.entries(inputs)) {
    it(`keeps ${assistant} going while steps are its own, once for each that gets done, then lets it stop`, () => {
      const first = stop(input(repo.root, false));
      assert.equal(first.decision, 'block');
      assert.match(first.reason ?? '', /- handrail run verify \(Run the "tests"; .*\n- do notes, then handrail check notes/);
      assert.doesNotMatch(first.reason ?? '', /word|sign-off/);

      const idle = stop(input(repo.root, true));
      assert.equal(idle.decision, undefined, 'nothing was done since, so it ends');
      assert.match(idle.stderr, /still open: verify, notes/);

      handrail('run', 'verify', '--trust');
      const second = stop(input(repo.root, true));
      assert.equal(second.decision, 'block');
      assert.match(second.reason ?? '', /- do notes.*\nLeave to a person: word, sign-off\./s);
      assert.equal(stop(input(repo.root, true)).decision, undefined);

      repo.write({ 'notes.md': '# Notes\n' });
      const last = stop(input(repo.root, true));
      assert.deepEqual([last.decision, last.stderr], [undefined, 'handrail: left for a person: word, sign-off\n']);
    });
  }

  it('ends within a bounded number of answers, however the steps change', () => {
    let blocks = 0;
    for (let turn = 0; turn < 6; turn++) {
      if (turn % 2 === 0) repo.write({ 'check.cjs': `process.exit(0); // ${turn}\n` });
      else handrail('run', 'verify', '--trust');
      if (stop(claude(turn > 0)).decision === 'block') blocks++;
    }
    assert.ok(blocks >= 1 && blocks <= 3, `${blocks} blocks`);
  });

  it('does not say the same again in the next turn, and does when the steps stand otherwise', () => {
    assert.equal(stop(claude(false)).decision, 'block');
    assert.equal(stop(claude(false)).decision, undefined, 'a question in between is not held up');
    assert.equal(stop({ ...inputs['Claude Code'](repo.root, false), session_id: 'another' }).decision, 'block');
    repo.write({ broken: '' });
    assert.equal(cli.run(['run', 'verify', '--trust'], { cwd: repo.root }).code, 1);
    const failed = stop(claude(false));
    assert.equal(failed.decision, 'block');
    assert.match(failed.reason ?? '', /handrail run verify \(Run the "tests"; failed;/);
  });

  it('asks nothing of an agent on a branch without a workflow, or without open steps of its own', () => {
    handrail('run', 'verify', '--trust');
    repo.write({ 'notes.md': '# Notes\n' });
    assert.equal(stop(claude(false)).decision, undefined);
    repo.git('switch', '--quiet', '--force', 'main');
    assert.deepEqual(stop(claude(false)), { stderr: '' });
  });

  it('looks at the worktree that the assistant works in', () => {
    handrail('run', 'verify', '--trust');
    repo.write({ 'notes.md': '# Notes\n' });
    const other = join(bin, 'other');
    repo.git('worktree', 'add', '--quiet', '-b', 'feat/y', other);
    mkdirSync(join(other, 'src'));
    assert.match(stop(inputs['Claude Code'](join(other, 'src'), false)).reason ?? '', /run verify/);
    assert.equal(stop(inputs['Claude Code'](tmpdir(), false)).decision, undefined, 'elsewhere it is the one of the script');
    repoAt(other).git('switch', '--quiet', '--detach');
  });

  it('lets the assistant stop when it cannot tell, and says why on stderr', () => {
    command('exit 127');
    assert.match(stop(claude(false)).stderr, /could not be read: exit code 127/);
    command('echo "not json"; echo trouble >&2; exit 0');
    assert.match(stop(claude(false)).stderr, /could not be read/);
    command('echo "{\\"workflow\\":{}}"');
    assert.match(stop(claude(false)).stderr, /could not be read/);
    command('kill -9 $$');
    assert.match(stop(claude(false)).stderr, /could not be read/);
    rmSync(join(bin, 'handrail'));
    assert.match(stop(claude(false), { path: dirname(process.execPath) }).stderr, /"handrail" was not found/);
    command(`exec "${process.execPath}" "${CLI}" "$@"`);
    repo.write({ '.handrail/workflows/feature.yml': 'version: 1\nsteps: [' });
    assert.deepEqual(stop(claude(false)), { stderr: '' });
    rmSync(join(repo.root, '.git'), { recursive: true });
    const noGit = stop(claude(false));
    assert.equal(noGit.decision, undefined);
    assert.match(noGit.stderr, /could not be read: .*git/);
  });

  it('does not block a prolonged turn where it cannot remember', () => {
    const folder = join(repo.root, '.git', 'handrail', 'cache');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'stop-hook'), 'a file where the folder belongs');
    assert.equal(stop(claude(false)).decision, 'block');
    assert.equal(stop(claude(true)).decision, undefined);
    assert.equal(stop(inputs['Copilot CLI'](repo.root)).decision, undefined);
  });

  for (const input of ['', 'not json', 'null', '[]', '"x"', '{"cwd":7,"session_id":{},"stop_hook_active":"yes"}', '\u0000'.repeat(1000)]) {
    it(`takes ${JSON.stringify(input.slice(0, 40))} on stdin without failing, and does not loop`, () => {
      stop(input);
      assert.equal(stop(input).decision, undefined);
    });
  }

  it('remembers the last sessions only', () => {
    const folder = join(repo.root, '.git', 'handrail', 'cache', 'stop-hook');
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 80; i++) writeFileSync(join(folder, `${i}.json`), '{}\n');
    assert.equal(stop(claude(false)).decision, 'block');
    assert.equal(readdirSync(folder).length, 50);
  });

  it('is found from the settings of each assistant that name it through a variable or git', () => {
    for (const { name, entry } of ASSISTANTS) {
      const { command: line, bash } =
        ((entry['hooks'] as { command: string }[] | undefined)?.[0] as { command?: string; bash?: string }) ?? {};
      const text = line ?? bash ?? (entry['bash'] as string);
      const done = spawnSync('/bin/sh', ['-c', text], {
        cwd: repo.root,
        env: { ...cli.env, PATH: path(), CLAUDE_PROJECT_DIR: repo.root, GEMINI_PROJECT_DIR: repo.root },
        encoding: 'utf8',
        input: JSON.stringify({ session_id: name, stop_hook_active: false, cwd: repo.root }),
      });
      assert.equal((JSON.parse(done.stdout) as Answer).decision, 'block', `${name}: ${done.stderr}`);
    }
  });
});
