import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { writeProgram } from '../support/program.ts';

const EMPTY = '{"findings":[]}';
const CODE = 'export const secretSauce = (a: number): number => a + 1;\n';
type Document = Record<string, unknown>;

/** Fallbacks, budgets, keys and tests of models as the command line shows them, over real servers and processes. */
describe('models on the command line', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let first: ModelServer;
  let second: ModelServer;

  beforeEach(async () => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { 'src/a.ts': CODE }, branch: 'feat/x' });
    repo.write({ 'src/a.ts': CODE.replace('1', '2') });
    [first, second] = await Promise.all([
      startModelServer({ replies: [{ text: EMPTY }] }),
      startModelServer({ replies: [{ text: EMPTY }] }),
    ]);
  });
  afterEach(async () => {
    await Promise.all([first.close(), second.close()]);
    repo.remove();
    cli.remove();
  });

  /** In processes of their own, so that the servers here can answer. */
  async function run(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
    const child = cli.start(args, { cwd: repo.root, env });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }
  const json = (result: CliResult): Document => JSON.parse(result.stdout) as Document;
  const models = (entries: Record<string, string>, roles = 'review: ours'): void =>
    repo.write({
      '.handrail/models.yml': `version: 1\nmodels:\n${Object.entries(entries)
        .map(([name, entry]) => `  ${name}: { provider: openai, ${entry} }\n`)
        .join('')}roles: { ${roles} }\n`,
    });
  const at = (server: ModelServer, model = 'm'): string => `model: ${model}, baseURL: "${server.baseURL}", limits: { retries: 0 }`;
  async function confirm(...names: string[]): Promise<void> {
    for (const name of names) {
      const result = await run(['models', 'confirm', name, '--keep']);
      assert.equal(result.code, 0, result.stderr);
    }
  }
  /** Asks each time, whatever was said about the same change before. */
  const review = (): Promise<CliResult> => run(['review', '--scope', 'working', '--format', 'json', '--no-cache']);

  describe('a fallback', () => {
    beforeEach(() => {
      models({ ours: `${at(first)}, fallback: [local]`, local: at(second, 'qwen') });
      first.setScript({ replies: [{ status: 503 }] });
    });

    it('answers only after its own confirmation; until then it is told how to give it', async () => {
      await confirm('ours');
      const without = await review();
      assert.equal(without.code, 3);
      assert.equal((json(without)['error'] as Document)['reason'], 'bad-response', 'the failure is that of the chosen model');
      assert.match(without.stderr, /"local" is asked instead/);
      assert.match(without.stderr, /fallback "local" was passed over.*handrail models confirm local/);
      assert.equal(second.requests.length, 0, 'nothing was sent to it');
      await confirm('local');
      const reviewed = await review();
      assert.equal(reviewed.code, 0, reviewed.stderr);
      assert.match((json(reviewed)['notices'] as string[]).join('\n'), /failed with status 503.* "local" is asked instead/);
      assert.equal(second.requests.length, 1);
      assert.match(JSON.stringify(second.requests[0]?.body), /secretSauce/);
    });

    it('does not become the one that is asked when it is only confirmed', async () => {
      await confirm('ours', 'local');
      const { choice } = json(await run(['models', '--format', 'json'])) as { choice: Document };
      assert.deepEqual([choice['name'], choice['confirmed']], ['ours', true]);
    });

    it('is asked at once while the other is left alone, in the next process too', async () => {
      await confirm('ours', 'local');
      for (let i = 0; i < 3; i++) assert.equal((await review()).code, 0);
      // Each further failure makes the pause longer, so that a slow machine does not outlast it.
      for (let i = 0; i < 2; i++) assert.equal((await run(['models', 'test', 'ours'])).code, 3);
      assert.equal(first.requests.length, 5);
      const next = await review();
      assert.equal(first.requests.length, 5, 'it was not asked again');
      assert.match((json(next)['notices'] as string[]).join('\n'), /"ours" failed 5 times in a row/);
      const shown = await run(['models']);
      assert.match(shown.stdout, /^\* ours .*open, \d+ s$/m);
      assert.match(shown.stdout, /falls back to local/);
    });

    it('never gets the key of the other', async () => {
      first.setScript({ key: 'sk-other', replies: [{ text: EMPTY }] });
      await confirm('ours', 'local');
      const result = await run(['review', '--format', 'json'], { OPENAI_API_KEY: 'sk-mine', OPENAI_BASE_URL: first.baseURL });
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual(
        [first, second].map(({ requests }) => requests[0]?.headers.authorization),
        ['Bearer sk-mine', undefined],
      );
      assert.doesNotMatch(result.stdout + result.stderr, /sk-mine/);
    });
  });

  describe('a budget', () => {
    const price = 'price: { input: 1, output: 1, currency: USD, per: 1 }';

    it('that is too small for one request refuses it before anything is sent', async () => {
      models({ ours: `${at(first)}, ${price}, budget: { perRun: 0.5 }` });
      await confirm('ours');
      const result = await review();
      assert.equal(result.code, 3);
      const { reason, message } = json(result)['error'] as { reason: string; message: string };
      assert.equal(reason, 'over-budget');
      assert.match(message, /has cost 0\.00 USD in this run, and one more request could cost up to [\d.]+ USD: .* allows 0\.50 USD a run/);
      assert.equal(first.requests.length, 0);
      assert.match((await run(['review', '--scope', 'working'])).stderr, /Review fewer files, raise budget\.perRun of "ours"/);
    });

    it('lets a fallback that costs nothing answer when it is used up', async () => {
      models({ ours: `${at(first)}, ${price}, budget: { perDay: 0.5 }, fallback: [local]`, local: at(second) });
      await confirm('ours', 'local');
      const result = await review();
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual([first.requests.length, second.requests.length], [0, 1]);
      assert.equal((json(result)['usage'] as Document)['cost'], undefined, 'what it costs is told by who answered');
    });

    it('of a day is shared by processes that run at the same time', async () => {
      // Answers of up to 2000 tokens (a quarter of the context) at one each, and little for what is sent.
      const cheap = 'price: { input: 0, output: 1, currency: USD, per: 1 }';
      models({ ours: `${at(first)}, ${cheap}, budget: { perDay: 5000 }` });
      await confirm('ours');
      first.setScript({ replies: [{ text: EMPTY, interval: 400, usage: { input: 10, output: 2048 } }] });
      const all = await Promise.all(Array.from({ length: 4 }, review));
      const codes = all.map(({ code }) => code).toSorted();
      assert.deepEqual(codes, [0, 0, 3, 3], all.map(({ stderr }) => stderr).join('\n'));
      assert.equal(first.requests.length, 2);
      const [row] = json(await run(['models', '--format', 'json']))['models'] as Document[];
      assert.partialDeepStrictEqual(row, {
        today: [{ amount: 4096, currency: 'USD' }],
        budget: { perDay: 5000, currency: 'USD', heldToday: 0 },
      });
      assert.match((await run(['models'])).stdout, /4096\.00 of 5000\.00 USD/);
    });

    it('without a price is a problem with a place', async () => {
      models({ ours: `${at(first)}, budget: { perRun: 1 }` });
      const result = await run(['validate', '.handrail/models.yml', '--format', 'json']);
      assert.equal(result.code, 1);
      const [file] = json(result)['files'] as { problems: Document[] }[];
      assert.partialDeepStrictEqual(file?.problems, [{ code: 'missing-key', line: 3 }]);
    });
  });

  describe('a key that a command prints', () => {
    function keysFile(script: string): void {
      const program = join(cli.home, 'print-key');
      writeProgram(program, script);
      writeFileSync(join(cli.home, 'keys.json'), JSON.stringify({ [first.origin]: { command: [program] } }), { mode: 0o600 });
    }

    it('goes to its origin', async () => {
      keysFile(`process.stdout.write('sk-from-command\\n')`);
      first.setScript({ key: 'sk-from-command', replies: [{ text: EMPTY }] });
      models({ ours: at(first) });
      await confirm('ours');
      const result = await review();
      assert.equal(result.code, 0, result.stderr);
      assert.doesNotMatch(result.stdout + result.stderr, /sk-from-command/);
      const written = readdirSync(join(cli.home, 'state'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.json'));
      for (const path of written) assert.doesNotMatch(readFileSync(join(cli.home, 'state', path), 'utf8'), /sk-from-command/);
    });

    it('is explained when none comes', async () => {
      keysFile('process.exit(4)');
      models({ ours: at(first) });
      await confirm('ours');
      const result = await run(['review']);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /The command for the key of .* ended with code 4/);
      assert.equal(first.requests.length, 0);
    });
  });

  describe('a test', () => {
    it('asks nothing before the origin was confirmed, and sends no code', async () => {
      models({ ours: at(first) });
      const refused = await run(['models', 'test', 'ours']);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /handrail models confirm ours/);
      assert.equal(first.requests.length, 0);
      await confirm('ours');
      first.setScript({ replies: [{ text: '{"answer":"ok"}' }] });
      const shown = await run(['models', 'test', 'ours']);
      assert.equal(shown.code, 0, shown.stderr);
      assert.match(
        shown.stdout,
        /^✓ ours answers: m at http:\/\/127\.0\.0\.1:\d+\n.*1 request\n {2}keeps to a JSON schema\n {2}8192 tokens of context\n$/s,
      );
      assert.doesNotMatch(JSON.stringify(first.requests[0]?.body), /secretSauce|src\/a\.ts/);
    });

    it('finds out how a model answers and what it refuses, and that is remembered', async () => {
      models({ ours: `${at(first)}, params: { temperature: 0 }` });
      await confirm('ours');
      first.setScript({ refuses: ['temperature'], replies: [{ text: 'Yes!' }, { text: '{"answer":"ok"}', asCall: true }] });
      const document = json(await run(['models', 'test', 'ours', '--format', 'json']))['test'];
      const capabilities = { refused: ['temperature'], ignored: ['schema'], form: 'tool' };
      assert.partialDeepStrictEqual(document, { name: 'ours', model: 'm', requests: 2, capabilities });
      const [row] = json(await run(['models', '--format', 'json']))['models'] as Document[];
      assert.deepEqual(row?.['capabilities'], capabilities);
      first.requests.length = 0;
      first.setScript({ refuses: ['temperature'], replies: [{ text: EMPTY, asCall: true }] });
      assert.equal((await review()).code, 0);
      assert.deepEqual([first.requests.length, 'tools' in (first.requests[0]?.body ?? {})], [1, true], 'nothing is tried again');
      first.setScript({ replies: [{ text: '{"answer":"ok"}' }] });
      const again = json(await run(['models', 'test', 'ours', '--format', 'json']))['test'] as Document;
      assert.deepEqual(again['capabilities'], { refused: [], form: 'schema' }, 'a server that was upgraded');
    });

    it('fails as the model does, also while the circuit is open, and an answer closes it', async () => {
      models({ ours: at(first) });
      await confirm('ours');
      first.setScript({ replies: [{ status: 503 }] });
      for (let i = 0; i < 5; i++) assert.equal((await run(['models', 'test', 'ours'])).code, 3);
      assert.equal(first.requests.length, 5);
      assert.match((await run(['models'])).stdout, /^\* ours .*open, \d+ s$/m);
      assert.match((await run(['review'])).stderr, /failed with status 503/, 'nobody else could answer, so it was tried');
      assert.equal(first.requests.length, 6);
      first.setScript({ replies: [{ text: '{"answer":"ok"}' }] });
      assert.equal((await run(['models', 'test', 'ours'])).code, 0);
      first.setScript({ replies: [{ text: EMPTY }] });
      assert.equal((await review()).code, 0);
    });

    it('takes a name that is there, and no other', async () => {
      models({ ours: at(first) });
      for (const [args, said] of [
        [['test', 'ourz'], /Did you mean "ours"/],
        [['test', 'builtin'], /nothing to test/],
        [['test'], /needs the name of a model/],
        [['test', 'ours', '--keep'], /--keep goes with/],
      ] as const) {
        const result = await run(['models', ...args]);
        assert.equal(result.code, 2, args.join(' '));
        assert.match(result.stderr, said);
      }
    });
  });

  it('lists every model of the file, called or not, with what is known', async () => {
    mkdirSync(join(repo.root, '.handrail'), { recursive: true });
    repo.write({
      '.handrail/models.yml': `version: 1
models:
  ours:
    provider: openai
    model: m
    baseURL: "${first.baseURL}"
    fallback: [spare]
    price: { input: 1, output: 1, currency: USD, per: 1M }
    budget: { perRun: 0.25, perDay: 5 }
    slo: { p95: 20s, errors: 2% }
  spare: { provider: openai, model: gpt-5.2 }
  copilot: { provider: vscode }
  engines: { provider: builtin }
roles: { review: ours, generate: ours, quick: spare }
`,
    });
    await confirm('ours');
    assert.equal((await review()).code, 0);
    const { models: rows } = json(await run(['models', '--format', 'json'])) as { models: Document[] };
    assert.deepEqual(
      rows.map(({ name, calls, inUse, roles, fallback, confirmed, needsKey }) => [
        name,
        calls,
        inUse,
        roles,
        fallback,
        confirmed,
        needsKey,
      ]),
      [
        ['ours', 1, true, ['review', 'generate'], ['spare'], true, false],
        ['spare', 0, false, ['quick'], [], false, true],
        ['copilot', 0, false, [], [], undefined, undefined],
      ],
    );
    assert.partialDeepStrictEqual(rows[0], {
      slo: { verdict: 'too-few-calls', calls: 1 },
      circuit: { state: 'closed', failures: 0 },
      budget: { perRun: 0.25, perDay: 5, currency: 'USD', heldToday: 0 },
      capabilities: { refused: [], form: 'schema' },
    });
    const { stdout } = await run(['models']);
    for (const line of stdout.split('\n').slice(1)) assert.ok(line.length <= 120, line);
    assert.match(stdout, /^ {2}spare +quick +0 /m);
    assert.match(stdout, /gpt-5\.2 at https:\/\/api\.openai\.com · a key is missing · not confirmed: handrail models confirm spare --keep/);
  });
});
