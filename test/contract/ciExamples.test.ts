import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { parseCommandLine } from '../../src/cli/arguments.ts';
import { command as team } from '../../src/cli/commands/team.ts';
import { command as verify } from '../../src/cli/commands/verify.ts';

const root = resolve(import.meta.dirname, '../..');
const files = globSync('examples/ci/**/*.yml', { cwd: root });

/** Every shell text of a file, wherever it stands. */
function scripts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scripts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isScript = key === 'run' || key === 'script' || key === 'before_script';
    return isScript ? [inner].flat().filter((text): text is string => typeof text === 'string') : scripts(inner);
  });
}

describe('the ready files for hosted CI', () => {
  it('are there', () => assert.equal(files.length, 5));

  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const parsed: unknown = parse(text);

    it(`${file}: is valid, and its shell is, too`, () => {
      for (const script of scripts(parsed)) assert.equal(spawnSync('sh', ['-n'], { input: script }).status, 0, script);
    });

    it(`${file}: calls handrail with options that it has`, () => {
      const calls = [
        ...scripts(parsed)
          .join('\n')
          .matchAll(/^\s*handrail (verify|team) ([^|>\n]*)/gm),
      ];
      for (const [, name, args = ''] of calls) {
        const command = name === 'team' ? team : verify;
        parseCommandLine(args.trim().replaceAll('"', '').split(/\s+/), command.options, command);
      }
    });

    it(`${file}: puts nothing that an author chooses into a script`, () => {
      for (const script of scripts(parsed)) assert.doesNotMatch(script, /\$\{\{/);
    });

    it(`${file}: pins what it uses by digest`, () => {
      for (const [, at = ''] of text.matchAll(/uses: \S+@(\S+)/g)) assert.match(at, /^[0-9a-f]{40}$/);
      if (/npm install/.test(text)) assert.match(text, /sha256sum --check --strict/);
    });
  }

  it('never check out what a pull request brings', () => {
    const text = readFileSync(join(root, 'examples/ci/github/handrail.yml'), 'utf8');
    const refs = [...text.matchAll(/^\s*ref: (.*)$/gm)].map(([, ref]) => ref);
    assert.deepEqual(refs, ['refs/heads/${{ steps.pull.outputs.base }}']);
    assert.doesNotMatch(text, /--rerun|git (?:checkout|switch|restore|worktree)/);
  });

  it('give each base a status of its own: the same commit may be proposed for a branch that demands nothing', () => {
    const text = readFileSync(join(root, 'examples/ci/github/handrail.yml'), 'utf8');
    assert.match(text, /verify --base "\$BASE"[^]*context="handrail\/\$BASE"/);
  });
});
