import assert from 'node:assert/strict';
import { cautionFor, refusedTarget } from '../../../src/core/ai/generate/targets.ts';

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

  it('tells of files whose commands run by themselves', () => {
    assert.equal(refusedTarget('package.json', false), undefined);
    assert.match(cautionFor('web/package.json') ?? '', /with care/);
    assert.match(cautionFor('Makefile') ?? '', /with care/);
  });
});
