import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentsParagraph } from '../../src/core/workflow/agents.ts';
import type { RunSummary } from '../../src/core/workflow/summary.ts';
import { createCliRunner, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature
on: { branches: ['feat/**'] }
steps:
  - id: verify
    kind: command
    title: Run the tests
    run: node check.cjs
    inputs: [check.cjs]
    expect:
      - exit: 0
  - id: ai-review
    kind: review
    title: Review the branch
    needs: [verify]
    expect:
      - findings: { critical: 0 }
  - id: own
    kind: manual
    title: Read your own <diff>
  - id: sign-off
    kind: approval
    title: An owner approves
    needs: [ai-review]
    by: { any-of: [codeowners], not: [author, agent] }
`;

/** A bug that the built-in reviewer finds. */
const BUG = "export function isStaff(code: string): boolean {\n  return code.toUpperCase() === 'staff';\n}\n";

describe('handrail summary and the telling of agents', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;

  beforeEach(() => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { '.handrail/workflows/feature.yml': WORKFLOW, 'check.cjs': '' }, branch: 'feat/x' });
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
  });
  const run = (args: string[], env: Record<string, string> = {}): CliResult => {
    const result = cli.run(args, { cwd: repo.root, env });
    assert.equal(result.code, 0, result.stderr);
    return result;
  };
  const summary = (): RunSummary => JSON.parse(run(['summary', '--format', 'json']).stdout) as RunSummary;
  const get = (path: string): string => readFileSync(join(repo.root, path), 'utf8');

  describe('summary', () => {
    it('says what was done and by what proof, what was read and found, and what is open, as text, JSON and Markdown', () => {
      repo.write({ 'src/staff.ts': BUG });
      run(['run', 'verify', '--trust']);
      run(['run', 'ai-review']);
      run(['check', 'own'], { HANDRAIL_ACTOR: 'agent' });
      const document = summary();
      assert.deepEqual(
        document.steps.map(({ id, standing, proof }) => [id, standing, proof]),
        [
          ['verify', 'done', 'checked here'],
          ['ai-review', 'done', 'checked here'],
          ['own', 'done', "someone's word: an agent's"],
          ['sign-off', 'not done: a person has to approve', undefined],
        ],
      );
      assert.deepEqual([document.done, document.total, document.branch, document.base], [3, 4, 'feat/x', 'main']);
      assert.deepEqual(document.models, [{ provider: 'builtin', name: 'builtin', steps: ['Review the branch'] }]);
      assert.deepEqual(document.reviews[0]?.coverage, { full: 1, partial: 0, skipped: 0 });
      assert.deepEqual(
        document.findings.shown.map(({ file, startLine, source }) => [file, startLine, source]),
        [['src/staff.ts', 2, 'builtin']],
      );
      const markdown = run(['summary', '--format', 'markdown']).stdout;
      assert.match(
        markdown,
        /^<!-- handrail:summary:start -->\n\*\*Handrail · Feature: 3 of 4 steps done\*\* on `feat\/x` against `main`\n/,
      );
      assert.match(markdown, /\| Read your own &lt;diff&gt; \| ✓ done \| someone's word: an agent's \|/);
      assert.match(markdown, /\| \w+ \| `src\/staff\.ts:2` \| .+ \(built-in rule\) \|/);
      assert.match(markdown, /`sha256:[0-9a-f]{64}`<\/sub>\n<!-- handrail:summary:end -->\n$/);
      assert.equal(run(['summary', '--format', 'markdown']).stdout, markdown, 'the same run gives the same block');
      const text = run(['summary']).stdout;
      assert.match(text, /^Feature · feat\/x · 3 of 4 done\n\n {2}verify {5}Run the tests · done · checked here\n/);
      assert.match(text, /What was read\n {2}Review the branch: 1 file in full, 0 in part, 0 not at all; findings when it ran: 1 \w+\n/);
    });

    it('names what went stale or failed as such, also findings of files that the change does not touch', () => {
      repo.write({ 'src/staff.ts': BUG });
      run(['run', 'verify', '--trust']);
      run(['run', 'ai-review']);
      repo.write({ 'src/staff.ts': `// moved\n${BUG}`, 'check.cjs': 'process.exit(4)' });
      assert.equal(cli.run(['run', 'verify', '--trust'], { cwd: repo.root }).code, 1);
      const later = summary();
      assert.deepEqual(
        later.steps.slice(0, 2).map(({ standing, proof }) => [standing, proof]),
        [
          ['failed: its command ended with exit code 4', undefined],
          ['stale: check.cjs, src/staff.ts changed since', 'no longer covers the present content'],
        ],
      );
      assert.match(run(['summary', '--format', 'markdown']).stdout, /the content changed since/);
      repo.git('clean', '--quiet', '--force', 'src');
      const without = summary().findings;
      assert.deepEqual([without.shown, without.elsewhere], [[], 1]);
    });

    it('answers without a workflow, and off any branch', () => {
      repo.git('switch', '--quiet', '--force', 'main');
      const none = summary();
      assert.deepEqual([none.workflow, none.steps], [null, []]);
      assert.match(
        run(['summary', '--format', 'markdown']).stdout,
        /^<!-- .* -->\n\*\*Handrail\*\*: main is the branch that work is merged into/,
      );
      assert.match(run(['summary']).stdout, /^main is the branch/);
      repo.git('switch', '--quiet', '--detach');
      assert.match(run(['summary', '--workflow', 'feature', '--format', 'markdown']).stdout, /0 of 4 steps done\*\* on a detached head/);
    });

    it('puts the block into a description, in the place of an earlier one', () => {
      repo.write({ 'body.md': 'Fixes the login.\n\n<!-- handrail:summary:start -->\nold\n<!-- handrail:summary:end -->\n\nThanks!\n' });
      const block = run(['summary', '--format', 'markdown']).stdout;
      assert.equal(run(['summary', '--in', 'body.md']).stdout, `Fixes the login.\n\n${block}\nThanks!\n`);
      const missing = cli.run(['summary', '--in', 'nowhere.md'], { cwd: repo.root });
      assert.equal(missing.code, 2);
      assert.match(missing.stderr, /^handrail: The description nowhere\.md cannot be read as text\. Name a text file/);
    });

    it('refuses a format it does not have', () => {
      const result = cli.run(['status', '--format', 'markdown'], { cwd: repo.root });
      assert.equal(result.code, 2);
      assert.match(result.stderr, /Use --format text or json/);
    });
  });

  describe('init', () => {
    it('writes nothing about agents unasked, and says how in one line', () => {
      const { stdout } = run(['init']);
      assert.match(stdout, /handrail init --agents writes a paragraph into AGENTS\.md, and --stop-hook ASSISTANT a hook\.$/m);
      assert.equal(repo.git('status', '--porcelain'), '');
    });

    it('tells agents where there is a workflow already, and nothing twice', () => {
      repo.write({ 'AGENTS.md': '# Ours\n', '.claude/settings.json': '{}\n' });
      const document = JSON.parse(run(['init', '--agents', '--stop-hook', 'claude-code', '--format', 'json']).stdout) as Record<
        string,
        unknown
      >;
      assert.deepEqual(document['written'], ['AGENTS.md', '.handrail/hooks/stop.mjs', '.claude/settings.json']);
      assert.equal(get('AGENTS.md'), `# Ours\n\n${agentsParagraph()}\n`);
      run(['validate']);
      assert.match(
        run(['init', '--agents', '--stop-hook', 'claude-code']).stdout,
        /^kept {5}AGENTS\.md\nkept {5}\.handrail\/hooks\/stop\.mjs\nkept {5}\.claude/,
      );
      assert.equal(get('AGENTS.md'), `# Ours\n\n${agentsParagraph()}\n`);
      assert.doesNotMatch(run(['init']).stdout, /--agents/);
    });

    it('writes the workflow too where there is none', () => {
      repo.git('rm', '--quiet', '-r', '.handrail');
      assert.match(run(['init', '--agents']).stdout, /written {2}\.handrail\/workflows\/team\.yml\nwritten {2}AGENTS\.md\n/);
    });

    it('refuses in one sentence, and writes nothing at all', () => {
      repo.git('rm', '--quiet', '-r', '.handrail');
      symlinkSync('/etc/hostname', join(repo.root, 'AGENTS.md'));
      const result = cli.run(['init', '--agents'], { cwd: repo.root });
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^handrail: AGENTS\.md is a link, so it was left alone\. Replace AGENTS\.md by a file\.\n?$/m);
      assert.ok(!existsSync(join(repo.root, '.handrail')));
      const unknown = cli.run(['init', '--stop-hook', 'claude'], { cwd: repo.root });
      assert.match(unknown.stderr, /claude-code, codex, gemini-cli, copilot/);
    });

    (hasTerminal ? describe : describe.skip)('on a terminal', () => {
      it('shows the paragraph and asks; a no writes nothing', () => {
        const no = runOnTerminal(cli, ['init'], { cwd: repo.root, input: 'n\n' });
        assert.match(no.stdout, /## The workflow of a branch[\s\S]*Write it into AGENTS\.md\? What is there stays\. \[y\/N\]/);
        assert.ok(!existsSync(join(repo.root, 'AGENTS.md')));
        assert.equal(runOnTerminal(cli, ['init'], { cwd: repo.root, input: 'y\n' }).code, 0);
        assert.equal(get('AGENTS.md'), `${agentsParagraph()}\n`);
      });

      it('asks for the hook on its own, for the assistants in use, else for the first one it knows', () => {
        run(['init', '--agents']);
        const first = runOnTerminal(cli, ['init'], { cwd: repo.root, input: '\n' });
        assert.match(first.stdout, /Claude Code can be kept going[\s\S]*"Stop"[\s\S]*Write both\?/);
        writeFileSync(join(repo.root, 'GEMINI.md'), '@AGENTS.md\n');
        const no = runOnTerminal(cli, ['init'], { cwd: repo.root, input: '\n' });
        assert.match(no.stdout, /Gemini CLI can be kept going[\s\S]*"AfterAgent"[\s\S]*Write both\?/);
        assert.doesNotMatch(no.stdout, /Claude Code/);
        assert.equal(repo.git('status', '--porcelain'), '?? AGENTS.md\n?? GEMINI.md');
        runOnTerminal(cli, ['init'], { cwd: repo.root, input: 'y\n' });
        assert.match(get('.gemini/settings.json'), /stop\.mjs/);
        assert.doesNotMatch(runOnTerminal(cli, ['init'], { cwd: repo.root }).stdout, /\[y\/N\]/);
      });

      it('does not ask an agent', () => {
        const result = runOnTerminal(cli, ['init'], { cwd: repo.root, env: { CLAUDECODE: '1' } });
        assert.match(result.stdout, /handrail init --agents/);
        assert.doesNotMatch(result.stdout, /\[y\/N\]/);
      });
    });
  });
});
