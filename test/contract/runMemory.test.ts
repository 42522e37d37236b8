import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { beginLook } from '../../src/node/workflow/beginLook.ts';
import { runMemoryAt } from '../../src/node/workflow/runMemory.ts';
import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
steps:
  - id: note
    kind: manual
    title: Note
    expect: [{ file: note.md, sections: [Why] }]
  - id: tests
    kind: command
    title: Tests
    when: changes.exists(f, glob(f, "src/**")) && lines.added > 1
    run: "true"
    inputs: ["src/**"]
  - id: write
    kind: generate
    title: Write
    prompt: p.prompt.md
  - id: word
    kind: manual
    title: Word
    expect: [{ attest: Read }]
`;

/** What a look leaves for the next process changes no answer: after whatever happens, it is that of a process that knows nothing. */
describe('what one look leaves for the next', function () {
  this.timeout(120_000);
  let repo: TestRepo;
  let now: number;
  beforeEach(() => {
    now = Date.parse('2026-03-01T12:00:00Z');
    const files = { '.handrail/workflows/feature.yml': WORKFLOW, 'src/a.ts': 'a\n', 'p.prompt.md': 'Write.\n', 'q.txt': 'q\n' };
    repo = createTestRepo({ files, branch: 'feat/x' });
  });
  afterEach(() => repo.remove());

  const at = (name: string) => join(repo.root, '.git', name);
  const open = (env: Record<string, string> = {}) => createWorkflowService({ root: repo.root, env, clock: { now: () => now } });
  const heir = async (env: Record<string, string> = {}, key = 'program') => {
    const memory = runMemoryAt(at('memory.json'), key);
    return JSON.stringify(await createWorkflowService({ root: repo.root, env, clock: { now: () => now }, memory }).status());
  };
  const HUMAN = { actor: 'human' } as const;

  const HAPPENINGS: Record<string, () => unknown> = {
    'nothing happens': () => undefined,
    'a file of the change is written': () => repo.write({ 'src/a.ts': 'a\nb\nc\n' }),
    'it is written again': () => repo.write({ 'src/a.ts': 'x\ny\nz\n' }),
    'what a file is expected to hold is written': () => repo.write({ 'note.md': '# Why\n\nBecause.\n' }),
    'a step is done': () => open().check('word', HUMAN),
    'a command runs': () => open().run('tests', { ...HUMAN, trusted: true, signal: new AbortController().signal, onOutput() {} }),
    'what was run about changes': () => repo.write({ 'src/a.ts': 'other\nlines\n' }),
    'a step is skipped': () => open().waive('tests', { ...HUMAN, reason: 'small', expires: '2d' }),
    'the day until which it is skipped is over': () => (now += 5 * 86_400_000),
    'a prompt is edited': () => repo.write({ 'p.prompt.md': 'Write more.\n' }),
    'a condition is edited': () =>
      repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('lines.added > 1', 'lines.added > 100') }),
    'the workflow breaks': () => repo.write({ '.handrail/workflows/feature.yml': `${WORKFLOW}nonsense: 1\n` }),
    'the workflow is mended': () => repo.write({ '.handrail/workflows/feature.yml': WORKFLOW }),
    'another workflow comes first': () =>
      repo.write({ '.handrail/workflows/a.yml': 'version: 1\nid: a\ntitle: A\nsteps:\n  - { id: one, kind: manual, title: One }\n' }),
    'it goes': () => rmSync(join(repo.root, '.handrail/workflows/a.yml')),
    'all is committed': () => repo.commit('Work'),
    'the branch is renamed': () => repo.git('branch', '-m', 'feat/y'),
    'another branch is looked at': () => repo.git('switch', '--quiet', '-c', 'feat/z'),
    'a commit is looked at': () => repo.git('checkout', '--quiet', '--detach'),
    'the base moves here': () => repo.git('branch', '--force', 'main', 'HEAD'),
    'what is left is damaged': () => writeFileSync(at('memory.json'), readFileSync(at('memory.json'), 'utf8').slice(0, -40)),
    'something else is left': () => writeFileSync(at('memory.json'), '{"key":"program","memory":[1,{"files":3}]}'),
  };

  it('changes no answer, whatever happens in between', async () => {
    await heir();
    for (const [what, happen] of Object.entries(HAPPENINGS)) {
      await happen();
      const fresh = JSON.stringify(await open().status());
      assert.equal(await heir(), fresh, `first look after: ${what}`);
      assert.equal(await heir(), fresh, `second look after: ${what}`);
    }
  });

  it('depends on the environment that conditions see, and on the program', async () => {
    repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace(' && lines.added > 1', ' || env.CI') });
    for (const env of [{}, { CI: 'true' }, {}]) assert.equal(await heir(env), JSON.stringify(await open(env).status()));
    const left = readFileSync(at('memory.json'), 'utf8');
    await heir({}, 'a later program');
    assert.notEqual(readFileSync(at('memory.json'), 'utf8'), left);
  });

  it('is begun early without a change of the answer, also where there is no repository', async () => {
    const look = async (root: string) => {
      const begun = await beginLook(root, '/program');
      return createWorkflowService({ root, env: {}, ...begun }).status();
    };
    for (const text of ['one\ntwo\n', 'three\n']) {
      repo.write({ 'src/a.ts': text });
      assert.deepEqual(await look(repo.root), await open().status());
    }
    rmSync(join(repo.root, '.git'), { recursive: true });
    await assert.rejects(look(repo.root), /not inside a git repository/);
  });

  describe('on the command line', () => {
    let runner: CliRunner;
    before(() => (runner = createCliRunner()));
    after(() => runner.remove());

    it('is kept in git’s folder, and says the same', () => {
      const run = (...args: string[]) => runner.run([...args, '--format', 'json'], { cwd: repo.root });
      repo.write({ 'src/a.ts': 'a\nb\nc\n' });
      const first = run('status');
      assert.equal(run('status').stdout, first.stdout);
      const kept = readFileSync(at('handrail/cache/run.json'), 'utf8');
      assert.match(kept, /"mergeBases"/);
      assert.equal(repo.git('status', '--porcelain', '--', '.handrail'), '');
      repo.write({ 'src/a.ts': 'a\n' });
      assert.match(run('explain', 'tests').stdout, /"state":\s*"skipped"/);
    });
  });
});
