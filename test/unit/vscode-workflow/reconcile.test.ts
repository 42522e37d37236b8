import assert from 'node:assert/strict';
import type { Node } from '../../../src/vscode/workflow/nodes.ts';
import { reconcile } from '../../../src/vscode/workflow/reconcile.ts';

const row = (id: string, description: string, children: Node[] = []): Node => ({
  item: {
    id,
    label: id,
    description,
    icon: { id: 'circle' },
    contextValue: 'step',
    expand: 'none',
    tone: 'normal',
    accessibilityLabel: id,
  },
  children,
  stepId: id,
});

describe('reconcile', () => {
  it('keeps every row while nothing about it changes', () => {
    const shown = [row('a', 'ready'), row('b', 'ready', [row('b/1', 'x')])];
    const before = [...shown];
    assert.deepEqual(reconcile(shown, [row('a', 'ready'), row('b', 'ready', [row('b/1', 'x')])]), []);
    assert.ok(shown.every((node, i) => node === before[i]));
  });

  it('draws only the rows again that changed, as the same rows', () => {
    const shown = [row('a', 'ready'), row('b', 'ready'), row('c', 'ready', [row('c/1', 'x')])];
    const [, b, c] = shown;
    const changed = reconcile(shown, [row('a', 'ready'), row('b', 'stale'), row('c', 'ready', [row('c/1', 'y')])]);
    assert.deepEqual(changed, [b, c]);
    assert.equal(b?.item.description, 'stale');
    assert.equal(c?.children[0]?.item.description, 'y');
  });

  it('draws everything again when rows come, go or move', () => {
    const shown = [row('a', 'ready'), row('b', 'ready')];
    const [a] = shown;
    const wanted = [row('b', 'done'), row('c', 'ready'), row('a', 'ready')];
    assert.equal(reconcile(shown, wanted), 'all');
    assert.deepEqual(shown, wanted);
    assert.equal(shown[2], a);
    assert.equal(reconcile(shown, []), 'all');
    assert.deepEqual(shown, []);
  });
});
