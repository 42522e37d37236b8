/**
 * Each wall between the layers is tested by a planted leak: a copy of the sources is accepted as it is, and refused, with the
 * reason, once a file that breaks the rule is added.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from '../../esbuild.mjs';

const root = path.resolve(import.meta.dirname, '../..');

describe('walls between the layers', () => {
  let copy: string;

  before(() => {
    copy = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-walls-'));
    for (const item of ['src', 'tsconfig.json', '.oxlintrc.json', 'package.json'])
      fs.cpSync(path.join(root, item), path.join(copy, item), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  });

  after(() => fs.rmSync(copy, { recursive: true, force: true }));

  const undo: (() => void)[] = [];
  function plant(file: string, text: string): void {
    const target = path.join(copy, file);
    undo.push(() => fs.rmSync(target));
    fs.writeFileSync(target, text);
  }
  function append(file: string, text: string): void {
    const target = path.join(copy, file);
    const original = fs.readFileSync(target, 'utf8');
    undo.push(() => fs.writeFileSync(target, original));
    fs.writeFileSync(target, original + text);
  }
  afterEach(() => undo.splice(0).forEach((step) => step()));

  function tool(script: string, ...args: string[]): { status: number | null; output: string } {
    const done = spawnSync(process.execPath, [path.join(root, 'node_modules', script), ...args], { cwd: copy, encoding: 'utf8' });
    return { status: done.status, output: done.stdout + done.stderr };
  }
  /** Only the layer rule, so that a finding of another rule cannot pass for it. */
  const lint = () => {
    const { output } = tool('oxlint/bin/oxlint', 'src');
    return output.split('\n').filter((line) => line.includes('no-restricted-imports'));
  };
  const compileCore = () => tool('typescript/bin/tsc', '-p', 'src/core');
  const bundle = async (): Promise<string> => {
    try {
      await build({ root: copy, outdir: path.join(copy, 'dist'), quiet: true });
      return '';
    } catch (error) {
      return String(error);
    }
  };

  describe('lint', () => {
    it('accepts the sources', () => assert.deepEqual(lint(), []));

    const leaks = [
      {
        wall: 'core takes no editor, not even its types',
        file: 'src/core/leak.ts',
        text: "import type { Uri } from 'vscode';\nexport type Leak = Uri;\n",
      },
      { wall: 'core takes nothing of Node', file: 'src/core/leak.ts', text: "import fs from 'node:fs';\nexport const leak = fs;\n" },
      {
        wall: 'core takes no type of Node either',
        file: 'src/core/leak.ts',
        text: "import type { Stats } from 'node:fs';\nexport type Leak = Stats;\n",
      },
      {
        wall: 'core takes nothing of Node under its old name',
        file: 'src/core/leak.ts',
        text: "import fs from 'fs';\nexport const leak = fs;\n",
      },
      {
        wall: 'core does not know node',
        file: 'src/core/workflow/leak.ts',
        text: "import { leak } from '../../node/x.ts';\nexport { leak };\n",
      },
      { wall: 'core does not know node through import()', file: 'src/core/leak.ts', text: "export const leak = import('../node/x.ts');\n" },
      { wall: 'core does not know the command line', file: 'src/core/leak.ts', text: "export { leak } from '../cli/x.ts';\n" },
      { wall: 'core does not know the editor layer', file: 'src/core/leak.ts', text: "export * from '../vscode/x.ts';\n" },
      {
        wall: 'node takes no editor, not even its types',
        file: 'src/node/leak.ts',
        text: "import type { Uri } from 'vscode';\nexport type Leak = Uri;\n",
      },
      {
        wall: 'node does not know the editor layer',
        file: 'src/node/git/leak.ts',
        text: "import type { Leak } from '../../vscode/x.ts';\nexport type { Leak };\n",
      },
      {
        wall: 'node does not know the command line',
        file: 'src/node/leak.ts',
        text: "import { leak } from '../cli/x.ts';\nexport { leak };\n",
      },
      {
        wall: 'cli takes no editor, not even its types',
        file: 'src/cli/leak.ts',
        text: "import type { Uri } from 'vscode';\nexport type Leak = Uri;\n",
      },
      {
        wall: 'cli does not know the editor layer',
        file: 'src/cli/commands/leak.ts',
        text: "import type { Leak } from '../../vscode/x.ts';\nexport type { Leak };\n",
      },
      {
        wall: 'the editor layer does not know cli',
        file: 'src/vscode/leak.ts',
        text: "import type { Leak } from '../cli/x.ts';\nexport type { Leak };\n",
      },
      { wall: 'nobody imports the composition', file: 'src/node/leak.ts', text: "export * from '../extension.ts';\n" },
    ];
    for (const { wall, file, text } of leaks) {
      it(wall, () => {
        plant(file, text);
        assert.equal(lint().length, 1);
      });
    }
  });

  describe("the core's own compilation", () => {
    it('accepts the sources', () => {
      const { status, output } = compileCore();
      assert.equal(status, 0, output);
    });

    for (const [what, text] of [
      ['a global of Node', 'export const leak = process.env;\n'],
      ['Buffer', "export const leak = Buffer.from('x');\n"],
      ['a global of the browser', 'export const leak = document.title;\n'],
      ['a module of Node', "import fs from 'node:fs';\nexport const leak = fs;\n"],
    ] as const) {
      it(`refuses ${what}`, () => {
        plant('src/core/leak.ts', text);
        const { status, output } = compileCore();
        assert.notEqual(status, 0);
        assert.match(output, /src\/core\/leak\.ts/);
      });
    }
  });

  describe('the bundles', () => {
    it('accept the sources', async () => assert.equal(await bundle(), ''));

    it('refuse the editor in the command line', async () => {
      plant('src/cli/leak.ts', "import * as vscode from 'vscode';\nexport const leak = vscode.version;\n");
      append('src/cli/main.ts', "\nexport { leak } from './leak.ts';\n");
      assert.match(await bundle(), /Could not resolve "vscode"/);
    });

    it('refuse the editor in what is loaded on first use', async () => {
      plant('src/node/leak.ts', "import * as vscode from 'vscode';\nexport const leak = vscode.version;\n");
      append('src/extension.ts', "\nexport const leak = () => import('./node/leak.ts');\n");
      assert.match(await bundle(), /Could not resolve "vscode"/);
    });

    it('take the editor in what its own layer loads on first use', async () => {
      plant('src/vscode/leak.ts', "import * as vscode from 'vscode';\nexport const leak = vscode.version;\n");
      append('src/extension.ts', "\nexport const leak = () => import('./vscode/leak.ts');\n");
      assert.equal(await bundle(), '');
    });

    it('refuse src/node at activation', async () => {
      plant('src/node/leak.ts', 'export const leak = 1;\n');
      append('src/extension.ts', "\nexport { leak } from './node/leak.ts';\n");
      assert.match(await bundle(), /loaded at activation/);
    });

    it('take types of src/node, which are gone at run time', async () => {
      plant('src/node/leak.ts', 'export interface Leak { a: 1 }\n');
      append('src/extension.ts', "\nexport type { Leak } from './node/leak.ts';\n");
      assert.equal(await bundle(), '');
    });
  });
});
