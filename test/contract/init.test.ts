import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import type { FailureReason } from '../../src/core/errors.ts';
import { planAgentFiles } from '../../src/node/workflow/agentFiles.ts';
import { initWorkspace } from '../../src/node/workflow/initWorkspace.ts';
import { loadHandrail, validateFiles } from '../../src/node/workflow/loader.ts';
import { workspaceFiles } from '../../src/node/workspaceFiles.ts';

const STEP = 'steps: [{ id: a, kind: manual, title: A }]\n';

describe('a workspace folder', () => {
  let folder: string;
  let outside: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail init ')));
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail outside ')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(outside, { recursive: true, force: true });
  });

  const put = (path: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const get = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const init = (options: Parameters<typeof initWorkspace>[1] = {}) => initWorkspace(workspaceFiles(folder), options);
  const fails = (reason: FailureReason) => (error: unknown) => {
    assert.equal(failureOf(error)?.reason, reason);
    assert.ok(failureOf(error)?.hint, 'says what to do next');
    return true;
  };

  describe('init', () => {
    it('writes three valid steps with the tests of the project, and never again', async () => {
      put('package.json', JSON.stringify({ scripts: { test: 'mocha' } }));
      const first = await init();
      assert.deepEqual(first.written, ['.handrail/workflows/team.yml']);
      assert.match(first.notes.join(' '), /"npm test" \(found in package\.json\)/);
      const { workflows, problems } = loadHandrail(workspaceFiles(folder));
      assert.deepEqual(problems, [{ path: '.handrail/workflows/team.yml', problems: [] }]);
      assert.deepEqual(
        workflows[0]?.workflow.steps.map((step) => step.kind),
        ['command', 'review', 'manual'],
      );
      put('.handrail/workflows/team.yml', '# mine\n');
      const second = await init();
      assert.deepEqual([second.written, second.kept], [[], ['.handrail/workflows/team.yml']]);
      assert.equal(get('.handrail/workflows/team.yml'), '# mine\n');
    });

    it('does not put a default beside workflows that are there', async () => {
      put('.handrail/workflows/ours.yml', `version: 1\nid: ours\ntitle: O\n${STEP}`);
      assert.deepEqual((await init()).kept, ['.handrail/workflows/ours.yml']);
      assert.deepEqual((await init({ template: 'feature' })).written, ['.handrail/workflows/feature.yml']);
    });

    const projects: [string, Record<string, string>, string | undefined][] = [
      ['npm', { 'package.json': '{"scripts":{"test":"x"}}' }, 'npm test'],
      ['pnpm', { 'package.json': '{"scripts":{"test":"x"}}', 'pnpm-lock.yaml': '' }, 'pnpm test'],
      ['yarn', { 'package.json': '{"scripts":{"test":"x"}}', 'yarn.lock': '' }, 'yarn test'],
      ['npm without tests', { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }, undefined],
      ['a broken package.json', { 'package.json': '{' }, undefined],
      ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\n' }, 'python3 -m pytest'],
      ['unittest', { 'tests/test_a.py': '' }, 'python3 -m unittest discover -s tests'],
      ['unittest in a package', { 'tests/test_a.py': '', 'tests/__init__.py': '' }, 'python3 -m unittest discover -s tests -t .'],
      ['Cargo', { 'Cargo.toml': '' }, 'cargo test'],
      ['Go', { 'go.mod': 'module x' }, 'go test ./...'],
      ['Maven with wrapper', { 'pom.xml': '', mvnw: '' }, './mvnw test'],
      ['Gradle', { 'build.gradle.kts': '' }, 'gradle test'],
      ['.NET', { 'a.sln': '' }, 'dotnet test'],
      ['make', { Makefile: 'all:\n\ntest: all\n\t./run\n' }, 'make test'],
      ['make without a test target', { Makefile: 'test := 1\n' }, undefined],
      ['two ecosystems', { 'package.json': '{"scripts":{"test":"x"}}', 'go.mod': '', Makefile: 'test:\n' }, 'npm test && go test ./...'],
      ['nothing known', { 'a.txt': '' }, undefined],
    ];
    for (const [name, files, expected] of projects) {
      it(`finds the tests of ${name}`, async () => {
        for (const [path, text] of Object.entries(files)) put(path, text);
        await init();
        const step = loadHandrail(workspaceFiles(folder)).workflows[0]?.workflow.steps[0];
        assert.equal(step?.kind === 'command' ? step.run : undefined, expected);
        assert.equal(step?.kind, expected === undefined ? 'manual' : 'command');
      });
    }

    it('imports lists, keeps every box, and hands over which are ticked', async () => {
      put('.github/PULL_REQUEST_TEMPLATE.md', '## Checks\n- [x] Tests added\n  - [ ] for errors too\n- [ ] Docs\n');
      const result = await init({ from: ['.github/PULL_REQUEST_TEMPLATE.md'] });
      assert.deepEqual(result.written, ['.handrail/workflows/pull-request-template.yml']);
      assert.deepEqual(result.done, [{ workflow: 'pull-request-template', steps: ['tests-added'] }]);
      assert.deepEqual(result.notes, ['.github/PULL_REQUEST_TEMPLATE.md: 3 boxes, 1 ticked.']);
      const { workflows } = loadHandrail(workspaceFiles(folder));
      assert.deepEqual(
        workflows[0]?.workflow.steps.map((step) => step.title),
        ['Tests added', '↳ for errors too', 'Docs'],
      );
      const again = await init({ from: ['.github/PULL_REQUEST_TEMPLATE.md'] });
      assert.deepEqual([again.written, again.done], [[], undefined]);
    });

    it('puts several lists into one workflow, also one from elsewhere', async () => {
      put('CONTRIBUTING.md', '- [ ] one\n');
      writeFileSync(join(outside, 'TODO.md'), '* [X] two\n');
      const result = await init({ from: [join(folder, 'CONTRIBUTING.md'), join(outside, 'TODO.md')] });
      assert.deepEqual(result.done, [{ workflow: 'contributing', steps: ['two'] }]);
      assert.equal(loadHandrail(workspaceFiles(folder)).workflows[0]?.workflow.steps.length, 2);
    });

    it('says what is wrong with what was asked for', async () => {
      put('empty.md', '# Nothing to tick\n');
      put('binary.md', new Uint8Array([0, 1, 2]));
      await assert.rejects(init({ template: 'nope' }), fails('usage'));
      await assert.rejects(init({ from: ['nope.md'] }), fails('not-found'));
      await assert.rejects(init({ from: ['empty.md'] }), fails('config'));
      await assert.rejects(init({ from: ['binary.md'] }), fails('bad-response'));
      await assert.rejects(init({ from: ['.'] }), fails('config'));
    });

    it('does not write through a link that the repository put there', async () => {
      symlinkSync(outside, join(folder, '.handrail'));
      await assert.rejects(init(), fails('config'));
      rmSync(join(folder, '.handrail'));
      mkdirSync(join(folder, '.handrail/workflows'), { recursive: true });
      symlinkSync(join(outside, 'target.yml'), join(folder, '.handrail/workflows/feature.yml'));
      const result = await init({ template: 'feature' });
      assert.deepEqual([result.written, result.kept], [[], ['.handrail/workflows/feature.yml']]);
    });

    it("writes nothing among git's own files, but does into a working tree that is kept there", async () => {
      execFileSync('git', ['init', '--quiet', '--bare', folder]);
      mkdirSync(join(folder, 'info'), { recursive: true });
      const before = readdirSync(folder);
      for (const at of [folder, join(folder, 'info')]) {
        await assert.rejects(initWorkspace(workspaceFiles(at), {}), fails('no-git'));
        assert.throws(() => planAgentFiles(at, { paragraph: true, stopHook: [] }), fails('no-git'));
      }
      assert.deepEqual(readdirSync(folder), before);
      put('tree/.git', 'gitdir: ../worktrees/tree\n');
      assert.deepEqual((await initWorkspace(workspaceFiles(join(folder, 'tree')), {})).written, ['.handrail/workflows/team.yml']);
    });

    // The superuser may write everywhere, and Windows has no such mode.
    if (process.platform !== 'win32' && process.getuid?.() !== 0) {
      it('says so when the folder cannot be written', async () => {
        chmodSync(folder, 0o555);
        await assert.rejects(init(), fails('read-only'));
        chmodSync(folder, 0o755);
      });
    }
  });

  describe('reading', () => {
    it('refuses what leads out, is no file, is too large or no text', () => {
      writeFileSync(join(outside, 'secret.yml'), 'secret');
      symlinkSync(join(outside, 'secret.yml'), join(folder, 'link.yml'));
      symlinkSync(outside, join(folder, 'away'));
      symlinkSync('loop', join(folder, 'loop'));
      put('inside.md', 'text');
      symlinkSync('inside.md', join(folder, 'alias.md'));
      put('large.md', Buffer.alloc(6 * 1024 * 1024, 'a'));
      put('latin.md', new Uint8Array([0x66, 0xfc, 0x72]));
      put('mark.md', '\uFEFFtext');
      const files = workspaceFiles(folder);
      assert.equal(files.readText('inside.md'), 'text');
      assert.equal(files.readText('alias.md'), 'text');
      assert.equal(files.readText('mark.md'), 'text');
      assert.equal(files.readText('nope/nope.md'), undefined);
      for (const path of ['link.yml', 'away/secret.yml', '../x', 'a/../../x', '/etc/hostname', 'a\0b']) {
        assert.throws(() => files.readText(path), fails('config'), path);
        assert.equal(files.exists(path), false, path);
      }
      assert.throws(() => files.readText('large.md'), fails('too-large'));
      assert.throws(() => files.readText('latin.md'), fails('bad-response'));
      assert.throws(() => files.readText('.'), fails('config'));
      assert.throws(() => files.readText('loop'), fails('io'));
    });

    if (process.platform !== 'win32') {
      it('does not wait for a named pipe', () => {
        execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(folder, 'pipe.yml')]);
        assert.throws(() => workspaceFiles(folder).readText('pipe.yml'), fails('config'));
      });
    }

    it('says which folder is not there', () => {
      assert.throws(() => workspaceFiles(join(folder, 'nope')), fails('not-found'));
    });
  });

  describe('.handrail/', () => {
    it('is read as a whole: a broken file hides no other', () => {
      put('.handrail/workflows/a.yml', `version: 1\nid: a\ntitle: A\n${STEP}`);
      put('.handrail/workflows/b.yml', 'version: [');
      put('.handrail/workflows/c.yaml', `version: 1\nid: c\ntitle: C\nextends: [a.yml]\nsteps: []\n`);
      put('.handrail/workflows/d.yml', new Uint8Array([0xff, 0xfe, 0]));
      put('.handrail/workflows/notes.txt', 'not a workflow');
      put('.handrail/models.yml', 'version: 1\nmodels: { m: { provider: builtin } }\nroles: { review: m }\n');
      put('.handrail/dismissals.yml', 'version: 2\n');
      const read = loadHandrail(workspaceFiles(folder));
      assert.deepEqual(
        read.workflows.map(({ path }) => path),
        ['.handrail/workflows/a.yml', '.handrail/workflows/c.yaml'],
      );
      assert.deepEqual(
        read.problems.map(({ path, problems }) => [path, problems.length > 0]),
        [
          ['.handrail/workflows/a.yml', false],
          ['.handrail/workflows/b.yml', true],
          ['.handrail/workflows/c.yaml', false],
          ['.handrail/workflows/d.yml', true],
          ['.handrail/models.yml', false],
          ['.handrail/dismissals.yml', true],
        ],
      );
      assert.deepEqual(
        read.unreadable.map(({ path }) => path),
        ['.handrail/workflows/b.yml', '.handrail/workflows/d.yml'],
      );
      assert.deepEqual(read.models?.roles, { review: 'm' });
      assert.equal(read.dismissals, undefined);
    });

    it('says at which character a file stops being text', () => {
      const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
      const cases: [string, Uint8Array, string][] = [
        ['Latin-1', bytes('version: 1\n# ä𝒳 f', [0xfc], 'r\n'), '2:8-9 is not UTF-8 text'],
        ['a character that is cut off', bytes('version: 1\n# ', [0xe2, 0x82]), '2:3-4 is not UTF-8 text'],
        ['a byte too many', bytes('# ', [0xc3, 0xa9, 0x80]), '1:4-5 is not UTF-8 text'],
        ['half a pair', bytes([0xed, 0xa0, 0x80]), '1:1-2 is not UTF-8 text'],
        ['a longer form than needed', bytes('a', [0xc0, 0xaf]), '1:2-3 is not UTF-8 text'],
        ['beyond Unicode', bytes('a', [0xf4, 0x90, 0x80, 0x80]), '1:2-3 is not UTF-8 text'],
        ['a NUL', bytes('version: 1\nid:', [0]), '2:4-5 is a binary file'],
        ['UTF-16, little end first', bytes([0xff, 0xfe, 0x76, 0]), '1:1-2 is UTF-16 text'],
        ['UTF-16, big end first', bytes([0xfe, 0xff, 0, 0x76]), '1:1-2 is UTF-16 text'],
      ];
      for (const [name, content, expected] of cases) {
        for (const path of ['.handrail/workflows/a.yml', '.handrail/models.yml', '.handrail/dismissals.yml', '.handrail/lock.yml']) {
          put(path, content);
          const [file] = validateFiles(workspaceFiles(folder), [path]);
          const [problem] = file?.problems ?? [];
          assert.equal(problem?.code, 'syntax');
          const place = `${problem?.line}:${problem?.column}-${problem?.endColumn}`;
          assert.equal(`${place} ${problem?.message.replace(/^\S+ /, '').replace(/\.$/, '')}`, expected, `${name} in ${path}`);
          rmSync(join(folder, path));
        }
      }
      put('.handrail/workflows/a.yml', `\uFEFFversion: 1\r\nid: a\r\ntitle: Ä𝒳\r\nsteps: [{ id: a, kind: manual, title: A }]\r\n`);
      assert.deepEqual(validateFiles(workspaceFiles(folder)), [{ path: '.handrail/workflows/a.yml', problems: [] }]);
    });

    it('is read up to two megabytes of workflows, the rest with a word about it', () => {
      const large = `version: 1\nid: ID\ntitle: T\nsteps: [{ id: a, kind: manual, title: A }]\n# ${'x'.repeat(130_000)}\n`;
      for (let i = 10; i < 30; i += 1) put(`.handrail/workflows/w${i}.yml`, large.replace('ID', `w${i}`));
      const { workflows, unreadable } = loadHandrail(workspaceFiles(folder));
      assert.equal(workflows.length, 16);
      assert.match(unreadable[0]?.problems[0]?.message ?? '', /larger than 2 MiB together/);
    });

    it('refuses the second workflow of an id at its id', () => {
      put('.handrail/workflows/a.yml', `version: 1\nid: same\ntitle: A\n${STEP}`);
      put('.handrail/workflows/b.yml', `version: 1\nid: same\ntitle: B\n${STEP}`);
      const { workflows, problems } = loadHandrail(workspaceFiles(folder));
      assert.equal(workflows.length, 1);
      const [problem] = problems[1]?.problems ?? [];
      assert.deepEqual([problem?.code, problem?.line, problem?.column, problem?.endColumn], ['duplicate-id', 2, 5, 9]);
    });

    it('checks roles and files of a workflow against the workspace', () => {
      put('.handrail/models.yml', 'version: 1\nmodels: { m: { provider: builtin } }\nroles: { review: m }\n');
      put(
        '.handrail/workflows/a.yml',
        'version: 1\nid: a\ntitle: A\nsteps: [{ id: a, kind: generate, title: A, prompt: p.md, role: write }]\n',
      );
      const codes = (): string[] => validateFiles(workspaceFiles(folder))[0]?.problems.map(({ code }) => code) ?? [];
      assert.deepEqual(codes(), ['missing-file', 'unknown-model']);
      put('p.md', 'prompt');
      assert.deepEqual(codes(), ['unknown-model']);
    });

    it('reports a linked workflow that lies outside, and reads nothing of it', () => {
      writeFileSync(join(outside, 'w.yml'), 'password: hunter2\n');
      mkdirSync(join(folder, '.handrail/workflows'), { recursive: true });
      symlinkSync(join(outside, 'w.yml'), join(folder, '.handrail/workflows/w.yml'));
      const [file] = validateFiles(workspaceFiles(folder));
      assert.equal(file?.problems[0]?.code, 'unsafe-path');
      assert.doesNotMatch(JSON.stringify(file), /hunter2|password/);
    });

    it('validates single files by any spelling of their path', () => {
      put('.handrail/workflows/a.yml', 'version: 2\n');
      put('other/w.yml', 'id: x\n');
      const files = workspaceFiles(folder);
      const paths = ['./.handrail/workflows/a.yml', join(folder, 'other/w.yml')];
      assert.deepEqual(
        validateFiles(files, paths).map(({ path, problems }) => [path, problems.length > 0]),
        [
          ['.handrail/workflows/a.yml', true],
          ['other/w.yml', true],
        ],
      );
      assert.throws(() => validateFiles(files, ['nope.yml']), fails('not-found'));
      assert.deepEqual(validateFiles(files).length, 1);
    });

    it('may be missing', () => assert.deepEqual(loadHandrail(workspaceFiles(folder)), { workflows: [], unreadable: [], problems: [] }));
  });
});
