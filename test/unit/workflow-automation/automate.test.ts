import assert from 'node:assert/strict';
import { HandrailError } from '../../../src/core/errors.ts';
import { attemptBy, failedAttempt } from '../../../src/core/workflow/automation/attempts.ts';
import { automate } from '../../../src/core/workflow/automation/automate.ts';
import type { Attempt, AutomationEvent, AutomationResult, AutomationRules } from '../../../src/core/workflow/automation/automation.ts';
import { forecast } from '../../../src/core/workflow/automation/forecast.ts';
import { beginLine, endLine, eventLine } from '../../../src/core/workflow/automation/logLines.ts';
import type { StepStatus } from '../../../src/core/workflow/run.ts';
import { type Draft, World } from './world.ts';

const command = (id: string, needs: string[] = [], rest: Partial<Draft> = {}): Draft => ({ id, kind: 'command', needs, ...rest });

interface Course {
  result: AutomationResult;
  started: string[];
  events: AutomationEvent[];
}

async function run(
  world: World,
  rules: Partial<AutomationRules> = {},
  perform: (step: StepStatus) => Promise<Attempt> = (step) => Promise.resolve(world.end(step)),
  more: { pause?: () => Promise<void>; abort?: AbortSignal } = {},
): Promise<Course> {
  const started: string[] = [];
  const events: AutomationEvent[] = [];
  const result = await automate(
    { jobs: 2, generates: false, ...rules },
    {
      status: () => Promise.resolve(world.status()),
      perform: (step) => {
        started.push(step.id);
        return perform(step);
      },
      pause: more.pause ?? (() => Promise.reject(new Error('nothing is performed elsewhere'))),
      onEvent: (event) => events.push(event),
      clock: { now: () => 0 },
      signal: more.abort ?? new AbortController().signal,
    },
  );
  return { result, started, events };
}

describe('a run of several steps', () => {
  it('performs what a step needs, in order, and nothing else', async () => {
    const world = new World([command('other'), command('a'), command('b', ['a']), command('c', ['b']), command('after', ['c'])]);
    const { result, started } = await run(world, { until: 'c' });
    assert.deepEqual(started, ['a', 'b', 'c']);
    assert.equal(result.ended, 'reached');
    assert.deepEqual(
      result.performed.map(({ id, outcome, attempts }) => [id, outcome, attempts]),
      [
        ['a', 'done', 1],
        ['b', 'done', 1],
        ['c', 'done', 1],
      ],
    );
  });

  it('does not perform what only a skipped step would need', async () => {
    const world = new World([command('deep'), command('off', ['deep'], { state: 'skipped' }), command('last', ['off'])]);
    assert.deepEqual((await run(world, { until: 'last' })).started, ['last']);
  });

  it('stops at people and says who they are', async () => {
    const world = new World([
      command('a'),
      { id: 'note', kind: 'manual', needs: ['a'] },
      { id: 'ok', kind: 'approval', needs: ['a'] },
      { id: 'look', kind: 'review', scope: 'file', needs: ['a'] },
      { id: 'write', kind: 'generate', needs: ['a'] },
      command('ship', ['note', 'ok']),
    ]);
    const { result, started } = await run(world);
    assert.deepEqual(started, ['a']);
    assert.equal(result.ended, 'waiting');
    assert.deepEqual(
      result.waitingFor.map(({ id, by }) => [id, by]),
      [
        ['note', undefined],
        ['ok', ['codeowners']],
        ['look', undefined],
        ['write', undefined],
      ],
    );
    assert.deepEqual(
      result.left.map(({ id }) => id),
      ['ship'],
    );
  });

  it('tries again as often as the step says, and no more', async () => {
    const flaky = new World([command('a', [], { retry: 2, failures: 2 }), command('b', ['a'])]);
    const { result } = await run(flaky);
    assert.equal(result.ended, 'reached');
    assert.equal(result.performed[0]?.attempts, 3);
    const broken = new World([command('a', [], { retry: 2, failures: 3 }), command('b', ['a'])]);
    const second = await run(broken);
    assert.deepEqual(second.started, ['a', 'a', 'a']);
    assert.equal(second.result.ended, 'failed');
    assert.deepEqual(
      second.result.left.map(({ id }) => id),
      ['b'],
    );
  });

  it('does not ask again what would answer the same', async () => {
    const world = new World([{ id: 'r', kind: 'review', retry: 3 }]);
    const { started } = await run(world, {}, () => Promise.resolve({ outcome: 'failed', detail: 'two high findings' }));
    assert.deepEqual(started, ['r']);
    assert.equal(failedAttempt(new HandrailError('unreachable', 'The server does not answer.')).again, true);
    assert.equal(failedAttempt(new HandrailError('over-budget', 'Too much.')).again, false);
  });

  it('starts nothing more after a failure', async () => {
    const world = new World([command('a', [], { failures: Infinity }), command('b'), command('c', ['b'])]);
    const { started, result } = await run(world, { jobs: 1 });
    assert.deepEqual(started, ['a']);
    assert.equal(result.ended, 'failed');
  });

  it('goes on with what does not need a step that says so; it is not done all the same', async () => {
    const world = new World([
      command('a', [], { failures: Infinity, continueOnFailure: true }),
      command('b'),
      command('c', ['b']),
      command('needs-a', ['a']),
    ]);
    const { started, result } = await run(world, { jobs: 1 });
    assert.deepEqual(started, ['a', 'b', 'c']);
    assert.equal(result.ended, 'failed');
    assert.equal(world.states.get('a'), 'failed');
  });

  it('does what went stale once more, with what comes before it first', async () => {
    const world = new World([command('format', [], { state: 'stale' }), command('test', ['format'], { state: 'stale' })]);
    assert.deepEqual((await run(world)).started, ['format', 'test']);
    const itself = new World([command('format', [], { spoils: ['format'] }), command('test', ['format'])]);
    const { started, result } = await run(itself);
    assert.deepEqual(started, ['format', 'format', 'test']);
    assert.equal(result.ended, 'reached');
  });

  it('ends where steps undo each other for ever', async () => {
    const world = new World([command('a'), command('b', ['a'])]);
    const { started, result } = await run(world, {}, (step) => {
      const attempt = world.end(step);
      if (step.id === 'b') world.states.set('a', 'stale');
      if (step.id === 'a') world.states.set('b', 'stale');
      return Promise.resolve(attempt);
    });
    assert.equal(result.ended, 'unsettled');
    assert.ok(started.length <= 4);
  });

  it('waits for what another process performs', async () => {
    const world = new World([command('a', [], { state: 'running' }), command('b', ['a'])]);
    const { started, events } = await run(world, {}, undefined, {
      pause: () => {
        world.states.set('a', 'done');
        return Promise.resolve();
      },
    });
    assert.deepEqual(started, ['b']);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['elsewhere', 'started', 'ended'],
    );
  });

  it('does not count a step that another process began a moment before', async () => {
    const world = new World([command('a')]);
    const { result } = await run(world, {}, () => {
      world.states.set('a', 'done');
      return Promise.resolve({ outcome: 'busy', detail: 'already running' });
    });
    assert.deepEqual([result.ended, result.performed], ['reached', []]);
  });

  it('is cancelled with what it began', async () => {
    const abort = new AbortController();
    const world = new World([command('a'), command('b', ['a'])]);
    const { result, started } = await run(
      world,
      {},
      () => {
        abort.abort();
        return Promise.resolve(failedAttempt(new HandrailError('cancelled', 'The command was cancelled.')));
      },
      { abort: abort.signal },
    );
    assert.deepEqual(started, ['a']);
    assert.equal(result.ended, 'cancelled');
    assert.equal(result.performed[0]?.outcome, 'cancelled');
  });

  it('lets what runs end before it fails', async () => {
    const world = new World([command('a'), command('b')]);
    let finish = (): void => {};
    const b = new Promise<Attempt>((resolve) => {
      finish = () => resolve(world.end({ id: 'b' }));
    });
    const outcome = run(world, {}, (step) => {
      if (step.id === 'b') return b;
      queueMicrotask(finish);
      return Promise.reject(new HandrailError('untrusted', 'The workflow was edited.'));
    });
    await assert.rejects(outcome, { reason: 'untrusted' });
    assert.equal(world.states.get('b'), 'done');
  });

  it('takes a step that changed what it looked at for done, and one with something missing for failed', () => {
    const step = new World([command('a')]).status().steps[0];
    assert.ok(step);
    assert.equal(attemptBy({ ...step, state: 'stale' }).outcome, 'done');
    assert.deepEqual(attemptBy({ ...step, state: 'ready', because: 'something is not there', missing: ['No file.', 'No word.'] }), {
      outcome: 'failed',
      detail: 'something is not there. No file.',
    });
  });
});

