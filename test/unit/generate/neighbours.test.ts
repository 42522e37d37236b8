import assert from 'node:assert/strict';
import { neighboursOf } from '../../../src/core/ai/generate/neighbours.ts';

const has = (path: string, text: string, wanted: string): boolean => neighboursOf(path, text).some((paths) => paths.includes(wanted));

describe('neighbours of a file', () => {
  it('are what it imports by a relative path', () => {
    assert.ok(has('src/a/b.ts', "import { x } from '../c.ts';", 'src/c.ts'));
    assert.ok(has('src/a/b.ts', "export * from './c.js';", 'src/a/c.ts'));
    assert.ok(has('src/a/b.js', "const c = require('./c');", 'src/a/c/index.js'));
    assert.ok(has('pkg/a/b.py', 'from ..c.d import e', 'pkg/c/d.py'));
    assert.ok(has('src/a.cpp', '#include "b.h"', 'src/b.h'));
  });
  it('are its test, or what it tests', () => {
    assert.ok(has('src/cart.ts', '', 'test/cart.test.ts'));
    assert.ok(has('test/cart.test.ts', '', 'src/cart.ts'));
    assert.ok(has('pkg/a.go', '', 'pkg/a_test.go'));
  });
  it('never lie outside of the workspace, and are no packages', () => {
    const paths = neighboursOf('a.ts', "import a from '../../etc/passwd'; import b from 'zod'; import c from '/etc/hosts';").flat();
    assert.ok(paths.every((path) => !path.includes('..') && !path.includes('etc') && !path.includes('zod')));
  });
  it('are found in time that grows with the length', function () {
    this.timeout(10_000);
    assert.ok(neighboursOf('a.ts', "import './b';\n".repeat(100_000)).length <= 41);
    neighboursOf('a.ts', `from ${' '.repeat(10)}'./`.repeat(50_000));
  });
});
