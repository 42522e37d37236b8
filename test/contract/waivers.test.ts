import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import type { StepStatus } from '../../src/core/workflow/run.ts';
import type { ActorKind } from '../../src/core/workflow/service.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createCliRunner, hasTerminal, runOnTerminal, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
waive: { require: reason, expires: 7d, by: { any-of: ["@org/leads"] } }
steps:
  - id: tests
    kind: command
    title: Run the tests
    run: "true"
  - id: threats
    kind: manual
    title: Threat notes
    needs: [tests]
    expect: [{ attest: Abuse cases listed }]
  - id: docs
    kind: manual
    title: Write the manual
    when: changes.exists(f, glob(f, "manual/**"))
  - id: sign-off
    kind: approval
    title: An owner approves
    needs: [threats]
    by: { any-of: [codeowners], not: [author, agent] }
`;

describe('skipping a step with a reason', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  beforeEach(() => (repo = createTestRepo({ files: { '.handrail/workflows/feature.yml': WORKFLOW, 'a.txt': 'a\n' }, branch: 'feat/x' })));
  afterEach(() => repo.remove());

  describe('through the service', () => {
    let now: number;
    beforeEach(() => (now = Date.parse('2026-03-01T12:00:00Z')));
    const open = () => createWorkflowService({ root: repo.root, env: {}, clock: { now: () => now } });
    const step = async (id: string): Promise<StepStatus> =>
      (await open().status()).steps.find((one) => one.id === id) ?? assert.fail(`no step ${id}`);
    const refusal = async (id: string, options: { actor?: ActorKind; reason?: string; expires?: string }) =>
      failureOf(
        await open()
          .waive(id, { actor: 'human', reason: 'small', ...options })
          .then(
            () => undefined,
            (error: unknown) => error,
          ),
      );

    it('holds until its day is over, lets what follows begin, and counts as settled', async () => {
      const skipped = await open().waive('tests', { actor: 'human', reason: ' only  words\n' });
      assert.deepEqual(
        [skipped.state, skipped.assurance, skipped.waiver],
        ['waived', 'waived', { reason: 'only words', expires: '2026-03-08', actor: 'human', provenBy: ['@org/leads'] }],
      );
      const status = await open().status();
      assert.deepEqual(
        status.steps.map(({ id, state }) => `${id} ${state}`),
        ['tests waived', 'threats ready', 'docs skipped', 'sign-off blocked'],
      );
      assert.deepEqual([status.done, status.total, status.next, status.waivers], [1, 3, ['threats'], { usual: 7, longest: 7 }]);
      now = Date.parse('2026-03-08T23:59:59.999Z');
      assert.equal((await step('tests')).state, 'waived');
      now += 1;
      assert.deepEqual([(await step('tests')).state, (await step('threats')).state], ['ready', 'blocked']);
      assert.match((await step('tests')).because, /was skipped until 2026-03-08, which is over/);
    });

    it('is kept through edits, since nobody looked at anything, and asked for again when the step demands something else', async () => {
      await open().waive('tests', { actor: 'human', reason: 'small' });
      repo.write({ 'a.txt': 'edited\n' });
      repo.commit('feat: edit');
      assert.equal((await step('tests')).state, 'waived');
      repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace('run: "true"', 'run: "false"') });
      assert.equal((await step('tests')).state, 'ready');
    });

    it('can be taken back and given again, and what was known before stands again', async () => {
      await open().waive('threats', { actor: 'human', reason: 'none' });
      assert.equal((await step('threats')).state, 'waived', 'also while it waits for others');
      assert.equal((await open().uncheck('threats', { actor: 'human' })).state, 'blocked');
      assert.equal(
        (await open().waive('threats', { actor: 'human', reason: 'none', expires: '2026-03-02' })).waiver?.expires,
        '2026-03-02',
      );
      assert.equal((await open().waive('threats', { actor: 'human', reason: 'longer', expires: '3d' })).waiver?.expires, '2026-03-04');
      assert.equal((await open().uncheck('threats', { actor: 'human' })).state, 'blocked');
    });

    it('says whose proof it takes in CI: of an approval, that of those who may approve', async () => {
      assert.deepEqual((await open().waive('sign-off', { actor: 'human', reason: 'away' })).waiver?.provenBy, ['codeowners']);
    });

    it('refuses what makes no sense, in one sentence', async () => {
      const cases: [string, Parameters<typeof refusal>[1], RegExp][] = [
        ['tests', { actor: 'agent' }, /Only a person skips a step, and this is an agent/],
        ['tests', { actor: 'machine' }, /this is a machine/],
        ['tests', { reason: ' ' }, /needs a reason/],
        ['tests', { reason: 'x'.repeat(501) }, /longer than 500/],
        ['tests', { expires: '8d' }, /7 days at most, until 2026-03-08/],
        ['tests', { expires: '2026-02-28' }, /already past/],
        ['docs', {}, /does not apply to this change/],
        ['nope', {}, /no step "nope"/],
      ];
      for (const [id, options, expected] of cases) assert.match((await refusal(id, options))?.message ?? 'nothing refused', expected);
      await open().run('tests', { actor: 'human', trusted: true, signal: new AbortController().signal, onOutput() {} });
      assert.match((await refusal('tests', {}))?.message ?? '', /is done, so there is nothing to skip/);
      assert.equal((await open().status()).steps.filter(({ state }) => state === 'waived').length, 0);
    });

    it('leaves a record that names nobody, with a day, a reason and what was skipped', async () => {
      await open().waive('tests', { actor: 'human', reason: 'small' });
      const folder = join(repo.root, '.git/handrail/runs');
      const run = join(folder, readdirSync(folder)[0] ?? '');
      const [name = ''] = readdirSync(run).filter((file) => file.endsWith('.json'));
      const record = JSON.parse(readFileSync(join(run, name), 'utf8')) as Record<string, unknown>;
      assert.deepEqual(record['result'], { outcome: 'waived', reason: 'small', expires: '2026-03-08' });
      assert.deepEqual(record['actor'], { kind: 'human' });
      assert.match(String(record['stepDigest']), /^sha256:/);
    });
  });

  describe('on the command line', () => {
    let cli: CliRunner;
    before(() => (cli = createCliRunner()));
    after(() => cli.remove());
    const run = (args: string[], env: Record<string, string> = {}) => cli.run(args, { cwd: repo.root, env });

    it('refuses an agent and a machine with exit code 1, and records nothing', () => {
      for (const env of [{}, { CI: 'true' }, { HANDRAIL_ACTOR: 'agent' }] as Record<string, string>[]) {
        const refused = run(['waive', 'tests', '--reason', 'small'], env);
        assert.deepEqual([refused.code, refused.stdout], [1, '']);
        assert.match(refused.stderr, /^handrail: "Run the tests" cannot be skipped by an? (agent|machine)\. A person skips it.*\n$/);
        const document = JSON.parse(run(['waive', 'tests', '--reason', 'small', '--format', 'json'], env).stdout) as { refused: string };
        assert.match(document.refused, /cannot be skipped/);
      }
      assert.doesNotMatch(run(['status', '--format', 'json']).stdout, /waived/);
    });

    it('asks for a reason', () => {
      for (const args of [[], ['--reason', '  ']]) {
        const refused = run(['waive', 'tests', ...args]);
        assert.equal(refused.code, 2);
        assert.match(refused.stderr, /needs a reason/);
      }
    });

    (hasTerminal ? it : it.skip)('skips for a person, and status, explain and summary say who, why and until when', () => {
      const skipped = runOnTerminal(cli, ['waive', 'tests', '--reason', 'words only', '--expires', '2d'], { cwd: repo.root });
      assert.equal(skipped.code, 0, skipped.stdout);
      assert.match(skipped.stdout, /Run the tests: skipped until \d{4}-\d\d-\d\d/);
      assert.match(skipped.stdout, /CI counts it once approved by @org\/leads/);
      assert.match(run(['status']).stdout, /⤼ tests[\s\S]*a person skipped it until \d{4}-\d\d-\d\d: words only/);
      const explained = run(['explain', 'tests']).stdout;
      assert.match(explained, /waived: a person skipped it until .*: words only/);
      assert.match(explained, /CI counts it once approved by @org\/leads\.\n\s+Take it back: handrail uncheck tests/);
      assert.match(run(['summary', '--format', 'markdown']).stdout, /⤼ skipped with a reason until \d{4}.\d\d.\d\d: words only/);
      const [tests] = (JSON.parse(run(['status', '--format', 'json']).stdout) as { steps: StepStatus[] }).steps;
      assert.equal(tests?.waiver?.reason, 'words only');
      assert.equal(run(['uncheck', 'tests']).code, 0);
      assert.doesNotMatch(run(['status', '--format', 'json']).stdout, /words only/);
    });
  });
});
