import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ReviewResult } from '../../src/core/ai/finding.ts';
import { failureOf } from '../../src/core/errors.ts';
import type { StepStatus } from '../../src/core/workflow/run.ts';
import type { WorkflowService } from '../../src/core/workflow/service.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';
import { gone } from '../support/gone.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: intent
    kind: manual
    title: State the problem
    expect: [{ attest: The problem is stated }]
  - id: notes
    kind: manual
    title: Write notes
    expect: [{ file: "docs/\${branch}.md", sections: [Problem] }, { attest: Written }]
  - id: tests
    kind: command
    title: Run the tests
    needs: [intent]
    run: node check.mjs
    inputs: ["src/**"]
    expect: [{ exit: 0 }]
  - id: ai-review
    kind: review
    title: AI review
    needs: [tests]
    scope: branch
    expect: [{ findings: { high: 0 } }]
  - id: threats
    kind: manual
    title: Threat notes
    when: changes.exists(f, glob(f, "src/auth/**"))
  - id: ok
    kind: approval
    title: Approve
    needs: [ai-review]
    by: { any-of: [codeowners], not: [agent] }
`;
const FILES = {
  '.handrail/workflows/feature.yml': WORKFLOW,
  'src/a.ts': 'a\n'.repeat(20),
  'src/b.ts': 'b\n'.repeat(20),
  'other.txt': 'other\n'.repeat(20),
  'check.mjs': 'console.log("checked", process.env.HANDRAIL_BRANCH, process.env.HANDRAIL_BASE, process.env.HANDRAIL_STEP);\n',
};
const HUMAN = { actor: 'human' } as const;
const reviewResult = (fields: Partial<ReviewResult> = {}): ReviewResult => ({
  model: 'builtin',
  findings: [],
  dismissed: [],
  coverage: [],
  redactions: [],
  notices: [],
  usage: { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 },
  ...fields,
});

describe('workflow service on a real repository', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  let service: WorkflowService;
  beforeEach(() => {
    repo = createTestRepo({ files: FILES, branch: 'feat/x' });
    service = open();
  });
  afterEach(() => repo.remove());

  const open = (root = repo.root): WorkflowService => createWorkflowService({ root, env: {} });
  const failure = async (work: Promise<unknown>) =>
    failureOf(
      await work.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
  const step = async (id: string, from = service): Promise<StepStatus> => {
    const found = (await from.status()).steps.find((one) => one.id === id);
    assert.ok(found, `no step ${id}`);
    return found;
  };
  const run = (options: Partial<Parameters<WorkflowService['run']>[1]> = {}, from = service) =>
    from.run('tests', { ...HUMAN, trusted: true, signal: new AbortController().signal, onOutput() {}, ...options });
  const states = async (from = service): Promise<string[]> => (await from.status()).steps.map(({ id, state }) => `${id} ${state}`);
  /** Everything settled on a change of src/a.ts. */
  const settleAll = async (): Promise<void> => {
    repo.write({ 'src/a.ts': `changed\n${FILES['src/a.ts']}`, 'docs/feat-x.md': '# Problem\nx\n' });
    repo.commit('feat: change');
    for (const id of ['intent', 'notes']) await service.check(id, HUMAN);
    await run();
    await service.settleReview('ai-review', reviewResult(), HUMAN);
    await service.check('ok', HUMAN);
  };
  const ALL_DONE = ['intent done', 'notes done', 'tests done', 'ai-review done', 'threats skipped', 'ok done'];

  it('leads from the first step to the last, and keeps it for the next process', async () => {
    assert.deepEqual(await states(), [
      'intent ready',
      'notes ready',
      'tests blocked',
      'ai-review blocked',
      'threats skipped',
      'ok blocked',
    ]);
    await settleAll();
    const status = await open().status();
    assert.deepEqual(await states(open()), ALL_DONE);
    assert.deepEqual([status.done, status.total, status.next, status.branch, status.base], [5, 5, [], 'feat/x', 'main']);
    assert.match(status.workflow?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
    for (const one of status.steps.filter(({ state }) => state === 'done')) assert.match(one.evidence?.id ?? '', /^sha256:/);
  });

  it('makes evidence stale with what it covers, and fresh again when that is undone', async () => {
    await settleAll();
    repo.write({ 'src/a.ts': 'edited\n' });
    assert.deepEqual(await states(), ['intent done', 'notes done', 'tests stale', 'ai-review stale', 'threats skipped', 'ok stale']);
    assert.deepEqual((await step('tests')).staleBecause, ['src/a.ts']);
    repo.git('checkout', '--quiet', '--', 'src/a.ts');
    assert.deepEqual(await states(), ALL_DONE);
    repo.write({ 'docs/feat-x.md': '# Problem\nedited\n' });
    assert.deepEqual(await states(), ['intent done', 'notes stale', 'tests done', 'ai-review stale', 'threats skipped', 'ok stale']);
  });

  it('cries no wolf: staging, committing, rebasing, merging the base, line endings', async () => {
    await settleAll();
    repo.git('commit', '--quiet', '--amend', '-m', 'feat: other words');
    assert.deepEqual(await states(), ALL_DONE, 'amended');
    repo.git('switch', '--quiet', 'main');
    repo.write({ 'other.txt': 'changed on main\n' });
    repo.commit('On main');
    repo.git('switch', '--quiet', 'feat/x');
    repo.git('rebase', '--quiet', 'main');
    assert.deepEqual(await states(open()), ALL_DONE, 'rebased');
    repo.git('switch', '--quiet', 'main');
    repo.write({ 'more.txt': 'more on main\n' });
    repo.commit('More on main');
    repo.git('switch', '--quiet', 'feat/x');
    repo.git('merge', '--quiet', '--no-edit', 'main');
    assert.deepEqual(await states(open()), ALL_DONE, 'base merged');
    repo.git('config', 'core.autocrlf', 'true');
    repo.write({ 'src/a.ts': readFileSync(join(repo.root, 'src/a.ts'), 'utf8').replaceAll('\n', '\r\n') });
    assert.deepEqual(await states(open()), ALL_DONE, 'line endings that git normalises');
  });

  it('leaves a step alone when a file it does not cover is renamed, and notices when a covered one is', async () => {
    await settleAll();
    renameSync(join(repo.root, 'other.txt'), join(repo.root, 'renamed.txt'));
    assert.equal((await step('tests')).state, 'done');
    assert.equal((await step('ai-review')).state, 'stale');
    renameSync(join(repo.root, 'src/b.ts'), join(repo.root, 'src/c.ts'));
    assert.deepEqual((await step('tests')).staleBecause, ['src/b.ts', 'src/c.ts']);
  });

  it('notices when the base changes a covered file', async () => {
    await settleAll();
    repo.git('switch', '--quiet', 'main');
    repo.write({ 'src/a.ts': `${FILES['src/a.ts']}end on main\n` });
    repo.commit('On main');
    repo.git('switch', '--quiet', 'feat/x');
    repo.git('rebase', '--quiet', 'main');
    assert.equal((await step('tests')).state, 'stale');
  });

  it('keeps evidence a branch: apart between branches, through worktrees and their removal', async () => {
    const tree = repoAt(`${repo.root} tree`);
    repo.git('worktree', 'add', '--quiet', tree.root, '-b', 'feat/y');
    await open(tree.root).check('intent', HUMAN);
    assert.equal((await step('intent')).state, 'ready');
    repo.git('worktree', 'remove', '--force', tree.root);
    repo.git('switch', '--quiet', 'feat/y');
    assert.equal((await step('intent')).state, 'done');
    assert.deepEqual(repo.git('status', '--porcelain'), '', 'nothing appears in the working tree');
  });

  it('loses nothing of two windows at once, and agrees on the outcome', async () => {
    const windows = Array.from({ length: 8 }, () => open());
    await Promise.all(
      windows.map((window, i) => (i % 2 === 0 ? window.check('intent', HUMAN) : window.check('ok', HUMAN).catch(() => undefined))),
    );
    await Promise.all(windows.map((window, i) => (i % 2 === 0 ? window.uncheck('intent', HUMAN) : window.check('intent', HUMAN))));
    const seen = await Promise.all(windows.map(async (window) => JSON.stringify((await window.status()).steps)));
    assert.equal(new Set(seen).size, 1);
  });

  it('takes ticks back, and says the same twice without a second record', async () => {
    await service.check('intent', HUMAN);
    const again = await service.check('intent', HUMAN);
    const folder = join(repo.root, '.git/handrail/runs');
    const [key = ''] = readdirSync(folder);
    assert.match(key, /^feat-x-[0-9a-f]{6}$/);
    assert.equal(readdirSync(join(folder, key)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).length, 1);
    assert.equal(again.state, 'done');
    assert.equal((await service.uncheck('intent', HUMAN)).state, 'ready');
    assert.equal((await service.uncheck('intent', HUMAN)).state, 'ready');
    assert.equal((await service.check('intent', HUMAN)).state, 'done');
  });

  it('refuses in one sentence what would not be true', async () => {
    const refused = async (work: Promise<unknown>): Promise<string> => {
      const error = await failure(work);
      assert.equal(error?.reason, 'usage');
      assert.ok(error.hint);
      return error.message;
    };
    assert.match(await refused(service.check('intent', { actor: 'agent' })), /takes a person's word/);
    assert.match(await refused(service.check('notes', HUMAN)), /There is no file docs\/feat-x\.md/);
    assert.equal(existsSync(join(repo.root, '.git/handrail')), false, 'nothing was recorded');
    assert.match(await refused(service.check('tests', HUMAN)), /settled by running it/);
    assert.match(await refused(service.check('ok', HUMAN)), /waits for AI review/);
    assert.match(await refused(service.check('threats', HUMAN)), /does not apply/);
    assert.match(await refused(service.settleReview('intent', reviewResult(), HUMAN)), /not a review step/);
    const unknown = await failure(service.check('intend', HUMAN));
    assert.deepEqual([unknown?.reason, unknown?.hint], ['not-found', 'Did you mean "intent"?']);
  });

  describe('commands', () => {
    beforeEach(async () => void (await service.check('intent', HUMAN)));

    it('run only when trusted', async () => {
      const refused = await failure(run({ trusted: false }));
      assert.equal(refused?.reason, 'untrusted');
      assert.equal(
        (await failure(run({ workflowDigest: `sha256:${'0'.repeat(64)}` })))?.reason,
        'untrusted',
        'another version was trusted',
      );
      assert.equal((await step('tests')).state, 'ready');
    });

    it('get values as variables and have nothing interpolated', async () => {
      repo.git('switch', '--quiet', '-c', 'feat/$(id)-;x');
      await service.check('intent', HUMAN);
      let output = '';
      const { status, exitCode } = await run({ onOutput: (chunk) => void (output += Buffer.from(chunk).toString()) });
      assert.equal(output, 'checked feat/$(id)-;x main tests\n');
      assert.deepEqual([status.state, status.assurance, exitCode, status.evidence?.provider], ['done', 'bound', 0, 'command']);
    });

    it('fail with their exit code, and hold up what needs them', async () => {
      repo.write({ 'check.mjs': 'process.exit(3);\n' });
      const { status, exitCode } = await run();
      assert.deepEqual([status.state, exitCode, status.because], ['failed', 3, 'its command ended with exit code 3']);
      assert.equal((await step('ai-review')).state, 'blocked');
    });

    it('cover what was there when they started: an edit while they run leaves them stale', async () => {
      repo.write({ 'check.mjs': 'import fs from "node:fs"; fs.writeFileSync("src/a.ts", "edited meanwhile");\n' });
      const { status } = await run();
      assert.deepEqual([status.state, status.staleBecause], ['stale', ['src/a.ts']]);
    });

    it('end with everything they started when cancelled', async () => {
      const pidFile = join(repo.root, '.git', 'grandchild');
      repo.write({
        'check.mjs': `import { spawn } from 'node:child_process'; import fs from 'node:fs';
