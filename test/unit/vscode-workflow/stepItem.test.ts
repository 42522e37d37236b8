import assert from 'node:assert/strict';
import { arrange, detailItems, toItem } from '../../../src/vscode/workflow/stepItem.ts';
import type { StepStatus } from '../../../src/core/workflow/run.ts';
import { english, run, step } from './samples.ts';

const item = (one: StepStatus, others: StepStatus[] = []) => toItem(english, one, run([...others, one]));

describe('a step in the Workflow view', () => {
  it('says what it waits for by title, and only what is not settled', () => {
    const review = step({ id: 'review', title: 'AI review', state: 'ready', kind: 'review' });
    const tests = step({ id: 'tests', title: 'Run the tests', state: 'stale', kind: 'command' });
    const owner = step({ id: 'owner', kind: 'approval', state: 'blocked', needs: ['review', 'tests'] });
    const model = item(owner, [review, tests]);
    assert.equal(model.description, 'waits for AI review');
    assert.equal(model.checkbox, undefined);
  });

  it('names what made it stale', () => {
    const one = step({ id: 'tests', kind: 'command', state: 'stale', staleBecause: ['src/login.ts'] });
    assert.equal(item(one).description, 'stale: src/login.ts changed');
    assert.equal(item({ ...one, staleBecause: ['a', 'b', 'c'] }).description, 'stale: a and 2 more changed');
    assert.equal(item({ ...one, staleBecause: [] }).description, 'stale: what it covers changed');
  });

  it('says how it failed, by what is unmet or by what happened', () => {
    const failed = step({
      id: 'tests',
      kind: 'command',
      state: 'failed',
      because: 'its command was ended by a signal',
      missing: ['Run it again.'],
    });
    assert.equal(item(failed).description, 'failed: its command was ended by a signal');
    const expect = [{ kind: 'exit', met: false, detail: 'The command ended with exit code 2, not 0.' }];
    const evidence = { id: 'a', provider: 'command' as const };
    assert.equal(item({ ...failed, expect, evidence }).description, 'failed: the command ended with exit code 2, not 0');
  });

  it('says why a record does not settle it', () => {
    const one = step({ id: 'a', because: 'an agent cannot settle it', evidence: { id: 'a' }, assurance: 'missing' });
    assert.equal(item(one).description, 'not done: an agent cannot settle it');
  });

  it('says why it is not needed, once', () => {
    const one = step({ id: 'threats', state: 'skipped', because: 'not needed: no file under src/auth/.' });
    assert.equal(item(one).description, 'not needed: no file under src/auth/');
  });

  it('says in plain words what a done step rests on', () => {
    const done = step({ id: 'x', state: 'done' });
    assert.equal(item({ ...done, assurance: 'self-reported' }).description, "someone's word");
    assert.equal(
      item({ ...done, assurance: 'bound', evidence: { id: 'a', provider: 'builtin' } }).description,
      'checked here · built-in reviewer',
    );
    assert.equal(
      item({ ...done, assurance: 'bound', evidence: { id: 'a', provider: 'model', model: 'gpt-5' } }).description,
      'checked here · gpt-5',
    );
  });

  it('lets only people settle manual and approval steps, and only when it is their turn', () => {
    assert.deepEqual(item(step({ id: 'a' })).checkbox?.checked, false);
    assert.deepEqual(item(step({ id: 'a', kind: 'approval', state: 'done' })).checkbox?.checked, true);
    assert.equal(item(step({ id: 'a', state: 'blocked' })).checkbox, undefined);
    assert.equal(item(step({ id: 'a', state: 'skipped' })).checkbox, undefined);
    assert.equal(item(step({ id: 'a', kind: 'command' })).checkbox, undefined);
  });

  it('offers to run what can be run now', () => {
    assert.match(item(step({ id: 'a', kind: 'command' })).contextValue, /\brunnable\b/);
    assert.match(item(step({ id: 'a', kind: 'review', state: 'failed' })).contextValue, /\brunnable\b/);
    assert.doesNotMatch(item(step({ id: 'a', kind: 'command', state: 'running' })).contextValue, /\brunnable\b/);
    assert.doesNotMatch(item(step({ id: 'a', kind: 'command', state: 'blocked' })).contextValue, /\brunnable\b/);
    assert.match(item(step({ id: 'a', kind: 'generate', prompt: 'p.md' })).contextValue, /\brunnable\b/);
    assert.doesNotMatch(item(step({ id: 'a', kind: 'generate', prompt: 'p.md', state: 'blocked' })).contextValue, /\brunnable\b/);
    assert.match(item(step({ id: 'a', kind: 'generate', prompt: 'p.md' })).contextValue, /\bprompt\b/);
  });

  it('offers to end a command that runs, and nothing else', () => {
    for (const kind of ['command', 'review', 'manual'] as const) {
      for (const state of ['running', 'ready', 'done'] as const) {
        const offered = /\bcancellable\b/.test(item(step({ id: 'a', kind, state })).contextValue);
        assert.equal(offered, kind === 'command' && state === 'running', `${kind} ${state}`);
      }
    }
  });

  it('makes only the first next step stand out', () => {
    const one = step({ id: 'one', missing: ['Tick it.'] });
    const two = step({ id: 'two', missing: ['Tick it.'] });
    const both = run([one, two]);
    assert.deepEqual([toItem(english, one, both).tone, toItem(english, two, both).tone], ['next', 'normal']);
    assert.deepEqual([toItem(english, one, both).expand, toItem(english, two, both).expand], ['expanded', 'collapsed']);
  });

  it('tells a screen reader title, kind, state and that it is next', () => {
    assert.equal(
      item(step({ id: 'a', title: 'Run the tests', kind: 'command' })).accessibilityLabel,
      'Run the tests, command, ready, next step',
    );
  });

  it('lists expectations first and does not repeat what is missing', () => {
    const one = step({
      id: 'a',
      expect: [
        { kind: 'file', met: true, detail: 'docs/a.md is there' },
        { kind: 'attest', met: false, detail: 'Nobody confirmed “x”.' },
      ],
      missing: ['Nobody confirmed “x”.', 'Finish the tests.'],
    });
    assert.deepEqual(
      detailItems(english, one).map((detail) => detail.label),
      ['docs/a.md is there', 'Nobody confirmed “x”.', 'Finish the tests.'],
    );
  });

  it('folds many skipped steps away and keeps a few in sight', () => {
    const skipped = (count: number) => Array.from({ length: count }, (_, index) => step({ id: `s${index}`, state: 'skipped' }));
    const few = arrange(run([...skipped(2), step({ id: 'a' })]));
    assert.deepEqual(
      few.steps.map((one) => one.id),
      ['a', 's0', 's1'],
    );
    assert.equal(few.folded.length, 0);
    const many = arrange(run([...skipped(3), step({ id: 'a' })]));
    assert.deepEqual(
      many.steps.map((one) => one.id),
      ['a'],
    );
    assert.equal(many.folded.length, 3);
  });
});
