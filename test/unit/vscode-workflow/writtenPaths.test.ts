import assert from 'node:assert/strict';
import { writtenPaths } from '../../../src/vscode/workflow/writtenPaths.ts';

describe('writtenPaths', () => {
  it('takes a file for itself', () => {
    assert.deepEqual(writtenPaths('src/a.ts'), ['src/a.ts']);
    assert.deepEqual(writtenPaths('src/.gitignore'), ['src/.gitignore']);
    assert.deepEqual(writtenPaths('my.git/HEAD'), ['my.git/HEAD']);
  });

  it('leaves what git writes for itself to other watchers', () => {
    for (const path of ['.git', '.git/index', '.git/HEAD', '.git/refs/heads/x', '.git/objects/ab/cd', '.git/modules/part/objects/ab/cd']) {
      assert.equal(writtenPaths(path), undefined, path);
    }
    assert.equal(writtenPaths('part/.git/objects/ab/cd'), undefined);
  });

  it('hears of commits in submodules, and of repositories that come and go', () => {
    for (const path of ['.git/modules/part/HEAD', '.git/modules/a/b/refs/heads/main', 'part/.git/HEAD', 'part/.git/refs/heads/main']) {
      assert.deepEqual(writtenPaths(path), [], path);
    }
    assert.deepEqual(writtenPaths('part/.git'), ['part/.git']);
  });
});
