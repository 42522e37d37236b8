import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerateRequest, GenerateResult, ProposedChange } from '../../src/core/ai/generate/generation.ts';
import type { GenerateService } from '../../src/core/ai/service.ts';
import { failureOf, type FailureReason } from '../../src/core/errors.ts';
import { createGenerateService } from '../../src/node/ai/generateService.ts';
import { modelEnvironment, modelOptions } from '../support/chosenModel.ts';
import { createCliRunner, finished, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

const CART = 'export function total(prices: number[]): number {\n  return prices.length;\n}\n';
const PROMPT = '---\ndescription: Mend it\n---\n\nMend [the cart](../../src/cart.ts) in ${input:style:plain} style.\n';
const WORKFLOW = `version: 1
id: feature
title: Feature
steps:
  - id: note
    kind: manual
    title: Write a note
    expect: [{ file: note.md }]
  - id: mend
    kind: generate
    title: Mend the total
    why: It counts instead of adding.
    needs: [note]
    prompt: .github/prompts/mend.prompt.md
    inputs: ['src/**']
    expect: [{ changed: 'src/**' }]
`;
const FILES = {
  '.handrail/workflows/feature.yml': WORKFLOW,
  '.github/prompts/mend.prompt.md': PROMPT,
  'AGENTS.md': 'Amounts are whole cents.\n',
  'src/cart.ts': CART,
  'src/other.ts': 'export const other = 1;\n',
  '.gitignore': 'private/\n',
  '.handrailignore': 'src/hidden.ts\n',
};

function block(path: string, search: string, replacement: string): string {
  const lines = (text: string): string => (text === '' ? '' : `${text}\n`);
  return `${path}\n<<<<<<< SEARCH\n${lines(search)}=======\n${lines(replacement)}>>>>>>> REPLACE\n`;
}

const MENDED = CART.replace('prices.length', 'prices.reduce((sum, price) => sum + price, 0)');
const MEND = `The total adds now.\n\n${block('src/cart.ts', '  return prices.length;', '  return prices.reduce((sum, price) => sum + price, 0);')}`;

describe('generation', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: ModelServer;
  let service: GenerateService;

  beforeEach(async () => {
    cli = createCliRunner();
    repo = createTestRepo({ files: FILES, branch: 'feat/x' });
    server = await startModelServer({ replies: [{ text: MEND }] });
    service = createGenerateService(modelOptions({ root: repo.root, home: cli.home }, server));
  });
  afterEach(async () => {
    await server.close();
    cli.remove();
    repo.remove();
  });

  const environment = (): Record<string, string> => modelEnvironment(server);
  const run = (args: string[], env = environment()): Promise<CliResult> => finished(cli.start(args, { cwd: repo.root, env }));
  const text = (path: string): string => readFileSync(join(repo.root, path), 'utf8');
  const answer = (reply: string): void => server.setScript({ replies: [{ text: reply }] });
  const generate = (request: GenerateRequest): Promise<GenerateResult> =>
    service.generate(request, { signal: new AbortController().signal, onEvent() {} });
  const sent = (): string => JSON.stringify(server.requests.at(-1)?.body);
  const fails = async (work: Promise<unknown>, reason: FailureReason, message: RegExp): Promise<void> => {
    await assert.rejects(work, (error) => {
      const failure = failureOf(error);
      assert.equal(failure?.reason, reason, String(error));
      assert.match(failure.message, message);
      assert.ok(failure.hint, 'says what to do next');
      return true;
    });
  };
  /** No temporary file is left behind. */
  const clean = (): void => {
    const names = readdirSync(repo.root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.includes('.tmp-') && !name.startsWith('.git/'),
    );
    assert.deepEqual(names, []);
  };

  describe('on the command line', () => {
    it('prints a patch that git takes, and writes nothing', async () => {
      const done = await run(['generate', '--prompt', '.github/prompts/mend.prompt.md']);
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stderr, /^Model: test-model – /);
      assert.match(done.stderr, /The model says: The total adds now\./);
      assert.match(done.stderr, /What was read: 2 in full/);
      assert.equal(repo.git('status', '--porcelain'), '');
      writeFileSync(join(repo.root, 'x.patch'), done.stdout);
      repo.git('apply', 'x.patch');
      assert.equal(text('src/cart.ts'), MENDED);
      assert.match(sent(), /in plain style/);
      assert.match(sent(), /Amounts are whole cents/);
    });

    it('prints patches of odd files that git takes', async () => {
      const odd = {
        'my docs/no end.txt': 'one\ntwo',
        'dos.txt': 'one\r\ntwo\r\nthree\r\n',
        'mark.txt': '\ufeffone\ntwo\n',
        'ümlaut "q".txt': 'one\ntwo\n',
        'empty.txt': '',
      };
      repo.write(odd);
      repo.commit();
      answer(
        [
          block('my docs/no end.txt', 'two', 'TWO\nthree'),
          block('dos.txt', 'two', 'TWO'),
          block('mark.txt', 'one', 'ONE'),
          block('ümlaut "q".txt', 'two', ''),
          block('empty.txt', '', 'filled'),
          block('new folder/a b.txt', '', 'fresh\n\ntext'),
        ].join('\n'),
      );
      const files = Object.keys(odd).flatMap((path) => ['--file', path]);
      const done = await run(['generate', '--instruction', 'Change them.', ...files]);
      assert.equal(done.code, 0, done.stderr);
      const applied = await run(['generate', '--instruction', 'Change them.', ...files, '--apply']);
      assert.equal(applied.code, 0, applied.stderr);
      const written = Object.fromEntries([...Object.keys(odd), 'new folder/a b.txt'].map((path) => [path, text(path)]));
      assert.deepEqual(written, {
        'my docs/no end.txt': 'one\nTWO\nthree',
        'dos.txt': 'one\r\nTWO\r\nthree\r\n',
        'mark.txt': '\ufeffONE\ntwo\n',
        'ümlaut "q".txt': 'one\n',
        'empty.txt': 'filled',
        'new folder/a b.txt': 'fresh\n\ntext\n',
      });
      // Git makes the same of the patch.
      repo.git('stash', '--include-untracked', '--quiet');
      const outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-patch-')));
      try {
        writeFileSync(join(outside, 'x.patch'), done.stdout);
        repo.git('apply', join(outside, 'x.patch'));
      } finally {
        rmSync(outside, { recursive: true });
      }
      for (const [path, content] of Object.entries(written)) assert.equal(text(path), content, path);
    });

    it('writes with --apply, and says what it wrote and what has no place', async () => {
      const first = `${MEND}${block('src/cart.ts', 'not there', 'x')}${block('.vscode/tasks.json', '', '{}')}`;
      server.setScript({ replies: [{ text: first }, { text: block('src/cart.ts', 'not there', 'x') }] });
      chmodSync(join(repo.root, 'src/cart.ts'), 0o755);
      const done = await run(['generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts:2', '--apply']);
      assert.equal(done.code, 0, done.stderr);
      assert.equal(done.stdout, 'changed src/cart.ts +1 -1\n');
      assert.match(done.stderr, /2 edits have no place/);
      assert.match(done.stderr, /1 edit had no place at first; test-model was asked once more, and none has one now\./);
      assert.match(done.stderr, /Model calls: 2,/);
      assert.match(done.stderr, /src\/cart\.ts: The lines that it replaces are not in the file\.\n {4}\| not there/);
      assert.equal(text('src/cart.ts'), MENDED);
      assert.equal(existsSync(join(repo.root, '.vscode')), false);
      if (process.platform !== 'win32') assert.equal(statSync(join(repo.root, 'src/cart.ts')).mode & 0o777, 0o755);
      clean();
    });

    it('answers no when there is nothing to write', async () => {
      for (const reply of ['It is right as it is.', block('src/cart.ts', 'not there', 'x')]) {
        answer(reply);
        for (const more of [[], ['--apply'], ['--format', 'json']]) {
          const done = await run(['generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts', ...more]);
          assert.equal(done.code, 1, done.stderr);
          if (more.length < 2) assert.equal(done.stdout, '');
        }
      }
    });

    it('gives one JSON document', async () => {
      const done = await run(['--format', 'json', 'generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts:1-3']);
      assert.equal(done.code, 0, done.stderr);
      const document = JSON.parse(done.stdout) as GenerateResult & { patch: string; applied: boolean };
      assert.partialDeepStrictEqual(document, {
        model: 'test-model',
        applied: false,
        changes: [{ file: 'src/cart.ts', kind: 'edit', after: MENDED }],
        unplaced: [],
      });
      assert.match(document.patch, /^diff --git a\/src\/cart\.ts b\/src\/cart\.ts\n/);
    });

    it('writes nothing when a file was changed while the model wrote', async () => {
      server.setScript({ replies: [{ text: MEND, pieceLength: 4, interval: 1 }] });
      const asked = server.seen(() => true).then(() => writeFileSync(join(repo.root, 'src/cart.ts'), `// mine\n${CART}`));
      const done = await run(['generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts', '--apply']);
      await asked;
      assert.equal(done.code, 2, done.stdout);
      assert.match(done.stderr, /Changed while the model wrote, so that this proposal no longer fits: src\/cart\.ts\./);
      assert.match(done.stderr, /src\/cart\.ts was changed meanwhile, so nothing was written\. Generate again/);
      assert.equal(text('src/cart.ts'), `// mine\n${CART}`);
    });

    it('keeps what the model answered where it cannot be written', async () => {
      server.setScript({ replies: [{ text: MEND, pieceLength: 4, interval: 1 }] });
      const asked = server.seen(() => true).then(() => writeFileSync(join(repo.root, 'src/cart.ts'), `// mine\n${CART}`));
      const done = await run(['generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts', '--apply', '--format', 'json']);
      await asked;
      assert.equal(done.code, 2);
      const document = JSON.parse(done.stdout) as { error: { reason: string }; patch: string; applied: boolean };
      assert.deepEqual([document.error.reason, document.applied], ['conflict', false]);
      assert.match(document.patch, /^\+ {2}return prices\.reduce/m);
    });

    it('shows what it would send and sends nothing', async () => {
      const done = await run(['generate', '--step', 'mend', '--dry-run']);
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /One request to http:\/\/127\.0\.0\.1:\d+, about \d+ tokens\. Nothing was sent\./);
      assert.match(done.stdout, /It counts instead of adding/);
      assert.match(done.stdout, /export const other = 1;/);
      assert.equal(server.requests.length, 0);
    });

    it('needs a model, an agreement and a reachable server', async () => {
      const without = await run(['generate', '--instruction', 'x'], {});
      assert.equal(without.code, 2);
      assert.match(without.stderr, /Generating needs a model; the built-in reviewer only reviews\. Choose one: .*--model NAME/);
      const named = await run(['generate', '--instruction', 'x', '--model', 'builtin']);
      assert.equal(named.code, 2);
      repo.write({
        '.handrail/models.yml': `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: usual }\n  second: { provider: openai, baseURL: "${server.baseURL}", model: writer }\nroles: { review: ours, generate: second }\n`,
      });
      const unconfirmed = await run(['generate', '--instruction', 'x'], {});
      assert.equal(unconfirmed.code, 2);
      assert.match(unconfirmed.stderr, /handrail models confirm second/);
      assert.equal(server.requests.length, 0);
      assert.equal((await run(['models', 'confirm', 'second'], {})).code, 0);
      answer('Nothing to do.');
      assert.equal((await run(['generate', '--instruction', 'x'], {})).code, 1);
      assert.equal(server.requests.at(-1)?.body['model'], 'writer');
      const gone = await run(['generate', '--instruction', 'x', '--model', 'm'], {
        ...environment(),
        OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      });
      assert.notEqual(gone.code, 0);
    });

    it('uses the reviewing model where the team names none for generations', async () => {
      repo.write({
        '.handrail/models.yml': `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: usual }\nroles: { review: ours }\n`,
      });
      assert.equal((await run(['models', 'confirm', 'ours'], {})).code, 0);
      const done = await run(['generate', '--prompt', '.github/prompts/mend.prompt.md'], {});
      assert.equal(done.code, 0, done.stderr);
      assert.equal(server.requests.at(-1)?.body['model'], 'usual');
    });

    it('ends at once on Ctrl-C, with nothing written', async () => {
      server.setScript({ replies: [{ text: MEND, hang: 'body' }] });
      const child = cli.start(['generate', '--instruction', 'Mend it.', '--file', 'src/cart.ts', '--apply'], {
        cwd: repo.root,
        env: environment(),
      });
      const done = finished(child);
      await server.seen(() => true);
      child.kill('SIGINT');
      assert.equal((await done).code, 130);
      assert.equal(text('src/cart.ts'), CART);
      clean();
    });

    const refused: [string[], RegExp][] = [
      [['generate'], /nothing to generate.*--prompt FILE/],
      [['generate', '--prompt', 'a', '--step', 'b'], /exclude each other/],
      [['generate', '--instruction', 'x', '--apply', '--dry-run'], /exclude each other/],
      [['generate', '--prompt', 'none.prompt.md'], /no prompt file none\.prompt\.md/],
      [['generate', '--prompt', '../x.prompt.md'], /lies outside/],
      [['generate', '--instruction', 'x', '--file', 'none.ts'], /There is no file none\.ts/],
      [['generate', '--instruction', 'x', '--file', 'src/cart.ts:3-1'], /names no lines/],
      [['generate', '--instruction', 'x', '--file', 'src/cart.ts:1', '--file', 'src/other.ts:1'], /Only one --file can have lines/],
      [['generate', '--instruction', 'x', '--input', 'name'], /has no value/],
      [['generate', '--step', 'note'], /is not a generation step/],
      [['generate', '--step', 'mnd'], /Did you mean mend\?/],
      [['generate', '--step', 'mend'], /cannot start yet: it waits for Write a note/],
      [['run', 'mend'], /cannot start yet/],
    ];
    for (const [args, message] of refused) {
      it(`refuses \`${args.join(' ')}\` with the mend`, async () => {
        const done = await run(args);
        assert.equal(done.code, 2, done.stdout + done.stderr);
        assert.equal(done.stderr.trimEnd().split('\n').length, 1, done.stderr);
        assert.match(done.stderr, message);
        assert.equal(server.requests.length, 0);
      });
    }

    describe('for a step', () => {
      beforeEach(() => repo.write({ 'note.md': '# Note\n' }));
      const step = async (): Promise<Record<string, unknown>> => {
        const status = JSON.parse((await run(['status', '--format', 'json'])).stdout) as { steps: Record<string, unknown>[] };
        return status.steps.find(({ id }) => id === 'mend') ?? assert.fail('no such step');
      };

      it('prints the patch and leaves the step as it is; --apply writes and records', async () => {
        const shown = await run(['generate', '--step', 'mend']);
        assert.equal(shown.code, 0, shown.stderr);
        assert.match(shown.stdout, /^diff --git/);
        assert.equal((await step())['state'], 'ready');
        const done = await run(['generate', '--step', 'mend', '--apply']);
        assert.equal(done.code, 0, done.stderr);
        assert.match(done.stdout, /changed src\/cart\.ts \+1 -1\n✓ Mend the total: done/);
        assert.equal(text('src/cart.ts'), MENDED);
        assert.partialDeepStrictEqual(await step(), { state: 'done', evidence: { provider: 'model', model: 'test-model' } });
        assert.match(sent(), /Mend the total \(It counts instead of adding\.\)/);
        assert.match(sent(), /export const other = 1;/);
        assert.doesNotMatch(sent(), /# Note/, 'the step says what it reads');
      });

      it('reads what the branch changed where the step names no inputs', async () => {
        repo.write({ '.handrail/workflows/feature.yml': WORKFLOW.replace(/ +inputs: .*\n/, '') });
        assert.equal((await run(['generate', '--step', 'mend'])).code, 0);
        assert.match(sent(), /# Note/);
        assert.doesNotMatch(sent(), /export const other/);
      });

      it('records nothing that was not written', async () => {
        answer('Nothing to do.');
        assert.equal((await run(['generate', '--step', 'mend', '--apply'])).code, 1);
        assert.equal((await step())['state'], 'ready');
      });

      it('is not run where nobody can look at it', async () => {
        const done = await run(['run', 'mend']);
        assert.equal(done.code, 2);
        assert.match(done.stderr, /handrail generate --step mend --apply/);
        assert.equal(server.requests.length, 0);
      });

      it('asks on a terminal before it writes', async function () {
        if (!hasTerminal) this.skip();
        const own = await modelServerProcess(MEND);
        try {
          const env = modelEnvironment(own);
          const no = runOnTerminal(cli, ['run', 'mend'], { cwd: repo.root, env, input: 'n\n' });
          assert.equal(no.code, 1, no.stdout);
          assert.match(no.stdout, /reduce/);
          assert.match(no.stdout, /Nothing was written\./);
          assert.equal(text('src/cart.ts'), CART);
          const yes = runOnTerminal(cli, ['run', 'mend'], { cwd: repo.root, env, input: 'y\n' });
          assert.equal(yes.code, 0, yes.stdout);
          assert.equal(text('src/cart.ts'), MENDED);
          assert.equal((await step())['state'], 'done');
        } finally {
          await own.close();
        }
      });
    });
  });

  describe('from a prompt file that is not to be trusted', () => {
    const prompt = async (body: string): Promise<GenerateResult> => {
      repo.write({ 'p.prompt.md': body });
      return await generate({ prompt: 'p.prompt.md' });
    };

    it('refuses a way out of the workspace, also through a link', async () => {
      await fails(prompt('Read [this](../secret.txt).'), 'config', /points out of the workspace/);
      await fails(prompt('Read [this](../../../../../../etc/passwd).'), 'config', /points out of the workspace/);
      symlinkSync('/etc/hostname', join(repo.root, 'link.txt'));
      symlinkSync('/etc', join(repo.root, 'folder'));
      await fails(prompt('Read [this](link.txt).'), 'config', /p\.prompt\.md points to a file that cannot be used: link\.txt leads out/);
      await fails(prompt('Read [this](folder/hostname).'), 'config', /leads out/);
      symlinkSync('/etc/hostname', join(repo.root, 'evil.prompt.md'));
      await fails(generate({ prompt: 'evil.prompt.md' }), 'config', /leads out/);
      await fails(generate({ prompt: '../p.prompt.md' }), 'config', /leads out/);
      assert.equal(server.requests.length, 0);
    });

    it('says what is wrong with a file that it points to', async () => {
      await fails(prompt('Read [this](none.md).'), 'not-found', /points to none\.md, and there is no such file/);
      writeFileSync(join(repo.root, 'data.bin'), new Uint8Array([1, 0, 2]));
      await fails(prompt('Read [this](data.bin).'), 'bad-response', /binary/);
      writeFileSync(join(repo.root, 'latin.txt'), new Uint8Array([0xe9, 0x0a]));
      await fails(prompt('Read [this](latin.txt).'), 'bad-response', /not UTF-8/);
      writeFileSync(join(repo.root, 'big.txt'), 'x'.repeat(5 * 1024 * 1024 + 1));
      await fails(prompt('Read [this](big.txt).'), 'too-large', /larger than 5 MiB/);
      await fails(prompt('---\ndescription: x\n---\n'), 'config', /is empty/);
      assert.equal(server.requests.length, 0);
    });

    it('sends nothing that is ignored, also behind a link, and says so', async () => {
      repo.write({ 'private/key.txt': 'PRIVATE-ONE\n', 'src/hidden.ts': 'HIDDEN-ONE\n' });
      symlinkSync('private/key.txt', join(repo.root, 'looks-fine.txt'));
      const result = await prompt('Read [a](private/key.txt), [b](src/hidden.ts), [c](looks-fine.txt), [d](.git/config).');
      assert.doesNotMatch(sent(), /PRIVATE-ONE|HIDDEN-ONE|repositoryformatversion/);
      assert.deepEqual(
        result.coverage.filter(({ status }) => status === 'skipped').map(({ file, reason }) => [file, reason]),
        [
          ['private/key.txt', 'ignored by git'],
          ['src/hidden.ts', 'ignored by .handrailignore'],
          ['looks-fine.txt', 'ignored by git'],
          ['.git/config', "git's own data"],
        ],
      );
      assert.equal(result.notices.filter((notice) => /goes to no model/.test(notice)).length, 4);
    });

    it('keeps what is ignored to itself also beside paths that git does not judge', async () => {
      repo.write({
        'private/key.txt': 'PRIVATE-ONE\n',
        'sub/.gitignore': 'own.txt\n',
        'sub/own.txt': 'OWN-ONE\n',
        'sub/a.txt': 'SUB-TWO\n',
      });
      // Git gives up on a list of paths at the first that lies beyond a link or in another repository.
      symlinkSync('src', join(repo.root, 'link'));
      symlinkSync('private', join(repo.root, 'way'));
      repo.git('init', '--quiet', 'sub');
      repo.git('-C', 'sub', 'add', 'a.txt');
      repo.git('-C', 'sub', 'commit', '--quiet', '-m', 'x');
      repo.git('-c', 'advice.addEmbeddedRepo=false', 'add', 'sub');
      const links = ['link/cart.ts', 'sub/a.txt', ':!odd.txt', 'private/key.txt', 'way/key.txt', 'sub/own.txt'];
      repo.write({ ':!odd.txt': 'ODD-THREE\n' });
      const result = await prompt(links.map((path) => `Read [it](./${path}).`).join('\n'));
      assert.doesNotMatch(sent(), /PRIVATE-ONE|OWN-ONE/);
      assert.match(sent(), /prices\.length.*SUB-TWO.*ODD-THREE/s);
      assert.deepEqual(
        result.coverage.filter(({ status }) => status === 'skipped').map(({ file, reason }) => [file, reason]),
        ['private/key.txt', 'way/key.txt', 'sub/own.txt'].map((file) => [file, 'ignored by git']),
      );
    });

    it('does not follow its wish for another model', async () => {
      const result = await prompt('---\nmodel: somebody-elses\n---\nMend [it](src/cart.ts).');
      assert.equal(server.requests.at(-1)?.body['model'], 'test-model');
      assert.match(result.notices.join('\n'), /somebody-elses/);
    });
  });

  it('sends what the editor shows instead of what was saved', async () => {
    const buffer = CART.replace('prices.length', 'prices.length + 1');
    answer(block('src/cart.ts', '  return prices.length + 1;', '  return 0;'));
    const result = await generate({
      instruction: 'x',
      at: { file: 'src/cart.ts', startLine: 2, endLine: 2, selected: false },
      buffers: { 'src/cart.ts': buffer },
    });
    assert.equal(result.changes[0]?.before, buffer);
    // On disk there is another text, so it is the editor that has to write.
    await fails(service.apply(result.changes), 'conflict', /changed meanwhile/);
  });

  it('reads along what the file at the cursor imports, and beside it what it uses, and says so', async () => {
    repo.write({
      'src/money.ts': 'export const cents = 1;\n',
      'src/use.ts': "import { cents } from './money.ts';\nexport const x = cents;\n",
      'pkg/total.go': 'package p\n\nfunc Total() int {\n\treturn Sum()\n}\n',
      'pkg/sum.go': 'package p\n\nfunc Sum() int {\n\treturn 1\n}\n',
      'pkg/other.go': 'package p\n\nfunc Other() int {\n\treturn 2\n}\n',
    });
    const read = async (file: string): Promise<string[]> => {
      const { coverage } = await generate({ instruction: 'x', at: { file, startLine: 2, endLine: 2, selected: false } });
      return coverage.map((entry) => `${entry.file} ${entry.status}`);
    };
    assert.deepEqual(await read('src/use.ts'), ['src/use.ts full', 'src/money.ts full']);
    assert.deepEqual(await read('pkg/total.go'), ['pkg/total.go full', 'pkg/sum.go full']);
    assert.match(sent(), /func Sum/);
    assert.doesNotMatch(sent(), /func Other/);
  });

  it('generates nothing in a folder that is not trusted', async () => {
    const careful = createGenerateService(modelOptions({ root: repo.root, home: cli.home }, server, { isTrusted: false }));
    const signal = new AbortController().signal;
    await fails(careful.generate({ instruction: 'x' }, { signal, onEvent() {} }), 'untrusted', /not trusted/);
    await fails(careful.preview({ instruction: 'x' }, { signal }), 'untrusted', /not trusted/);
    assert.equal(server.requests.length, 0);
  });

  it('tells no name of a file that models must not read', async () => {
    repo.write({ 'src/hidden.ts': 'x\n', 'src/shown.ts': 'x\n' });
    await generate({ prompt: '.github/prompts/mend.prompt.md' });
    assert.match(sent(), /src\/shown\.ts/);
    assert.doesNotMatch(sent(), /src\/hidden\.ts/);
  });

  it('refuses to read what is ignored, though the person named it', async () => {
    repo.write({ 'private/key.txt': 'PRIVATE-ONE\n' });
    await fails(generate({ instruction: 'x', files: ['private/key.txt'] }), 'config', /goes to no model: ignored by git/);
  });

  it('keeps a secret out of the request and in the file', async () => {
    const token = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
    repo.write({ 'src/keys.ts': `export const token = '${token}';\nexport const retries = 1;\n` });
    const [marker] = await (async () => {
      answer('Nothing to do.');
      await generate({ instruction: 'x', files: ['src/keys.ts'] });
      return /\[redacted:[a-z0-9-]+\]/.exec(sent()) ?? assert.fail('the secret was sent');
    })();
    assert.doesNotMatch(sent(), new RegExp(token));
    answer(
      block(
        'src/keys.ts',
        `export const token = '${marker}';\nexport const retries = 1;`,
        `const token = '${marker}';\nexport const retries = 3;`,
      ),
    );
    const result = await generate({ instruction: 'x', files: ['src/keys.ts'] });
    await service.apply(result.changes);
    assert.equal(text('src/keys.ts'), `const token = '${token}';\nexport const retries = 3;\n`);
  });

  describe('refuses to write', () => {
    const reasons = async (path: string): Promise<string> => {
      answer(block(path, '', 'x'));
      const result = await generate({ instruction: 'x' });
      assert.deepEqual(result.changes, []);
      return result.unplaced[0]?.because ?? '';
    };

    it('through a link out of the workspace', async () => {
      const outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-out-')));
      try {
        symlinkSync(outside, join(repo.root, 'out'));
        assert.match(await reasons('out/new.ts'), /leads out of the workspace/);
        symlinkSync(join(outside, 'nothing'), join(repo.root, 'dangling.ts'));
        assert.match(await reasons('dangling.ts'), /such a file already/);
        assert.deepEqual(readdirSync(outside), []);
      } finally {
        rmSync(outside, { recursive: true });
      }
    });

    it('through a link to what is refused by name', async () => {
      symlinkSync('.git', join(repo.root, 'fine'));
      assert.match(await reasons('fine/hooks/pre-commit'), /leads to \.git\/hooks\/pre-commit\. It is git's own data/);
      symlinkSync('.handrail/workflows', join(repo.root, 'flows'));
      assert.match(await reasons('flows/new.yml'), /only when you name it/);
    });

    it('what is ignored, a folder, or below a file', async () => {
      assert.match(await reasons('private/new.ts'), /ignored by git/);
      assert.match(await reasons('src/hidden.ts'), /ignored by \.handrailignore/);
      assert.match(await reasons('.github'), /folder/);
      assert.match(await reasons('src/cart.ts/x.ts'), /part of its path is a file/);
    });

    it('a file that is read-only', async () => {
      chmodSync(join(repo.root, 'src/cart.ts'), 0o444);
      answer(MEND);
      const result = await generate({ instruction: 'x', files: ['src/cart.ts'] });
      assert.equal(result.unplaced[0]?.because, 'It is read-only.');
    });
  });

  describe('writes all or none', () => {
    const edit = (file: string, before: string, after: string): ProposedChange => ({ file, kind: 'edit', before, after, edits: [] });
    const create = (file: string): ProposedChange => ({ file, kind: 'create', before: '', after: 'x\n', edits: [] });
    const cart = edit('src/cart.ts', CART, MENDED);

    const broken: [string, () => ProposedChange, FailureReason][] = [
      ['a file that changed', () => edit('src/other.ts', 'export const other = 2;\n', 'x'), 'conflict'],
      ['a file that is gone', () => edit('src/gone.ts', 'x', 'y'), 'conflict'],
      ['a new file that is there by now', () => create('src/other.ts'), 'conflict'],
      ['a path out of the workspace', () => create('../x.ts'), 'config'],
      ["git's own data", () => create('.git/hooks/pre-commit'), 'config'],
      ['a name that leads elsewhere on some system', () => create('.git./hooks/pre-commit'), 'config'],
      ['a path below a file', () => create('src/other.ts/x.ts'), 'config'],
      ['a name that no file system takes', () => create(`new/folder/${'x'.repeat(300)}`), 'io'],
      [
        'a read-only file',
        () => {
          chmodSync(join(repo.root, 'src/other.ts'), 0o444);
          return edit('src/other.ts', 'export const other = 1;\n', 'x');
        },
        'read-only',
      ],
    ];
    for (const [name, make, reason] of broken) {
      it(`with ${name} among the changes`, async () => {
        await fails(service.apply([cart, create('fresh/a.ts'), make()]), reason, /./);
        assert.equal(text('src/cart.ts'), CART);
        assert.deepEqual(existsSync(join(repo.root, 'fresh')), false);
        assert.equal(existsSync(join(repo.root, 'new')), false);
        clean();
      });
    }

    it('and does not make a file that another one needs as its folder', async () => {
      for (const [one, other] of [
        ['fresh/a', 'fresh/a/b'],
        ['fresh/a/b', 'fresh/a'],
      ] as const) {
        await fails(
          service.apply([cart, create(one), create(other)]),
          'conflict',
          /^fresh\/a cannot be a file and the folder of fresh\/a\/b,/,
        );
        assert.equal(text('src/cart.ts'), CART);
        assert.equal(existsSync(join(repo.root, 'fresh')), false);
      }
    });

    it('and does not write one file twice through a link', async () => {
      symlinkSync('cart.ts', join(repo.root, 'src/alias.ts'));
      await fails(service.apply([cart, edit('src/alias.ts', CART, '// other\n')]), 'conflict', /are the same file/);
      assert.equal(text('src/cart.ts'), CART);
    });

    it('and keeps a link a link', async () => {
      symlinkSync('cart.ts', join(repo.root, 'src/alias.ts'));
      await service.apply([edit('src/alias.ts', CART, MENDED)]);
      assert.equal(text('src/cart.ts'), MENDED);
      assert.equal(readFileSync(join(repo.root, 'src/alias.ts'), 'utf8'), MENDED);
      assert.match(repo.git('status', '--porcelain'), /^ ?M src\/cart\.ts\n\?\? src\/alias\.ts$/);
    });
  });

  it('works outside of a repository', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-plain-')));
    try {
      writeFileSync(join(folder, 'cart.ts'), CART);
      answer(block('cart.ts', '  return prices.length;', '  return 0;'));
      const done = await finished(
        cli.start(['generate', '--instruction', 'x', '--file', 'cart.ts', '--apply'], { cwd: folder, env: environment() }),
      );
      assert.equal(done.code, 0, done.stderr);
      assert.match(readFileSync(join(folder, 'cart.ts'), 'utf8'), /return 0/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** In a process of its own, since a run on a terminal keeps this one waiting. */
async function modelServerProcess(reply: string): Promise<{ baseURL: string; close(): Promise<void> }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-script-')));
  writeFileSync(join(folder, 'script.json'), JSON.stringify({ replies: [{ text: reply }] }));
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../support/modelServer.ts'), '--port', '0', '--script', join(folder, 'script.json')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    baseURL: line.toString().trim(),
    async close() {
      const ended = once(child, 'close');
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
