import assert from 'node:assert/strict';
import { cautionFor, refusedName, refusedTarget } from '../../../src/core/ai/generate/targets.ts';

describe('where a generation may write', () => {
  const never = [
    '',
    '../x.ts',
    '/etc/passwd',
    'C:\\x',
    'a/../../x',
    '.git/hooks/pre-commit',
    '.GIT/config',
    'sub/.git/config',
    '.handrail/evidence/x/1.json',
    'node_modules/x/index.js',
    'package-lock.json',
    'vendor/a.go',
    '.git\\hooks\\pre-commit',
    'sub/.ＧＩＴ/hooks/x',
  ];
  for (const path of never) {
    it(`never: ${JSON.stringify(path)}`, () => {
      assert.ok(refusedTarget(path, false));
      assert.ok(refusedTarget(path, true));
    });
  }

  const onlyNamed = [
    '.vscode/settings.json',
    'packages/a/.vscode/tasks.json',
    '.VSCode/launch.json',
    'x.code-workspace',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    '.husky/pre-commit',
    '.gitattributes',
    '.devcontainer/devcontainer.json',
    '.envrc',
    '.npmrc',
    '.mcp.json',
    '.claude/settings.json',
    '.cursor/rules/a.mdc',
    'AGENTS.md',
    'packages/a/CLAUDE.md',
    '.github/copilot-instructions.md',
    '.github/prompts/x.prompt.md',
    '.handrail/workflows/feature.yml',
    '.handrail/models.yml',
    '.handrailignore',
    'CODEOWNERS',
    '.github/CODEOWNERS',
    // The folder of the workspace may hold several repositories.
    'shop/.github/workflows/ci.yml',
    'shop/.handrail/workflows/feature.yml',
    // Kelvin sign and long s are the same letters to some file systems.
    '.vſcode/tasks.json',
    '.hus\u212ay/pre-commit',
    '.vscode\\tasks.json',
    '.travis.yml',
    'bitbucket-pipelines.yml',
    '.forgejo/workflows/ci.yml',
    '.cargo/config.toml',
    '.github/hooks/x.json',
    '.windsurf/rules/a.md',
    '.clinerules/a.md',
    'AGENTS.override.md',
    '.ssh/config',
    '.bashrc',
  ];
  for (const path of onlyNamed) {
    it(`only where the person named it: ${path}`, () => {
      assert.match(refusedTarget(path, false) ?? '', /only when you name it/);
      assert.equal(refusedTarget(path, true), undefined);
      assert.match(cautionFor(path) ?? '', /with care/);
    });
  }

  for (const path of [
    'src/a.ts',
    'docs/agents.html',
    '.github/ISSUE_TEMPLATE/bug.md',
    'my docs/a.md',
    'src/vscode/x.ts',
    '.gitignore',
    'test/git/a.ts',
    '..a/b',
  ]) {
    it(`anywhere else: ${path}`, () => {
      assert.equal(refusedTarget(path, false), undefined);
      assert.equal(cautionFor(path), undefined);
    });
  }

  for (const path of [
    '.github/./workflows/ci.yml',
    '.github//workflows/ci.yml',
    './a.ts',
    'a/',
    '~/notes.md',
    '~ada/notes.md',
    '.vscode./tasks.json',
    '.vscode /tasks.json',
    ' a.ts',
    'src/a.ts:stream',
    '.git::$INDEX_ALLOCATION/hooks/x',
    'GIT~1/hooks/x',
    'CON',
    'src/nul.txt',
    'src/Com1',
    'a\nb.ts',
    'a\tb.ts',
    '.g\u200cit/hooks/x',
    'evil\u202ets.exe',
    'a\ud800.ts',
    'a\ufeff.ts',
    'a*.ts',
  ]) {
    it(`no new file of this name: ${JSON.stringify(path)}`, () => {
      assert.match(refusedName(path) ?? '', /^The name .*\.$/);
    });
  }
  for (const path of [
    'src/a.ts',
    'my docs/ä ö.md',
    '.env.example',
    'a~b.ts',
    'console.ts',
    'com.example/x',
    '[id].tsx',
    'src/(group)/é.ts',
    '日本/a.md',
  ]) {
    it(`a new file of this name: ${path}`, () => {
      assert.equal(refusedName(path), undefined);
    });
  }

  it('tells of files whose commands run by themselves', () => {
    assert.equal(refusedTarget('package.json', false), undefined);
    assert.match(cautionFor('web/package.json') ?? '', /with care/);
    assert.match(cautionFor('Makefile') ?? '', /with care/);
  });
});