const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
fs.writeFileSync(${JSON.stringify(pidFile)}, String(child.pid)); console.log('started'); setInterval(() => {}, 1000);\n`,
      });
      const controller = new AbortController();
      const cancelled = await failure(run({ signal: controller.signal, onOutput: () => controller.abort() }));
      assert.equal(cancelled?.reason, 'cancelled');
      const status = await step('tests');
      assert.deepEqual([status.state, status.because], ['failed', 'its command was cancelled']);
      await gone(Number(readFileSync(pidFile, 'utf8')));
    });

    it('wait for whoever reads their output instead of filling the memory, and end when cancelled meanwhile', async () => {
      const line = 1024 * 1024;
      repo.write({
        'check.mjs': `for (;;) if (!process.stdout.write(Buffer.alloc(${line}, 120))) await new Promise((r) => process.stdout.once('drain', r));\n`,
      });
      let read = 0;
      const controller = new AbortController();
      const onOutput = (chunk: Uint8Array): Promise<void> => {
        read += chunk.length;
        // Nobody reads on; the command would go on for ever.
        setImmediate(() => controller.abort());
        return new Promise(() => undefined);
      };
      assert.equal((await failure(run({ signal: controller.signal, onOutput })))?.reason, 'cancelled');
      assert.ok(read < line, `${read} bytes were taken`);
      assert.equal((await step('tests')).because, 'its command was cancelled');
    });

    it('pass on all that they print, in order, however slowly it is taken', async () => {
      repo.write({ 'check.mjs': 'for (let i = 0; i < 20000; i += 1) console.log(String(i).padStart(100));\n' });
      let text = '';
      const onOutput = async (chunk: Uint8Array): Promise<void> => {
        text += Buffer.from(chunk).toString();
        await new Promise((resolve) => setImmediate(resolve));
      };
      assert.equal((await run({ onOutput })).exitCode, 0);
      assert.equal(text, Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(100)}\n`).join(''));
    });

    it('are told that no person acts, whoever started them, so that nothing in them agrees for one', async () => {
      repo.write({
        'check.mjs': 'console.log(process.env.HANDRAIL_ACTOR ?? "nobody", process.env.HANDRAIL_TRUSTED_DIGEST ?? "nothing");\n',
      });
      const before = { ...process.env };
      try {
        const outputs: string[] = [];
        for (const name of ['CLAUDECODE', 'CODEX_SANDBOX', 'GEMINI_CLI', 'CI', 'HANDRAIL_ACTOR']) delete process.env[name];
        for (const variables of [
          {},
          { HANDRAIL_ACTOR: 'human' },
          { HANDRAIL_ACTOR: 'agent' },
          { HANDRAIL_ACTOR: 'human', CLAUDECODE: '1' },
        ]) {
          Object.assign(process.env, { HANDRAIL_TRUSTED_DIGEST: 'sha256:0' }, variables);
          await run({ onOutput: (chunk) => void outputs.push(Buffer.from(chunk).toString()) });
        }
        assert.deepEqual(outputs, ['machine nothing\n', 'machine nothing\n', 'agent nothing\n', 'agent nothing\n']);
      } finally {
        process.env = before;
      }
    });

    it('are started once by any number of processes at the same moment, and the others hear who runs it', async () => {
      const many = 8;
      const go = join(repo.root, '.git', 'go');
      repo.write({
        'check.mjs': `import fs from 'node:fs'; console.log('began'); while (!fs.existsSync(${JSON.stringify(go)})) await new Promise((r) => setTimeout(r, 10));\n`,
      });
      // The command ends once every start has begun or was refused, so that none can begin after another has ended.
      let begun = 0;
      let heard = 0;
      const hear = (): void => {
        heard += 1;
        if (heard === many) repo.write({ '.git/go': '' });
      };
      const start = async (): Promise<unknown> => {
        const onOutput = (): void => {
          begun += 1;
          hear();
        };
        const refused = await failure(run({ onOutput }, open()));
        if (refused !== undefined) hear();
        return refused;
      };
      const ended = await Promise.all(Array.from({ length: many }, start));
      assert.equal(begun, 1);
      const refused = ended.map((one) => failureOf(one)).filter((one) => one !== undefined);
      assert.equal(refused.length, many - 1);
      for (const { reason, message, hint } of refused) {
        assert.equal(reason, 'conflict');
        assert.match(message, new RegExp(`"Run the tests" is being performed already by process ${process.pid}, so nothing was started`));
        assert.match(hint ?? '', /handrail status/);
      }
      assert.equal((await step('tests')).state, 'done');
      const folder = join(repo.root, '.git/handrail/runs');
      assert.deepEqual(readdirSync(join(folder, readdirSync(folder)[0] ?? '', 'starting')), []);
    });

    it('show as running elsewhere, refuse a second start, and as failed once their process was killed', async () => {
      repo.write({ 'check.mjs': 'console.log(process.pid); setInterval(() => {}, 1000);\n' });
      const script = `const { createWorkflowService } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/node/workflow/workflowService.ts'))});
await createWorkflowService({ root: ${JSON.stringify(repo.root)}, env: {} }).run('tests', { actor: 'human', trusted: true,
  signal: new AbortController().signal, onOutput: (chunk) => process.stdout.write(chunk) });`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const command = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
      assert.equal((await step('tests')).state, 'running');
      assert.equal((await failure(run()))?.reason, 'conflict');
      const closed = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await closed;
      process.kill(command);
      const status = await step('tests');
      assert.deepEqual([status.state, status.because], ['failed', 'its command was interrupted before it ended']);
      repo.write({ 'check.mjs': FILES['check.mjs'] });
      assert.equal((await run()).status.state, 'done', 'and can be run again');
    });
  });

  it('binds a review to what was read, not to what came while it ran', async () => {
    await service.check('intent', HUMAN);
    await run();
    const covers = await service.snapshot('ai-review');
    repo.write({ 'new.txt': 'while the review ran\n' });
    const status = await service.settleReview('ai-review', reviewResult({ model: 'reviewer' }), { ...HUMAN, covers });
    assert.deepEqual([status.state, status.staleBecause], ['stale', ['new.txt']]);
    assert.deepEqual(status.evidence?.model, 'reviewer');
    const finding = {
      id: '1',
      file: 'src/a.ts',
      severity: 'high',
      category: 'bug',
      title: 't',
      message: 'm',
      quote: 'q',
      source: 'model',
    } as const;
    const failed = await service.settleReview(
      'ai-review',
      reviewResult({ findings: [{ ...finding, anchor: { status: 'exact', confidence: 1 } }] }),
      HUMAN,
    );
    assert.deepEqual([failed.state, failed.missing], ['failed', ['The review left 1 open high finding (at most 0).']]);
  });

  it('answers on branches without a workflow, on the base, without a branch', async () => {
    repo.git('switch', '--quiet', '-c', 'docs/readme');
    const none = await service.status();
    assert.deepEqual([none.workflow, none.steps, none.note], [null, [], 'No workflow is meant for the branch docs/readme.']);
    repo.git('switch', '--quiet', 'main');
    assert.match((await service.status()).note ?? '', /main is the branch that work is merged into/);
    repo.git('switch', '--quiet', '--detach');
    const detached = await service.status();
    assert.deepEqual([detached.branch, detached.workflow], [null, null]);
    assert.equal((await createWorkflowService({ root: repo.root, env: { GITHUB_HEAD_REF: 'feat/x' } }).status()).branch, 'feat/x');
    assert.equal((await service.status({ workflow: 'feature' })).steps.length, 6, 'a workflow asked for by name');
    assert.equal((await failure(service.check('intent', HUMAN)))?.reason, 'not-found');
  });

  it('offers several matching workflows and remembers the pick a branch', async () => {
    repo.write({ '.handrail/workflows/zz.yml': WORKFLOW.replace('id: feature', 'id: other').replace('Feature or fix', 'Other') });
    const first = await service.status();
    assert.deepEqual([first.workflow?.id, first.alternatives], ['feature', [{ id: 'other', title: 'Other' }]]);
    await service.select('other');
    assert.equal((await open().status()).workflow?.id, 'other');
    repo.git('switch', '--quiet', '-c', 'feat/z');
    assert.equal((await open().status()).workflow?.id, 'feature');
    assert.equal((await failure(service.select('othr')))?.hint, 'Did you mean "other"?');
  });

  it('says what is wrong with a broken file instead of showing nothing', async () => {
    repo.write({ '.handrail/workflows/feature.yml': 'version: 1\nid: feature\nsteps: [\n' });
    const status = await service.status();
    assert.equal(status.workflow, null);
    assert.match(status.note ?? '', /feature\.yml has mistakes/);
    assert.equal(status.problems[0]?.path, '.handrail/workflows/feature.yml');
    repo.write({
      '.handrail/workflows/feature.yml': WORKFLOW.replace('kind: approval', 'kind: generate\n    prompt: p.md').replace(/^ +by:.*$/m, ''),
    });
    assert.equal((await service.status()).problems[0]?.problems[0]?.code, 'missing-file');
    repo.write({ 'p.md': 'Do it.' });
    assert.deepEqual((await service.status()).problems, [], 'the same service sees what was mended');
    rmSync(join(repo.root, '.handrail'), { recursive: true });
    assert.equal((await service.status()).note, 'There is no workflow in .handrail/workflows yet.');
  });

  it('passes over planted records and keeps evidence where it belongs', async () => {
    await service.check('intent', HUMAN);
    const runs = join(repo.root, '.git/handrail/runs');
    const [key = ''] = readdirSync(runs);
    const [name = ''] = readdirSync(join(runs, key)).filter((file) => file.endsWith('.json'));
    repo.git('switch', '--quiet', '-c', 'feat/other');
    await service.check('notes', HUMAN).catch(() => undefined);
    const other = join(runs, readdirSync(runs).find((one) => one !== key) ?? key.replace('feat-x', 'feat-other'));
    mkdirSync(other, { recursive: true });
    renameSync(join(runs, key, name), join(other, name));
    assert.equal((await step('intent')).state, 'ready', 'a record copied from another branch');
  });

  it('has nothing to share where evidence is local', async () => {
    assert.equal('sharing' in (await service.status()), false);
    assert.equal((await failure(service.share({ ...HUMAN, wanted: true })))?.reason, 'usage');
  });

  describe('with tracked evidence', () => {
    beforeEach(() => repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('steps:', 'evidence: tracked\nsteps:') }));

    it('shares nothing until the person agreed, then writes records without time', async () => {
      await service.check('intent', HUMAN);
      assert.equal(existsSync(join(repo.root, '.handrail/evidence')), false);
      await service.uncheck('intent', HUMAN);
      repo.git('config', 'handrail.shareEvidence', 'true');
      assert.equal((await service.check('intent', HUMAN)).state, 'done');
      const folder = join(repo.root, '.handrail/evidence');
      const [key = ''] = readdirSync(folder);
      const [name = ''] = readdirSync(join(folder, key));
      const record = JSON.parse(readFileSync(join(folder, key, name), 'utf8')) as Record<string, unknown>;
      assert.deepEqual([record['step'], 'time' in record, 'author' in record], ['intent', false, false]);
      rmSync(join(repo.root, '.git/handrail'), { recursive: true });
      assert.equal((await open().status()).steps[0]?.state, 'done', 'a colleague sees it');
    });

    it('asks once, and shares what was recorded before the person agreed', async () => {
      const folder = join(repo.root, '.handrail/evidence');
      const shared = (): string[] =>
        (existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : []).filter((name) => name.endsWith('.json'));
      await service.check('intent', HUMAN);
      assert.equal((await service.status()).sharing, 'undecided');
      assert.equal((await failure(service.share({ actor: 'agent', wanted: true })))?.reason, 'usage');
      assert.equal(await service.share({ ...HUMAN, wanted: false }), 0);
      assert.deepEqual([(await service.status()).sharing, shared()], ['declined', []]);
      assert.equal(await service.share({ ...HUMAN, wanted: true }), 1);
      assert.deepEqual([(await service.status()).sharing, shared().length], ['agreed', 1]);
      assert.equal((await open().status()).steps[0]?.state, 'done');
      assert.equal(await service.share({ ...HUMAN, wanted: true }), 0, 'it is there already');
      await service.check('intent', HUMAN);
      assert.equal(shared().length, 1);
      rmSync(join(repo.root, '.git/handrail'), { recursive: true });
      assert.equal((await open().status()).steps[0]?.state, 'done', 'a colleague sees it');
    });

    it('records once more what stands on this machine only, when the person says it again', async () => {
      await service.check('intent', HUMAN);
      repo.git('config', 'handrail.shareEvidence', 'true');
      await service.check('intent', HUMAN);
      rmSync(join(repo.root, '.git/handrail'), { recursive: true });
      assert.equal((await open().status()).steps[0]?.state, 'done');
    });

    it('writes through no symbolic link', async () => {
      repo.git('config', 'handrail.shareEvidence', 'true');
      const outside = createTestRepo();
      symlinkSync(outside.root, join(repo.root, '.handrail/evidence'));
      assert.equal((await failure(service.check('intent', HUMAN)))?.reason, 'config');
      outside.remove();
    });
  });
});
