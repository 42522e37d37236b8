import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RawFinding } from '../../src/core/ai/finding.ts';
import { createBuiltinReviewer } from '../../src/node/ai/builtin/builtinReviewer.ts';
import { createEngineHost, type EngineHost } from '../../src/node/ai/builtin/engineHost.ts';

const never = new AbortController().signal;

describe('built-in reviewer', function () {
  // Loading the engines takes a second or two on a busy machine.
  this.timeout(60_000);
  let host: EngineHost;
  before(() => {
    host = createEngineHost();
  });
  after(() => host.dispose());

  const review = (name: string, text: string) => createBuiltinReviewer({ host }).review(name, text, never);
  const summary = (findings: RawFinding[]) =>
    findings.map((finding) => `${finding.line} ${finding.rule} ${finding.severity} ${finding.category}`);

  /** The text after the finding's fix, as the editor would apply it. */
  function applied(text: string, finding: RawFinding | undefined): string {
    assert.ok(finding, 'there is a finding');
    const lines = text.split('\n');
    const { line = 0, endLine = 0 } = finding;
    const newText = finding.replacement ?? assert.fail('it has no fix');
    lines.splice(line - 1, endLine - line + 1, ...(newText === '' ? [] : newText.split('\n')));
    return lines.join('\n');
  }

  it('finds bugs in TypeScript, in file order, with the lines they are about', async () => {
    const text = [
      'const limit = 3;',
      'export function f(x: number): number {',
      '  limit = x;',
      '  if (x === NaN) return 0;',
      '  eval("1");',
      '  return limit;',
      '  f(2);',
      '}',
      '',
    ].join('\n');
    const findings = await review('src/a.ts', text);
    assert.deepEqual(summary(findings), [
      '3 biome/noConstAssign high bug',
      '4 biome/useIsNan high bug',
      '5 biome/noGlobalEval high security',
      '7 biome/noUnreachable medium bug',
    ]);
    assert.deepEqual(
      findings.map((finding) => finding.quote),
      ['  limit = x;', '  if (x === NaN) return 0;', '  eval("1");', '  f(2);'],
    );
    for (const finding of findings) {
      assert.equal(finding.file, 'src/a.ts');
      assert.match(finding.title, /^\S.*\.$/);
      assert.match(finding.message, /^\S.*[.]$/);
    }
  });

  it('offers fixes that do what they say, with characters of every length before them', async () => {
    const text = [
      '// 😀 Grüße, 世界',
      'export function f(x: number): boolean {',
      '  debugger;',
      "  const s = '😀'; return x === NaN || s == 'é';",
      '}',
      '',
    ].join('\n');
    const findings = await review('a.ts', text);
    const fixOf = (rule: string) =>
      applied(
        text,
        findings.find((finding) => finding.rule === rule),
      );
    assert.equal(fixOf('biome/useIsNan'), text.replace('x === NaN', 'Number.isNaN(x)'));
    assert.equal(fixOf('biome/noDoubleEquals'), text.replace('s == ', 's === '));
    assert.equal(fixOf('biome/noDebugger'), text.replace('  debugger;\n', ''));
  });

  it('finds bugs in Python', async () => {
    const text = [
      'import subprocess',
      '',
      'def add(item, items=[]):',
      '    items.append(itm)',
      '    subprocess.run("echo " + item, shell=True)',
      '    if item is "x":',
      '        return None',
      '    return items',
      '',
    ].join('\n');
    const findings = await review('pkg/a.py', text);
    assert.deepEqual(summary(findings), [
      '3 ruff/B006 high bug',
      '4 ruff/F821 high bug',
      '5 ruff/S602 high security',
      '6 ruff/F632 high bug',
    ]);
    assert.equal(
      applied(
        text,
        findings.find((finding) => finding.rule === 'ruff/F632'),
      ),
      text.replace('item is "x"', 'item == "x"'),
    );
  });

  it('speaks plainly where the engine does not', async () => {
    const text = "export const a = [1, , 2];\nexport const b = String(a).toUpperCase() === 'staff';\n";
    const found = await review('a.ts', text);
    for (const { title, message } of found) assert.doesNotMatch(`${title} ${message}`, /\.\.|Biome reports|convert the|an empty slots/);
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ['biome/noSparseArray', 'biome/noStringCaseMismatch'],
    );
  });

  it('reads CSS and JSON, comments in JSON included', async () => {
    assert.deepEqual(summary(await review('a.css', 'a { color: red; color: blue; }\n')), ['1 biome/noDuplicateProperties medium bug']);
    assert.deepEqual(summary(await review('a.json', '{ "a": 1, "a": 2 }\n')), ['1 biome/noDuplicateObjectKeys medium bug']);
    assert.deepEqual(await review('tsconfig.json', '{ // why\n "a": 1, }\n'), []);
  });

  it('says one thing about a file with a syntax error', async () => {
    assert.deepEqual(summary(await review('a.ts', 'const a = 1;\nfunction (\n const = ;\nx === x;\n')), ['2 biome/syntax high syntax']);
    assert.deepEqual(summary(await review('a.py', 'x = 1\ndef f(:\n  pass\nassert (1, "")\n')), ['2 ruff/syntax high syntax']);
  });

  it('keeps silent about style and good code', async () => {
    assert.deepEqual(await review('a.ts', 'export const a: any = "x"\nexport function f() {}\nvar b = 1; console.log(b)\n'), []);
    assert.deepEqual(await review('a.py', "def  f( x ):\n  assert x\n  return {'a':x }\n"), []);
    assert.deepEqual(await review('pkg/__init__.py', 'from .a import f\n'), []);
  });

  it('speaks of assignments and empty blocks only where they are mistakes', async () => {
    const text = [
      'export function f(x: number, m: RegExpExecArray | null) {',
      '  if (x = 2) return 1;',
      '  while ((m = /a/g.exec("a"))) if (m) break;',
      '  const y = (x ??= 1);',
      '  try { g(() => {}); } catch {}',
      '  return y;',
      '}',
      'export function g(_: () => void) {}',
      '',
    ].join('\n');
    const found = await review('a.ts', text);
    assert.deepEqual(
      found.filter(({ rule }) => rule !== 'biome/noConstantCondition').map(({ line, rule }) => `${line} ${rule}`),
      ['2 biome/noAssignInExpressions', '5 biome/noEmptyBlockStatements'],
    );
  });

  it('tells tests that shut out others, and placeholders that nobody fills in, from what only looks like them', async () => {
    const told = [
      "fit('adds', () => {});",
      "describe.only('sums', () => {});",
      'export const hello = (name: string): string => "Hello ${name}";',
      'export const nothing = /a[]b/;',
    ];
    const meant = [
      'export const width = fit(text, 3);',
      "export const snippet = 'needs: ${1:step}, ${branch}';",
      'export const all = /a[^]*b/;',
      'export function valueOf(text: string): string { return text; }',
    ];
    const rules = async (lines: readonly string[]): Promise<string[]> =>
      (await review('a.ts', `${lines.join('\n')}\n`)).map(({ line, rule }) => `${line} ${rule}`);
    assert.deepEqual(await rules(told), [
      '1 biome/noFocusedTests',
      '2 biome/noFocusedTests',
      '3 biome/noTemplateCurlyInString',
      '4 biome/noEmptyCharacterClassInRegex',
    ]);
    assert.deepEqual(await rules(meant), []);
  });

  it('reads odd texts: empty, with a BOM, with CRLF, a single line without end', async () => {
    for (const path of ['a.ts', 'a.py', 'a.json', 'a.css', 'a.txt']) assert.deepEqual(await review(path, ''), [], path);
    const [bom] = await review('a.ts', '\ufeffexport const a = 1;\r\na = 2;\r\n');
    assert.equal(bom?.line, 2);
    assert.equal(bom?.quote, 'a = 2;');
    const [crlf] = await review('a.py', 'def f(a):\r\n    return a is "x"\r\n');
    assert.equal(crlf?.replacement, '    return a == "x"');
    assert.equal((await review('a.js', 'debugger')).length, 1);
  });

  it('takes paths as names only', async () => {
    assert.equal((await review('../../etc/weird name \u00e9#?.ts', 'debugger;')).length, 1);
    assert.equal((await review('biome.json', '{ "linter": { "enabled": false } }')).length, 0);
    assert.equal((await review('b.ts', 'debugger;')).length, 1, 'a file of that name configures nothing');
  });

  it('finds secrets in any file, and never shows them', async () => {
    const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    for (const [path, text] of [
      ['notes.txt', `token: ${token}\n`],
      ['a.ts', `const unusedToken = "${token}";\nexport {};\n`],
      ['a.py', `def f():\n    unused_token = "${token}"\n`],
    ] as const) {
      const findings = await review(path, text);
      const secret = findings.find((finding) => finding.category === 'secret');
      assert.ok(secret, path);
      assert.equal(secret.severity, 'high');
      assert.match(secret.quote, /\[redacted:github-token\]/);
      assert.doesNotMatch(JSON.stringify(findings), /abcdefghijklmnop/);
    }
  });

  it('knows which files an engine reads', () => {
    const reviewer = createBuiltinReviewer({ host });
    assert.deepEqual(
      ['a.ts', 'x/B.TSX', 'a.d.mts', 'a.py', 'a.css', '.eslintrc.json', 'Makefile', 'a.md', 'ts', '.py.txt'].map((path) =>
        reviewer.reads(path),
      ),
      [true, true, true, true, true, true, false, false, false, false],
    );
  });

  describe('the worker', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'handrail worker '));
    after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    let files = 0;
    const workerOf = (code: string): URL => {
      const file = path.join(folder, `worker ${files++}.mjs`);
      writeFileSync(file, code);
      return pathToFileURL(file);
    };

    it('starts with the first file and ends when idle', async () => {
      const own = createEngineHost({ idle: 30 });
      assert.equal(own.alive, false);
      await own.run('secrets', 'a.txt', 'x');
      assert.equal(own.alive, true);
      const deadline = Date.now() + 10_000;
      while (own.alive && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(own.alive, false);
      assert.deepEqual(await own.run('secrets', 'a.txt', 'x'), [], 'and starts again');
      own.dispose();
    });

    it('ends with the process that started it, also while an engine hangs', async () => {
      const parent = `import { createEngineHost } from ${JSON.stringify(new URL('../../src/node/ai/builtin/engineHost.ts', import.meta.url).href)};
        const host = createEngineHost();
        await host.run('secrets', 'a.txt', 'x');
        console.log(host.pid);
        void host.run('review', 'hang.js', 'a' + '.b()'.repeat(20_000));
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      await once(child, 'close');
      const pid = Number(said);
      assert.ok(pid > 0, said);
      const isThere = (): boolean => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      while (isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
    });

    it('cancels at once, also what waits in line, and goes on with the rest', async () => {
      const cancel = new AbortController();
      const reviewer = createBuiltinReviewer({ host });
      const big = 'export const a = [1, 2, 3].map((x) => x === x);\n'.repeat(3000);
      const running = reviewer.review('big.ts', big, cancel.signal);
      const waiting = reviewer.review('b.ts', 'debugger;', cancel.signal);
      const other = reviewer.review('c.ts', 'debugger;', never);
      cancel.abort();
      await assert.rejects(running, { name: 'HandrailError', reason: 'cancelled' });
      await assert.rejects(waiting, { reason: 'cancelled' });
      assert.equal((await other).length, 1);
      await assert.rejects(reviewer.review('d.ts', '', cancel.signal), { reason: 'cancelled' });
    });

    it('fails one file that hangs, crashes or overfills it, not the next', async () => {
      // Long enough for a process to start on a busy machine.
      const hoard = 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));';
      for (const body of ['for (;;);', 'process.exit(3);', 'throw new Error("boom");', hoard]) {
        const code = `process.on('message', ({ id, text }) => { if (text === 'bad') { ${body} } process.send({ id, value: [] }); });`;
        const own = createEngineHost({ timeout: 5000, workerUrl: workerOf(code) });
        const bad = own.run('secrets', 'bad.txt', 'bad');
        const good = own.run('secrets', 'good.txt', 'good');
        await assert.rejects(bad, { name: 'HandrailError', reason: 'internal', message: /bad\.txt/ }, body);
        assert.deepEqual(await good, [], body);
        own.dispose();
      }
    });

    it('goes on after a file that no engine can take', async () => {
      const deep = 20_000;
      for (const [bad, text, good] of [
        ['deep.js', '('.repeat(deep) + ')'.repeat(deep), 'a.js'],
        ['deep.css', 'a{'.repeat(deep) + '}'.repeat(deep), 'a.css'],
        ['deep.py', `x = ${'-'.repeat(deep)}1\n`, 'a.py'],
      ] as const) {
        await assert.rejects(review(bad, text), { name: 'HandrailError', reason: 'internal', message: new RegExp(bad) });
        const found = await review(good, { 'a.js': 'debugger;', 'a.css': 'a { color: red; color: red }', 'a.py': 'print(x)' }[good]);
        assert.equal(found.length, 1, good);
      }
    });

    it('reads large files', async () => {
      const found = await review('large.js', `export {};\n${'// filler filler filler\n'.repeat(90_000)}debugger;\n`);
      assert.deepEqual(summary(found), ['90002 biome/noDebugger medium bug']);
    });

    it('sees nothing of the environment', async () => {
      const own = createEngineHost({
        workerUrl: workerOf("process.on('message', ({ id }) => process.send({ id, value: Object.keys(process.env) }));"),
      });
      const names = await own.run<string[]>('secrets', 'a', '');
      assert.deepEqual(
        names.filter((name) => name !== 'SystemRoot'),
        ['ELECTRON_RUN_AS_NODE'],
      );
      own.dispose();
    });
  });

  it('loads the engines it ships as files', () => {
    for (const file of ['@biomejs/wasm-nodejs/biome_wasm_bg.wasm', '@astral-sh/ruff-wasm-nodejs/ruff_wasm_bg.wasm']) {
      assert.ok(existsSync(new URL(`../../node_modules/${file}`, import.meta.url)), file);
    }
  });
});
