import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findCanaries } from '../support/canaries.ts';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** Made at run time, so that this file holds nothing a scanner would report. */
const body = (seed: number, length: number): string =>
  Array.from({ length }, (_, index) => 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xYz0'.charAt((index * 7 + seed * 11 + index * index * seed) % 31)).join(
    '',
  );
const SECRETS = {
  file: `ghp_${body(1, 36)}`,
  removed: `sk_live_${body(2, 24)}`,
  name: `glpat-${body(3, 20)}`,
  conventions: `xoxb-123456789012-123456789012-${body(4, 24)}`,
  rules: `hf_${body(5, 34)}`,
  dismissal: `AIza${body(6, 35)}`,
  password: `p4${body(7, 12)}`,
  prompt: `npm_${body(8, 36)}`,
  instruction: `dckr_pat_${body(9, 27)}`,
};

describe('secrets on the command line', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: ModelServer;
  let env: Record<string, string>;

  before(async () => {
    cli = createCliRunner();
    server = await startModelServer();
    env = { OPENAI_API_KEY: 'sk-mine', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
    repo = createTestRepo({
      files: { 'src/pay.py': `charge("${SECRETS.removed}")\nrun()\n` },
      branch: 'feat/pay',
    });
    repo.write({
      'src/pay.py': `token = "${SECRETS.file}"\npassword = "${SECRETS.password}"\nallowed = {"${SECRETS.password}", "${SECRETS.password}"}\nrun()\n`,
      [`backup/${SECRETS.name}/app.py`]: 'run()\n',
      'AGENTS.md': `# Conventions\n\nTests use ${SECRETS.conventions}.\n`,
      '.handrail/dismissals.yml': `version: 1\ndismissals:\n  - fingerprint: "${'0'.repeat(32)}"\n    file: src/pay.py\n    title: A key\n    reason: ${SECRETS.dismissal} is for tests\n`,
      '.handrail/workflows/feature.yml': `version: 1\nid: feature\ntitle: Feature\nsteps:\n  - { id: look, kind: review, title: Look, why: "Because of ${SECRETS.rules}" }\n  - { id: make, kind: generate, title: Make, prompt: make.prompt.md }\n`,
      'make.prompt.md': `Use ${SECRETS.prompt} in src/pay.py.\n`,
    });
  });
  after(async () => {
    await server.close();
    cli.remove();
    repo.remove();
  });

  const run = (...args: string[]): Promise<CliResult> =>
    new Promise((resolve) => {
      const child = cli.start(args, { cwd: repo.root, env });
      const said = { stdout: '', stderr: '' };
      child.stdout?.on('data', (part: Buffer) => (said.stdout += part.toString()));
      child.stderr?.on('data', (part: Buffer) => (said.stderr += part.toString()));
      child.on('close', (code) => resolve({ code, ...said }));
    });

  /** The names of folders and files are what git and the terminal need; everything else holds none of them. */
  function assertNone(text: string, what: string): void {
    for (const [name, secret] of Object.entries(SECRETS)) {
      const without = name === 'name' ? text.replaceAll(`backup/${secret}/`, '') : text;
      assert.ok(!without.includes(secret), `${name} in ${what}: ${text}`);
    }
  }

  it('stay out of what is sent, shown and kept, whatever part they stand in', async () => {
    const quote = 'password = "[redacted:password]"';
    const raw = {
      file: 'src/pay.py',
      line: 2,
      quote,
      severity: 'high',
      category: 'security',
      title: 'A password',
      message: 'In the code.',
    };
    server.setScript({ replies: [{ text: JSON.stringify({ findings: [{ ...raw, replacement: 'password = read()' }] }) }] });
    for (const args of [
      ['review'],
      ['review', '--no-cache', '--format', 'json'],
      ['review', '--no-cache', '--format', 'sarif'],
      ['review', '--no-cache', '--dry-run'],
      ['review', '--no-cache', '--dry-run', '--format', 'json'],
      ['run', 'look', '--format', 'json'],
      ['generate', '--step', 'make', '--dry-run'],
    ]) {
      const done = await run(...args);
      assert.ok(done.code === 0 || done.code === 1, `${args.join(' ')}: ${done.stderr}`);
      // A run shows the step's own words, which stay here.
      const shown = args[0] === 'run' ? JSON.stringify((JSON.parse(done.stdout) as { review: unknown }).review) : done.stdout;
      assertNone(shown, args.join(' '));
      assertNone(done.stderr, args.join(' '));
    }
    assert.ok(server.requests.length >= 4);
    for (const { body: sent } of server.requests) {
      const text = JSON.stringify(sent);
      for (const [name, secret] of Object.entries(SECRETS)) assert.ok(!text.includes(secret), `${name} was sent: ${text}`);
      assert.match(text, /redacted:github-token/);
    }
    // Paths are kept as they are, since findings are about files.
    const { name: _, ...elsewhere } = SECRETS;
    assert.deepEqual(findCanaries(join(repo.root, '.git', 'handrail'), elsewhere), []);
    assert.deepEqual(findCanaries(cli.home, SECRETS), []);
  });

  it('stay out of generation', async () => {
    const first = server.requests.length;
    server.setScript({ replies: [{ text: 'src/new.py\n<<<<<<< SEARCH\n=======\nrun()\n>>>>>>> REPLACE\n' }] });
    const done = await run('generate', '--step', 'make');
    assert.equal(done.code, 0, done.stderr);
    const said = await run('generate', '--instruction', `Use ${SECRETS.instruction}`, '--file', 'src/pay.py:1');
    assertNone(done.stdout + done.stderr + said.stdout, 'generate');
    assert.ok(server.requests.length > first);
    for (const { body: sent } of server.requests.slice(first)) {
      const text = JSON.stringify(sent);
      for (const [name, secret] of Object.entries(SECRETS)) assert.ok(!text.includes(secret), `${name} was sent: ${text}`);
    }
  });
});
