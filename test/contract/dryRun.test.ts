import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import type { Surroundings } from '../../src/core/workflow/authoring/surroundings.ts';
import type { WorkflowService } from '../../src/core/workflow/service.ts';
import { TEMPLATES } from '../../src/core/workflow/templates.ts';
import { surroundingsOf } from '../../src/node/workflow/surroundings.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const FILE = '.handrail/workflows/feature.yml';
const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ["feat/**"] }
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
  many: size(changes)
steps:
  - id: notes
    kind: manual
    title: Write notes
    expect: [{ file: "docs/\${branch}.md", sections: [Problem] }]
  - id: tests
    kind: command
    title: Run the tests
    needs: [notes]
    run: exit 1
    expect: [{ exit: 0 }]
  - id: threats
    kind: manual
    title: Threat notes
    when: vars.risky
    expect: [{ attest: Abuse cases listed }]
`;

describe('a dry run', () => {
  let repo: TestRepo;
  let service: WorkflowService;

  beforeEach(() => {
    repo = createTestRepo({ files: { [FILE]: WORKFLOW, 'src/a.ts': 'a\n', 'README.md': '# R\n' }, branch: 'feat/x' });
    service = createWorkflowService({ root: repo.root, env: {} });
  });
  afterEach(() => repo.remove());

  /** Everything that Handrail wrote, which must be nothing. */
  const recorded = (): string[] => {
    const folder = join(repo.root, '.git/handrail');
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  };

  it('says which steps apply and why, what they find, and what is skipped', async () => {
    repo.write({ 'src/auth/login.ts': 'x\n', 'docs/feat-x.md': '# X\n\n## Problem\n\nNone.\n' });
    const run = await service.dryRun(FILE);
    assert.deepEqual(run.problems, []);
    assert.deepEqual([run.branch, run.base, run.changes], ['feat/x', 'main', ['docs/feat-x.md', 'src/auth/login.ts']]);
    assert.deepEqual(
      run.workflow?.steps.map(({ id, state, when }) => [id, state, when?.matched ?? []]),
      [
        ['notes', 'done', []],
        ['tests', 'ready', []],
        ['threats', 'ready', ['src/auth/login.ts']],
      ],
    );
    assert.equal(run.workflow?.steps[0]?.expect[0]?.met, true);
    assert.deepEqual(
      run.workflow?.vars.map(({ name, value, matched }) => [name, value, matched]),
      [
        ['risky', true, ['src/auth/login.ts']],
        ['many', 2n, []],
      ],
    );
    assert.equal(run.workflow?.takesBranch, true);
    assert.equal(run.follows?.path, FILE);
    assert.deepEqual(recorded(), []);
  });

  it('evaluates the text that is not saved, and leaves the file and the records alone', async () => {
    await service.check('threats', { actor: 'human' }).catch(() => undefined);
    const before = recorded();
    const unsaved = WORKFLOW.replace('title: Write notes', 'title: Not saved').replace('when: vars.risky', 'when: "!vars.risky"');
    const run = await service.dryRun(FILE, { [FILE]: unsaved });
    assert.equal(run.workflow?.steps[0]?.title, 'Not saved');
    assert.equal(run.workflow?.steps.find(({ id }) => id === 'threats')?.state, 'ready');
    assert.equal(readFileSync(join(repo.root, FILE), 'utf8'), WORKFLOW);
    assert.deepEqual(recorded(), before);
    assert.equal((await service.status()).steps[0]?.title, 'Write notes');
  });

  it('shows what was recorded for the steps, as the run does', async () => {
    repo.write({ 'src/auth/login.ts': 'x\n' });
    await service.check('threats', { actor: 'human' });
    const run = await service.dryRun(FILE);
    assert.equal(run.workflow?.steps.find(({ id }) => id === 'threats')?.state, 'done');
  });

  it('says what is wrong, with everything the file refers to, and shows no steps then', async () => {
    const run = await service.dryRun(FILE, { [FILE]: `${WORKFLOW}extends: [./base.yml]\n` });
    assert.deepEqual(
      run.problems.map(({ code }) => code),
      ['missing-file'],
    );
    assert.equal(run.workflow, undefined);
    const mended = await service.dryRun(FILE, {
      [FILE]: `${WORKFLOW}extends: [./base.yml]\n`,
      '.handrail/workflows/base.yml': 'version: 1\nid: base\ntitle: B\nsteps:\n  - { id: first, kind: manual, title: First }\n',
    });
    assert.deepEqual(mended.problems, []);
    assert.deepEqual(
      mended.workflow?.steps.map(({ id }) => id),
      ['first', 'notes', 'tests', 'threats'],
    );
  });

  it('evaluates a workflow that is not meant for the branch, and says so', async () => {
    const run = await service.dryRun(FILE, { [FILE]: WORKFLOW.replace('feat/**', 'fix/**') });
    assert.equal(run.workflow?.takesBranch, false);
    assert.deepEqual(run.workflow?.branches, ['fix/**']);
    assert.equal(run.follows, undefined);
    assert.equal(run.workflow?.steps.length, 3);
  });

  it('names the workflow that comes first', async () => {
    repo.write({ '.handrail/workflows/a.yml': WORKFLOW.replace('id: feature', 'id: first').replace('title: Feature', 'title: First') });
    const run = await service.dryRun(FILE);
    assert.deepEqual(run.follows, { title: 'First', path: '.handrail/workflows/a.yml' });
  });

  it('refuses a file that is not there, and a path that leads out', async () => {
    await assert.rejects(service.dryRun('.handrail/workflows/none.yml'), (error) => failureOf(error)?.reason === 'not-found');
    const outside = await service.dryRun('../outside.yml').catch((error: unknown) => failureOf(error)?.reason);
    assert.ok(
      outside === 'not-found' || (typeof outside === 'object' && outside.problems[0]?.code === 'unsafe-path'),
      JSON.stringify(outside),
    );
  });

  it('checks files with the texts that are not saved', async () => {
    const problems = async (unsaved: Record<string, string>): Promise<string[]> =>
      (await service.validate(undefined, unsaved)).flatMap(({ path, problems: found }) =>
        found.map(({ code }) => `${path.slice(10)} ${code}`),
      );
    assert.deepEqual(await problems({}), []);
    assert.deepEqual(await problems({ [FILE]: WORKFLOW.replace('kind: manual', 'kind: manul') }), ['workflows/feature.yml bad-value']);
    const models = 'version: 1\nmodels: { m: { provider: builtin } }\nroles: { review: m }\n';
    const review = WORKFLOW.replace('kind: command', 'kind: review')
      .replace('run: exit 1', 'role: cheap')
      .replace('exit: 0', 'findings: { high: 0 }');
    assert.deepEqual(await problems({ [FILE]: review }), []);
    assert.deepEqual(await problems({ [FILE]: review, '.handrail/models.yml': models }), ['workflows/feature.yml unknown-model']);
    assert.deepEqual(await problems({ '.handrail/workflows/new.yml': WORKFLOW }), ['workflows/new.yml duplicate-id']);
    assert.deepEqual(await problems({ '.handrail/dismissals.yml': 'version: 1\n' }), ['dismissals.yml missing-key']);
    const team = 'version: 1\nteam: payments\nk: 4\ncounters: [review.runs]\n';
    assert.deepEqual(await problems({ '.handrail/telemetry.yml': team }), ['telemetry.yml bad-value']);
  });

  it('tells the facts that expressions are about', async () => {
    repo.write({ 'src/new.ts': 'one\ntwo\n' });
    const { slug, facts } = await service.facts();
    assert.deepEqual(
      [slug, facts.branch, facts.base, facts.added, facts.lines],
      ['feat-x', 'feat/x', 'main', ['src/new.ts'], { added: 2, deleted: 0 }],
    );
  });
});

describe('the surroundings of a file', () => {
  let repo: TestRepo;
  let around: Surroundings;

  beforeEach(() => {
    repo = createTestRepo({ files: { 'src/a.ts': 'a', 'src/deep/b.ts': 'b', 'bin.dat': 'a\0b', '.handrail/workflows/w.yml': 'saved' } });
    around = surroundingsOf(repo.root, {
      files: async () => [],
      branch: async () => undefined,
      step: () => undefined,
      unsaved: () => ({ '.handrail/workflows/w.yml': 'typed' }),
    });
  });
  afterEach(() => repo.remove());

  it('are the files on disk, with unsaved texts before them', () => {
    assert.equal(around.read('.handrail/workflows/w.yml'), 'typed');
    assert.equal(around.read('src/a.ts'), 'a');
    assert.equal(around.exists('src/none.ts'), false);
    assert.deepEqual(around.entries('src'), [
      { name: 'a.ts', isFolder: false },
      { name: 'deep', isFolder: true },
    ]);
    assert.deepEqual(around.entries('none'), []);
  });

  it('never lead out of the workspace, and never fail', () => {
    symlinkSync('/etc', join(repo.root, 'out'));
    assert.equal(around.read('out/hostname'), undefined);
    assert.equal(around.exists('../x'), false);
    assert.deepEqual(around.entries('out'), []);
    assert.deepEqual(around.entries('..'), []);
    assert.equal(around.read('bin.dat'), undefined);
    symlinkSync(join(repo.root, '..', 'nothing-there'), join(repo.root, 'dangling.md'));
    assert.deepEqual(
      ['docs/new.md', 'new.md', 'src/a.ts', 'out/new.md', 'dangling.md'].map((path) => around.isFree(path)),
      [true, true, false, false, false],
    );
  });
});

describe('each template on a branch of its kind', function () {
  this.timeout(60_000);
  const LARGE = 'line\n'.repeat(150);

  /** Branch, files that are changed on it, and the steps that are skipped then. */
  const CASES: Readonly<Record<string, readonly [branch: string, changes: Record<string, string>, skipped: string[]][]>> = {
    team: [['anything', { 'src/a.ts': 'x\n' }, []]],
    feature: [
      ['feat/login', { 'src/a.ts': 'x\n' }, ['intent', 'risk-notes']],
      ['feature/pay', { 'src/payments/a.ts': LARGE }, []],
    ],
    bugfix: [
      ['fix/crash', { 'src/a.ts': 'x\n' }, []],
      ['bugfix/crash', { 'src/a.ts': 'x\n', 'test/a.test.ts': 'x\n' }, ['regression-test']],
    ],
    hotfix: [
      ['hotfix/down', { 'src/a.ts': 'x\n' }, ['size']],
      ['hotfix/down', { 'src/a.ts': LARGE }, []],
    ],
    refactor: [['refactor/names', { 'src/a.ts': 'x\n' }, []]],
    'dependency-upgrade': [
      ['deps/all', { 'package.json': '{ "scripts": { "test": "node --test" }, "dependencies": {} }\n' }, ['ai-review']],
      ['renovate/x', { 'package.json': '{ "scripts": { "test": "node --test" }, "a": 1 }\n', 'src/a.ts': 'x\n' }, []],
    ],
    incident: [['incident/2026-payments', { 'src/a.ts': 'x\n' }, []]],
    spike: [['spike/search', { 'src/a.ts': 'x\n' }, []]],
  };

  it('is tried', () =>
    assert.deepEqual(
      Object.keys(CASES),
      TEMPLATES.map(({ name }) => name),
    ));

  for (const [name, cases] of Object.entries(CASES)) {
    for (const [branch, changes, skipped] of cases) {
      it(`${name} on ${branch} skips ${skipped.join(', ') || 'nothing'}`, async () => {
        const files = { 'package.json': '{ "scripts": { "test": "node --test" } }\n', 'src/a.ts': 'a\n' };
        const repo = createTestRepo({ files });
        try {
          const service = createWorkflowService({ root: repo.root, env: {} });
          await service.init({ template: name });
          repo.commit('Workflow');
          repo.git('switch', '--quiet', '-c', branch);
          repo.write(changes);
          const run = await service.dryRun(`.handrail/workflows/${name}.yml`);
          assert.deepEqual(run.problems, []);
          assert.equal(run.workflow?.takesBranch, true);
          assert.equal(run.follows?.path, run.path);
          assert.deepEqual(
            run.workflow.steps.filter(({ state }) => state === 'skipped').map(({ id }) => id),
            skipped,
          );
          assert.ok(run.workflow.next.length > 0, 'there is something to begin with');
          for (const step of run.workflow.steps) assert.ok((step.why ?? '').length > 20, `${step.id} says why it is there`);
        } finally {
          repo.remove();
        }
      });
    }
  }
});
