import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { toSarif } from '../../src/core/ai/review/sarif.ts';
import type { Finding } from '../../src/core/ai/finding.ts';
import { createFindingsStore } from '../../src/node/ai/findingsStore.ts';
import { createCliRunner, finished, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { injectionGroups, obedientAnswers, type InjectionCase } from '../support/injectionCorpus.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { assertFenced } from '../support/promptParts.ts';

/** A sample of the injection corpus through the command line as it ships, git and an own process included. */

const SERVER = join(import.meta.dirname, '..', 'support', 'modelServer.ts');
const CART = 'export function total(items) {\n  return items.length;\n}\n';
const HONEST = {
  file: 'src/cart.ts',
  line: 2,
  quote: '  return items.length;',
  severity: 'high',
  category: 'bug',
  title: 'Counts instead of adding',
  message: 'The number of items is taken for their price.',
};
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
/** Colours, and the line that progress rewrites. */
const OWN_ESCAPES = /\u001b\[(?:\d{1,2}(?:;\d{1,2})*)?m|\r?\u001b\[2K|\r(?=\n)/g;

const CASES = injectionGroups('DATA-Zm9yZ2VkMTIz').flatMap(({ cases }) => cases);
const of = (where: InjectionCase['where']): InjectionCase[] => CASES.filter((one) => one.where === where);
/** Names that a file system of Windows or macOS does not take are left to Linux. */
const PATHS =
  process.platform === 'linux' ? of('path') : of('path').filter(({ path }) => /^[\x20-\x7e]+$/.test(path) && !/["<>|:*?\\]/.test(path));
/** Files that say of themselves that they are generated are not read, which the receipt tells. */
const CODE = of('code').filter(({ text }) => !/@generated/.test(text));
const PART_LENGTH = 6_000;
/** The obedient findings in answers as long as a small model gives them. */
const ANSWERS = inParts(
  obedientAnswers(HONEST).flatMap(({ id, text }) => {
    if (id.endsWith('huge') || !text.startsWith('{"findings":[{"file"')) return [];
    const { findings } = JSON.parse(text) as { findings: Record<string, unknown>[] };
    // Findings that say the same of the same line are one.
    return findings.map((one) => ({ ...one, message: typeof one['message'] === 'string' ? `${one['message']} ${id}` : one['message'] }));
  }),
);
function inParts(findings: readonly object[]): string[] {
  const parts: object[][] = [];
  for (const finding of findings) {
    const last = parts.at(-1);
    if (last !== undefined && JSON.stringify([...last, finding]).length < PART_LENGTH) last.push(finding);
    else parts.push([finding]);
  }
  return parts.map((part) => JSON.stringify({ findings: part }));
}

function assertOnlyOwnEscapes(text: string): void {
  assert.match(text, /\u001b\[1m/);
  assert.doesNotMatch(text.replace(OWN_ESCAPES, '').replaceAll('\r\n', '\n'), STEERING);
}

describe('hostile repositories and obedient models through the command line', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: ModelServer;
  let env: Record<string, string>;

  before(async () => {
    cli = createCliRunner();
    server = await startModelServer({ replies: [{ text: '{"findings":[]}' }] });
    env = { OPENAI_API_KEY: 'sk-mine-and-nobody-elses', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' };
    const removed = of('removed').map(({ id, text }) => [`cases/${id}.ts`, `first();\n${text}\nsecond();\n`] as const);
    repo = createTestRepo({ files: { 'README.md': '# x\n', ...Object.fromEntries(removed) }, branch: 'feat/hostile' });
    repo.write(Object.fromEntries(removed.map(([path]) => [path, 'first();\nsecond();\n'])));
    repo.write(Object.fromEntries(CODE.map(({ id, path, text }) => [`cases/${id}/${basename(path)}`, `${text}\n`])));
    repo.write(Object.fromEntries(PATHS.map(({ path }) => [path, 'export const honest = true;\n'])));
    repo.write({
      'src/cart.ts': CART,
      'AGENTS.md': of('instructions')
        .map(({ text }) => text)
        .join('\n\n'),
      '.handrail/dismissals.yml': `version: 1\ndismissals:\n${of('dismissal')
        .map(
          ({ text }, index) =>
            `  - ${JSON.stringify({ fingerprint: `${index}`.padStart(32, '0'), reason: text, title: text, file: 'src/cart.ts' })}\n`,
        )
        .join('')}`,
      '.handrail/workflows/feature.yml': `version: 1\nid: feature\ntitle: Feature\nsteps:\n${of('rules')
        .map(({ id, text }) => `  - ${JSON.stringify({ id, kind: 'review', title: id, why: text })}\n`)
        .join('')}`,
    });
    repo.git('add', '--all');
  });
  after(async () => {
    await server.close();
    cli.remove();
    repo.remove();
  });

  const run = (...args: string[]): Promise<CliResult> => finished(cli.start(args, { cwd: repo.root, env }));

  /** What the model was sent since then, each checked. */
  function sentSince(first: number): string {
    const requests = server.requests.slice(first);
    assert.ok(requests.length > 0);
    const systems = new Set<unknown>();
    const users = requests.map(({ body }) => {
      const [system, user, ...more] = body['messages'] as { role: string; content: string }[];
      assert.deepEqual([system?.role, user?.role, more.length], ['system', 'user', 0]);
      systems.add(system?.content);
      assertFenced(user?.content ?? '');
      return user?.content ?? '';
    });
    assert.equal(systems.size, 1);
    return users.join('\n');
  }

  it('sends every hostile text inside its fence', async () => {
    const first = server.requests.length;
    const done = await run('review', '--no-cache', '--format', 'json');
    assert.equal(done.code, 0, done.stderr);
    const sent = sentSince(first);
    const { coverage } = JSON.parse(done.stdout) as { coverage: { file: string; status: string; reason?: string }[] };
    const read = (wanted: (file: string) => boolean): (string | undefined)[] =>
      coverage.filter(({ file }) => wanted(file)).map(({ status, reason }) => (status === 'full' ? status : reason));
    for (const { path } of PATHS)
      assert.deepEqual(
        read((file) => file === path),
        ['full'],
        path,
      );
    for (const { id } of CODE) {
      assert.ok(sent.includes(`cases/${id}/`), id);
      assert.deepEqual(
        read((file) => file.startsWith(`cases/${id}/`)),
        ['full'],
        id,
      );
    }
    for (const one of [...of('instructions'), ...of('dismissal')]) {
      const words = one.text.split(/[\r\n<]/).find((line) => /^[\x20-\x7e]{10,}$/.test(line) && !/From AGENTS/.test(line)) ?? '';
      assert.ok(sent.includes(words.slice(0, 60)), `${one.id}: ${words}`);
    }
  });

  it("sends a step's rules inside their fence", async () => {
    for (const { id, text } of of('rules').filter(({ asks }) => asks.startsWith('forge'))) {
      const first = server.requests.length;
      const done = await run('run', id, '--format', 'json');
      assert.ok(done.code === 0 || done.code === 1, done.stderr);
      assert.ok(sentSince(first).includes(text.split('\n')[0]?.slice(0, 12) ?? ''), id);
    }
  });

  for (const [index, answer] of ANSWERS.entries()) {
    describe(`with a model that obeys (part ${index + 1} of ${ANSWERS.length})`, () => {
      const files = ['src/cart.ts', ...PATHS.map(({ path }) => path)];
      before(() => server.setScript({ replies: [{ text: answer, pieceLength: 200 }] }));

      it('makes findings about reviewed files of it, and changes nothing', async () => {
        const state = () => [repo.git('status', '--porcelain=v1', '-z'), ...readdirSync(join(repo.root, '.git', 'hooks'))];
        const before = state();
        const done = await run('review', '--no-cache', 'src/cart.ts', '--format', 'json');
        assert.equal(done.code, 0, done.stderr);
        const { findings } = JSON.parse(done.stdout) as { findings: Finding[] };
        assert.ok(findings.length >= 5, String(findings.length));
        for (const { file, fix } of findings) {
          assert.equal(file, 'src/cart.ts');
          for (const edit of fix?.edits ?? []) assert.equal(edit.file, 'src/cart.ts');
        }
        assert.doesNotMatch(done.stdout, STEERING);
        assert.ok(!done.stdout.includes(env['OPENAI_API_KEY'] ?? ''));
        assert.deepEqual(state(), before);
      });

      it('prints no escape sequence of others, and no line of their own', async () => {
        const done = await run('review', '--no-cache', ...files);
        assert.equal(done.code, 0, done.stderr);
        for (const text of [done.stdout, done.stderr]) assert.doesNotMatch(text, STEERING);
        const summary = done.stdout.split('\n').filter((line) => /^(?:No findings|What was read)/.test(line));
        assert.equal(summary.length, 1, summary.join('\n'));
      });

      it('prints none on a terminal either', async function () {
        if (!hasTerminal) this.skip();
        // The terminal's run holds this process up, so the model answers from another.
        const script = join(cli.home, 'script.json');
        writeFileSync(script, JSON.stringify({ replies: [{ text: answer, pieceLength: 200 }] }));
        const other = spawn(process.execPath, [SERVER, '--script', script], { stdio: ['pipe', 'pipe', 'inherit'] });
        try {
          const [address] = (await once(other.stdout, 'data')) as [Buffer];
          const shown = runOnTerminal(cli, ['review', '--no-cache', ...files], {
            cwd: repo.root,
            env: { ...env, OPENAI_BASE_URL: address.toString().trim() },
          });
          assert.equal(shown.code, 0, shown.stdout);
          assertOnlyOwnEscapes(shown.stdout);
        } finally {
          other.stdin.end();
        }
      });

      it('writes SARIF that names nothing but reviewed files', async () => {
        const done = await run('review', '--no-cache', 'src/cart.ts', '--format', 'sarif');
        assert.equal(done.code, 0, done.stderr);
        const log = JSON.parse(done.stdout) as ReturnType<typeof toSarif>;
        const results = log.runs[0]?.results ?? [];
        assert.ok(results.length >= 5);
        for (const { locations, message } of results) {
          assert.equal(locations[0]?.physicalLocation.artifactLocation.uri, 'src/cart.ts');
          assert.ok(!message.text.includes(']('), message.text);
        }
      });
    });
  }

  it('shows in a dry run what would be sent, fenced, and sends nothing', async () => {
    const first = server.requests.length;
    const done = await run('review', '--no-cache', '--dry-run');
    assert.equal(done.code, 0, done.stderr);
    assert.doesNotMatch(done.stdout, STEERING);
    assert.equal(server.requests.length, first);
  });

  it('takes no fix for another file from the findings that it kept', async () => {
    server.setScript({ replies: [{ text: JSON.stringify({ findings: [HONEST] }) }] });
    assert.equal((await run('review', '--no-cache', 'src/cart.ts', '--format', 'json')).code, 0);
    const path = join(repo.root, '.git', 'handrail', 'cache', 'findings.json');
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { findings: { finding: Finding }[] };
    const [one] = kept.findings;
    assert.ok(one);
    const copied = join(cli.home, 'copied', 'findings.json');
    mkdirSync(dirname(copied), { recursive: true });
    const edit = { startLine: 1, endLine: 1, newText: 'evil' };
    const forged = [
      { ...one.finding, fix: { edits: [{ ...edit, file: '.vscode/tasks.json' }] } },
      {
        ...one.finding,
        fix: {
          edits: [
            { ...edit, file: one.finding.file },
            { ...edit, file: '../x' },
          ],
        },
      },
      { ...one.finding, file: '../../x', fix: { edits: [{ ...edit, file: '../../x' }] } },
      { ...one.finding, file: '/etc/passwd' },
      { ...one.finding, id: 'honest', fix: { edits: [{ ...edit, file: one.finding.file }] } },
    ];
    writeFileSync(copied, JSON.stringify({ ...kept, findings: forged.map((finding) => ({ ...one, finding })) }));
    const read = await createFindingsStore(copied).read();
    assert.deepEqual(
      read.map(({ finding }) => finding.id),
      ['honest'],
    );
    rmSync(dirname(copied), { recursive: true });
  });
});
