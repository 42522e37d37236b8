import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);

test('the tests of the sales report pass', { skip: python === undefined ? 'Python is not installed' : false }, () => {
  const run = spawnSync(python ?? '', ['-B', '-m', 'unittest', 'discover', '-s', 'report'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
});
