import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { VerifyResult } from '../../src/core/workflow/verify/result.ts';
import { onHost, unsigned } from '../support/attacks/approvals.ts';
import { WORKFLOW_PATH } from '../support/attacks/scenario.ts';
import { CLI, type CliResult, type CliRunner, createCliRunner, hasTerminal, runOnTerminal } from '../support/cliRun.ts';
import { repoAt } from '../support/gitRepo.ts';
import { isAlive } from '../support/processes.ts';
import {
  BRANCH,
  createBase,
  createWorld,
  hasSsh,
  keyOf,
  REPOSITORY,
  WORKFLOW,
  workThrough,
  worldAt,
  type World,
} from '../support/verifyWorld.ts';

(hasSsh ? describe : describe.skip)('handrail verify', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let world: World;
  before(() => (cli = createCliRunner()));
  after(() => cli.remove());
  afterEach(() => world.remove());

  const run = (args: string[], env: Record<string, string> = {}): CliResult =>
    cli.run(['verify', '--repository', REPOSITORY, ...args], { cwd: world.root, env });
  const verified = (args: string[] = [], env: Record<string, string> = {}): VerifyResult & { code: number | null } => {
    const { code, stdout, stderr } = run([...args, '--format', 'json'], env);
    assert.notEqual(stdout, '', stderr);
    return { ...(JSON.parse(stdout) as VerifyResult), code };
  };
  const assuranceOf = (result: VerifyResult): Record<string, string> =>
    Object.fromEntries(result.steps.map(({ id, assurance }) => [id, assurance]));

  describe('says how a branch stands', () => {
    it('as JSON, with how far each step is proved and by whom', async () => {
      world = await createWorld();
      const result = verified();
      assert.equal(result.code, 0);
      assert.equal(result.ok, true);
      assert.deepEqual(assuranceOf(result), {
        intent: 'verified',
        tests: 'bound',
        verify: 'bound',
        'ai-review': 'bound',
        threats: 'none',
        size: 'none',
        'sign-off': 'verified',
      });
      assert.deepEqual([result.branch, result.base, result.policy, result.evidence], [BRANCH, 'main', 'base', 'tracked']);
      assert.deepEqual(result.steps.at(-1)?.approvedBy, ['@bob']);
      assert.equal(result.commits.head, world.git('rev-parse', 'HEAD'));
    });

    it('as text and Markdown, where nothing of the repository stands for itself', async () => {
      world = createBase({
        [WORKFLOW_PATH]: WORKFLOW.replace(
          'title: State the problem',
          'title: "State\\n::add-path::/tmp\\n[the](https://evil.example) @problem"',
        ),
      });
      await workThrough(world);
      const text = run([]);
      assert.equal(text.code, 1);
      assert.match(text.stdout, /Feature or fix · feat\/checkout against main · 1 problem/);
      assert.match(text.stdout, /missing-evidence sign-off: Nobody has approved/);
      assert.doesNotMatch(text.stdout, /^\s*::/m);
      const markdown = run(['--format', 'markdown']).stdout;
      assert.match(markdown, /\*\*Handrail · Feature or fix: 1 problem\*\* on `feat\/checkout` against `main`/);
      assert.match(markdown, /\| `missing-evidence` \| `sign-off` \|/);
      assert.doesNotMatch(markdown, /https:\/\/|@problem/);
    });

    it('as SARIF, at the files that the problems are about', async () => {
      world = await unsigned();
      world.write({ '.handrailignore': 'src/\n' });
      world.commit('Hide');
      const { stdout } = run(['--format', 'sarif']);
      const [sarif] = (
        JSON.parse(stdout) as {
          runs: { results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] }[];
        }
      ).runs;
      const places = sarif?.results.map(({ ruleId, locations }) => [ruleId, locations[0]?.physicalLocation.artifactLocation.uri]);
      assert.deepEqual(places, [
        ['workflow-changed', '.handrailignore'],
        ['stale-evidence', WORKFLOW_PATH],
        ['missing-evidence', WORKFLOW_PATH],
      ]);
    });

    it('into the step summary of the job, and a file', async () => {
      world = await createWorld();
      const summary = world.outside('summary.md', 'Before\n');
      assert.equal(run(['--step-summary', '--summary', join(world.root, '..', 'own.md')], { GITHUB_STEP_SUMMARY: summary }).code, 0);
      assert.match(readFileSync(summary, 'utf8'), /^Before\n\*\*Handrail · Feature or fix: verified\*\*/);
      assert.match(readFileSync(join(world.root, '..', 'own.md'), 'utf8'), /^\*\*Handrail/);
      assert.equal(run(['--step-summary']).code, 2);
    });

    it('in the block for the pull request', async () => {
      world = await createWorld();
      const document = world.outside('verify.json', run(['--format', 'json']).stdout);
      const summary = (): CliResult => cli.run(['summary', '--format', 'markdown', '--verified', document], { cwd: world.root });
      assert.match(summary().stdout, /\| State the problem \| ✓ done \| checked by CI \|/);
      assert.match(summary().stdout, /\| An owner approves \| ✓ done \| checked by CI · approved by @.*bob \|/);
      assert.match(summary().stdout, /\*\*Verified by CI\*\* at `[0-9a-f]{12}`/);
      world.git('switch', '--quiet', '-c', 'feat/other');
      assert.equal(summary().code, 2);
    });
  });

  describe('where the policy says less', () => {
    it('only tells where the base has no workflow, and fails nothing', async () => {
      world = createBase();
      world.git('switch', '--quiet', 'main');
      world.removeFile('.handrail');
      world.commit('No workflow');
      world.git('switch', '--quiet', '--force-create', BRANCH);
      world.write({ [WORKFLOW_PATH]: WORKFLOW });
      world.commit('Bring a workflow');
      const result = verified();
      assert.deepEqual([result.code, result.ok, result.policy, result.problems], [0, true, 'branch', []]);
      assert.match(result.note ?? '', /main has no workflow/);
      assert.ok(result.notices.some((notice) => /Nobody has approved/.test(notice)));
    });

    it('judges no step where no workflow is meant for the branch, but the policy all the same', async () => {
      world = createBase();
      world.git('switch', '--quiet', '-c', 'chore/tidy');
      assert.deepEqual([verified().code, verified().workflow], [0, null]);
      world.removeFile(WORKFLOW_PATH);
      world.commit('Tidy up');
      const result = verified();
      assert.deepEqual([result.code, result.problems.map(({ code }) => code)], [1, ['workflow-changed']]);
    });

    it("reports what stays on each machine as somebody's word, and misses only what is required", async () => {
      const local = WORKFLOW.replace('evidence: tracked', 'evidence: local');
      world = createBase({ [WORKFLOW_PATH]: local.replace('    require: model\n', '') });
      await workThrough(world);
      const result = verified();
      assert.deepEqual([result.code, result.problems], [0, []]);
      assert.deepEqual(assuranceOf(result), {
        intent: 'verified',
        tests: 'self-reported',
        verify: 'self-reported',
        'ai-review': 'self-reported',
        threats: 'none',
        size: 'none',
        'sign-off': 'self-reported',
      });
      assert.deepEqual(
        verified(['--require', 'bound']).problems.map(({ step }) => step),
        ['tests', 'verify', 'ai-review', 'sign-off'],
      );
      world.removeFile('docs/notes/feat-checkout.md');
      world.commit('Lose the note');
      assert.deepEqual(
        verified().problems.map(({ code, step }) => [code, step]),
        [['unmet-expectation', 'intent']],
      );
      world.remove();
      world = createBase({ [WORKFLOW_PATH]: local });
      await workThrough(world);
      assert.deepEqual(
        verified().problems.map(({ code, step }) => [code, step]),
        [['missing-evidence', 'ai-review']],
      );
    });

    it('leaves approvals, and changes of the policy, for later when asked', async () => {
      world = await unsigned();
      assert.deepEqual([verified(['--without-approvals']).code, verified().code], [0, 1]);
      world.write({ '.handrail/dismissals.yml': 'version: 1\ndismissals:\n  - { fingerprint: 0123456789abcdef, reason: Fine }\n' });
      world.commit('Dismiss');
      await world.redo();
      const result = verified(['--without-approvals']);
      assert.deepEqual([result.code, result.notices], [0, ['The finding 0123456789ab is dismissed now. An owner has to approve it.']]);
    });

    it('works in a folder of a larger repository, with owners at its top', async () => {
      const outer = createBase();
      world = outer;
      const folder = 'packages/shop';
      mkdirSync(join(outer.root, folder), { recursive: true });
      outer.git('switch', '--quiet', 'main');
      for (const name of ['.handrail', 'src', 'test', 'check.cjs']) outer.git('mv', name, `${folder}/${name}`);
      outer.write({ [`${folder}/.github/prompts/tests.prompt.md`]: 'Write.\n', '.github/CODEOWNERS': `/${folder}/ @bob\n` });
      outer.commit('Move');
      outer.git('switch', '--quiet', '--force-create', BRANCH);
      const inner = worldAt(join(outer.root, folder));
      await workThrough(inner);
      await inner.sign('sign-off', 'bob');
      assert.deepEqual((await inner.verify()).problems, []);
      inner.write({ '.handrailignore': 'src/\n' });
      inner.commit('Hide');
      assert.deepEqual((await inner.verify()).problems.map(({ code, path }) => [code, path]).slice(0, 1), [
        ['workflow-changed', `${folder}/.handrailignore`],
      ]);
    });
  });

  describe('refuses to judge what it cannot tell, with exit code 2', () => {
    const refusal = (args: string[], env: Record<string, string> = {}): string => {
      const { code, stderr } = run(args, env);
      assert.equal(code, 2, stderr);
      return stderr;
    };

    it('a shallow clone, also one that is cut in the middle of the branch', async () => {
      world = await createWorld();
      world.git('switch', '--quiet', 'main');
      const clone = (depth: number): CliResult => {
        const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'handrail clone-'))), 'shop');
        execFileSync('git', ['clone', '--quiet', '--depth', String(depth), '--no-single-branch', `file://${world.root}`, folder]);
        repoAt(folder).git('switch', '--quiet', BRANCH);
        const result = cli.run(['verify', '--repository', REPOSITORY], { cwd: folder });
        repoAt(folder).remove();
        return result;
      };
      assert.match(clone(1).stderr, /no common commit in this shallow clone.*git fetch --unshallow origin/);
      world.write({ 'more.txt': 'more\n' });
      world.commit('More on main');
      world.git('switch', '--quiet', BRANCH);
      world.git('merge', '--quiet', '--no-edit', 'main');
      world.git('switch', '--quiet', 'main');
      assert.match(clone(2).stderr, /lacks a part of the branch/);
      assert.doesNotMatch(clone(50).stderr, /shallow/);
    });

    it('a base that is not there, and a head', async () => {
      world = await createWorld();
      assert.match(refusal(['--base', 'release']), /git fetch origin '\+refs\/heads\/release:refs\/remotes\/origin\/release'/);
      assert.match(refusal(['--base', 'b'.repeat(40)]), new RegExp(`git fetch origin ${'b'.repeat(40)}`));
      assert.match(refusal(['--head', 'a;rm -rf .']), /is not in this clone/);
    });

    it('a workflow of the base that has mistakes', async () => {
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('title: Run the tests', 'titel: Run the tests') });
      assert.match(refusal([]), /feature\.yml:\d+: .*has mistakes on main/);
    });

    it('reviews from a file that the branch could have brought', async () => {
      world = await unsigned();
      const review = { user: { login: 'bob', type: 'User' }, state: 'APPROVED', commit_id: world.git('rev-parse', 'HEAD') };
      world.write({ 'reviews.json': JSON.stringify([review]) });
      const link = join(mkdtempSync(join(tmpdir(), 'handrail link-')), 'reviews.json');
      symlinkSync(join(world.root, 'reviews.json'), link);
      assert.match(refusal(['--reviews', 'reviews.json']), /lies in the checkout/);
      assert.match(refusal(['--reviews', link]), /lies in the checkout/);
      const pipe = join(mkdtempSync(join(tmpdir(), 'handrail pipe-')), 'reviews');
      execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]);
      assert.notEqual(refusal(['--reviews', pipe]), '', 'nobody writes to it, and it is not waited for');
      assert.match(
        refusal(['--reviews', world.outside('reviews.json', '{"schema":"handrail.reviews/1","reviews":[{"reviewer":"bob"}]}')]),
        /reviews\.0\.reviewer/,
      );
      const result = verified(['--reviews', world.outside('reviews.json', JSON.stringify([review]))]);
      assert.deepEqual([result.code, assuranceOf(result)['sign-off']], [0, 'bound']);
    });

    it('options that do not fit', async () => {
      world = await createWorld();
      assert.match(refusal(['--check', 'tests=success']), /no command step "tests"/);
      assert.match(refusal(['--check', 'verify']), /names no step and result/);
      assert.match(refusal(['--timeout', '3']), /go with --rerun/);
      assert.match(refusal(['--pull-request', 'x']), /whole number/);
      assert.match(refusal(['--workflow', 'featur']), /Did you mean "feature"/);
    });
  });

  describe('runs commands only when asked', () => {
    const RERUN = "node -e \"require('node:fs').writeFileSync(process.env.HOME + '/ran', JSON.stringify(process.env))\"";
    const ran = (home: string): Record<string, string> => JSON.parse(readFileSync(join(home, 'ran'), 'utf8')) as Record<string, string>;

    it('without the secrets of the job, with the values of the run, and proves by it', async () => {
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('run: node check.cjs', `run: ${JSON.stringify(RERUN)}`) });
      const home = mkdtempSync(join(tmpdir(), 'handrail home-'));
      const env = { HOME: home, GITHUB_TOKEN: 'secret', OPENAI_API_KEY: 'secret', WANTED: 'yes', PATH: process.env['PATH'] ?? '' };
      world.write({ 'src/cart.ts': 'export const total = 2;\n' });
      world.commit('feat: checkout');
      assert.equal(assuranceOf(verified([], env))['verify'], 'missing');
      assert.ok(!existsSync(join(home, 'ran')));
      assert.equal(assuranceOf(verified(['--rerun', '--env', 'WANTED'], env))['verify'], 'verified');
      const seen = ran(home);
      assert.match(run(['--rerun'], { ...env, GITHUB_ACTIONS: 'true' }).stderr, /^::stop-commands::([0-9a-f-]{36})\n[^]*\n::\1::\n/);
      assert.equal(JSON.stringify(seen).includes('secret'), false);
      assert.deepEqual(
        [seen['WANTED'], seen['HANDRAIL_BRANCH'], seen['HANDRAIL_STEP'], seen['HANDRAIL_BASE']],
        ['yes', BRANCH, 'verify', 'main'],
      );
      assert.equal(seen['HANDRAIL_ACTOR'], 'machine', 'nothing in it agrees for a person');
    });

    it("never those of the branch's own workflow", async () => {
      world = createBase();
      world.git('switch', '--quiet', 'main');
      world.removeFile('.handrail');
      world.commit('No workflow');
      world.git('switch', '--quiet', '--force-create', BRANCH);
      const marker = join(world.root, '..', 'marker');
      world.write({ [WORKFLOW_PATH]: WORKFLOW.replace('run: node check.cjs', `run: ${JSON.stringify(`touch '${marker}'`)}`) });
      world.commit('Bring a workflow');
      assert.equal(verified(['--rerun']).code, 0);
      assert.ok(!existsSync(marker));
    });

    it('and proves less where what the step protects was changed, or the command changed what it ran on', async () => {
      world = await createWorld();
      world.write({ 'check.cjs': '// quicker\nprocess.exit(0);\n' });
      world.commit('Quicker');
      const step = (result: VerifyResult) => result.steps.find(({ id }) => id === 'verify');
      assert.match(step(verified(['--rerun']))?.detail ?? '', /check\.cjs, which the step protects, was changed with it/);
      assert.equal(step(verified(['--rerun']))?.assurance, 'bound');
      world.remove();
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('run: node check.cjs', 'run: "echo >> other.txt"') });
      world.write({ 'src/cart.ts': 'export const total = 2;\n' });
      world.commit('feat: checkout');
      assert.match(step(verified(['--rerun']))?.detail ?? '', /it changed other\.txt/);
      assert.equal(run(['--rerun']).code, 2, 'the checkout is not what was committed any more');
    });

    it('within their time, and not where something else is checked out', async () => {
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('run: node check.cjs', 'run: "sleep 600"') });
      world.write({ 'src/cart.ts': 'export const total = 2;\n' });
      world.commit('feat: checkout');
      const result = await world.verify({ rerun: { timeLimit: 300, passed: [], onOutput() {} } });
      assert.match(result.problems.find(({ step }) => step === 'verify')?.detail ?? '', /took longer than/);
      const head = world.git('rev-parse', 'HEAD');
      world.git('switch', '--quiet', 'main');
      assert.match(run(['--rerun', '--head', head, '--branch', BRANCH]).stderr, /is not checked out/);
    });

    it('and waits for nothing that they leave in the background, nor for input that nobody gives', async () => {
      const left = join(mkdtempSync(join(tmpdir(), 'handrail stray-')), 'pid');
      const stray = `cat; sleep 600 & echo $! > '${left}'; echo done`;
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('run: node check.cjs', `run: ${JSON.stringify(stray)}`) });
      world.write({ 'src/cart.ts': 'export const total = 2;\n' });
      world.commit('feat: checkout');
      // Its own stdin stays open, as in a job that nobody types into.
      const child = spawn(process.execPath, [CLI, 'verify', '--rerun', '--format', 'json'], {
        cwd: world.root,
        env: cli.env,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const result = JSON.parse(await text(child.stdout)) as VerifyResult;
      assert.equal(assuranceOf(result)['verify'], 'verified');
      assert.ok(!isAlive(Number(readFileSync(left, 'utf8'))));
      child.stdin.destroy();
    });

    it('or takes the word of a check in CI, which proves less when the change touches CI', async () => {
      world = await createWorld();
      assert.equal(assuranceOf(verified(['--check', 'verify=success']))['verify'], 'verified');
      const head = world.git('rev-parse', 'HEAD');
      const runs = (conclusion: string) => ({
        [`repos/acme/shop/commits/${head}/check-runs`]: {
          check_runs: [{ name: 'test (22)', status: 'completed', conclusion, started_at: '2026-01-02T10:00:00Z' }],
        },
      });
      const check = ['--check', 'verify=check:test (22)'];
      assert.equal(assuranceOf(verified(check, world.host(runs('success'))))['verify'], 'verified');
      assert.equal(verified(check, world.host(runs('failure'))).code, 1);
      assert.equal(run(check, world.host({})).code, 3);
      world.write({ '.github/workflows/ci.yml': 'on: push\n' });
      world.commit('CI');
      assert.equal(assuranceOf(verified(['--check', 'verify=success']))['verify'], 'bound');
    });
  });

  describe('in a repository that means harm', () => {
    /** Programs that leave a mark when they are run. */
    function traps(folder: string, names: readonly string[]): string {
      const marker = join(mkdtempSync(join(tmpdir(), 'handrail trap-')), 'ran');
      mkdirSync(folder, { recursive: true });
      for (const name of names) {
        writeFileSync(join(folder, name), `#!/bin/sh\necho "$0 $*" >> '${marker}'\nexit 0\n`);
        chmodSync(join(folder, name), 0o755);
      }
      return marker;
    }

    it('runs none of the programs that its configuration or its folders bring', async () => {
      world = await createWorld();
      const bin = join(world.root, 'node_modules/.bin');
      const names = ['git', 'gh', 'ssh-keygen', 'gpg', 'trap', 'node'];
      const marker = traps(bin, names);
      const trap = join(bin, 'trap');
      const settings = [
        'core.fsmonitor',
        'core.sshCommand',
        'core.pager',
        'core.editor',
        'gpg.program',
        'gpg.ssh.program',
        'gpg.ssh.defaultKeyCommand',
        'diff.external',
        'diff.evil.textconv',
        'diff.evil.command',
        'filter.evil.clean',
        'merge.evil.driver',
        'interactive.diffFilter',
        'credential.helper',
      ];
      for (const key of settings) world.git('config', key, trap);
      world.git('config', 'alias.log', `!${trap}`);
      world.git('config', 'log.showSignature', 'true');
      world.git('config', 'diff.orderFile', join(world.root, 'missing'));
      world.git('config', 'core.hooksPath', bin);
      world.write({ '.git/info/attributes': '* diff=evil filter=evil merge=evil\n' });
      const result = verified([], { PATH: [bin, process.env['PATH'] ?? ''].join(delimiter) });
      assert.deepEqual(result.problems, []);
      assert.equal(assuranceOf(result)['sign-off'], 'verified');
      assert.equal(existsSync(marker) ? readFileSync(marker, 'utf8') : '', '');
    });

    it('takes a name for a branch, not for whatever else is called so', async () => {
      world = await createWorld();
      const base = world.git('rev-parse', 'main');
      // A branch called like the base's commit, at a commit without history.
      world.git('update-ref', `refs/heads/${base}`, world.git('commit-tree', '-m', 'Empty', '4b825dc642cb6eb9a060e54bf8d69288fbee4904'));
      world.git('tag', 'main', 'HEAD');
      world.git('update-ref', 'refs/remotes/origin/refs/heads/main', 'HEAD');
      for (const name of [base, 'main', 'refs/heads/main']) assert.equal(verified(['--base', name]).commits.base, base);
    });

    it('looks for the workspace folder where the base has it, not where the branch would have it', async () => {
      const judged = (): VerifyResult => {
        const { stdout } = cli.run(['verify', '--repository', REPOSITORY, '--cwd', 'app', '--format', 'json'], { cwd: world.root });
        return JSON.parse(stdout) as VerifyResult;
      };
      const codes = ({ problems }: VerifyResult): string[] => problems.map(({ code }) => code);
      // The branch takes the policy away.
      world = createBase({ 'app/.handrail/workflows/feature.yml': WORKFLOW, 'app/src/cart.ts': 'export const total = 1;\n' });
      world.write({ 'app/src/cart.ts': 'export const total = 2;\n' });
      world.git('rm', '-r', '--quiet', 'app/.handrail');
      world.commit('Without');
      const taken = judged();
      assert.deepEqual([taken.ok, taken.folder, taken.policy], [false, 'app/', 'base']);
      assert.ok(codes(taken).includes('workflow-changed') && codes(taken).includes('missing-evidence'), codes(taken).join());
      world.remove();
      // The branch puts another one nearer.
      world = createBase({ 'app/src/cart.ts': 'export const total = 1;\n' });
      world.write({ 'app/.handrail/workflows/own.yml': 'version: 1\nid: own\ntitle: Own\nsteps: [{ id: a, kind: manual, title: A }]\n' });
      world.commit('Nearer');
      const nearer = judged();
      assert.deepEqual([nearer.ok, nearer.folder, nearer.policy], [false, '', 'base']);
      assert.ok(codes(nearer).includes('missing-evidence'), codes(nearer).join());
    });

    it('says when the policy is not that of the branch that the person has', async () => {
      world = await createWorld();
      world.git('update-ref', 'refs/remotes/origin/main', 'main');
      assert.deepEqual(verified(['--base', 'main']).notices, []);
      const branch = world.git('rev-parse', '--abbrev-ref', 'HEAD');
      world.git('switch', '--quiet', 'main');
      world.write({ 'own.txt': 'own\n' });
      world.commit('Not there yet');
      world.git('switch', '--quiet', branch);
      const own = (env: Record<string, string>) =>
        verified(['--base', 'main'], env).notices.filter((notice) => /Your own branch main/.test(notice));
      assert.equal(own({}).length, 1);
      assert.equal(own({ CI: 'true' }).length, 0, 'nobody has a branch there');
    });

    it('answers for branches with names that git takes and others fear', async () => {
      for (const branch of ['feat/$(id)', "feat/a'b;c", `feat/${'x'.repeat(180)}`, 'feat/ünï-\u{1F600}', 'feat/-rf', 'feat/a/b/c']) {
        world = createBase();
        world.git('switch', '--quiet', '-c', branch);
        world.write({ 'src/cart.ts': 'export const total = 2;\n' });
        world.commit('feat: checkout');
        const result = verified();
        assert.equal(result.branch, branch);
        assert.equal(result.code, 1);
        world.remove();
      }
      world = createBase();
    });

    it('asks the host for labels that steps depend on, and judges nothing where it does not tell', async () => {
      world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('when: vars.risky', 'when: "\'security\' in labels"') });
      await workThrough(world);
      const event = (body: object): Record<string, string> => ({
        GITHUB_EVENT_PATH: world.outside('event.json', JSON.stringify(body)),
      });
      const onHostNow = (...names: string[]) =>
        world.host({ 'repos/acme/shop/pulls/7': { user: { login: 'ada' }, labels: names.map((name) => ({ name })) } });
      const threats = (env: Record<string, string>): string | undefined =>
        verified(['--pull-request', '7', '--without-approvals'], env).steps.find(({ id }) => id === 'threats')?.state;
      // A job that runs after another one has an event without a pull request; one that is run again, the event of then.
      assert.equal(threats({ ...onHostNow('security'), ...event({ workflow_run: {} }) }), 'ready');
      assert.equal(threats({ ...onHostNow('security'), ...event({ pull_request: { number: 7, labels: [] } }) }), 'ready');
      assert.equal(threats({ ...onHostNow(), ...event({ workflow_run: {} }) }), 'skipped');
      const silent = run(['--pull-request', '7'], { ...world.host({}), ...event({ workflow_run: {} }) });
      assert.equal(silent.code, 3);
      assert.match(silent.stderr, /Steps depend on the labels of the pull request, which cannot be read/);
    });

    it('says when the host cannot be asked, and what is missing then', async () => {
      world = await unsigned();
      const result = verified(['--pull-request', '7'], world.host({}));
      assert.equal(result.code, 1);
      assert.ok(
        result.notices.some((notice) => /could not be read from the host: gh says: gh: Not Found/.test(notice)),
        result.notices.join(),
      );
      const { env, request } = onHost(world, [{ login: 'bob' }]);
      assert.equal(verified(['--pull-request', String(request?.pullRequest)], env).code, 0);
    });
  });

  describe('helps a person sign', () => {
    it('with the text and the command, which it does not run', async function () {
      if (!hasTerminal) this.skip();
      world = await unsigned();
      const shown = runOnTerminal(cli, ['verify', '--repository', REPOSITORY, '--sign', 'sign-off'], {
        cwd: world.root,
        env: { NO_COLOR: '1' },
      });
      assert.equal(shown.code, 0, shown.stdout);
      assert.equal(world.git('tag', '--list'), '');
      const command = /(git -c gpg\.format=ssh tag .*)\r?\n/.exec(shown.stdout)?.[1] ?? '';
      const env = {
        ...process.env,
        GIT_CONFIG_GLOBAL: world.outside('gitconfig', `[user]\nname = Bob\nemail = bob@example.com\nsigningkey = ${keyOf('bob')}\n`),
      };
      execFileSync('sh', ['-c', command], { cwd: world.root, env });
      assert.deepEqual([verified().code, assuranceOf(verified())['sign-off']], [0, 'verified']);
      // Another owner signs the same content, under a name that is not taken.
      const { tag } = await world.toSign('sign-off');
      assert.match(tag, /^handrail\/sign-off\/[0-9a-f]{16}-2$/);
      const other = command.replaceAll(tag.slice(0, -2), tag);
      execFileSync('sh', ['-c', other], { cwd: world.root, env });
      world.git('tag', '--delete', tag.slice(0, -2));
      assert.deepEqual([verified().code, assuranceOf(verified())['sign-off']], [0, 'verified']);
    });

    it('and not an agent or a script', async () => {
      world = await unsigned();
      for (const env of [{ CLAUDECODE: '1' }, { CI: 'true' }, {}]) {
        const { code, stdout, stderr } = run(['--sign', 'sign-off'], env);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, /An approval is a person's/);
      }
    });
  });

  describe('before a push', () => {
    const push = (...args: string[]): { code: number; said: string } => {
      const launcher = mkdtempSync(join(tmpdir(), 'handrail bin-'));
      writeFileSync(join(launcher, 'handrail'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
      chmodSync(join(launcher, 'handrail'), 0o755);
      try {
        const env = { ...cli.env, PATH: [launcher, process.env['PATH'] ?? ''].join(delimiter) };
        execFileSync('git', ['push', '--quiet', ...args], { cwd: world.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
        return { code: 0, said: '' };
      } catch (error) {
        const { status, stderr } = error as { status: number; stderr: Buffer };
        return { code: status, said: stderr.toString() };
      }
    };

    it('a hook says what is missing, lets pass what is asked to, and replaces no other hook', async () => {
      world = await unsigned();
      const remote = join(mkdtempSync(join(tmpdir(), 'handrail remote-')), 'shop.git');
      execFileSync('git', ['clone', '--quiet', '--bare', world.root, remote]);
      world.git('remote', 'add', 'origin', remote);
      const written = cli.run(['init', '--pre-push-hook'], { cwd: world.root });
      assert.equal(written.code, 0, written.stderr);
      const hook = join(world.root, '.git/hooks/pre-push');
      assert.equal(statSync(hook).mode & 0o111, 0o111);
      assert.equal(push('origin', BRANCH).code, 0, 'approvals come later');
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.commit('fix: more');
      const refused = push('origin', BRANCH);
      assert.notEqual(refused.code, 0);
      assert.match(refused.said, /stale-evidence ai-review[^]*git push --no-verify/);
      assert.equal(push('--no-verify', 'origin', BRANCH).code, 0);
      assert.match(cli.run(['init', '--pre-push-hook'], { cwd: world.root }).stdout, /kept/);
      writeFileSync(hook, '#!/bin/sh\nexit 0\n');
      assert.match(cli.run(['init', '--pre-push-hook'], { cwd: world.root }).stdout, /There is a pre-push hook already/);
      assert.equal(readFileSync(hook, 'utf8'), '#!/bin/sh\nexit 0\n');
      world.git('config', 'core.hooksPath', '.husky');
      assert.match(cli.run(['init', '--pre-push-hook'], { cwd: world.root }).stdout, /Your hooks are kept in \.husky/);
      assert.ok(!existsSync(join(world.root, '.husky')));
    });
  });
});
