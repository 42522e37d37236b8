import assert from 'node:assert/strict';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import { matchingWorkflows } from '../../../src/core/workflow/select.ts';
import type { LoadedWorkflow } from '../../../src/core/workflow/select.ts';

function load(name: string, header = '', files: Record<string, string> = {}): LoadedWorkflow {
  const path = `.handrail/workflows/${name}.yml`;
  const text = `version: 1\nid: ${name}\ntitle: ${name}\n${header}steps: [{ id: a, kind: manual, title: A }]\n`;
  const { workflow } = parseWorkflow(text, path, { read: (wanted) => files[wanted] ?? text });
  assert.ok(workflow);
  return { path, workflow };
}

const ids = (loaded: LoadedWorkflow[]): string[] => loaded.map(({ workflow }) => workflow.id);

describe('which workflow a branch follows', () => {
  const all = [load('zebra'), load('fix', 'on: { branches: ["fix/**"] }\n'), load('feature', 'on: { branches: ["feat/**", "main"] }\n')];

  it('is the first by file name whose "on" matches', () => {
    assert.deepEqual(ids(matchingWorkflows(all, 'feat/a/b')), ['feature', 'zebra']);
    assert.deepEqual(ids(matchingWorkflows(all, 'fix/a')), ['fix', 'zebra']);
    assert.deepEqual(ids(matchingWorkflows(all, 'main')), ['feature', 'zebra']);
    assert.deepEqual(ids(matchingWorkflows(all, 'other')), ['zebra']);
  });

  it('on a detached head is one that matches every branch', () => assert.deepEqual(ids(matchingWorkflows(all, null)), ['zebra']));

  it('is not a file that only others build on', () => {
    const base = load('base');
    const overlay = load('team', 'extends: [./base.yml]\n', {
      '.handrail/workflows/base.yml': 'version: 1\nid: base\ntitle: B\nsteps: [{ id: b, kind: manual, title: B }]\n',
    });
    assert.deepEqual(ids(matchingWorkflows([base, overlay], 'x')), ['team']);
  });

  it('does not run what a branch is called', () => {
    assert.deepEqual(ids(matchingWorkflows(all, 'feat/$(id);`x` "y"')), ['feature', 'zebra']);
  });
});
