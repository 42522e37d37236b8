import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import type { Boards } from '../../../src/vscode/review/boards.ts';
import { track } from '../../../src/vscode/review/trackedFinding.ts';
import type { Threads } from '../../../src/vscode/review/threads.ts';
import { threads as shown } from '../../support/commentsStub.ts';
import { finding } from './support.ts';

const STUB = new URL('../../support/commentsStub.ts', import.meta.url).href;

describe('the threads of findings', () => {
  let threads: Threads;

  before(async () => {
    const hooks = registerHooks({
      resolve: (specifier, context, next) => (specifier === 'vscode' ? { url: STUB, shortCircuit: true } : next(specifier, context)),
    });
    const module = await import('../../../src/vscode/review/threads.ts');
    hooks.deregister();
    const entries = ['f1', 'f2'].map((id) => track(finding({ id })));
    let changed = (): void => {};
    const boards = {
      all: [{ folder: { uri: 'file:///x' }, board: { entries } }],
      onDidChange(listener: () => void) {
        changed = listener;
        return { dispose() {} };
      },
    };
    threads = new module.Threads(boards as unknown as Boards);
    changed();
  });

  const screen = (): number[] => shown.map((thread) => thread.screen);

  it('open one at a time', () => {
    assert.deepEqual(screen(), [0, 0]);
    threads.expand('f1');
    assert.deepEqual(screen(), [1, 0]);
    threads.expand('f2');
    assert.deepEqual(screen(), [0, 1]);
  });

  it('open again after a person folded them, of which the editor tells nothing', () => {
    threads.expand('f2');
    shown[1]?.foldedByHand();
    threads.expand('f2');
    assert.deepEqual(screen(), [0, 1]);
  });
});