describe('the forecast of a run', () => {
  it('lists waves, people, what is left and what is asked', () => {
    const world = new World([
      command('old', [], { state: 'done' }),
      command('lint', ['old']),
      command('unit', ['old']),
      { id: 'write', kind: 'generate', needs: ['old'] },
      { id: 'read', kind: 'review', needs: ['lint', 'unit'] },
      { id: 'ok', kind: 'approval', needs: ['read'] },
      command('ship', ['ok']),
    ]);
    const { steps } = world.status();
    const { waves, waitingFor, left, asks, settled } = forecast(steps, { jobs: 2, generates: true });
    assert.deepEqual(waves, [['write'], ['lint', 'unit'], ['read']]);
    assert.deepEqual(
      waitingFor.map(({ id }) => id),
      ['ok'],
    );
    assert.deepEqual(left, [{ id: 'ship', title: 'Title of ship', needs: ['ok'] }]);
    assert.deepEqual(
      asks.map(({ id, kind }) => [id, kind]),
      [
        ['write', 'generate'],
        ['read', 'review'],
      ],
    );
    assert.deepEqual(settled, ['old']);
    assert.equal(world.attempts.size, 0);
  });
});

describe('the log of runs', () => {
  it('holds ids, outcomes and numbers, and no words of the repository', async () => {
    const world = new World([command('a', [], { failures: 1, retry: 1 }), { id: 'ok', kind: 'approval', needs: ['a'] }]);
    const rules: AutomationRules = { jobs: 2, generates: false };
    const { events, result } = await run(world, rules);
    const lines = [beginLine(rules, 'feature'), ...events.map(eventLine), endLine(result)];
    assert.deepEqual(lines, [
      'run begins workflow=feature until=all jobs=2',
      'a started attempt=1/2',
      'a failed attempt=1, tried again',
      'a started attempt=2/2',
      'a done attempts=2 ms=0',
      'run ends waiting performed=1 waiting=ok',
    ]);
    assert.doesNotMatch(lines.join('\n'), /Title|went/);
  });
});
