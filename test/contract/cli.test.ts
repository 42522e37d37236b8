import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createCliRunner,
  finished,
  hasTerminal,
  runOnTerminal,
  startOnTerminal,
  type CliResult,
  type CliRunner,
} from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer } from '../support/modelServer.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
steps:
  - id: note
    kind: manual
    title: Write a note
    expect:
      - file: note.md
        sections: [Problem]
  - id: verify
    kind: command
    title: Run the tests
    why: So that they run.
    needs: [note]
    run: node check.cjs
    expect:
      - exit: 0
  - id: ai-review
    kind: review
    title: Review
    needs: [verify]
    expect:
      - findings: { high: 0, medium: 0 }
  - id: word
    kind: manual
    title: Give your word
    expect:
      - attest: I looked at it
  - id: docs
    kind: manual
    title: Write the manual
    when: changes.exists(f, glob(f, "manual/**"))
  - id: sign-off
    kind: approval
    title: An owner approves
    by: { any-of: [codeowners], not: [author, agent] }
`;

const FILES = {
  '.handrail/workflows/feature.yml': WORKFLOW,
  'check.cjs': "console.log('checked ' + process.env.HANDRAIL_STEP);\nprocess.exit(require('fs').existsSync('broken') ? 3 : 0);\n",
};

/** A bug that the built-in reviewer finds: both branches of the comparison are the same text in different case. */
const BUG = "export function isStaff(code: string): boolean {\n  return code.toUpperCase() === 'staff';\n}\n";

interface Document {
  [key: string]: unknown;
}

/** The one document on stdout. */
function json(result: CliResult): Document {
  return JSON.parse(result.stdout) as Document;
}

function oneLine(result: CliResult): string {
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
  assert.doesNotMatch(result.stderr, /\n\s+at |Error:/);
  return result.stderr;
}

describe('the command line', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;

  beforeEach(() => {
    cli = createCliRunner();
    repo = createTestRepo({ files: FILES, branch: 'feat/x' });
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
  });
  const run = (args: string[], env: Record<string, string> = {}): CliResult => cli.run(args, { cwd: repo.root, env });
  const step = (id: string): Document => {
    const steps = json(run(['--format', 'json', 'status']))['steps'] as Document[];
    return steps.find((one) => one['id'] === id) ?? assert.fail(`no step ${id}`);
  };

  describe('help and usage', () => {
    it('lists commands that all explain themselves', () => {
      const help = run(['--help']);
      assert.equal(help.code, 0);
      const names = [...help.stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => match[1] ?? '');
      assert.deepEqual(names, [
        'init',
        'validate',
        'status',
        'explain',
        'run',
        'check',
        'uncheck',
        'waive',
        'summary',
        'verify',
        'review',
        'generate',
        'dismiss',
        'models',
        'eval',
        'telemetry',
        'team',
        'usage',
        'mcp',
      ]);
      for (const name of names) {
        const own = run([name, '--help']);
        assert.equal(own.code, 0, name);
        assert.match(own.stdout, new RegExp(`^Usage: handrail ${name}`));
      }
    });

    it('refuses an empty path in one line', () => {
      const result = run(['review', '']);
      assert.equal(result.code, 2);
      assert.match(oneLine(result), /A path is empty\./);
    });

    it('says in one line where it cannot remember that a workflow is trusted, and runs nothing', () => {
      const file = join(repo.root, 'no-folder');
      writeFileSync(file, '');
      writeFileSync(join(repo.root, 'note.md'), '# Problem\nx\n');
      run(['check', 'note']);
      const result = run(['run', 'verify', '--trust'], { HANDRAIL_HOME: file });
      assert.equal(result.code, 2);
      assert.match(oneLine(result), /could not be remembered/);
      assert.doesNotMatch(result.stdout, /checked/);
    });

    it('knows its version', () => {
      const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
      assert.deepEqual(run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
    });

    const refused: [string[], RegExp][] = [
      [['stauts'], /no command "stauts"\. Did you mean status\?/],
      [['status', '--wrokflow', 'x'], /no option --wrokflow\. Did you mean --workflow\?/],
      [['status', 'x'], /does not take "x"/],
      [['explain'], /needs STEP/],
      [['explain', 'verfy'], /no step "verfy"\. Did you mean verify\?/],
      [['run', 'note'], /manual step and has nothing to run\. Settle it with handrail check note/],
      [['check', 'verify'], /settled by running it\. Use handrail run verify/],
      [['review', '--scope', 'stagd'], /not one of file, working, staged, branch.*Did you mean staged\?/],
      [['review', '--role', 'a', '--model', 'b'], /exclude each other/],
      [['review', '../outside.ts'], /lies outside/],
      [['dismiss', 'abc'], /needs a reason/],
      [['dismiss', 'abc', '--reason', 'no'], /no open finding "abc"/],
      [['init', 'list.md'], /--from list\.md/],
      [['init', '--template', 'featrue'], /featrue.*Did you mean feature\?/],
      [['init', '--template', 'nope'], /See handrail init --help/],
      [['init', '--from', 'check.cjs'], /^handrail: check\.cjs holds no task list/],
      [['status', '--workflow', 'nope'], /nope/],
      [['--cwd', 'nowhere', 'status'], /There is no folder .*nowhere/],
      [['status', '--format', 'xml'], /no format "xml"/],
    ];
    for (const [args, message] of refused) {
      it(`refuses \`${args.join(' ')}\` with the mend`, () => {
        const text = run(args);
        assert.equal(text.code, 2, text.stdout + text.stderr);
        assert.equal(text.stdout, '');
        assert.match(oneLine(text), message);
      });
    }

    it('answers with one document when JSON is wanted and no command was given', () => {
      const result = run(['--format', 'json']);
      assert.equal(result.code, 2);
      assert.equal((json(result)['error'] as Document)['reason'], 'usage');
    });

    it('answers a refused command with one document when JSON is wanted', () => {
      const result = run(['--format', 'json', 'explain', 'nope']);
      assert.equal(result.code, 2);
      assert.equal((json(result)['error'] as Document)['reason'], 'not-found');
      oneLine(result);
    });
  });

  describe('validate', () => {
    it('prints the JSON Schema of each language, and checks no file meanwhile', () => {
      for (const [language, key] of [
        ['workflow', 'coverage-receipt'],
        ['models', 'fallback'],
        ['dismissals', 'fingerprint'],
      ] as const) {
        const schema = run(['validate', '--schema', language]);
        assert.equal(schema.code, 0);
        assert.equal((json(schema) as { $schema: string }).$schema, 'http://json-schema.org/draft-07/schema#');
        assert.ok(schema.stdout.includes(`"${key}"`));
      }
      assert.equal(run(['validate', '--schema', 'nonsense']).code, 2);
      assert.equal(run(['validate', '--schema', 'workflow', 'a.yml']).code, 2);
    });

    it('accepts what is right', () => {
      assert.deepEqual(json(run(['validate', '--format', 'json'])), {
        valid: true,
        files: [{ path: '.handrail/workflows/feature.yml', problems: [] }],
      });
      assert.match(run(['validate']).stdout, /1 file checked, 0 errors, 0 warnings\./);
    });

    it('exits 1 and points at what is wrong', () => {
      repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('why: So', 'whhy: So') });
      const result = run(['validate', '--format', 'json']);
      assert.equal(result.code, 1);
      const [file] = json(result)['files'] as { problems: Document[] }[];
      const line = WORKFLOW.split('\n').findIndex((text) => text.includes('why: So')) + 1;
      assert.partialDeepStrictEqual(file?.problems[0], {
        line,
        column: 5,
        endLine: line,
        endColumn: 9,
        severity: 'error',
        code: 'unknown-key',
      });
      const text = run(['validate', '.handrail/workflows/feature.yml']);
      assert.equal(text.code, 1);
      assert.match(text.stdout, new RegExp(`feature\\.yml:${line}:5: error: .*whhy.* \\[unknown-key\\]`));
    });
  });

  describe('status and explain', () => {
    it('prints the run as the contract fixes it', () => {
      const document = json(run(['status', '--format', 'json']));
      assert.partialDeepStrictEqual(document, { branch: 'feat/x', base: 'main', next: ['note', 'word', 'sign-off'], done: 0, total: 5 });
      assert.partialDeepStrictEqual(document['workflow'], { id: 'feature', title: 'Feature' });
      assert.match((document['workflow'] as Document)['digest'] as string, /^sha256:[0-9a-f]{64}$/);
      assert.partialDeepStrictEqual(step('verify'), { kind: 'command', state: 'blocked', assurance: 'none' });
      assert.equal(step('docs')['state'], 'skipped');
    });

    it('works from a folder below and from elsewhere with --cwd', () => {
      repo.write({ 'src/deep/a.ts': '' });
      assert.match(cli.run(['status'], { cwd: join(repo.root, 'src/deep') }).stdout, /Feature · feat\/x · 0 of 5 done/);
      assert.match(cli.run(['--cwd', repo.root, 'status']).stdout, /Feature · feat\/x/);
    });

    it('exits 0 without a workflow, and says what to do', () => {
      rmSync(join(repo.root, '.handrail'), { recursive: true });
      const result = run(['status']);
      assert.equal(result.code, 0);
      assert.match(result.stdout, /handrail init/);
      assert.partialDeepStrictEqual(json(run(['status', '--format', 'json'])), { workflow: null, steps: [], next: [], done: 0, total: 0 });
    });

    it('exits 0 with a broken workflow and names the place', () => {
      repo.write({ '.handrail/workflows/feature.yml': 'version: 1\nid: feature\ntitle: [' });
      const result = run(['status']);
      assert.equal(result.code, 0);
      assert.match(result.stdout, /feature\.yml:\d+:\d+: error/);
      assert.match(oneLine(run(['explain', 'note'])), /feature\.yml:\d+:\d+/);
    });

    it('says what is missing and where to go on', () => {
      const result = run(['explain', 'word']);
      assert.equal(result.code, 0);
      assert.match(result.stdout, /I looked at it/);
      assert.match(result.stdout, /handrail check word/);
      assert.match(run(['explain', 'docs']).stdout, /does not hold: changes\.exists/);
    });

    it('does not let a repository write to the terminal', () => {
      repo.write({
        '.handrail/workflows/feature.yml': WORKFLOW.replace('title: Run the tests', 'title: "Run \\u001b[2J\\u202ethe tests"'),
      });
      const { stdout } = run(['status']);
      assert.match(stdout, /Run \ufffd\[2J\ufffdthe tests/);
      assert.doesNotMatch(stdout, /[\u001b\u202e]/);
    });

    it('knows the labels that CI tells, and none elsewhere', () => {
      const [labelled, event] = [WORKFLOW.replace(/when: .*/, `when: '"manual" in labels'`), join(cli.home, 'event.json')];
      repo.write({ '.handrail/workflows/feature.yml': labelled });
      writeFileSync(event, '{"pull_request":{"labels":[{"name":"bug"},{"name":"manual"}]}}');
      const state = (env: Record<string, string>): unknown => {
        const steps = json(run(['status', '--format', 'json'], env))['steps'] as Document[];
        return steps.find(({ id }) => id === 'docs')?.['state'];
      };
      assert.equal(state({ GITHUB_EVENT_PATH: join(cli.home, 'none.json') }), 'skipped');
      assert.equal(state({ GITHUB_EVENT_PATH: event }), 'ready');
      assert.equal(state({ CI_MERGE_REQUEST_LABELS: 'bug,manual' }), 'ready');
    });

    it('takes the name of the branch from --branch, else from CI on a detached head, and records under it', () => {
      const branch = (env: Record<string, string>, ...args: string[]): unknown =>
        json(run(['status', '--format', 'json', ...args], env))['branch'];
      const inCi = { GITHUB_HEAD_REF: 'feat/ci' };
      assert.equal(branch(inCi), 'feat/x', 'git knows better than the environment');
      repo.git('checkout', '--quiet', '--detach');
      assert.equal(branch({}), null);
      assert.equal(branch(inCi), 'feat/ci');
      repo.write({ 'note.md': '# Note\n\n## Problem\n\nIt is slow.\n' });
      assert.equal(run(['run', 'verify', '--trust', '--branch', 'feat/named']).code, 0);
      const state = (...args: string[]): unknown =>
        (json(run(['explain', 'verify', '--format', 'json', ...args]))['step'] as Document)['state'];
      assert.equal(state('--branch', 'feat/named'), 'done');
      assert.equal(state(), 'ready');
      assert.equal(run(['run', 'ai-review', '--branch', 'feat/named']).code, 0);
    });

    it('offers the other workflows that match, and follows the one that was chosen for this branch', () => {
      repo.write({
        '.handrail/workflows/z.yml': 'version: 1\nid: small\ntitle: Small\nsteps: [{ id: only, kind: manual, title: Only }]\n',
      });
      assert.match(run(['status']).stdout, /Also matching this branch: small \(handrail status --workflow ID --remember follows one\)/);
      assert.match(run(['status', '--workflow', 'small', '--remember']).stdout, /^Small · /);
      assert.match(run(['status']).stdout, /^Small · [\s\S]*Also matching this branch: feature/);
      repo.git('switch', '--quiet', '-c', 'feat/another');
      assert.match(run(['status']).stdout, /^Feature · /, 'other branches choose for themselves');
      repo.git('switch', '--quiet', '-');
      repo.write({
        '.handrail/workflows/z.yml':
          'version: 1\nid: small\ntitle: Small\non: { branches: [none] }\nsteps: [{ id: only, kind: manual, title: Only }]\n',
      });
      assert.match(run(['status']).stdout, /^Feature · /, 'one that matches no more is followed no more');
      for (const args of [['--remember'], ['--remember', '--workflow', 'small', '--branch', 'x']])
        assert.equal(run(['status', ...args]).code, 2);
      assert.equal(run(['status', '--workflow', 'nope', '--remember']).code, 2);
    });

    it('has no colour in a pipe', () => {
      assert.doesNotMatch(run(['status']).stdout, /\u001b/);
    });

    it('asks for git where there is none', () => {
      rmSync(join(repo.root, '.git'), { recursive: true });
      const result = run(['status']);
      assert.ok(result.code === 0 || result.code === 2, String(result.code));
      assert.match(result.stdout + result.stderr, /git/);
      assert.doesNotMatch(result.stderr, /\n\s+at /);
    });
  });

  describe('run', () => {
    beforeEach(() => repo.write({ 'note.md': '# Note\n\n## Problem\n\nIt is slow.\n' }));

    it('runs nothing of a repository that nobody trusted', () => {
      repo.write({ 'check.cjs': "require('fs').writeFileSync('ran', '')" });
      const result = run(['run', 'verify']);
      assert.equal(result.code, 2);
      assert.match(oneLine(result), /not trusted yet.*handrail run verify --trust/);
      assert.match(oneLine(run(['run', 'verify', '--workflow', 'feature'])), /handrail run verify --workflow feature --trust/);
      assert.equal(existsSync(join(repo.root, 'ran')), false);
    });

    it('shows real output, records the outcome and remembers the trust', () => {
      const first = run(['run', 'verify', '--trust']);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^checked verify\n/);
      assert.partialDeepStrictEqual(step('verify'), { state: 'done', assurance: 'bound', evidence: { provider: 'command' } });
      assert.equal(run(['run', 'verify']).code, 0);
    });

    it('asks again when the workflow runs something else', () => {
      run(['run', 'verify', '--trust']);
      repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('node check.cjs', 'node other.cjs') });
      assert.equal(run(['run', 'verify']).code, 2);
    });

    it('takes the trust of the editor for exactly one digest', () => {
      const { digest } = json(run(['status', '--format', 'json']))['workflow'] as { digest: string };
      assert.equal(run(['run', 'verify'], { HANDRAIL_TRUSTED_DIGEST: digest }).code, 0);
      assert.equal(run(['run', 'verify'], { HANDRAIL_TRUSTED_DIGEST: `${digest}0` }).code, 2);
    });

    it('exits 1 when the step did not become done, and keeps stdout to the document', () => {
      repo.write({ broken: '' });
      const result = run(['run', 'verify', '--trust', '--format', 'json']);
      assert.equal(result.code, 1);
      assert.equal(json(result)['exitCode'], 3);
      assert.match(result.stderr, /checked verify/);
      assert.equal(step('verify')['state'], 'failed');
    });

    it('turns stale when what it covered changes', () => {
      run(['run', 'verify', '--trust']);
      repo.write({ 'src/a.ts': 'export {};\n' });
      assert.partialDeepStrictEqual(step('verify'), { state: 'stale', staleBecause: ['src/a.ts'] });
      assert.match(run(['status']).stdout, /↻ verify/);
    });

    it('ends with 130 on Ctrl-C and takes the command down with it', async () => {
      repo.write({
        'check.cjs': "require('fs').writeFileSync('pid', String(process.pid)); console.log('up'); setInterval(() => {}, 1000);",
      });
      const child = cli.start(['run', 'verify', '--trust'], { cwd: repo.root });
      let output = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('up')) child.kill('SIGINT');
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      assert.equal(code, 130);
      const pid = Number(readFileSync(join(repo.root, 'pid'), 'utf8'));
      assert.equal(isRunning(pid), false);
      assert.notEqual(step('verify')['state'], 'running');
    });

    it('settles a review step, and only when its expectation holds', () => {
      run(['run', 'verify', '--trust']);
      assert.equal(run(['run', 'ai-review']).code, 0);
      assert.partialDeepStrictEqual(step('ai-review'), { state: 'done', evidence: { provider: 'builtin' } });
      repo.write({ 'src/a.ts': BUG });
      run(['run', 'verify']);
      const result = run(['run', 'ai-review', '--format', 'json']);
      assert.equal(result.code, 1, result.stdout);
      assert.equal((json(result)['review'] as { findings: unknown[] }).findings.length, 1);
    });
  });

  describe('check', () => {
    it("refuses an agent and a machine where a person's word is asked for", () => {
      for (const env of [{}, { CI: 'true' }, { HANDRAIL_ACTOR: 'agent' }] as Record<string, string>[]) {
        const result = run(['check', 'word'], env);
        assert.equal(result.code, 1);
        assert.match(oneLine(result), /asks for a person's word and cannot be checked by an? (agent|machine)/);
        assert.equal(run(['check', 'sign-off'], env).code, 1);
      }
      assert.equal(step('word')['state'], 'ready');
    });

    it('says what is missing when the check alone does not settle the step', () => {
      const result = run(['check', 'note']);
      assert.equal(result.code, 1);
      assert.match(result.stdout + result.stderr, /note\.md/);
    });

    (hasTerminal ? describe : describe.skip)('on a terminal', () => {
      it('takes the word of a person, and takes it back', () => {
        const checked = runOnTerminal(cli, ['check', 'word'], { cwd: repo.root });
        assert.equal(checked.code, 0, checked.stdout);
        assert.partialDeepStrictEqual(step('word'), { state: 'done', assurance: 'self-reported' });
        assert.equal(runOnTerminal(cli, ['uncheck', 'word'], { cwd: repo.root }).code, 0);
        assert.equal(step('word')['state'], 'ready');
      });

      it('shows colour, and none with NO_COLOR', () => {
        assert.match(runOnTerminal(cli, ['status'], { cwd: repo.root }).stdout, /\u001b\[/);
        assert.doesNotMatch(runOnTerminal(cli, ['status'], { cwd: repo.root, env: { NO_COLOR: '1' } }).stdout, /\u001b\[\d+m/);
      });

      it('asks before it runs a command of the repository', () => {
        repo.write({ 'note.md': '# Note\n\n## Problem\n\nIt is slow.\n' });
        const no = runOnTerminal(cli, ['run', 'verify'], { cwd: repo.root, input: 'n\n' });
        assert.equal(no.code, 2, no.stdout);
        assert.match(no.stdout, /wants to run:[\s\S]*node check\.cjs[\s\S]*Nothing was run/);
        const yes = runOnTerminal(cli, ['run', 'verify'], { cwd: repo.root, input: 'y\n' });
        assert.equal(yes.code, 0, yes.stdout);
        assert.equal(step('verify')['state'], 'done');
      });

      it('runs what was asked about, not what the file became while the question was open', async () => {
        repo.write({ 'note.md': '# Note\n\n## Problem\n\nIt is slow.\n' });
        const child = startOnTerminal(cli, ['run', 'verify'], { cwd: repo.root });
        let shown = '';
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          const wasAsked = shown.includes('[y/N]');
          shown += text;
          if (wasAsked || !shown.includes('[y/N]')) return;
          repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('node check.cjs', 'node check.cjs > stolen') });
          child.stdin?.write('y\n');
        });
        const [code] = (await once(child, 'close')) as [number | null];
        assert.equal(code, 2, shown);
        assert.match(shown, /not trusted yet/);
        assert.equal(existsSync(join(repo.root, 'stolen')), false);
      });
    });
  });

  describe('review', () => {
    beforeEach(() => repo.write({ 'src/a.ts': BUG }));

    it('answers with the built-in reviewer when nothing is configured, and says so', () => {
      const result = run(['review', '--format', 'json']);
      assert.equal(result.code, 0, result.stderr);
      const document = json(result);
      assert.partialDeepStrictEqual(document, { model: 'builtin', dismissed: [], redactions: [], usage: { requests: 0 } });
      const [finding] = document['findings'] as Document[];
      assert.partialDeepStrictEqual(finding, { file: 'src/a.ts', startLine: 2, source: 'builtin', anchor: { status: 'exact' } });
      assert.ok((document['coverage'] as Document[]).some((entry) => entry['file'] === 'src/a.ts' && entry['status'] === 'full'));
      assert.match(result.stderr, /built-in reviewer/i);
    });

    it('shows the finding with its place, quote and id, and what was read', () => {
      const { stdout } = run(['review']);
      assert.match(stdout, /^Reviewer: /);
      assert.match(stdout, /src\/a\.ts:2 .*[A-Z]+ {2}/);
      assert.match(stdout, /\| .*toUpperCase\(\) === 'staff'/);
      assert.match(stdout, /1 finding \(1 \w+\)\.\nWhat was read: \d+ in full/);
    });

    it('exits 1 only at the threshold asked for', () => {
      assert.equal(run(['review', '--fail-on', 'info']).code, 1);
      assert.equal(run(['review', '--fail-on', 'critical']).code, 0);
    });

    it('writes SARIF', () => {
      const document = json(run(['review', '--format', 'sarif']));
      assert.equal(document['version'], '2.1.0');
      const [first] = document['runs'] as { results: unknown[] }[];
      assert.equal(first?.results.length, 1);
      const [finding] = json(run(['review', '--format', 'json']))['findings'] as { id: string }[];
      assert.equal(run(['dismiss', finding?.id ?? '', '--reason', 'made up']).code, 0);
      const again = json(run(['review', '--format', 'sarif', '--fail-on', 'info']))['runs'] as { results: Document[] }[];
      assert.partialDeepStrictEqual(again[0]?.results, [{ suppressions: [{ kind: 'external', justification: 'made up' }] }]);
      assert.equal(run(['review', '--fail-on', 'info']).code, 0, 'what is dismissed fails nothing');
    });

    it('reviews a named file, relative to the current folder', () => {
      repo.commit('Add the bug');
      const document = json(cli.run(['review', 'a.ts', '--format', 'json'], { cwd: join(repo.root, 'src') }));
      assert.equal((document['findings'] as unknown[]).length, 1);
      assert.equal((json(run(['review', '--scope', 'working', '--format', 'json']))['findings'] as unknown[]).length, 0);
    });

    it('reviews what is staged, as it is staged', () => {
      repo.git('add', 'src/a.ts');
      repo.write({ 'src/a.ts': '// mended since\n', 'src/b.ts': BUG, 'src/gone.ts': '' });
      const document = json(run(['review', '--scope', 'staged', '--format', 'json']));
      assert.deepEqual(
        (document['findings'] as Document[]).map(({ file, startLine }) => [file, startLine]),
        [['src/a.ts', 2]],
      );
      assert.deepEqual(document['coverage'], [{ file: 'src/a.ts', status: 'full' }]);
      assert.equal(run(['review', 'src/b.ts', '--scope', 'staged', '--fail-on', 'info']).code, 0);
    });

    it('keeps a dismissed finding dismissed, found by the beginning of its id', () => {
      const [finding] = json(run(['review', '--format', 'json']))['findings'] as { id: string }[];
      assert.ok(finding);
      const dismissed = run(['dismiss', finding.id.slice(0, 6), '--reason', 'the code is made up']);
      assert.equal(dismissed.code, 0, dismissed.stderr);
      repo.write({ 'src/a.ts': `// moved down\n\n${BUG}` });
      const again = json(run(['review', '--format', 'json']));
      assert.deepEqual(again['findings'], []);
      assert.partialDeepStrictEqual(again['dismissed'], [{ id: finding.id, reason: 'the code is made up' }]);
    });

    it('writes a dismissal for the team into the file that a pull request shows', () => {
      const [finding] = json(run(['review', '--format', 'json']))['findings'] as { id: string }[];
      assert.ok(finding);
      assert.equal(run(['dismiss', finding.id, '--reason', 'agreed', '--team', '--expires', '30d']).code, 0);
      assert.match(readFileSync(join(repo.root, '.handrail/dismissals.yml'), 'utf8'), /agreed/);
      assert.equal(run(['validate']).code, 0);
    });

    it('asks about what did not change once, unless told otherwise', async () => {
      const server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
      try {
        const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
        const review = async (...args: string[]) => await finished(cli.start(['review', ...args], { cwd: repo.root, env }));
        const first = json(await review('--format', 'json'));
        const asked = server.requests.length;
        assert.ok(asked > 0);
        const again = json(await review('--format', 'json'));
        assert.equal(server.requests.length, asked);
        assert.partialDeepStrictEqual(again, { usage: { requests: 0, cacheHits: (again['usage'] as { cacheHits: number }).cacheHits } });
        assert.ok((again['usage'] as { cacheHits: number }).cacheHits > 0);
        assert.deepEqual(
          [again['cacheKey'], again['promptDigest'], again['coverage']],
          [first['cacheKey'], first['promptDigest'], first['coverage']],
        );
        assert.match((await review()).stdout, /Nothing changed since the model read it/);
        const dry = (await review('--dry-run')).stdout;
        assert.match(dry, /^0 requests to/m);
        assert.match(dry, /Not asked again: \d+ parts? that did not change.*--no-cache/);
        assert.equal(server.requests.length, asked);
        await review('--no-cache');
        assert.equal(server.requests.length, 2 * asked);
      } finally {
        await server.close();
      }
    });

    it('runs a step about what is staged once everything is', () => {
      repo.write({
        '.handrail/workflows/feature.yml':
          'version: 1\nid: feature\ntitle: F\nsteps:\n  - { id: look, kind: review, title: Look, scope: staged }\n',
      });
      repo.git('add', '--all');
      repo.write({ 'src/later.ts': '' });
      const refused = run(['run', 'look']);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /Not everything is staged: src\/later\.ts\..*Stage the rest/s);
      repo.git('add', '--all');
      const done = run(['run', 'look', '--format', 'json']);
      assert.equal(done.code, 0, done.stderr);
      assert.partialDeepStrictEqual(json(done), { step: { state: 'done' } });
    });

    it('sends the conventions of the repository along, and the rules of a step', async () => {
      const server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
      try {
        repo.write({
          'AGENTS.md': 'Ask Ada about money.\n',
          '.github/copilot-instructions.md': 'Cents are integers.\n',
          '.github/instructions/ts.instructions.md': '---\napplyTo: "**/*.ts"\n---\nTyped only.\n',
          '.github/instructions/go.instructions.md': '---\napplyTo: "**/*.go"\n---\nTabs only.\n',
          '.handrail/workflows/feature.yml':
            'version: 1\nid: feature\ntitle: F\nsteps:\n  - { id: look, kind: review, title: Look, why: Two refunds went wrong. }\n',
        });
        repo.commit('Add conventions');
        repo.git('branch', '--force', 'main', 'HEAD');
        repo.write({ 'src/a.ts': `${BUG}\n// once more\n` });
        repo.git('add', 'src/a.ts');
        const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
        const ways = [
          ['review'],
          ['review', 'src/a.ts'],
          ['review', '--scope', 'staged'],
          ['review', '--scope', 'working'],
          ['run', 'look'],
        ];
        for (const way of ways) {
          const before = server.requests.length;
          const { code, stderr } = await finished(cli.start([...way, '--no-cache'], { cwd: repo.root, env }));
          assert.equal(code, 0, stderr);
          const [sent, ...others] = server.requests.slice(before).map(({ body }) => JSON.stringify(body));
          assert.deepEqual(others, [], way.join(' '));
          for (const text of ['Ask Ada about money', 'Cents are integers', 'Typed only'])
            assert.ok(sent?.includes(text), `${way.join(' ')}: ${text}`);
          assert.ok(!sent?.includes('Tabs only'), way.join(' '));
          assert.equal(sent?.includes('Two refunds went wrong'), way[0] === 'run', way.join(' '));
        }
      } finally {
        await server.close();
      }
    });

    it('sends nothing in a dry run, and shows what it would send', async () => {
      const server = await startModelServer();
      try {
        const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
        const document = json(await finished(cli.start(['review', '--dry-run', '--format', 'json'], { cwd: repo.root, env })));
        assert.equal(document['dryRun'], true);
        assert.partialDeepStrictEqual(document['choice'], { origin: server.origin });
        const [request] = document['requests'] as { text: string; files: string[] }[];
        assert.match(request?.text ?? '', /toUpperCase/);
        assert.equal(server.requests.length, 0);
      } finally {
        await server.close();
      }
    });
  });

  describe('models', () => {
    beforeEach(() => repo.write({ 'src/a.ts': BUG }));

    it('says who answers and why', () => {
      const result = run(['models', '--format', 'json']);
      assert.equal(result.code, 0, result.stderr);
      assert.partialDeepStrictEqual(json(result), { choice: { kind: 'builtin', confirmed: true }, models: [] });
      assert.match(run(['models']).stdout, /^Answers here: builtin/);
    });

    it('sends nothing to an address of the repository before it was confirmed', async () => {
      const server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
      try {
        repo.write({
          '.handrail/models.yml': `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: test-model }\nroles: { review: ours }\n`,
        });
        const refused = await finished(cli.start(['review'], { cwd: repo.root }));
        assert.equal(refused.code, 2, refused.stderr);
        assert.match(refused.stderr, /handrail models confirm ours/);
        assert.equal(server.requests.length, 0);
        assert.equal((await finished(cli.start(['models', 'confirm', 'ours'], { cwd: repo.root }))).code, 0);
        const reviewed = await finished(cli.start(['review', '--format', 'json'], { cwd: repo.root }));
        assert.equal(reviewed.code, 0, reviewed.stderr);
        assert.equal(json(reviewed)['model'], 'ours');
        assert.equal(server.requests.length, 1);
        const health = json(await finished(cli.start(['models', '--format', 'json'], { cwd: repo.root })));
        assert.partialDeepStrictEqual(health['models'], [{ name: 'ours', calls: 1, errorRate: 0 }]);
      } finally {
        await server.close();
      }
    });

    it('asks no model to review its own work, before anything is sent, and any other', async () => {
      const server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
      try {
        const entry = (model: string): string => `{ provider: openai, baseURL: "${server.baseURL}", model: ${model} }`;
        const models = (reviewer: string): string =>
          `version: 1\nmodels:\n  writer: ${entry('careful')}\n  other: ${entry('careful')}\n  third: ${entry('usual')}\nroles: { generate: writer, review: ${reviewer} }\n`;
        repo.write({
          'p.prompt.md': 'Write.\n',
          '.handrail/workflows/feature.yml':
            'version: 1\nid: feature\ntitle: F\nsteps:\n  - { id: write, kind: generate, title: Write it, prompt: p.prompt.md }\n  - { id: look, kind: review, title: Look, needs: [write], independent-of: [write] }\n',
        });
        const { createWorkflowService } = await import('../../src/node/workflow/workflowService.ts');
        const service = createWorkflowService({ root: repo.root, env: {} });
        await service.settleGenerate('write', { model: 'writer', modelId: 'careful', promptDigest: 'd' }, { actor: 'human' });
        // Under its own name, and under another name for the same model.
        for (const reviewer of ['writer', 'other']) {
          repo.write({ '.handrail/models.yml': models(reviewer) });
          const refused = await finished(cli.start(['run', 'look'], { cwd: repo.root }));
          assert.equal(refused.code, 2, refused.stderr);
          assert.match(oneLine(refused), new RegExp(`${reviewer} made what "Look" looks at \\("Write it"\\)`));
        }
        assert.equal(server.requests.length, 0);
        repo.write({ '.handrail/models.yml': models('third') });
        assert.equal((await finished(cli.start(['models', 'confirm', 'third'], { cwd: repo.root }))).code, 0);
        const done = await finished(cli.start(['run', 'look'], { cwd: repo.root }));
        assert.equal(done.code, 0, done.stderr);
        assert.equal(server.requests.length, 1);
      } finally {
        await server.close();
      }
    });

    it("asks the model of a review step's role", async () => {
      const server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
      try {
        const entry = (model: string): string => `{ provider: openai, baseURL: "${server.baseURL}", model: ${model} }`;
        repo.write({
          '.handrail/models.yml': `version: 1\nmodels:\n  ours: ${entry('usual')}\n  second: ${entry('careful')}\nroles: { review: ours, security: second }\n`,
          '.handrail/workflows/feature.yml':
            'version: 1\nid: feature\ntitle: F\nsteps:\n  - { id: look, kind: review, title: Look, role: security }\n',
        });
        assert.equal((await finished(cli.start(['models', 'confirm', 'second'], { cwd: repo.root }))).code, 0);
        const done = await finished(cli.start(['run', 'look', '--format', 'json'], { cwd: repo.root }));
        assert.equal(done.code, 0, done.stderr);
        assert.equal((json(done)['review'] as Document)['model'], 'second');
      } finally {
        await server.close();
      }
    });

    it('exits 3 when the server is not there, and keeps what the built-in reviewer found', () => {
      const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', HANDRAIL_MODEL: 'test-model' };
      const result = run(['review', '--format', 'json'], env);
      assert.equal(result.code, 3, result.stderr);
      const document = json(result);
      assert.equal((document['error'] as Document)['reason'], 'unreachable');
      assert.equal((document['findings'] as unknown[]).length, 1);
    });

    it('never shows the key', async () => {
      const server = await startModelServer({ key: 'another' });
      try {
        const env = { OPENAI_API_KEY: 'sk-very-secret-key', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
        const result = await finished(cli.start(['review'], { cwd: repo.root, env }));
        assert.equal(result.code, 3);
        assert.doesNotMatch(result.stdout + result.stderr, /very-secret/);
      } finally {
        await server.close();
      }
    });
  });

  describe('init', () => {
    beforeEach(() => rmSync(join(repo.root, '.handrail'), { recursive: true }));

    it('writes a workflow that is valid, blocks nothing and is never overwritten', () => {
      const first = json(run(['init', '--format', 'json']));
      const [path] = first['written'] as string[];
      assert.ok(path);
      assert.equal(run(['validate']).code, 0);
      assert.partialDeepStrictEqual(json(run(['status', '--format', 'json'])), { total: 3 });
      writeFileSync(join(repo.root, path), 'mine');
      assert.partialDeepStrictEqual(json(run(['init', '--format', 'json'])), { written: [], kept: [path] });
      assert.equal(readFileSync(join(repo.root, path), 'utf8'), 'mine');
    });

    it('names git init first where there is no repository, and then the status is there', () => {
      rmSync(join(repo.root, '.git'), { recursive: true });
      assert.match(run(['init']).stdout, /in no git repository yet[^]*\nNext: git init, then handrail status\n$/);
      repo.git('init', '--quiet');
      const status = run(['status']);
      assert.equal(status.code, 0, status.stderr);
      assert.match(status.stdout, /0 of 3 done/);
    });

    const LIST = '# Before merging\n\n- [x] Write tests\n- [ ] Update the manual\n  - [X] English\n  - [ ] German\n';
    const states = (): string[] => {
      const steps = json(run(['status', '--format', 'json']))['steps'] as { title: string; state: string }[];
      return steps.map(({ title, state }) => `${title}: ${state}`);
    };

    it('imports a checklist, nesting and ticks included', () => {
      repo.write({ 'list.md': LIST });
      const result = run(['init', '--from', 'list.md']);
      assert.equal(result.code, 0, result.stderr);
      assert.equal(run(['validate']).code, 0);
      assert.deepEqual(states(), ['Write tests: done', 'Update the manual: ready', '↳ English: done', '↳ German: ready']);
    });
  });

  describe('pipes', () => {
    it('ends quietly when the reader goes away', async () => {
      const child = cli.start(['status'], { cwd: repo.root });
      child.stdout?.destroy();
      let errors = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
      const [code] = (await once(child, 'exit')) as [number | null];
      assert.equal(code, 0);
      assert.equal(errors, '');
    });
  });
});

/** A run beside the test's own process, needed when that process is the server the run talks to. */
/** A process that was killed but not yet waited for by its parent still has an id; it is not running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !(existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
}
